/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From bytes to a struct packet. One code for XDP, for tc and for the host (tests, fuzzing): it
 * takes where the packet begins and ends, and touches nothing else. Anything unknown is named by a
 * reason and passes.
 */
#ifndef LQOS_BPF_PACKET_H
#define LQOS_BPF_PACKET_H

#include <linux/types.h>

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

/* Numbers in the byte order of the wire, for comparing without turning each packet's. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define WIRE16(x) ((__u16)((((x)&0xff) << 8) | (((x) >> 8) & 0xff)))
#define HOST32(x) __builtin_bswap32(x)
#define HOST16(x) WIRE16(x)
#else
#define WIRE16(x) ((__u16)(x))
#define HOST32(x) (x)
#define HOST16(x) ((__u16)(x))
#endif

#define TAGS_MOST 4
#define IPV6_EXTENSIONS_MOST 6
#define MPLS_LABELS_MOST 6

enum packet_kind {
	PACKET_OTHER,	  /* not IP, or tagged too often: passes, counted by reason */
	PACKET_TRUNCATED, /* a header goes beyond the packet's end */
	PACKET_IP,
	PACKET_CONTROL, /* keeps the network itself alive: ARP, LACP, STP, PPPoE discovery */
};

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

struct packet {
	__u8 source[16], target[16];	/* IPv4 as ::ffff:a.b.c.d */
	__u16 source_port, target_port; /* network order; 0 where there are none */
	__u8 protocol;
	__u8 tos;
	__u8 control; /* routing, DHCP, neighbour discovery */
	__u8 tcp_flags;
	__u8 has_stamps;
	__u8 too_many_tags;
	__u16 payload; /* TCP payload in bytes */
	__u32 seq;
	__u32 stamp, echo; /* TSval, TSecr (RFC 7323) */
};

struct cursor {
	void *at, *end;
};

/* `size` bytes at the cursor, which moves behind them; 0 when the packet is too short. */
static __always_inline void *take(struct cursor *cursor, __u32 size)
{
	void *here = cursor->at;

	if (here + size > cursor->end)
		return 0;
	cursor->at = here + size;
	return here;
}

struct wire_ethernet {
	__u8 target[6], source[6];
	__u16 type;
} __attribute__((packed));

struct wire_tag {
	__u16 tag, type;
};

struct wire_pppoe {
	__u8 version_type, code;
	__u16 session, length, protocol;
};

struct wire_ipv4 {
	__u8 version_length, tos;
	__u16 length, id, fragment;
	__u8 ttl, protocol;
	__u16 checksum;
	__u8 source[4], target[4];
};

struct wire_ipv6 {
	__u32 version_class_flow;
	__u16 length;
	__u8 next, hops;
	__u8 source[16], target[16];
};

struct wire_tcp {
	__u16 source, target;
	__u32 seq, ack;
	__u8 offset, flags;
	__u16 window, checksum, urgent;
};

static __always_inline int is_tag(__u16 type)
{
	return type == WIRE16(0x8100) || type == WIRE16(0x88a8) || type == WIRE16(0x9100);
}

/* --- layer 4 ---------------------------------------------------------------------------------- */

#define TCP_OPTIONS_BYTES 40

struct tcp_options {
	__u8 byte[64]; /* TCP_OPTIONS_BYTES, the rest zero: every index below 64 can be read */
	__u32 length;
	__u32 stamp, echo;
	__u32 has_stamps;
};

/* Finds the timestamps among options in any order. A function of its own to the verifier too: it
 * is checked once, and not again for every way that leads to it. */
__attribute__((noinline)) int find_stamps(struct tcp_options *options)
{
	__u32 next = 0;

	if (!options)
		return 0;
		/* Every place is looked at, and counts where an option begins: so that the verifier sees
	 * constant places only. */
#pragma clang loop unroll(full)
	for (__u32 i = 0; i + 10 <= TCP_OPTIONS_BYTES; i++) {
		__u8 kind = options->byte[i], size = options->byte[i + 1];

		if (i != next)
			continue;
		if (kind == 0 || i + 10 > options->length)
			return 0;
		if (kind == 8 && size == 10) {
			__builtin_memcpy(&options->stamp, options->byte + i + 2, 4);
			__builtin_memcpy(&options->echo, options->byte + i + 6, 4);
			options->stamp = HOST32(options->stamp);
			options->echo = HOST32(options->echo);
			options->has_stamps = 1;
			return 0;
		}
		if (kind != 1 && size < 2)
			return 0;
		next += kind == 1 ? 1 : size;
	}
	return 0;
}

