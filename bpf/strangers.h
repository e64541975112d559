/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses that no prefix covers, in a table of their own like the flows': what they use can be
 * shown, and the next packet of one needs no lookup. A scan evicts other strangers only.
 */
#ifndef LQOS_BPF_STRANGERS_H
#define LQOS_BPF_STRANGERS_H

#include "bpf/classify.h"
#include "bpf/hash.h"

static __always_inline int is_stranger(const struct stranger *stranger,
				       const union address *address, __u32 tag, __u32 *epoch)
{
	__u64 word = *(const volatile __u64 *)&stranger->tag;

	if ((__u32)word != tag || stranger->address.half[0] != address->half[0] ||
	    stranger->address.half[1] != address->half[1])
		return 0;
	*epoch = word >> 32;
	return *(const volatile __u32 *)&stranger->tag == tag;
}

/* And the epoch of its answer. As with flows, only home is looked at for nothing. */
static __always_inline struct stranger *
find_stranger(struct stranger_set *set, const union address *address, __u32 tag, __u32 *epoch)
{
	struct stranger *home = &set->way[bounded(home_of(tag))];
	__u32 strays;

	if (is_stranger(home, address, tag, epoch))
		return home;
	strays = *(volatile __u32 *)&home->strays;
#pragma clang loop unroll(full)
	for (__u32 way = 0; way < LQOS_WAYS; way++)
		if (strays >> way & 1 && is_stranger(&set->way[way], address, tag, epoch))
			return &set->way[way];
	return 0;
}

static __always_inline __u32 choose_stranger(const struct stranger_set *set, __u32 tag, __u32 now)
{
	__u32 chosen = home_of(tag), oldest = 0;

	if (!set->way[bounded(chosen)].tag)
		return bounded(chosen);
#pragma clang loop unroll(full)
	for (__u32 i = 0; i < LQOS_WAYS; i++) {
		__u32 way = bounded(home_of(tag) + i);
		const struct stranger *stranger = &set->way[way];
		__u32 age = stranger->tag ? (now - stranger->last_seen) >> 1 : ~0u;

		if (age > oldest && stranger->tag != LQOS_TAG_CLAIMED) {
			oldest = age;
			chosen = way;
		}
	}
	return bounded(chosen);
}

/* Null when another CPU was faster. */
static __always_inline struct stranger *claim_stranger(struct stranger_set *set,
						       const union address *address, __u32 tag,
						       __u32 epoch, __u32 now,
						       struct totals *totals)
{
	__u32 way = choose_stranger(set, tag, now);
	struct stranger *stranger = &set->way[way];
	__u32 before = *(volatile __u32 *)&stranger->tag;

	if (before == LQOS_TAG_CLAIMED ||
	    __sync_val_compare_and_swap(&stranger->tag, before, LQOS_TAG_CLAIMED) != before)
		return 0;
	totals->value[before ? LQOS_COUNT_stranger_evicted : LQOS_COUNT_stranger_new]++;
	stranger->claims++;
	stranger->epoch = epoch;
	stranger->address = *address;
	stranger->bytes[0] = stranger->bytes[1] = 0;
	stranger->packets = 0;
	stranger->first_seen = stranger->last_seen = now;
	barrier();
	*(volatile __u32 *)&stranger->tag = tag;
	if (way != home_of(tag))
		set->way[bounded(home_of(tag))].strays |= 1u << way;
	return stranger;
}

/* Still nobody's under a newer epoch; or somebody's now, and the entry is free. */
static __always_inline void renew_stranger(struct stranger *stranger, __u32 tag, __u32 old_epoch,
					   __u32 epoch, __u32 slot, struct totals *totals)
{
	__u64 before = (__u64)old_epoch << 32 | tag;
	__u64 after = slot ? 0 : (__u64)epoch << 32 | tag;

	if (__sync_val_compare_and_swap((__u64 *)&stranger->tag, before, after) == before && slot)
		totals->value[LQOS_COUNT_stranger_known]++;
}

static __always_inline void note_stranger(struct stranger *stranger, int direction, __u64 bytes,
					  __u32 now)
{
	/* Not atomic: where its flows arrive on several CPUs at once, some may not be counted. */
	stranger->bytes[direction] += bytes;
	stranger->packets++;
	if (stranger->last_seen != now)
		stranger->last_seen = now;
}

/* The slot of an address that has no flow yet; what nobody has is noted. */
static __always_inline __u32 find_slot_or_note(const union address *address, __u32 epoch,
					       int direction, __u64 bytes, __u32 now,
					       struct totals *totals)
{
	__u64 hash = hash_address(address);
	__u32 tag = tag_of(hash), index = set_of(hash, settings.stranger_sets), slot, old_epoch = 0;
	struct stranger_set *set = bpf_map_lookup_elem(&lqos_strangers, &index);
	union address copy = *address; /* the key itself stays in registers */
	struct stranger *stranger;

	if (!set)
		return 0;
	stranger = find_stranger(set, address, tag, &old_epoch);
	if (stranger && old_epoch == epoch) {
		totals->value[LQOS_COUNT_stranger_hits]++;
		note_stranger(stranger, direction, bytes, now);
		return 0;
	}
	slot = find_slot(&copy);
	totals->value[LQOS_COUNT_prefix_lookups]++;
	if (stranger)
		renew_stranger(stranger, tag, old_epoch, epoch, slot, totals);
	else if (!slot)
		stranger = claim_stranger(set, address, tag, epoch, now, totals);
	if (stranger && !slot)
		note_stranger(stranger, direction, bytes, now);
	return slot;
}

#endif
