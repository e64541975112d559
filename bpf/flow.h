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
#include "bpf/hash.h"

static __always_inline int same_key(const struct flow_key *a, const struct flow_key *b)
{
	const __u64 *x = (const __u64 *)a, *y = (const __u64 *)b;

	return x[0] == y[0] && x[1] == y[1] && x[2] == y[2] && x[3] == y[3] && x[4] == y[4];
}

static __always_inline struct cached_answer read_answer(const struct cached_answer *place)
{
	__u64 word = *(const volatile __u64 *)place;
	struct cached_answer answer;

	__builtin_memcpy(&answer, &word, sizeof(answer));
	return answer;
}

/* Only where the old one still stands: the entry may be another flow's by now. */
static __always_inline void replace_answer(struct cached_answer *place, struct cached_answer old,
					   struct cached_answer answer)
{
	__u64 before, after;

	__builtin_memcpy(&before, &old, sizeof(before));
	__builtin_memcpy(&after, &answer, sizeof(after));
	__sync_val_compare_and_swap((__u64 *)place, before, after);
}

/* Its way in the set, and its answer; LQOS_WAYS when it is not there. */
static __always_inline __u32 find_flow(const struct flow_set *set, const struct flow_key *key,
				       __u32 tag, struct cached_answer *answer)
{
#pragma clang loop unroll(full)
	for (__u32 i = 0; i < LQOS_WAYS; i++) {
		__u32 way = bounded(first_way(tag) + i);
		const struct flow_head *head = &set->head[way];

		if (*(const volatile __u32 *)&head->tag != tag || !same_key(&head->key, key))
			continue;
		*answer = read_answer(&head->answer);
		if (*(const volatile __u32 *)&head->tag == tag)
			return way;
	}
	return LQOS_WAYS;
}

/* A free one, else the one seen longest ago. */
static __always_inline __u32 choose_flow(const struct flow_set *set, __u32 tag, __u32 now)
{
	__u32 chosen = first_way(tag), oldest = 0;

#pragma clang loop unroll(full)
	for (__u32 i = 0; i < LQOS_WAYS; i++) {
		__u32 way = bounded(first_way(tag) + i);
		const struct flow_head *head = &set->head[way];
		__u32 age = head->tag ? (now - head->last_seen) >> 1 : ~0u;

		if (age > oldest && head->tag != LQOS_TAG_CLAIMED) {
			oldest = age;
			chosen = way;
		}
	}
	return bounded(chosen);
}

/* Empties an entry and makes it this flow's. LQOS_WAYS when another CPU was faster. */
static __always_inline __u32 claim_flow(struct flow_set *set, const struct flow_key *key, __u32 tag,
					struct cached_answer answer, __u32 now,
					struct totals *totals)
{
	__u32 way = choose_flow(set, tag, now);
	struct flow_head *head = &set->head[way];
	__u32 before = *(volatile __u32 *)&head->tag;

	if (before == LQOS_TAG_CLAIMED ||
	    __sync_val_compare_and_swap(&head->tag, before, LQOS_TAG_CLAIMED) != before)
		return LQOS_WAYS;
	totals->value[before ? LQOS_COUNT_flow_evicted : LQOS_COUNT_flow_new]++;
	head->claims++;
	head->key = *key;
	head->answer = answer;
	head->first_seen = head->last_seen = now;
	__builtin_memset(set->side[way], 0, sizeof(set->side[way]));
	barrier();
	*(volatile __u32 *)&head->tag = tag;
	return way;
}

#endif
