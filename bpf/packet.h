/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From bytes to a struct packet. One code for XDP, for tc and for the host (replay, tests,
 * fuzzing): it takes where the packet begins and ends, and touches nothing else. Two ways lead to
 * the same result: parse_usual() for what nearly every packet is, inline and at few offsets, and
 * parse_link() and parse_ip() for everything. Where IP ends in nonsense or too early, the addresses
 * still count; anything unknown is named by a reason and passes.
 */
#ifndef LQOS_BPF_PACKET_H
#define LQOS_BPF_PACKET_H

#include "bpf/link.h"

/* --- layer 4 ---------------------------------------------------------------------------------- */

static __always_inline void take_stamps(const __u8 *option, struct packet *packet)
{
	packet->stamp = HOST32(load32(option + 2));
	packet->echo = HOST32(load32(option + 6));
	packet->has_stamps = 1;
}

/* Finds the timestamps among options in any order; `end_of_options` from the packet's begin. */
static __always_inline void parse_options(const void *data, const void *end, __u32 end_of_options,
					  struct packet *packet)
{
	for (int i = 0; i < TCP_OPTIONS_BYTES; i++) {
		__u32 offset = *(volatile __u32 *)&packet->offset;
		const __u8 *option = look(data, end, packet, 1);
		__u32 size;

		if (!option || offset >= end_of_options || option[0] == 0)
			return;
		if (option[0] == 1) {
			move_to(packet, offset + 1);
			continue;
		}
		option = look(data, end, packet, 2);
		if (!option)
			return;
		size = option[1];
		if (size < 2 || offset + size > end_of_options)
			return;
		if (option[0] == 8 && size == 10) {
			option = look(data, end, packet, 10);
			if (option)
				take_stamps(option, packet);
			return;
		}
		move_to(packet, offset + size);
	}
}

/* The fields of the first 20 bytes; 0 when the header's length is nonsense: then there is neither
 * payload nor options. */
static __always_inline __u32 take_tcp(const __u8 *tcp, __u32 rest, struct packet *packet)
{
	__u32 size = (tcp[12] >> 4) * 4;

	packet->source_port = load16(tcp);
	packet->target_port = load16(tcp + 2);
	packet->seq = HOST32(load32(tcp + 4));
	packet->ack = HOST32(load32(tcp + 8));
	packet->tcp_flags = tcp[13];
	packet->window = load16(tcp + 14);
	if (size < 20 || size > rest)
		return 0;
	packet->has_tcp = 1;
	packet->payload = rest - size;
	return size;
}

static __always_inline int is_hop_to_hop(const struct packet *packet)
{
	return packet->hops == 1 || packet->hops == 255;
}

static __always_inline int is_control_port(__u16 port)
{
	return port == WIRE16(67) || port == WIRE16(68) || port == WIRE16(546) ||
	       port == WIRE16(547);
}

/* DHCP; RIP, BFD and BGP only from neighbour to neighbour, so that nobody's traffic from further
 * away gets ahead by its port. */
static __always_inline int is_control_session(const struct packet *packet)
{
	__u16 source = packet->source_port, target = packet->target_port;

	if (packet->protocol == 17 && is_control_port(source) && is_control_port(target))
		return 1;
	if (!is_hop_to_hop(packet))
		return 0;
	if (packet->protocol == 6)
		return source == WIRE16(179) || target == WIRE16(179);
	return target == WIRE16(520) || target == WIRE16(521) || target == WIRE16(3784) ||
	       target == WIRE16(3785);
}

/* Both ports are in the first four bytes, which is all that the first fragment may have. */
static __always_inline void take_part(const void *data, const void *end, struct packet *packet)
{
	const __u8 *header = look(data, end, packet, 4);

	packet->is_partial = 1;
	if (!header || packet->rest < 4)
		return;
	packet->source_port = load16(header);
	packet->target_port = load16(header + 2);
}

