/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose an address is: the prefix table, a probe for each prefix length in use. I1: who keeps an
 * answer reads the epoch first and keeps it with the answer.
 */
#ifndef LQOS_BPF_CLASSIFY_H
#define LQOS_BPF_CLASSIFY_H

#include "bpf/maps.h"
#include "bpf/packet.h"

#define barrier() asm volatile("" ::: "memory")

static __always_inline struct epochs *get_epochs(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&lqos_epochs, &zero);
}

static __always_inline __u32 read_epoch(const union address *address)
{
	struct epochs *epochs = get_epochs();
	__u32 scope = scope_of(address->byte), epoch;

	if (!epochs)
		return 0;
	/* Linux 6.1 loses track of an or: it has to see the bound. */
	asm volatile("" : "+r"(scope));
	epoch = *(volatile __u32 *)&epochs->word[scope % LQOS_SCOPES];
	barrier(); /* before anything that it dates */
	return epoch;
}

static __always_inline int is_ipv4(const union address *address)
{
	return address->half[0] == 0 && address->word[2] == IPV4_MARK;
}

/* The number of the lowest bit that is set, of a word that is not 0. BPF has no instruction for it
 * and clang 14 crashes on the builtin; a de Bruijn sequence has each six bits once (C. Leiserson,
 * H. Prokop, K. Randall, "Using de Bruijn sequences to index a 1 in a computer word", 1998). */
static __always_inline __u32 lowest_bit(__u64 word)
{
	static const volatile __u8 number[64] = {
		0,  1,	48, 2,	57, 49, 28, 3,	61, 58, 50, 42, 38, 29, 17, 4,
		62, 55, 59, 36, 53, 51, 43, 22, 45, 39, 33, 30, 24, 18, 12, 5,
		63, 47, 56, 27, 60, 41, 37, 16, 54, 35, 52, 21, 44, 32, 23, 11,
		46, 26, 40, 15, 34, 20, 31, 10, 25, 14, 19, 9,	13, 8,	7,  6,
	};

	return number[(word & -word) * 0x03f79d71b4cb0a89ULL >> 58];
}

static __always_inline __u32 find_ipv4(const struct epochs *epochs, const union address *address)
{
	__u64 lengths = *(const volatile __u64 *)&epochs->lengths_ipv4;
	__u32 bits = HOST32(address->word[3]);
	struct prefix_key key = { .word[2] = IPV4_MARK };

	for (int i = 0; i <= 32 && lengths; i++) {
		__u32 cut = lowest_bit(lengths), *slot;

		lengths &= lengths - 1;
		key.length = 128 - cut;
		key.word[3] = HOST32((__u32)(bits & ~0ULL << cut));
		slot = bpf_map_lookup_elem(&lqos_prefixes, &key);
		if (slot)
			return *slot;
	}
	return 0;
}

/* The address without its last `cut` bits. */
static __always_inline void cut_address(const union address *address, __u32 cut,
					struct prefix_key *key)
{
	__u64 upper = __builtin_bswap64(address->half[0]);
	__u64 lower = __builtin_bswap64(address->half[1]);

	if (cut < 64) {
		lower &= ~0ULL << cut;
	} else {
		lower = 0;
		upper &= cut < 128 ? ~0ULL << (cut & 63) : 0;
	}
	upper = __builtin_bswap64(upper);
	lower = __builtin_bswap64(lower);
	key->length = 128 - cut;
	key->word[0] = upper;
	key->word[1] = upper >> 32;
	key->word[2] = lower;
	key->word[3] = lower >> 32;
}

static __always_inline __u32 find_ipv6(const struct epochs *epochs, const union address *address)
{
	struct prefix_key key = {};

	for (int i = 0; i < 3; i++) {
		__u64 lengths = *(const volatile __u64 *)&epochs->lengths_ipv6[i];

		for (int j = 0; j < 64 && lengths; j++) {
			__u32 cut = i * 64 + (lowest_bit(lengths)), *slot;

			lengths &= lengths - 1;
			cut_address(address, cut, &key);
			slot = bpf_map_lookup_elem(&lqos_prefixes, &key);
			if (slot)
				return *slot;
		}
	}
	return 0;
}

/* The slot of the longest prefix of its family that holds the address; 0 when none does. To the
 * verifier a function of its own: checked once. */
__attribute__((noinline)) __u32 find_slot(const union address *address)
{
	const struct epochs *epochs = get_epochs();

	if (!address || !epochs)
		return 0;
	return is_ipv4(address) ? find_ipv4(epochs, address) : find_ipv6(epochs, address);
}

#endif
