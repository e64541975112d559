/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as TCP options, of any length and with the frame cut anywhere in them: timestamps are
 * found exactly where a plain reading of RFC 9293 finds them.
 */
#include <string.h>

#include "bpf/packet.h"
#include "tests/fuzz/fuzz.h"

#define HEADERS 54 /* Ethernet, IPv4, TCP */
#define OPTIONS_MOST 40
#define PAYLOAD 12 /* so that reading too far is reading something else */

/* The options' place, or NULL. */
static const uint8_t *find_stamps(const uint8_t *options, size_t size, size_t captured)
{
	size_t at = 0;

	while (at < size && at < captured && options[at] != 0) {
		size_t length = 1;

		if (options[at] != 1) {
			if (at + 1 >= captured || at + 1 >= size)
				return NULL;
			length = options[at + 1];
			if (length < 2 || at + length > size)
				return NULL;
		}
		if (options[at] == 8 && length == 10)
			return at + 10 <= captured ? options + at : NULL;
		at += length;
	}
	return NULL;
}

static uint32_t read32(const uint8_t *from)
{
	return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

/* A frame whose TCP header says `size` bytes of options, of which `captured` are there. */
static void check_options(const uint8_t *options, size_t size, size_t captured)
{
	size_t payload = captured == size ? PAYLOAD : 0;
	uint32_t bytes = (uint32_t)(HEADERS + size + PAYLOAD);
	uint8_t *frame = malloc(HEADERS + captured + payload);
	const uint8_t *stamps;
	struct packet packet;

	memset(frame, 0, HEADERS);
	frame[12] = 8; /* IPv4 */
	frame[14] = 0x45;
	frame[17] = (uint8_t)(40 + size + PAYLOAD);
	frame[23] = 6;
	frame[46] = (uint8_t)((20 + size) / 4 << 4);
	memcpy(frame + HEADERS, options, captured);
	memset(frame + HEADERS + captured, 'x', payload);
	fuzz_expect(parse_packet(frame, frame + HEADERS + captured + payload, bytes, &packet) ==
			    PACKET_IP,
		    "it is IP");
	stamps = find_stamps(frame + HEADERS, size, captured);
	fuzz_expect(packet.has_tcp && packet.payload == PAYLOAD, "it is TCP with its data");
	fuzz_expect(packet.has_stamps == (stamps != NULL), "timestamps are found where they are");
	if (stamps)
		fuzz_expect(packet.stamp == read32(stamps + 2) && packet.echo == read32(stamps + 6),
			    "they are those");
	free(frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t options = size / 4 * 4, cut;

	if (!size || options > OPTIONS_MOST)
		return 0;
	check_options(data, options, options);
	cut = data[size - 1] % (options + 1);
	check_options(data, options, cut);
	return 0;
}