static __always_inline void parse_tcp(const void *data, const void *end, struct packet *packet)
{
	const __u8 *tcp = look(data, end, packet, 20);
	__u32 offset = *(volatile __u32 *)&packet->offset, size;

	if (!tcp || packet->rest < 20) {
		take_part(data, end, packet);
		return;
	}
	size = take_tcp(tcp, packet->rest, packet);
	packet->is_control = is_control_session(packet);
	if (!size)
		packet->is_partial = 1;
	if (size <= 20)
		return;
	move_to(packet, offset + 20);
	parse_options(data, end, offset + size, packet);
}

/* The identifier of an echo stands in for both ports: request and reply are one flow. */
static __always_inline void parse_icmp(const __u8 *icmp, __u8 request, __u8 reply,
				       struct packet *packet)
{
	if (icmp[0] == request || icmp[0] == reply)
		packet->source_port = packet->target_port = load16(icmp + 4);
}

static __always_inline void parse_transport(const void *data, const void *end,
					    struct packet *packet)
{
	__u8 protocol = packet->protocol;
	const __u8 *header;

	if (protocol == 6) {
		parse_tcp(data, end, packet);
		return;
	}
	/* IGMP, EIGRP, OSPF, PIM, VRRP */
	packet->is_control = protocol == 2 || protocol == 88 || protocol == 89 || protocol == 103 ||
			     protocol == 112;
	if (protocol != 17 && protocol != 1 && protocol != 58)
		return;
	header = look(data, end, packet, 8);
	if (!header || packet->rest < 8) {
		packet->is_partial = 1;
		if (protocol == 17)
			take_part(data, end, packet);
	} else if (protocol == 17) {
		packet->source_port = load16(header);
		packet->target_port = load16(header + 2);
		packet->is_control = is_control_session(packet);
	} else if (protocol == 1) {
		parse_icmp(header, 8, 0, packet);
	} else {
		parse_icmp(header, 128, 129, packet);
		/* Router and neighbour discovery, which comes from no further away: RFC 4861. */
		packet->is_control = header[0] >= 133 && header[0] <= 137 && packet->hops == 255;
	}
}

/* --- layer 3 ---------------------------------------------------------------------------------- */

/* Bytes from `offset` on: as IP says, but no more than the frame has. A length of 0 is what a
 * segmenting card's driver sees, and a jumbogram's: as far as the frame goes. */
static __always_inline __u32 length_from(__u32 offset, __u32 said, const struct packet *packet)
{
	__u32 most = packet->frame_bytes - offset;

	return said && said < most ? said : most;
}

static __always_inline enum packet_kind parse_ipv4(const void *data, const void *end,
						   struct packet *packet)
{
	const __u8 *ip = look(data, end, packet, 20);
	__u32 size, length;

	if (!ip)
		return PACKET_TRUNCATED;
	size = (ip[0] & 0xf) * 4;
	length = length_from(*(volatile __u32 *)&packet->offset, HOST16(load16(ip + 2)), packet);
	if (ip[0] >> 4 != 4 || size < 20)
		return PACKET_MALFORMED;
	load_ipv4_address(ip + 12, &packet->source);
	load_ipv4_address(ip + 16, &packet->target);
	packet->tos = ip[1];
	packet->hops = ip[8];
	packet->protocol = ip[9];
	/* Of a fragment behind the first only the addresses are known. */
	if (load16(ip + 6) & WIRE16(0x1fff))
		return PACKET_IP;
	if (length < size) {
		packet->is_partial = 1;
		return PACKET_IP;
	}
	packet->rest = length - size;
	move_on(packet, size);
	parse_transport(data, end, packet);
	return PACKET_IP;
}

static __always_inline int is_extension(__u8 next)
{
	return next == 0 || next == 43 || next == 60 || next == 44 || next == 51;
}

