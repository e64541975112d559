/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a packet that arrived adds to its flow, its slot and the totals, and where it stands on the
 * way there.
 */
#ifndef LQOS_BPF_ACCOUNT_H
#define LQOS_BPF_ACCOUNT_H

#include "bpf/hash.h"
#include "bpf/maps.h"
#include "bpf/packet.h"
#include "bpf/rtt.h"

enum { CUSTOMER_SIDE, INTERNET_SIDE };

static __always_inline struct totals *own_totals(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&lqos_totals, &cpu);
}

/* Where a packet that arrives stands. Apart from what was parsed: this stays in registers. */
struct arrival {
	int direction;
	__u32 bytes;
	__u64 now_ns; /* of the coarse clock */
	struct totals *totals;
	struct flow_set *set; /* null: it has no flow */
	__u32 way;
};

static __always_inline __u32 ticks_of(__u64 time_ns)
{
	return time_ns >> LQOS_TICK_SHIFT;
}

static __always_inline struct slot_row *own_row(__u32 slot)
{
	__u32 stripe = bpf_get_smp_processor_id(), index;

	if (stripe >= settings.stripes)
		stripe %= settings.stripes;
	index = stripe * settings.slots + slot;
	return bpf_map_lookup_elem(&lqos_slots, &index);
}

static __always_inline void add_sample(struct slot_events *events, int side, __u32 rtt_us)
{
	__u32 bucket = rtt_bucket(rtt_us);

	if (bucket < LQOS_RTT_BUCKETS)
		__sync_fetch_and_add(&events->bucket[side][bucket], 1);
}

/* A stamp's clock goes round in 18 minutes: after a long silence nothing waits any more. */
static __always_inline struct tcp_end tcp_end_of(struct flow_side *side, int was_silent)
{
	return (struct tcp_end){ .side = &side->tcp,
				 .waiting = { .stamps = &side->stamp,
					      .capacity = 1,
					      .count = side->stamp.sent_us && !was_silent } };
}

static __always_inline void keep_waiting(const struct tcp_end *end)
{
	if (!end->waiting.count && end->waiting.stamps->sent_us)
		*end->waiting.stamps = (struct rtt_stamp){};
}

static __always_inline int is_watched(__u32 slot)
{
	__u32 zero = 0;
	struct watched *watched = bpf_map_lookup_elem(&lqos_watched, &zero);
	int found = 0;

	if (!watched || !*(volatile __u32 *)&watched->count)
		return 0;
#pragma clang loop unroll(full)
	for (int i = 0; i < LQOS_WATCHED; i++)
		found |= watched->slot[i] == slot;
	return found;
}

/* To those who look at the slot. Never blocks: what finds no room is counted. */
static __always_inline void tell_watchers(const struct arrival *arrival, const struct flow_key *key,
					  __u32 slot, const struct tcp_event *event, __u64 now_ns)
{
	struct tcp_sample *sample = bpf_ringbuf_reserve(&lqos_samples, sizeof(*sample), 0);

	if (!sample) {
		arrival->totals->value[LQOS_COUNT_samples_lost]++;
		return;
	}
	*sample = (struct tcp_sample){ .time_ns = now_ns,
				       .key = *key,
				       .slot = slot,
				       .rtt_us = event->rtt_us,
				       .is_upload = arrival->direction == UPLOAD,
				       .by_timestamps = event->by_timestamps,
				       .is_retransmit = event->is_retransmit };
	bpf_ringbuf_submit(sample, BPF_RB_NO_WAKEUP);
}

/* What a segment told goes to its slot. */
static __always_inline void note_event(const struct arrival *arrival, const struct flow_key *key,
				       __u32 slot, const struct tcp_event *event, __u64 now_ns)
{
	struct slot_events *events = bpf_map_lookup_elem(&lqos_events, &slot);

	if (!events)
		return;
	if (is_watched(slot))
		tell_watchers(arrival, key, slot, event, now_ns);
	if (event->is_retransmit)
		__sync_fetch_and_add(&events->retransmits[arrival->direction], 1);
	if (!event->rtt_us)
		return;
	/* An acknowledgement going up answers what went down: the customer's side. */
	add_sample(events, arrival->direction == UPLOAD ? CUSTOMER_SIDE : INTERNET_SIDE,
		   event->rtt_us);
	arrival->totals->value[LQOS_COUNT_rtt_samples]++;
}

/* TCP: retransmits and round trips. */
static __always_inline void measure(const struct arrival *arrival, const struct packet *packet,
				    const struct flow_head *head,
				    struct flow_side sides[LQOS_DIRECTIONS], __u32 slot)
{
	__u64 now_ns = arrival->now_ns;
	int was_silent =
		ticks_of(now_ns) - head->last_seen > RTT_MOST_US * 1000ULL >> LQOS_TICK_SHIFT;
	struct tcp_end sender = tcp_end_of(&sides[arrival->direction], was_silent);
	struct tcp_end receiver = tcp_end_of(&sides[!arrival->direction], was_silent);
	struct tcp_event event = {};
	struct tcp_look look;

	note_opening(&sender, &receiver, packet);
	look = look_at_packet(&sender, &receiver, packet, now_ns);
	if (wants_exact_time(&look))
		now_ns = bpf_ktime_get_ns();
	note_packet(&sender, &receiver, &look, packet, now_ns, &event);
	keep_waiting(&sender);
	keep_waiting(&receiver);
	if (event.is_retransmit || event.rtt_us)
		note_event(arrival, &head->key, slot, &event, now_ns);
}

static __always_inline void account(const struct arrival *arrival, const struct packet *packet,
				    __u32 slot, struct slot_row *row)
{
	int direction = arrival->direction;
	__u32 now = ticks_of(arrival->now_ns), way = bounded(arrival->way);
	struct flow_head *head;
	struct flow_side *sides;

	row->bytes[direction] += arrival->bytes;
	row->packets[direction]++;
	if (!arrival->set)
		return;
	head = &arrival->set->head[way];
	sides = arrival->set->side[way];
	sides[direction].bytes += arrival->bytes;
	sides[direction].packets++;
	sides[direction].tcp.tos = packet->tos;
	if (packet->has_tcp) {
		row->segments[direction] += packet->payload != 0;
		measure(arrival, packet, head, sides, slot);
	}
	if (head->last_seen != now)
		head->last_seen = now;
}

/* Of a suspended circuit. */
static __always_inline void count_drop(struct totals *totals, __u32 slot)
{
	struct slot_events *events = bpf_map_lookup_elem(&lqos_events, &slot);

	if (events)
		__sync_fetch_and_add(&events->suspended_drops, 1);
	totals->value[LQOS_COUNT_suspended_drops]++;
}

#endif
