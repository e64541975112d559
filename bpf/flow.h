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

#include "bpf/account.h"
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

static __always_inline int is_flow(const struct flow_head *head, const struct flow_key *key,
				   __u32 tag)
{
	return *(const volatile __u32 *)&head->tag == tag && same_key(&head->key, key);
}

/* Among the ways that strays name. What is rare is a function of its own, which makes the key anew:
 * the short way stays short, its key in registers, and the verifier checks it once. */
__attribute__((noinline)) __u32 find_stray(const struct flow_set *set, const struct packet *packet,
					   int is_download, __u32 tag, __u32 strays)
{
	struct flow_key key = {};

	if (!set || !packet)
		return LQOS_WAYS;
	make_key(packet, is_download, &key);
	for (__u32 way = 0; way < LQOS_WAYS; way++)
		if (strays >> way & 1 && is_flow(&set->head[bounded(way)], &key, tag))
			return way;
	return LQOS_WAYS;
}

/* Its way in the set, and its answer; LQOS_WAYS when it is not there. Nearly every flow is at home,
 * and whether one may have gone astray stands there: no other head is looked at for nothing. */
static __always_inline __u32 find_flow(const struct flow_set *set, const struct packet *packet,
				       int is_download, __u32 tag, struct cached_answer *answer)
{
	__u32 way = home_of(tag), strays;
	const struct flow_head *head = &set->head[bounded(way)];
	struct flow_key key = {};

	make_key(packet, is_download, &key);
	if (!is_flow(head, &key, tag)) {
		strays = *(const volatile __u16 *)&head->strays;
		way = strays ? find_stray(set, packet, is_download, tag, strays) : LQOS_WAYS;
		if (way >= LQOS_WAYS)
			return LQOS_WAYS;
		head = &set->head[bounded(way)];
	}
	*answer = read_answer(&head->answer);
	return *(const volatile __u32 *)&head->tag == tag ? way : LQOS_WAYS;
}

/* Asks memory for what will be counted in, while the prefixes are looked through: they come from
 * further away than all else, and a claim's compare-and-swap waits until they are written. */
static __always_inline void fetch_sides(const struct flow_set *set, __u32 tag)
{
	const struct flow_side *side = set->side[bounded(home_of(tag))];

	(void)*(const volatile __u64 *)&side[DOWNLOAD].bytes;
	(void)*(const volatile __u64 *)&side[UPLOAD].bytes;
}

/* Home if it is free; else a free one, else the one seen longest ago. */
static __always_inline __u32 choose_flow(const struct flow_set *set, __u32 tag, __u32 now)
{
	__u32 chosen = home_of(tag), oldest = 0;

	if (!set->head[bounded(chosen)].tag)
		return bounded(chosen);
#pragma clang loop unroll(full)
	for (__u32 i = 0; i < LQOS_WAYS; i++) {
		__u32 way = bounded(home_of(tag) + i);
		const struct flow_head *head = &set->head[way];
		__u32 age = head->tag ? (now - head->last_seen) >> 1 : ~0u;

		if (age > oldest && head->tag != LQOS_TAG_CLAIMED) {
			oldest = age;
			chosen = way;
		}
	}
	return bounded(chosen);
}

struct newcomer {
	__u32 tag, now;
	struct cached_answer answer;
	int is_download;
};

/* Empties an entry and makes it this flow's. LQOS_WAYS when another CPU was faster. */
__attribute__((noinline)) __u32 claim_flow(struct flow_set *set, const struct packet *packet,
					   const struct newcomer *newcomer)
{
	struct totals *totals = own_totals();
	struct flow_key key = {};
	struct flow_head *head;
	__u32 way, before, tag, now;

	if (!set || !packet || !newcomer || !totals)
		return LQOS_WAYS;
	tag = newcomer->tag;
	now = newcomer->now;
	make_key(packet, newcomer->is_download, &key);
	way = choose_flow(set, tag, now);
	head = &set->head[way];
	before = *(volatile __u32 *)&head->tag;
	if (before == LQOS_TAG_CLAIMED ||
	    __sync_val_compare_and_swap(&head->tag, before, LQOS_TAG_CLAIMED) != before)
		return LQOS_WAYS;
	totals->value[before ? LQOS_COUNT_flow_evicted : LQOS_COUNT_flow_new]++;
	head->claims++;
	head->key = key;
	head->answer = newcomer->answer;
	head->first_seen = head->last_seen = now;
	__builtin_memset(set->side[way], 0, sizeof(set->side[way]));
	barrier();
	*(volatile __u32 *)&head->tag = tag;
	if (way != home_of(tag))
		set->head[bounded(home_of(tag))].strays |= 1u << way;
	return way;
}

#endif