enum extension_end { EXTENSION_WENT_ON, EXTENSION_FRAGMENT, EXTENSION_NONSENSE };

/* Behind one extension header. Lengths count 8 bytes beyond the first 8; AH's (RFC 4302) 4. */
static __always_inline enum extension_end pass_extension(const void *data, const void *end,
							 struct packet *packet)
{
	__u8 here = *(volatile __u8 *)&packet->protocol;
	__u32 rest = *(volatile __u32 *)&packet->rest, size;
	const __u8 *extension = look(data, end, packet, 8);

	if (!extension)
		return EXTENSION_NONSENSE;
	size = here == 44 ? 8 : here == 51 ? (extension[1] + 2u) * 4 : (extension[1] + 1u) * 8;
	if (size > rest)
		return EXTENSION_NONSENSE;
	*(volatile __u8 *)&packet->protocol = extension[0];
	*(volatile __u32 *)&packet->rest = rest - size;
	move_on(packet, size);
	if (here == 44 && (extension[2] || extension[3] & 0xf8))
		return EXTENSION_FRAGMENT;
	return EXTENSION_WENT_ON;
}

static __always_inline enum packet_kind parse_ipv6(const void *data, const void *end,
						   struct packet *packet)
{
	const __u8 *ip = look(data, end, packet, 40);

	if (!ip)
		return PACKET_TRUNCATED;
	if (ip[0] >> 4 != 6)
		return PACKET_MALFORMED;
	load_address(ip + 8, &packet->source);
	load_address(ip + 24, &packet->target);
	packet->tos = (__u8)(ip[0] << 4 | ip[1] >> 4);
	packet->hops = ip[7];
	packet->protocol = ip[6];
	move_on(packet, 40);
	packet->rest =
		length_from(*(volatile __u32 *)&packet->offset, HOST16(load16(ip + 4)), packet);
	for (int i = 0; i < IPV6_EXTENSIONS_MOST; i++) {
		enum extension_end how;

		if (!is_extension(*(volatile __u8 *)&packet->protocol))
			break;
		how = pass_extension(data, end, packet);
		packet->is_partial = how == EXTENSION_NONSENSE;
		if (how != EXTENSION_WENT_ON)
			return PACKET_IP;
	}
	if (is_extension(*(volatile __u8 *)&packet->protocol)) {
		packet->is_partial = 1;
		return PACKET_IP;
	}
	parse_transport(data, end, packet);
	return PACKET_IP;
}

/* IP at packet->offset, and what it carries. */
static __always_inline enum packet_kind parse_ip(const void *data, const void *end,
						 struct packet *packet)
{
	enum packet_kind kind;

	if (packet->type == TYPE_IPV4)
		kind = parse_ipv4(data, end, packet);
	else
		kind = parse_ipv6(data, end, packet);
	return kind == PACKET_IP && packet->is_control ? PACKET_CONTROL : kind;
}

/* --- the short way ------------------------------------------------------------------------------ */

/* The port of a session that may be control's: left to the long way. */
static __always_inline int may_be_control(__u16 port)
{
	return is_control_port(port) || port == WIRE16(179) || port == WIRE16(520) ||
	       port == WIRE16(521) || port == WIRE16(3784) || port == WIRE16(3785);
}

static __always_inline int parse_usual_transport(const __u8 *here, const void *end,
						 struct packet *packet)
{
	__u32 size;

	if (packet->protocol == 17) {
		if ((const void *)(here + 8) > end || packet->rest < 8)
			return 0;
		packet->source_port = load16(here);
		packet->target_port = load16(here + 2);
	} else if (packet->protocol == 6) {
		if ((const void *)(here + 20) > end || packet->rest < 20)
			return 0;
		size = take_tcp(here, packet->rest, packet);
		/* How nearly every segment says it: two of padding, then the timestamps. */
		if (size == 32 && (const void *)(here + 32) <= end &&
		    load32(here + 20) == HOST32(0x0101080a))
			take_stamps(here + 22, packet);
		else if (size != 20)
			return 0;
	} else {
		return 0;
	}
	return !may_be_control(packet->source_port) && !may_be_control(packet->target_port);
}

