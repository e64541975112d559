/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * struct packet, reading at its offset, and layer 2: tags, PPPoE and MPLS in front of IP. Used by
 * packet.h, which goes on behind it.
 */
#ifndef LQOS_BPF_LINK_H
#define LQOS_BPF_LINK_H

#include <linux/types.h>

#include "bpf/shared.h"

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

#ifdef __clang__
#define UNROLLED _Pragma("clang loop unroll(full)")
#else
#define UNROLLED
#endif

/* Numbers in the byte order of the wire, for comparing without turning each packet's. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define WIRE16(x) ((__u16)((((x)&0xff) << 8) | (((x) >> 8) & 0xff)))
#define HOST32(x) __builtin_bswap32(x)
#define HOST16(x) WIRE16(x)
#define IPV4_MARK 0xffff0000u /* the third word of ::ffff:a.b.c.d */
#else
#define WIRE16(x) ((__u16)(x))
#define HOST32(x) (x)
#define HOST16(x) ((__u16)(x))
#define IPV4_MARK 0x0000ffffu
#endif

#define TAGS_MOST 4
#define IPV6_EXTENSIONS_MOST 8
#define MPLS_LABELS_MOST 6
#define TCP_OPTIONS_BYTES 40
#define HEADERS_MOST 1024 /* no header is looked for behind this */

enum packet_kind {
	PACKET_IP,
	PACKET_CONTROL,	  /* keeps the network itself alive: ARP, LACP, STP, PPPoE discovery */
	PACKET_OTHER,	  /* not IP */
	PACKET_TOO_DEEP,  /* more tags or labels than are looked behind */
	PACKET_TRUNCATED, /* ends before the addresses do */
	PACKET_MALFORMED, /* an IP header that can't be one */
};

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

#define TYPE_IPV4 WIRE16(0x0800)
#define TYPE_IPV6 WIRE16(0x86dd)

/* Zeroed by the caller, but for frame_bytes. */
struct packet {
	union address source, target;
	__u16 source_port, target_port; /* network order; 0 where there are none */
	__u8 protocol;
	__u8 tos;
	__u8 tcp_flags;
	__u8 has_stamps;
	__u8 is_control; /* routing, DHCP, neighbour discovery */
	__u8 is_partial; /* what is behind the addresses is nonsense or missing */
	__u8 hops;	 /* TTL or hop limit */
	__u8 has_tcp;	 /* a TCP header of a possible length */
	__u32 payload;	 /* TCP payload in bytes */
	__u32 seq, ack;
	__u32 stamp, echo; /* TSval, TSecr (RFC 7323) */
	/* Where parsing stands. */
	__u32 offset;	   /* of the header to look at next */
	__u32 rest;	   /* bytes from there on that IP says there are, and the frame has */
	__u16 type;	   /* TYPE_IPV4 or TYPE_IPV6 */
	__u16 window;	   /* TCP's, as it stands in the packet */
	__u32 frame_bytes; /* of the whole frame: more than is in reach where it was cut or lies apart */
};

/* --- reading what may stand anywhere ----------------------------------------------------------- */

#ifdef __bpf__
static __always_inline __u16 load16(const void *from)
{
	return *(const __u16 *)from;
}

static __always_inline __u32 load32(const void *from)
{
	return *(const __u32 *)from;
}
#else
static inline __u16 load16(const void *from)
{
	__u16 value;

	__builtin_memcpy(&value, from, sizeof(value));
	return value;
}

static inline __u32 load32(const void *from)
{
	__u32 value;

	__builtin_memcpy(&value, from, sizeof(value));
	return value;
}
#endif

static __always_inline void load_address(const __u8 *from, union address *address)
{
	address->word[0] = load32(from);
	address->word[1] = load32(from + 4);
	address->word[2] = load32(from + 8);
	address->word[3] = load32(from + 12);
}

static __always_inline void load_ipv4_address(const __u8 *from, union address *address)
{
	address->word[2] = IPV4_MARK;
	address->word[3] = load32(from);
}

/* The offset is written to memory and read back, so that the verifier forgets what it knew: it
 * then checks each step once, and not again for every way that leads to it. */
static __always_inline void move_to(struct packet *packet, __u32 offset)
{
	*(volatile __u32 *)&packet->offset = offset;
}

/* `size` bytes at the packet's offset, which stays; null when the packet is too short. */
static __always_inline const __u8 *look(const void *data, const void *end,
					const struct packet *packet, __u32 size)
{
	__u32 offset = *(const volatile __u32 *)&packet->offset;
	const __u8 *here;

	if (offset > HEADERS_MOST)
		return 0;
	here = (const __u8 *)data + offset;
	return (const void *)(here + size) > end ? 0 : here;
}