/* `left` bytes of options stand at the cursor, a multiple of 4. */
static __always_inline void parse_stamps(struct cursor cursor, __u32 left, struct packet *packet)
{
	struct tcp_options options = {};
	__u8 *first = cursor.at;

	/* How nearly every segment says it: two of padding, then the timestamps. */
	if (left >= 12 && (void *)(first + 12) <= cursor.end && first[0] == 1 && first[1] == 1 &&
	    first[2] == 8 && first[3] == 10) {
		__builtin_memcpy(&packet->stamp, first + 4, 4);
		__builtin_memcpy(&packet->echo, first + 8, 4);
		packet->stamp = HOST32(packet->stamp);
		packet->echo = HOST32(packet->echo);
		packet->has_stamps = 1;
		return;
	}
#pragma clang loop unroll(full)
	for (__u32 i = 0; i < TCP_OPTIONS_BYTES / 4; i++) {
		__u8 *word = take(&cursor, 4);

		if (!word || i * 4 >= left)
			break;
		__builtin_memcpy(options.byte + i * 4, word, 4);
		options.length = i * 4 + 4;
	}
	find_stamps(&options);
	packet->stamp = options.stamp;
	packet->echo = options.echo;
	packet->has_stamps = options.has_stamps != 0;
}

/* `length` is what IP says follows, the TCP header included. */
static __always_inline enum packet_kind parse_tcp(struct cursor cursor, __u32 length,
						  struct packet *packet)
{
	struct wire_tcp *tcp = take(&cursor, sizeof(*tcp));
	__u32 header;

	if (!tcp)
		return PACKET_TRUNCATED;
	packet->source_port = tcp->source;
	packet->target_port = tcp->target;
	packet->seq = HOST32(tcp->seq);
	packet->tcp_flags = tcp->flags;
	header = (tcp->offset >> 4) * 4;
	if (header < sizeof(*tcp) || header > length)
		return PACKET_IP; /* a nonsense length: no payload, no options */
	packet->payload = (__u16)(length - header);
	if (header > sizeof(*tcp))
		parse_stamps(cursor, header - sizeof(*tcp), packet);
	return PACKET_IP;
}

static __always_inline int is_control_port(__u16 port)
{
	return port == WIRE16(67) || port == WIRE16(68) || port == WIRE16(546) ||
	       port == WIRE16(547) || port == WIRE16(3784) || port == WIRE16(3785);
}

static __always_inline enum packet_kind parse_transport(struct cursor cursor, __u32 length,
							struct packet *packet)
{
	__u16 *words;

	switch (packet->protocol) {
	case 6:
		return parse_tcp(cursor, length, packet);
	case 17:
		words = take(&cursor, 8);
		if (!words)
			return PACKET_TRUNCATED;
		packet->source_port = words[0];
		packet->target_port = words[1];
		packet->control = is_control_port(words[0]) && is_control_port(words[1]);
		return PACKET_IP;
	case 1: /* ICMP: the identifier of an echo stands in for both ports */
		words = take(&cursor, 8);
		if (!words)
			return PACKET_TRUNCATED;
		if (((__u8 *)words)[0] == 8 || ((__u8 *)words)[0] == 0)
			packet->source_port = packet->target_port = words[2];
		return PACKET_IP;
	case 58:
		words = take(&cursor, 8);
		if (!words)
			return PACKET_TRUNCATED;
		if (((__u8 *)words)[0] == 128 || ((__u8 *)words)[0] == 129)
			packet->source_port = packet->target_port = words[2];
		/* Router and neighbour discovery, RFC 4861. */
		packet->control = ((__u8 *)words)[0] >= 133 && ((__u8 *)words)[0] <= 137;
		return PACKET_IP;
	case 89:  /* OSPF */
	case 112: /* VRRP */
		packet->control = 1;
		return PACKET_IP;
	default:
		return PACKET_IP;
	}
}

/* --- layer 3 ---------------------------------------------------------------------------------- */

static __always_inline enum packet_kind parse_ipv4(struct cursor cursor, struct packet *packet)
{
	struct wire_ipv4 *ip = take(&cursor, sizeof(*ip));
	__u32 header, length;

	if (!ip)
		return PACKET_TRUNCATED;
	header = (ip->version_length & 0xf) * 4;
	length = HOST16(ip->length);
	if (ip->version_length >> 4 != 4 || header < sizeof(*ip) || length < header)
		return PACKET_OTHER;
	packet->source[10] = packet->source[11] = 0xff;
	packet->target[10] = packet->target[11] = 0xff;
	__builtin_memcpy(packet->source + 12, ip->source, 4);
	__builtin_memcpy(packet->target + 12, ip->target, 4);
	packet->protocol = ip->protocol;
	packet->tos = ip->tos;
	/* Of a fragment behind the first only the addresses are known. */
	if (ip->fragment & WIRE16(0x1fff))
		return PACKET_IP;
	if (header > sizeof(*ip) && !take(&cursor, header - sizeof(*ip)))
		return PACKET_TRUNCATED;
	return parse_transport(cursor, length - header, packet);
}

static __always_inline int is_extension(__u8 next)
{
	return next == 0 || next == 43 || next == 60 || next == 44 || next == 51;
}