/*
 * IP at packet->offset as nearly every packet has it: no IP options, no fragment, TCP or UDP, no
 * TCP options but timestamps. 0: it is not like that, and parse_ip() has to look, which writes every
 * field that this one may have written.
 */
static __always_inline int parse_usual(const void *data, const void *end, struct packet *packet)
{
	const __u8 *ip;
	__u32 length;

	if (packet->type == TYPE_IPV4) {
		ip = look(data, end, packet, 20);
		if (!ip || ip[0] != 0x45 || load16(ip + 6) & WIRE16(0x3fff))
			return 0;
		length = length_from(packet->offset, HOST16(load16(ip + 2)), packet);
		if (length < 20)
			return 0;
		packet->rest = length - 20;
		load_ipv4_address(ip + 12, &packet->source);
		load_ipv4_address(ip + 16, &packet->target);
		packet->tos = ip[1];
		packet->protocol = ip[9];
		return parse_usual_transport(ip + 20, end, packet);
	}
	ip = look(data, end, packet, 40);
	if (!ip || ip[0] >> 4 != 6)
		return 0;
	packet->rest = length_from(packet->offset + 40, HOST16(load16(ip + 4)), packet);
	load_address(ip + 8, &packet->source);
	load_address(ip + 24, &packet->target);
	packet->tos = (__u8)(ip[0] << 4 | ip[1] >> 4);
	packet->protocol = ip[6];
	return parse_usual_transport(ip + 40, end, packet);
}

/* Ethernet with IP right behind it; 0: parse_link() has to look. */
static __always_inline int parse_usual_link(const void *data, const void *end,
					    struct packet *packet)
{
	const __u8 *header = data;

	if ((const void *)(header + 14) > end)
		return 0;
	packet->type = load16(header + 12);
	move_to(packet, 14);
	/* The group bit: bridges' own frames are among those. */
	return (packet->type == TYPE_IPV4 || packet->type == TYPE_IPV6) && !(header[0] & 1);
}

/* --- the flow it belongs to --------------------------------------------------------------------- */

/* *key zeroed by the caller. */
static __always_inline void make_key(const struct packet *packet, int is_download,
				     struct flow_key *key)
{
	key->customer = is_download ? packet->target : packet->source;
	key->remote = is_download ? packet->source : packet->target;
	key->customer_port = is_download ? packet->target_port : packet->source_port;
	key->remote_port = is_download ? packet->source_port : packet->target_port;
	key->protocol = packet->protocol;
}

#ifndef __bpf__
/* The whole of it, for the host: of a frame of `frame_bytes`, what is between `data` and `end`.
 * *packet need not be zeroed. */
static inline enum packet_kind parse_packet(const void *data, const void *end, __u32 frame_bytes,
					    struct packet *packet)
{
	enum packet_kind kind;

	*packet = (struct packet){ .frame_bytes = frame_bytes };
	if (!parse_usual_link(data, end, packet)) {
		kind = parse_link(data, end, packet);
		if (kind != PACKET_IP)
			return kind;
	}
	return parse_usual(data, end, packet) ? PACKET_IP : parse_ip(data, end, packet);
}

/* The same without Ethernet's header: `type` as it stands there says what begins at `offset`. */
static inline enum packet_kind parse_packet_of(__u16 type, __u32 offset, const void *data,
					       const void *end, __u32 frame_bytes,
					       struct packet *packet)
{
	enum packet_kind kind;

	*packet = (struct packet){ .type = type, .offset = offset, .frame_bytes = frame_bytes };
	kind = enter_tags(data, end, packet);
	return kind == PACKET_IP ? parse_ip(data, end, packet) : kind;
}
#endif

#endif
