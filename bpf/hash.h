/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hash of flows and strangers: sums of products with random keys, two words a product, which
 * the CPU computes side by side (multilinear hashing: D. Lemire and O. Kaser, "Strongly universal
 * string hashing is fast", 2014), and one round to spread what is in the middle bits. The upper
 * half chooses the set, the lower is the fingerprint.
 */
#ifndef LQOS_BPF_HASH_H
#define LQOS_BPF_HASH_H

#include "bpf/maps.h"
#include "bpf/packet.h"

extern const volatile struct lqos_settings settings;

static __always_inline __u64 spread(__u64 hash)
{
	hash ^= hash >> 32;
	return hash * settings.hash_key[7];
}

static __always_inline __u64 hash_packet(const struct packet *packet, int is_download)
{
	const volatile __u64 *k = settings.hash_key;
	struct flow_key key = {};
	const __u64 *word = (const __u64 *)&key;

	make_key(packet, is_download, &key);
	return spread((word[0] + k[0]) * (word[1] + k[1]) + (word[2] + k[2]) * (word[3] + k[3]) +
		      word[4] * k[4]);
}

static __always_inline __u64 hash_address(const union address *address)
{
	const volatile __u64 *k = settings.hash_key;

	return spread((address->half[0] + k[5]) * (address->half[1] + k[6]));
}

static __always_inline __u32 set_of(__u64 hash, __u32 sets)
{
	return (hash >> 32) * sets >> 32;
}

static __always_inline __u32 tag_of(__u64 hash)
{
	return (__u32)hash | 2;
}

/* For the verifier, which has to see the bound just before it is used. */
static __always_inline __u32 bounded(__u32 way)
{
	asm volatile("" : "+r"(way));
	return way % LQOS_WAYS;
}

/* The way where an entry is put when it is free, and looked for first. */
static __always_inline __u32 home_of(__u32 tag)
{
	return tag >> 30;
}
_Static_assert(LQOS_WAYS == 4, "the tag's upper two bits choose one of four");

#endif
