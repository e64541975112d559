/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/base/prefix.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IPV4_OFFSET_BITS 96

static const uint8_t ipv4_mapped[12] = { [10] = 0xff, [11] = 0xff };

bool prefix_is_ipv4(const struct prefix *prefix)
{
	return prefix->length >= IPV4_OFFSET_BITS &&
	       !memcmp(prefix->address, ipv4_mapped, sizeof(ipv4_mapped));
}

static void clear_host_bits(struct prefix *prefix)
{
	for (unsigned int bit = prefix->length; bit < 128; bit++)
		prefix->address[bit / 8] &= (uint8_t) ~(0x80u >> (bit % 8));
}

/* Parses the address part; returns the family's number of bits, 0 when it is no address. */
static unsigned int parse_address(const char *text, struct prefix *prefix)
{
	if (inet_pton(AF_INET, text, prefix->address + 12) == 1) {
		memcpy(prefix->address, ipv4_mapped, sizeof(ipv4_mapped));
		return 32;
	}
	if (inet_pton(AF_INET6, text, prefix->address) == 1)
		return 128;
	return 0;
}

static bool parse_length(const char *text, unsigned int bits, uint8_t *length)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (!isdigit((unsigned char)*text) || *end || value > bits)
		return false;
	*length = (uint8_t)(value + 128 - bits);
	return true;
}

bool prefix_parse(const char *text, struct prefix *prefix, struct error *err)
{
	char copy[PREFIX_TEXT_SIZE], suggestion[PREFIX_TEXT_SIZE], *slash;
	struct prefix result = { .length = 128 }, masked;
	unsigned int bits;
	size_t length;

	while (isspace((unsigned char)*text))
		text++;
	length = strlen(text);
	while (length && isspace((unsigned char)text[length - 1]))
		length--;
	if (length >= sizeof(copy))
		return error_set(err, ERROR_INVALID, "address \"%.60s...\" is too long", text);
	snprintf(copy, sizeof(copy), "%.*s", (int)length, text);

	slash = strchr(copy, '/');
	if (slash)
		*slash = '\0';
	bits = parse_address(copy, &result);
	if (!bits)
		return error_set(err, ERROR_INVALID,
				 "\"%.*s\" is not an IPv4 or IPv6 address or prefix", (int)length,
				 text);
	if (slash && !parse_length(slash + 1, bits, &result.length))
		return error_set(err, ERROR_INVALID,
				 "prefix length \"%s\" of \"%.*s\" is not a number from 0 to %u",
				 slash + 1, (int)length, text, bits);
	masked = result;
	clear_host_bits(&masked);
	if (memcmp(&masked, &result, sizeof(masked)) != 0)
		return error_set(err, ERROR_INVALID, "%.*s has host bits set; did you mean %s?",
				 (int)length, text, prefix_format(&masked, suggestion));
	*prefix = result;
	return true;
}

/* What inet_ntop() writes, several times faster: a filter may look at a million addresses. */
static void format_ipv4(const uint8_t address[4], char text[PREFIX_TEXT_SIZE])
{
	for (int i = 0; i < 4; i++) {
		unsigned int byte = address[i];

		if (i)
			*text++ = '.';
		if (byte >= 100)
			*text++ = (char)('0' + byte / 100);
		if (byte >= 10)
			*text++ = (char)('0' + byte / 10 % 10);
		*text++ = (char)('0' + byte % 10);
	}
	*text = '\0';
}

const char *prefix_format(const struct prefix *prefix, char text[PREFIX_TEXT_SIZE])
{
	bool ipv4 = prefix_is_ipv4(prefix);
	size_t used;

	if (ipv4)
		format_ipv4(prefix->address + 12, text);
	else
		inet_ntop(AF_INET6, prefix->address, text, PREFIX_TEXT_SIZE);
	used = strlen(text);
	if (prefix->length < 128)
		snprintf(text + used, PREFIX_TEXT_SIZE - used, "/%u",
			 prefix->length - (ipv4 ? IPV4_OFFSET_BITS : 0));
	return text;
}

const char *prefix_format_address(const uint8_t address[16], char text[PREFIX_TEXT_SIZE])
{
	struct prefix prefix = { .length = 128 };

	memcpy(prefix.address, address, sizeof(prefix.address));
	return prefix_format(&prefix, text);
}

int prefix_compare(const struct prefix *a, const struct prefix *b)
{
	int order = memcmp(a->address, b->address, sizeof(a->address));

	return order ? order : (int)a->length - (int)b->length;
}

bool prefix_contains(const struct prefix *prefix, const uint8_t address[16])
{
	struct prefix masked = { .length = prefix->length };

	memcpy(masked.address, address, sizeof(masked.address));
	clear_host_bits(&masked);
	return !memcmp(masked.address, prefix->address, sizeof(masked.address));
}
