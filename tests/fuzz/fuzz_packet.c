/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a frame, or the begin of a longer one: nothing is read beyond them, and the short way through the parser comes to
 * the same result as the long one, also where it gives up half way and leaves things behind.
 */
#include "bpf/packet.h"
#include "tests/fuzz/fuzz.h"

static enum packet_kind parse_long_way(const uint8_t *data, const uint8_t *end,
				       uint32_t frame_bytes, struct packet *packet)
{
	enum packet_kind kind;

	*packet = (struct packet){ .frame_bytes = frame_bytes };
	kind = parse_link(data, end, packet);
	return kind == PACKET_IP ? parse_ip(data, end, packet) : kind;
}

static int same_addresses(const struct packet *a, const struct packet *b)
{
	return a->source.half[0] == b->source.half[0] && a->source.half[1] == b->source.half[1] &&
	       a->target.half[0] == b->target.half[0] && a->target.half[1] == b->target.half[1];
}

static int same_tcp(const struct packet *a, const struct packet *b)
{
	return a->has_tcp == b->has_tcp && a->tcp_flags == b->tcp_flags && a->seq == b->seq &&
	       a->ack == b->ack && a->window == b->window && a->payload == b->payload &&
	       a->has_stamps == b->has_stamps && a->stamp == b->stamp && a->echo == b->echo;
}

static void compare_ways(const uint8_t *data, size_t size, uint32_t frame_bytes)
{
	struct packet packet, other;
	enum packet_kind kind = parse_packet(data, data + size, frame_bytes, &packet);

	fuzz_expect(kind == parse_long_way(data, data + size, frame_bytes, &other),
		    "the same kind");
	if (kind != PACKET_IP && !packet.is_control)
		return;
	fuzz_expect(same_addresses(&packet, &other), "the same addresses");
	fuzz_expect(packet.protocol == other.protocol && packet.tos == other.tos &&
			    packet.is_partial == other.is_partial,
		    "the same protocol");
	fuzz_expect(packet.source_port == other.source_port &&
			    packet.target_port == other.target_port,
		    "the same ports");
	fuzz_expect(same_tcp(&packet, &other), "the same TCP");
	fuzz_expect(packet.has_tcp || !packet.payload, "payload only behind a TCP header");
	fuzz_expect(packet.payload < frame_bytes, "no more payload than the frame has");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t types[] = { TYPE_IPV4, TYPE_IPV6, WIRE16(0x8864), WIRE16(0x8847) };
	struct packet packet;

	compare_ways(data, size, (uint32_t)size);
	compare_ways(data, size, (uint32_t)size + 1000);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		parse_packet_of(types[i], 0, data, data + size, (uint32_t)size, &packet);
	return 0;
}
