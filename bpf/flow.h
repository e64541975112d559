/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The flow table: sets of four entries found by a keyed hash. An entry is claimed by
 * compare-and-swap of its tag; the whole key is compared and the tag checked again. With no room
 * the entry seen longest ago gives way, so a flood evicts and never refuses. Two CPUs that meet a
 * new flow at once may make two entries of it; one of them then falls idle. Only flows of mapped
 * addresses come here: strangers can't fill it.
 */
#ifndef LQOS_BPF_FLOW_H
#define LQOS_BPF_FLOW_H

#include "bpf/classify.h"

static __always_inline __u64 hash_key(const struct flow_key *key, __u64 seed)
{
	const __u64 *words = (const __u64 *)key;
	__u64 hash = seed;

#pragma clang loop unroll(full)
	for (unsigned int i = 0; i < sizeof(*key) / 8; i++) {
		hash = (hash ^ words[i]) * 0x9e3779b97f4a7c15ULL;
		hash ^= hash >> 32;
	}
	return hash;
}

static __always_inline int same_key(const struct flow_key *a, const struct flow_key *b)
{
	const __u64 *x = (const __u64 *)a, *y = (const __u64 *)b;

	return x[0] == y[0] && x[1] == y[1] && x[2] == y[2] && x[3] == y[3] && x[4] == y[4];
}

static __always_inline struct flow *find_in_set(struct flow_set *set, const struct flow_key *key,
						__u32 tag)
{
#pragma clang loop unroll(full)
	for (int i = 0; i < LQOS_WAYS; i++) {
		struct flow *flow = &set->way[i];

		if (*(volatile __u32 *)&flow->tag == tag && same_key(&flow->key, key) &&
		    *(volatile __u32 *)&flow->tag == tag)
			return flow;
	}
	return 0;
}

static __always_inline int choose_way(const struct flow_set *set)
{
	__u64 oldest = ~0ULL;
	int chosen = 0;

#pragma clang loop unroll(full)
	for (int i = 0; i < LQOS_WAYS; i++) {
		__u64 seen = set->way[i].tag ? set->way[i].last_seen_ns : 0;

		if (seen < oldest && set->way[i].tag != LQOS_TAG_CLAIMED) {
			oldest = seen;
			chosen = i;
		}
	}
	return chosen;
}

/* Empties an entry and makes it this flow's. Null when another CPU was faster. */
static __always_inline struct flow *claim_flow(struct flow_set *set, const struct flow_key *key,
					       __u32 tag, struct cached_answer answer, __u64 now_ns)
{
	struct flow *flow = &set->way[choose_way(set) & (LQOS_WAYS - 1)];
	__u32 before = *(volatile __u32 *)&flow->tag;

	if (before == LQOS_TAG_CLAIMED ||
	    __sync_val_compare_and_swap(&flow->tag, before, LQOS_TAG_CLAIMED) != before)
		return 0;
	count(before ? LQOS_COUNT_flow_evicted : LQOS_COUNT_flow_new);
	flow->claims++;
	__builtin_memset(flow->side, 0, sizeof(flow->side));
	flow->key = *key;
	write_answer(&flow->answer, answer);
	flow->first_seen_ns = flow->last_seen_ns = now_ns;
	barrier();
	*(volatile __u32 *)&flow->tag = tag;
	return flow;
}

#endif
