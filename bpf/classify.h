/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose packet is it: the prefix table behind a cache of answers, each with the epoch it was made
 * under (I1: the epoch is read before the lookup, and stored with its answer).
 */
#ifndef LQOS_BPF_CLASSIFY_H
#define LQOS_BPF_CLASSIFY_H

#include "bpf/maps.h"

#define barrier() asm volatile("" ::: "memory")

static __always_inline __u32 read_epoch(const __u8 address[16])
{
	__u32 zero = 0;
	struct epochs *epochs = bpf_map_lookup_elem(&lqos_epochs, &zero);

	if (!epochs)
		return 0;
	return *(volatile __u32 *)&epochs->word[scope_of(address) % LQOS_SCOPES];
}

static __always_inline void count(enum lqos_counter counter)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct totals *totals = bpf_map_lookup_elem(&lqos_totals, &cpu);

	if (totals)
		totals->value[counter]++;
}

static __always_inline int is_ipv4(const __u8 address[16])
{
	return *(const __u64 *)address == 0 && address[8] == 0 && address[9] == 0 &&
	       address[10] == 0xff && address[11] == 0xff;
}

/* The longest prefix of its family that holds the address; slot 0 when none does. */
static __always_inline __u32 find_prefix(const __u8 address[16])
{
	struct prefix_key key = { .length = 128 };
	__u32 *slot;

	__builtin_memcpy(key.address, address, sizeof(key.address));
	slot = bpf_map_lookup_elem(&lqos_prefixes, &key);
	if (!slot || (*slot & LQOS_PREFIX_IPV6 && is_ipv4(address)))
		return 0;
	return *slot & ~LQOS_PREFIX_IPV6;
}

static __always_inline struct cached_answer read_answer(const struct cached_answer *place)
{
	__u64 word = *(const volatile __u64 *)place;
	struct cached_answer answer;

	__builtin_memcpy(&answer, &word, sizeof(answer));
	return answer;
}

static __always_inline void write_answer(struct cached_answer *place, struct cached_answer answer)
{
	__u64 word;

	__builtin_memcpy(&word, &answer, sizeof(word));
	*(volatile __u64 *)place = word;
}

static __always_inline int is_address(const struct cached_address *cached, const __u8 address[16])
{
	const volatile __u64 *a = (const volatile __u64 *)cached->address;
	__u64 b[2];

	__builtin_memcpy(b, address, sizeof(b));
	return a[0] == b[0] && a[1] == b[1];
}

/* The answer for a customer's address under `epoch`, which the caller read before. */
static __always_inline struct cached_answer find_slot(const __u8 address[16], __u32 epoch)
{
	struct cached_address *cached = bpf_map_lookup_elem(&lqos_cache, address), fresh = {};
	struct cached_answer answer;

	if (cached && is_address(cached, address)) {
		answer = read_answer(&cached->answer);
		if (answer.epoch == epoch && is_address(cached, address)) {
			count(LQOS_COUNT_cache_hits);
			return answer;
		}
	}
	barrier();
	answer = (struct cached_answer){ .slot = find_prefix(address), .epoch = epoch };
	count(LQOS_COUNT_prefix_lookups);
	__builtin_memcpy(fresh.address, address, sizeof(fresh.address));
	fresh.answer = answer;
	bpf_map_update_elem(&lqos_cache, address, &fresh, BPF_ANY);
	return answer;
}

#endif