static __always_inline void move_on(struct packet *packet, __u32 size)
{
	move_to(packet, *(volatile __u32 *)&packet->offset + size);
}

/* --- layer 2 ---------------------------------------------------------------------------------- */

static __always_inline int is_tag(__u16 type)
{
	return type == WIRE16(0x8100) || type == WIRE16(0x88a8) || type == WIRE16(0x9100);
}

/* RFC 2516: version and type, code, session, length, then the PPP protocol. */
static __always_inline enum packet_kind enter_pppoe(const void *data, const void *end,
						    struct packet *packet)
{
	const __u8 *header = look(data, end, packet, 8);
	__u16 protocol;

	if (!header)
		return PACKET_TRUNCATED;
	if (header[0] != 0x11 || header[1] != 0)
		return PACKET_OTHER;
	protocol = load16(header + 6);
	move_on(packet, 8);
	packet->type = protocol == WIRE16(0x0021)   ? TYPE_IPV4
		       : protocol == WIRE16(0x0057) ? TYPE_IPV6
						    : 0;
	if (packet->type)
		return PACKET_IP;
	/* LCP, IPCP, IPV6CP, PAP, CHAP keep the session alive. */
	return protocol & WIRE16(0x8000) ? PACKET_CONTROL : PACKET_OTHER;
}

static __always_inline __u16 type_of_version(__u8 first_byte)
{
	return first_byte >> 4 == 4 ? TYPE_IPV4 : first_byte >> 4 == 6 ? TYPE_IPV6 : 0;
}

/* RFC 3032. What is below the last label is not said; IP gives itself away. */
static __always_inline enum packet_kind enter_mpls(const void *data, const void *end,
						   struct packet *packet)
{
	const __u8 *label, *version;
	int bottom = 0;

	for (int i = 0; i < MPLS_LABELS_MOST && !bottom; i++) {
		label = look(data, end, packet, 4);
		if (!label)
			return PACKET_TRUNCATED;
		bottom = label[2] & 1;
		move_on(packet, 4);
	}
	if (!bottom)
		return PACKET_TOO_DEEP;
	version = look(data, end, packet, 1);
	if (!version)
		return PACKET_TRUNCATED;
	packet->type = type_of_version(*version);
	return packet->type ? PACKET_IP : PACKET_OTHER;
}

static __always_inline enum packet_kind enter_type(const void *data, const void *end,
						   struct packet *packet)
{
	switch (packet->type) {
	case TYPE_IPV4:
	case TYPE_IPV6:
		return PACKET_IP;
	case WIRE16(0x8864):
		return enter_pppoe(data, end, packet);
	case WIRE16(0x8847):
	case WIRE16(0x8848):
		return enter_mpls(data, end, packet);
	case WIRE16(0x0806): /* ARP */
	case WIRE16(0x8863): /* PPPoE discovery */
	case WIRE16(0x8809): /* LACP */
		return PACKET_CONTROL;
	default:
		return is_tag(packet->type) ? PACKET_TOO_DEEP : PACKET_OTHER;
	}
}

/* Behind the tags, from where a type says what comes. */
static __always_inline enum packet_kind enter_tags(const void *data, const void *end,
						   struct packet *packet)
{
	for (int i = 0; i < TAGS_MOST && is_tag(*(volatile __u16 *)&packet->type); i++) {
		const __u8 *tag = look(data, end, packet, 4);

		if (!tag)
			return PACKET_TRUNCATED;
		*(volatile __u16 *)&packet->type = load16(tag + 2);
		move_on(packet, 4);
	}
	return enter_type(data, end, packet);
}

/* Everything in front of IP: offset and type say where it begins and of which family it is. */
static __always_inline enum packet_kind parse_link(const void *data, const void *end,
						   struct packet *packet)
{
	const __u8 *header;

	move_to(packet, 0);
	header = look(data, end, packet, 14);
	if (!header)
		return PACKET_TRUNCATED;
	/* Slow protocols (LACP) and bridges (STP) speak to 01:80:c2:00:00:xx. */
	if (header[0] == 0x01 && header[1] == 0x80 && header[2] == 0xc2)
		return PACKET_CONTROL;
	packet->type = load16(header + 12);
	move_on(packet, 14);
	return enter_tags(data, end, packet);
}

#endif
