/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A captured packet as a line for people. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "engine/base/clock.h"
#include "engine/base/prefix.h"
#include "engine/capture.h"

/* "192.0.2.7:443", "[2001:db8::1]:443"; without ports where there are none. */
static void format_end(const union address *address, uint16_t port, char *text, size_t size)
{
	struct prefix prefix = { .length = 128 };
	char bare[PREFIX_TEXT_SIZE];

	memcpy(prefix.address, address->byte, sizeof(prefix.address));
	prefix_format(&prefix, bare);
	if (!port)
		snprintf(text, size, "%s", bare);
	else
		snprintf(text, size, strchr(bare, ':') ? "[%s]:%u" : "%s:%u", bare, ntohs(port));
}

static void format_flags(uint8_t flags, char text[9])
{
	static const char letters[] = "FSRPAUEC"; /* from bit 0 */

	for (int bit = 0; bit < 8; bit++)
		if (flags & 1 << bit)
			*text++ = letters[bit];
	*text = '\0';
}

static void format_protocol(const struct captured *captured, char *text, size_t size)
{
	static const struct {
		uint8_t number;
		const char *name;
	} names[] = { { 1, "icmp" }, { 17, "udp" }, { 47, "gre" }, { 50, "esp" }, { 58, "icmp6" } };
	char flags[9];

	if (captured->key.protocol == 6) {
		format_flags(captured->tcp_flags, flags);
		snprintf(text, size, "tcp %s %u", flags, captured->payload);
		return;
	}
	snprintf(text, size, "ip %u", captured->key.protocol);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].number == captured->key.protocol)
			snprintf(text, size, "%s", names[i].name);
}

bool capture_format_packet(const struct capture *capture, unsigned int back, char *text,
			   size_t size)
{
	char customer[80], remote[80], protocol[32], when[16];
	const struct captured *captured;
	struct tm local;
	time_t seconds;
	int64_t wall_ns;
	size_t place;

	if (back >= CAPTURE_LINES || back >= capture->taken)
		return false;
	place = (capture->taken - 1 - back) % CAPTURE_LINES;
	captured = &capture->last[place];
	wall_ns = capture->last_wall_ns[place];
	seconds = (time_t)(wall_ns / (int64_t)NS_PER_SECOND);
	localtime_r(&seconds, &local);
	strftime(when, sizeof(when), "%H:%M:%S", &local);
	format_end(&captured->key.customer, captured->key.customer_port, customer,
		   sizeof(customer));
	format_end(&captured->key.remote, captured->key.remote_port, remote, sizeof(remote));
	format_protocol(captured, protocol, sizeof(protocol));
	snprintf(text, size, "%s.%06lld %s > %s %s, %u bytes", when,
		 (long long)(wall_ns % (int64_t)NS_PER_SECOND / 1000),
		 captured->upload ? customer : remote, captured->upload ? remote : customer,
		 protocol, captured->frame_bytes);
	return true;
}
