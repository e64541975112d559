/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/lib/frame.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a header is called in the one before it. */
enum space { SPACE_NONE, SPACE_ETHERNET, SPACE_PPP, SPACE_IP };

#define LAYERS_MOST 24

/* A length field to be filled in when all is there. */
struct length_field {
	size_t at;    /* of the field */
	size_t since; /* bytes from here on are counted */
};

struct builder {
	struct frame *frame;
	enum space space;
	size_t name_at; /* of the field that names the next header */
	struct length_field lengths[LAYERS_MOST];
	size_t length_count;
	unsigned int ip_depth;
	bool up; /* the last IP header goes upwards */
};

static _Noreturn void refuse(const char *word)
{
	fprintf(stderr, "frame: can't make anything of \"%s\"\n", word);
	abort();
}

static uint8_t *add(struct builder *builder, size_t size)
{
	struct frame *frame = builder->frame;
	uint8_t *here = frame->byte + frame->size;

	if (frame->size + size > FRAME_MOST)
		refuse("too long");
	memset(here, 0, size);
	frame->size += size;
	return here;
}

static void put16(uint8_t *at, unsigned long value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, unsigned long value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

/* The text after "key=" among a word's arguments; NULL when it is not there. */
static const char *find_key(const char *word, const char *key)
{
	size_t length = strlen(key);

	for (const char *at = strchr(word, ':'); at; at = strchr(at + 1, ',')) {
		const char *name = at + 1;

		if (!strncmp(name, key, length) &&
		    (name[length] == '=' || name[length] == ',' || name[length] == '\0'))
			return name + length + (name[length] == '=');
	}
	return NULL;
}

static unsigned long number(const char *word, const char *key, unsigned long fallback)
{
	const char *text = find_key(word, key);

	return text ? strtoul(text, NULL, 0) : fallback;
}

/* "name:NUMBER" */
static unsigned long only_number(const char *word, unsigned long fallback)
{
	const char *colon = strchr(word, ':');

	return colon && isdigit((unsigned char)colon[1]) ? strtoul(colon + 1, NULL, 0) : fallback;
}

static size_t put_hex(uint8_t *at, const char *text)
{
	size_t count = 0;
	unsigned int value;

	for (; text && sscanf(text, "%2x", &value) == 1 && isxdigit((unsigned char)text[1]);
	     text += 2)
		at[count++] = (uint8_t)value;
	return count;
}

static void count_length(struct builder *builder, size_t at, size_t since)
{
	builder->lengths[builder->length_count++] = (struct length_field){ at, since };
}

static void next_is(struct builder *builder, enum space space, const uint8_t *name)
{
	builder->space = space;
	builder->name_at = (size_t)(name - builder->frame->byte);
}

static size_t offset_of(const struct builder *builder, const uint8_t *at)
{
	return (size_t)(at - builder->frame->byte);
}

/* --- link layers ------------------------------------------------------------------------------ */

static void add_ethernet(struct builder *builder, const char *word)
{
	uint8_t *header = add(builder, 14);

	memset(header, 0x02, 12);
	put_hex(header, find_key(word, "dst"));
	next_is(builder, SPACE_ETHERNET, header + 12);
}

static void add_tag(struct builder *builder, const char *word)
{
	uint8_t *header = add(builder, 4);

	put16(header, only_number(word, 100));
	next_is(builder, SPACE_ETHERNET, header + 2);
}

static void add_pppoe(struct builder *builder, const char *word)
{
	uint8_t *header = add(builder, 8);

	header[0] = 0x11;
	header[1] = (uint8_t)number(word, "code", 0);
	put16(header + 2, 7);
	count_length(builder, offset_of(builder, header) + 4, offset_of(builder, header) + 6);
	next_is(builder, SPACE_PPP, header + 6);
}

static void add_mpls(struct builder *builder, const char *word)
{
	unsigned long labels = only_number(word, 1);

	for (unsigned long i = 1; i <= labels; i++)
		put32(add(builder, 4), (16 + i) << 12 | (unsigned long)(i == labels) << 8 | 64);
	builder->space = SPACE_NONE;
}

/* --- IP ----------------------------------------------------------------------------------------- */

static void put_addresses(struct builder *builder, const char *word, uint8_t *source,
			  uint8_t *target, size_t size)
{
	static const uint8_t v4[2][4] = { { 198, 51, 100, 1 }, { 100, 64, 0, 1 } };
	static const uint8_t v6[2][16] = {
		{ 0x20, 0x01, 0x0d, 0xb8, 0, 0xff, [15] = 1 },
		{ 0x20, 0x01, 0x0d, 0xb8, 0, 1, [15] = 1 },
	};
	uint8_t *remote, *customer;

	builder->up = find_key(word, "up") != NULL;
	remote = builder->up ? target : source;
	customer = builder->up ? source : target;
	memcpy(remote, size == 4 ? v4[0] : v6[0], size);
	memcpy(customer, size == 4 ? v4[1] : v6[1], size);
	if (builder->ip_depth++) {
		memset(remote, 0, size);
		memset(customer, 0, size);
		remote[0] = customer[0] = size == 4 ? 10 : 0xfd;
		remote[size - 1] = 1;
		customer[size - 1] = 2;
	}
	/* Beyond 255 the byte before it counts on. */
	put16(customer + size - 2,
	      (unsigned long)customer[size - 2] * 256 + number(word, "c", customer[size - 1]));
	put16(remote + size - 2,
	      (unsigned long)remote[size - 2] * 256 + number(word, "r", remote[size - 1]));
}

static void add_ipv4(struct builder *builder, const char *word)
{
	unsigned long options = number(word, "opt", 0);
	uint8_t *header = add(builder, 20 + options * 4);

	header[0] = (uint8_t)(number(word, "ver", 4) << 4 | number(word, "ihl", 5 + options));
	header[1] = (uint8_t)number(word, "tos", 0);
	put16(header + 6, (find_key(word, "mf") ? 0x2000u : 0) | number(word, "frag", 0));
	header[8] = (uint8_t)number(word, "ttl", 60);
	header[9] = (uint8_t)number(word, "proto", 59);
	put_addresses(builder, word, header + 12, header + 16, 4);
	memset(header + 20, 1, options * 4);
	if (find_key(word, "len"))
		put16(header + 2, number(word, "len", 0));
	else
		count_length(builder, offset_of(builder, header) + 2, offset_of(builder, header));
	next_is(builder, SPACE_IP, header + 9);
}

static void add_ipv6(struct builder *builder, const char *word)
{
	uint8_t *header = add(builder, 40);

	put32(header, number(word, "ver", 6) << 28 | number(word, "tos", 0) << 20 | 0xabcde);
	header[6] = (uint8_t)number(word, "proto", 59);
	header[7] = (uint8_t)number(word, "ttl", 60);
	put_addresses(builder, word, header + 8, header + 24, 16);
	if (find_key(word, "len"))
		put16(header + 4, number(word, "len", 0));
	else
		count_length(builder, offset_of(builder, header) + 4,
			     offset_of(builder, header) + 40);
	next_is(builder, SPACE_IP, header + 6);
}

/* The argument is the length field as it stands in the header. */
static void add_extension(struct builder *builder, const char *word)
{
	bool is_ah = !strncmp(word, "ah", 2);
	unsigned long units = only_number(word, is_ah ? 4 : 0);
	uint8_t *header = add(builder, is_ah ? (units + 2) * 4 : (units + 1) * 8);

	header[0] = 59;
	header[1] = (uint8_t)units;
	next_is(builder, SPACE_IP, header);
}

static void add_fragment(struct builder *builder, const char *word)
{
	uint8_t *header = add(builder, 8);

	header[0] = 59;
	put16(header + 2, only_number(word, 0) << 3 | (find_key(word, "mf") ? 1u : 0));
	next_is(builder, SPACE_IP, header);
}

/* --- transport -------------------------------------------------------------------------------- */

static void put_ports(const struct builder *builder, const char *word, uint8_t *header)
{
	put16(header + (builder->up ? 0 : 2), number(word, "cp", 1000));
	put16(header + (builder->up ? 2 : 0), number(word, "rp", 80));
}

static uint8_t tcp_flags(const char *text)
{
	static const char letters[] = "FSRPA";
	uint8_t flags = 0;

	for (; text && *text && *text != ','; text++) {
		const char *letter = strchr(letters, *text);

		if (letter)
			flags |= (uint8_t)(1u << (letter - letters));
	}
	return flags;
}

static void add_tcp(struct builder *builder, const char *word)
{
	uint8_t *header = add(builder, 20), options[64] = { 0 };
	const char *flags = find_key(word, "flags");
	size_t count = put_hex(options, find_key(word, "opts"));

	put_ports(builder, word, header);
	put32(header + 4, number(word, "seq", 1));
	put32(header + 8, number(word, "ack", 0));
	header[13] = flags ? tcp_flags(flags) : 0x10;
	put16(header + 14, number(word, "win", 1000));
	if (find_key(word, "ts")) {
		memcpy(options + count, "\1\1\x8\xa", 4);
		put32(options + count + 4, number(word, "ts", 0));
		put32(options + count + 8, number(word, "te", 0));
		count += 12;
	}
	memcpy(add(builder, (count + 3) / 4 * 4), options, (count + 3) / 4 * 4);
	header[12] = (uint8_t)(number(word, "off", 5 + (count + 3) / 4) << 4);
	memset(add(builder, number(word, "data", 0)), 'x', number(word, "data", 0));
	builder->space = SPACE_NONE;
}

static void add_udp(struct builder *builder, const char *word)
{
	uint8_t *header = add(builder, 8 + number(word, "data", 0));

	put_ports(builder, word, header);
	memset(header + 8, 'x', number(word, "data", 0));
	count_length(builder, offset_of(builder, header) + 4, offset_of(builder, header));
	builder->space = SPACE_NONE;
}

static void add_icmp(struct builder *builder, const char *word)
{
	uint8_t *header = add(builder, 8);

	header[0] = (uint8_t)number(word, "type", word[4] == '6' ? 128 : 8);
	put16(header + 4, number(word, "id", 0x1234));
	builder->space = SPACE_NONE;
}

static void add_gre(struct builder *builder, const char *word)
{
	uint8_t *header = add(builder, 4);

	(void)word;
	next_is(builder, SPACE_ETHERNET, header + 2);
}

static void add_opaque(struct builder *builder, const char *word)
{
	uint8_t *bytes = add(builder, only_number(word, 20));

	for (size_t i = 0; i < only_number(word, 20); i++)
		bytes[i] = (uint8_t)(i * 37 + 11);
	builder->space = SPACE_NONE;
}

static void cut(struct builder *builder, const char *word)
{
	size_t size = only_number(word, 0);

	if (size > builder->frame->size)
		refuse(word);
	/* What the lengths say stays what it was. */
	for (size_t i = 0; i < builder->length_count; i++)
		put16(builder->frame->byte + builder->lengths[i].at,
		      builder->frame->size - builder->lengths[i].since);
	builder->length_count = 0;
	builder->frame->size = size;
}

static void pad(struct builder *builder, const char *word)
{
	size_t size = builder->frame->size;

	cut(builder, "cut:0");
	builder->frame->size = size;
	if (only_number(word, 0) > size)
		memset(add(builder, only_number(word, 0) - size), 0xee,
		       only_number(word, 0) - size);
}

static const struct layer {
	const char *name;
	uint16_t code[4]; /* by enum space */
	void (*add)(struct builder *builder, const char *word);
} layers[] = {
	{ "eth", { 0, 0x6558 }, add_ethernet },
	{ "q", { 0, 0x8100 }, add_tag },
	{ "ad", { 0, 0x88a8 }, add_tag },
	{ "9100", { 0, 0x9100 }, add_tag },
	{ "pppoe", { 0, 0x8864 }, add_pppoe },
	{ "discovery", { 0, 0x8863 }, add_opaque },
	{ "lcp", { 0, 0, 0xc021 }, add_opaque },
	{ "mpls", { 0, 0x8847 }, add_mpls },
	{ "arp", { 0, 0x0806 }, add_opaque },
	{ "slow", { 0, 0x8809 }, add_opaque },
	{ "lldp", { 0, 0x88cc }, add_opaque },
	{ "ip4", { 0, 0x0800, 0x0021, 4 }, add_ipv4 },
	{ "ip6", { 0, 0x86dd, 0x0057, 41 }, add_ipv6 },
	{ "hop", { [SPACE_IP] = 0 }, add_extension },
	{ "route", { [SPACE_IP] = 43 }, add_extension },
	{ "frag", { [SPACE_IP] = 44 }, add_fragment },
	{ "ah", { [SPACE_IP] = 51 }, add_extension },
	{ "dst", { [SPACE_IP] = 60 }, add_extension },
	{ "tcp", { [SPACE_IP] = 6 }, add_tcp },
	{ "udp", { [SPACE_IP] = 17 }, add_udp },
	{ "icmp", { [SPACE_IP] = 1 }, add_icmp },
	{ "icmp6", { [SPACE_IP] = 58 }, add_icmp },
	{ "gre", { [SPACE_IP] = 47 }, add_gre },
	{ "esp", { [SPACE_IP] = 50 }, add_opaque },
	{ "ospf", { [SPACE_IP] = 89 }, add_opaque },
	{ "sctp", { [SPACE_IP] = 132 }, add_opaque },
	{ "raw", { 0 }, add_opaque },
	{ "cut", { 0 }, cut },
	{ "pad", { 0 }, pad },
};

static void add_word(struct builder *builder, const char *word)
{
	size_t length = strcspn(word, ":");

	for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++) {
		const struct layer *layer = &layers[i];
		uint8_t *name = builder->frame->byte + builder->name_at;

		if (strlen(layer->name) != length || strncmp(layer->name, word, length))
			continue;
		if (layer->add != cut && layer->add != pad && strcmp(layer->name, "raw")) {
			if (builder->space == SPACE_IP)
				name[0] = (uint8_t)layer->code[SPACE_IP];
			else if (builder->space != SPACE_NONE)
				put16(name, layer->code[builder->space]);
		}
		layer->add(builder, word);
		return;
	}
	refuse(word);
}

void frame_build(const char *words, struct frame *frame)
{
	struct builder builder = { .frame = frame };
	char copy[512], *rest = copy, *word;

	frame->size = 0;
	snprintf(copy, sizeof(copy), "%s", words);
	while ((word = strsep(&rest, " ")))
		add_word(&builder, word);
	for (size_t i = 0; i < builder.length_count; i++)
		put16(frame->byte + builder.lengths[i].at, frame->size - builder.lengths[i].since);
}