static __always_inline enum packet_kind parse_ipv6(struct cursor cursor, struct packet *packet)
{
	struct wire_ipv6 *ip = take(&cursor, sizeof(*ip));
	__u32 rest, first;
	__u8 next;

	if (!ip)
		return PACKET_TRUNCATED;
	first = HOST32(ip->version_class_flow);
	if (first >> 28 != 6)
		return PACKET_OTHER;
	__builtin_memcpy(packet->source, ip->source, 16);
	__builtin_memcpy(packet->target, ip->target, 16);
	packet->tos = (__u8)(first >> 20);
	rest = HOST16(ip->length);
	next = ip->next;
#pragma clang loop unroll(full)
	for (int i = 0; i < IPV6_EXTENSIONS_MOST && is_extension(next); i++) {
		__u8 *extension = take(&cursor, 8);
		__u32 size, here = next;

		if (!extension)
			return PACKET_TRUNCATED;
		next = extension[0];
		/* Lengths count 8 bytes beyond the first 8; AH's (RFC 4302) 4 beyond 8. */
		size = here == 44   ? 8
		       : here == 51 ? (extension[1] + 2u) * 4
				    : (extension[1] + 1u) * 8;
		if (size > rest)
			return PACKET_OTHER;
		rest -= size;
		if (here == 44 && (extension[2] || extension[3] & 0xf8)) {
			packet->protocol = next;
			return PACKET_IP;
		}
		if (size > 8 && !take(&cursor, size - 8))
			return PACKET_TRUNCATED;
	}
	packet->protocol = next;
	return is_extension(next) ? PACKET_IP : parse_transport(cursor, rest, packet);
}

/* --- layer 2 ---------------------------------------------------------------------------------- */

/* What a link layer leads to: IP of either family goes on behind the cursor. */
#define TYPE_IPV4 WIRE16(0x0800)
#define TYPE_IPV6 WIRE16(0x86dd)

static __always_inline enum packet_kind enter_pppoe(struct cursor *cursor, __u16 *type)
{
	struct wire_pppoe *pppoe = take(cursor, sizeof(*pppoe));

	if (!pppoe)
		return PACKET_TRUNCATED;
	*type = pppoe->protocol == WIRE16(0x0021)   ? TYPE_IPV4
		: pppoe->protocol == WIRE16(0x0057) ? TYPE_IPV6
						    : 0;
	if (*type)
		return PACKET_IP;
	/* LCP, IPCP, IPV6CP, PAP, CHAP keep the session alive. */
	return pppoe->protocol & WIRE16(0x8000) ? PACKET_CONTROL : PACKET_OTHER;
}

static __always_inline enum packet_kind enter_mpls(struct cursor *cursor, __u16 *type)
{
	__u8 *label, *version;

#pragma clang loop unroll(full)
	for (int i = 0; i < MPLS_LABELS_MOST; i++) {
		label = take(cursor, 4);
		if (!label)
			return PACKET_TRUNCATED;
		if (label[2] & 1)
			break; /* the bottom of the stack */
	}
	version = cursor->at;
	if ((void *)(version + 1) > cursor->end)
		return PACKET_TRUNCATED;
	if (!(label[2] & 1))
		return PACKET_OTHER;
	/* What is below is not said; IP gives itself away. */
	*type = *version >> 4 == 4 ? TYPE_IPV4 : *version >> 4 == 6 ? TYPE_IPV6 : 0;
	return *type ? PACKET_IP : PACKET_OTHER;
}

/* Moves behind everything in front of IP; *type says of which family it is. */
static __always_inline enum packet_kind enter_link(struct cursor *cursor, struct packet *packet,
						   __u16 *type)
{
	struct wire_ethernet *ethernet = take(cursor, sizeof(*ethernet));

	if (!ethernet)
		return PACKET_TRUNCATED;
	/* Slow protocols (LACP) and bridges (STP) speak to 01:80:c2:00:00:xx. */
	if (ethernet->target[0] == 0x01 && ethernet->target[1] == 0x80 &&
	    ethernet->target[2] == 0xc2)
		return PACKET_CONTROL;
	*type = ethernet->type;
#pragma clang loop unroll(full)
	for (int i = 0; i < TAGS_MOST && is_tag(*type); i++) {
		struct wire_tag *tag = take(cursor, sizeof(*tag));

		if (!tag)
			return PACKET_TRUNCATED;
		*type = tag->type;
	}
	switch (*type) {
	case TYPE_IPV4:
	case TYPE_IPV6:
		return PACKET_IP;
	case WIRE16(0x8864):
		return enter_pppoe(cursor, type);
	case WIRE16(0x8847):
		return enter_mpls(cursor, type);
	case WIRE16(0x0806): /* ARP */
	case WIRE16(0x8863): /* PPPoE discovery */
	case WIRE16(0x8809): /* LACP */
		return PACKET_CONTROL;
	default:
		packet->too_many_tags = is_tag(*type);
		return PACKET_OTHER;
	}
}

/* Fills *packet, which the caller has zeroed. */
static __always_inline enum packet_kind parse_packet(void *data, void *data_end,
						     struct packet *packet)
{
	struct cursor cursor = { .at = data, .end = data_end };
	enum packet_kind kind;
	__u16 type = 0;

	kind = enter_link(&cursor, packet, &type);
	if (kind != PACKET_IP)
		return kind;
	if (type == TYPE_IPV4)
		kind = parse_ipv4(cursor, packet);
	else
		kind = parse_ipv6(cursor, packet);
	return kind == PACKET_IP && packet->control ? PACKET_CONTROL : kind;
}

#endif
