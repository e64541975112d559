/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A TCP connection seen from the middle: round trips, retransmits, reordering, its end. A segment
 * of new bytes is stamped; the acknowledgement of exactly its last byte is a sample of the other
 * end's side. Where both ends use timestamps (RFC 7323) they also give a sample when an
 * acknowledgement passes over the stamped segment, and refute one when the echo shows that a copy
 * was answered which did not pass here. Pure ACKs, keep-alives, zero-window probes, repeated and
 * reordered segments are never stamped, and a repeated or late segment takes away the stamps of all
 * that lies behind it (Karn's rule; what waited for the hole to be filled is no round trip).
 *
 * Pure functions of the packet, the state and the time, for the data path and the host alike.
 */
#ifndef LQOS_BPF_RTT_H
#define LQOS_BPF_RTT_H

#include "bpf/packet.h"
#include "bpf/shared.h"

#define RTT_MOST_US 30000000u /* what waits longer is forgotten */
#define CLOCK_BEHIND_MOST_US 1000000u
#define REORDERED_WITHIN_US 3000u   /* as long as no round trip is known */
#define WINDOW_MOST (1 << 30)	    /* RFC 7323: bytes further apart belong to no connection */
#define GAP_CLOCK_SHIFT 8	    /* its unit is 256 us */
#define SENT_CLOCK_MASK 0x3fffffffu /* 30 bits of microseconds */

/* Segments waiting for their acknowledgement, oldest and lowest first: a ring of `capacity`
 * stamps, a power of two. */
struct rtt_waiting {
	struct rtt_stamp *stamps;
	__u32 capacity, first, count;
};

/* One end of a connection, and what it sent. */
struct tcp_end {
	struct tcp_side *side;
	struct rtt_waiting waiting;
};

enum segment_kind {
	SEGMENT_NONE,	/* nothing that is acknowledged: a pure ACK, a keep-alive, RST */
	SEGMENT_PROBE,	/* a byte that tries a window of 0 */
	SEGMENT_NEW,	/* goes on where the last one ended, or is the first */
	SEGMENT_BEYOND, /* leaves a gap: the one between is lost, late, or went another way */
	SEGMENT_OLD,	/* begins below what was seen: repeated or late */
	SEGMENT_FAR,	/* can't belong to what was seen: tracking begins anew */
	SEGMENT_SECOND_SYN,
};

/* A packet as it is seen at first, without the exact time. */
struct tcp_look {
	enum segment_kind kind;
	__u8 is_answer;	 /* it acknowledges something that waits */
	__u8 is_stamped; /* it is to wait for its acknowledgement */
};

/* What a packet told. */
struct tcp_event {
	__u32 rtt_us; /* of the other end's side; 0: no sample */
	__u8 by_timestamps;
	__u8 is_retransmit, is_reordered;
};

static __always_inline int is_after(__u32 a, __u32 b)
{
	return (__s32)(a - b) > 0;
}

static __always_inline __u32 to_us(__u64 time_ns)
{
	return (__u32)(time_ns / 1000);
}

/* SYN and FIN count as a byte each. */
static __always_inline __u32 segment_end(const struct packet *packet)
{
	return packet->seq + packet->payload + !!(packet->tcp_flags & TCP_SYN) +
	       !!(packet->tcp_flags & TCP_FIN);
}

static __always_inline int connection_ended(const struct tcp_side *a, const struct tcp_side *b)
{
	return (a->flags | b->flags) & TCP_SIDE_RST || (a->flags & b->flags) & TCP_SIDE_FIN;
}

/* --- what waits -------------------------------------------------------------------------------- */

static __always_inline struct rtt_stamp *waiting_at(const struct rtt_waiting *waiting, __u32 index)
{
	return &waiting->stamps[(waiting->first + index) & (waiting->capacity - 1)];
}

static __always_inline __u32 age_us(const struct rtt_stamp *stamp, __u64 now_ns)
{
	return (to_us(now_ns) - stamp->sent_us) & SENT_CLOCK_MASK;
}

/* What waits too long, or further below than any window reaches, is not waited for. A clock that is
 * not exact may be somewhat behind the stamp. */
static __always_inline int is_hopeless(const struct rtt_stamp *stamp, const struct packet *packet,
				       __u64 about_now_ns)
{
	__u32 age = age_us(stamp, about_now_ns);

	return segment_end(packet) - stamp->end > WINDOW_MOST ||
	       (age > RTT_MOST_US && age < SENT_CLOCK_MASK - CLOCK_BEHIND_MOST_US);
}

static __always_inline int has_room(const struct rtt_waiting *waiting, const struct packet *packet,
				    __u64 now_ns)
{
	return waiting->count < waiting->capacity ||
	       is_hopeless(waiting_at(waiting, 0), packet, now_ns);
}

/* As a stamp keeps it: never 0. */
static __always_inline __u32 sent_clock(__u64 now_ns)
{
	__u32 sent_us = to_us(now_ns) & SENT_CLOCK_MASK;

	return sent_us + !sent_us;
}

/* There is room, or what waits is hopeless. */
static __always_inline void add_waiting(struct tcp_end *sender, const struct packet *packet,
					__u64 now_ns)
{
	struct rtt_waiting *waiting = &sender->waiting;

	if (waiting->count && is_hopeless(waiting_at(waiting, 0), packet, now_ns))
		waiting->count = 0;
	*waiting_at(waiting, waiting->count) = (struct rtt_stamp){
		.end = segment_end(packet),
		.value = packet->stamp,
		.sent_us = sent_clock(now_ns),
		.has_value = packet->has_stamps,
		.is_first_of_value =
			packet->has_stamps && (!(sender->side->flags & TCP_SIDE_VALUE) ||
					       packet->stamp != sender->side->last_value),
	};
	waiting->count++;
}

/* Of what ends behind `seq`, no acknowledgement says any more when it arrived. */
static __always_inline void drop_behind(struct rtt_waiting *waiting, __u32 seq)
{
	for (__u32 i = 0; i < waiting->capacity && waiting->count; i++) {
		if (!is_after(waiting_at(waiting, waiting->count - 1)->end, seq))
			return;
		waiting->count--;
	}
}

/* --- a segment ---------------------------------------------------------------------------------- */

static __always_inline int is_second_syn(const struct tcp_end *sender,
					 const struct tcp_end *receiver,
					 const struct packet *packet)
{
	return (packet->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN &&
	       sender->side->flags & receiver->side->flags & TCP_SIDE_SEEN &&
	       segment_end(packet) != sender->side->next_seq &&
	       !connection_ended(sender->side, receiver->side);
}

/* Nothing or one byte just below what was sent; but a byte that still waits is repeated (once: then
 * it waits no more, and a second repeat can't be told from a keep-alive). */
static __always_inline int is_keep_alive(const struct tcp_end *sender, const struct packet *packet)
{
	const struct rtt_waiting *waiting = &sender->waiting;
	__u32 next_seq = sender->side->next_seq;

	if (packet->payload > 1 || packet->seq + 1 != next_seq)
		return 0;
	return !packet->payload || !waiting->count ||
	       waiting_at(waiting, waiting->count - 1)->end != next_seq;
}

static __always_inline enum segment_kind judge_segment(const struct tcp_end *sender,
						       const struct tcp_end *receiver,
						       const struct packet *packet)
{
	__s32 distance = (__s32)(packet->seq - sender->side->next_seq);
	int opens_or_ends = packet->tcp_flags & (TCP_SYN | TCP_FIN);

	if (packet->tcp_flags & TCP_RST || (!packet->payload && !opens_or_ends))
		return SEGMENT_NONE;
	if (!(sender->side->flags & TCP_SIDE_SEEN))
		return SEGMENT_NEW;
	if (packet->tcp_flags & TCP_SYN && is_second_syn(sender, receiver, packet))
		return SEGMENT_SECOND_SYN;
	if (distance > WINDOW_MOST || distance < -WINDOW_MOST)
		return SEGMENT_FAR;
	if (distance > 0)
		return SEGMENT_BEYOND;
	if (distance == 0)
		return packet->payload == 1 && !opens_or_ends &&
				       receiver->side->flags & TCP_SIDE_ZERO_WINDOW
			       ? SEGMENT_PROBE
			       : SEGMENT_NEW;
	return !opens_or_ends && is_keep_alive(sender, packet) ? SEGMENT_NONE : SEGMENT_OLD;
}

/* --- gaps: late or repeated? -------------------------------------------------------------------- */

static __always_inline __u16 gap_clock(__u64 now_ns)
{
	return (__u16)(to_us(now_ns) >> GAP_CLOCK_SHIFT);
}

/* No sender can have learnt of the gap yet: that takes a round trip. */
static __always_inline int gap_is_young(const struct tcp_side *side, const struct tcp_side *other,
					__u64 now_ns)
{
	__u32 age = (__u16)(gap_clock(now_ns) - side->gap_at), most_us = REORDERED_WITHIN_US;

	if (side->rtt_min_us && other->rtt_min_us)
		most_us = side->rtt_min_us + other->rtt_min_us;
	return side->flags & TCP_SIDE_GAP && age <= most_us >> GAP_CLOCK_SHIFT;
}

static __always_inline void note_gap(struct tcp_side *side, const struct tcp_side *other,
				     const struct packet *packet, __u64 now_ns)
{
	__u32 size = packet->seq - side->next_seq;

	/* One more within the same round trip: from the first on. */
	if (gap_is_young(side, other, now_ns))
		size += side->next_seq - side->gap_end + side->gap_size;
	else
		side->gap_at = gap_clock(now_ns);
	side->gap_end = packet->seq;
	side->gap_size = size < 0xffff ? (__u16)size : 0xffff;
	side->flags = (side->flags & ~TCP_SIDE_SECOND_SYN) | TCP_SIDE_GAP;
}

static __always_inline int fills_gap(const struct tcp_side *side, const struct packet *packet)
{
	__u32 from_end = side->gap_end - packet->seq;

	return from_end <= side->gap_size && !is_after(segment_end(packet), side->gap_end);
}

/* --- opening ------------------------------------------------------------------------------------ */

/* What was measured stays. */
static __always_inline void restart_end(struct tcp_end *end)
{
	end->side->flags = 0;
	end->waiting.count = 0;
}

/* On an open connection: kept aside, for it may be answered. */
static __always_inline void note_second_syn(struct tcp_side *side, const struct packet *packet,
					    __u64 now_ns)
{
	__u32 end = segment_end(packet);
	int is_repeated = side->flags & TCP_SIDE_SECOND_SYN && side->syn_end == end;

	side->syn_end = end;
	side->syn_sent_us = is_repeated ? 0 : sent_clock(now_ns);
	side->flags = (side->flags & ~TCP_SIDE_GAP) | TCP_SIDE_SECOND_SYN;
}

/* `answer` is a SYN's answer: the connection before is over, and that SYN is what waits. */
static __always_inline void restart_by_second_syn(struct tcp_end *end, const struct packet *answer)
{
	struct tcp_side *side = end->side;

	restart_end(end);
	side->flags = TCP_SIDE_SEEN;
	side->next_seq = answer->ack;
	if (!side->syn_sent_us || side->syn_end != answer->ack)
		return; /* sent twice, or it is not what is answered */
	*waiting_at(&end->waiting, 0) =
		(struct rtt_stamp){ .end = side->syn_end, .sent_us = side->syn_sent_us };
	end->waiting.count = 1;
}

/* A new connection of the same ports: a SYN after the end of the one before, or where nobody ever
 * answered; or the answer to a SYN that came while the one before seemed open. */
static __always_inline void note_opening(struct tcp_end *sender, struct tcp_end *receiver,
					 const struct packet *packet)
{
	int is_known = sender->side->flags & TCP_SIDE_SEEN &&
		       segment_end(packet) == sender->side->next_seq;
	int has_ended = connection_ended(sender->side, receiver->side);

	if (!(packet->tcp_flags & TCP_SYN) || packet->tcp_flags & TCP_RST ||
	    (is_known && !has_ended))
		return;
	if (packet->tcp_flags & TCP_ACK) {
		if (!(receiver->side->flags & TCP_SIDE_SECOND_SYN))
			return;
		restart_end(sender);
		restart_by_second_syn(receiver, packet);
	} else if (!(receiver->side->flags & TCP_SIDE_SEEN) || has_ended) {
		restart_end(sender);
		restart_end(receiver);
	}
}

/* --- an acknowledgement ------------------------------------------------------------------------- */

/* It takes away what it covers; 1 when that gave a sample. */
static __always_inline int match_ack(struct rtt_waiting *waiting, const struct packet *packet,
				     __u64 now_ns, struct tcp_event *event)
{
	for (__u32 i = 0; i < waiting->capacity && waiting->count; i++) {
		const struct rtt_stamp *stamp = waiting_at(waiting, 0);
		__u32 rtt_us = age_us(stamp, now_ns);
		int both = packet->has_stamps && stamp->has_value, is_exact;

		if (is_after(stamp->end, packet->ack))
			break;
		waiting->first++;
		waiting->count--;
		is_exact = stamp->end == packet->ack;
		if (rtt_us > RTT_MOST_US || (both && is_after(packet->echo, stamp->value)))
			continue;
		if (!is_exact && !(both && stamp->is_first_of_value && !event->rtt_us &&
				   packet->echo == stamp->value))
			continue;
		event->rtt_us = rtt_us + !rtt_us;
		event->by_timestamps = !is_exact;
	}
	return event->rtt_us != 0;
}

static __always_inline void add_rtt(struct tcp_side *side, __u32 rtt_us)
{
	side->rtt_last_us = rtt_us;
	if (!side->rtt_min_us || rtt_us < side->rtt_min_us)
		side->rtt_min_us = rtt_us;
	/* RFC 6298: a gain of an eighth. */
	side->rtt_smoothed_us =
		side->rtt_smoothed_us
			? side->rtt_smoothed_us - side->rtt_smoothed_us / 8 + rtt_us / 8
			: rtt_us;
}

static __always_inline int may_match(const struct rtt_waiting *waiting, const struct packet *packet)
{
	return packet->tcp_flags & TCP_ACK && waiting->count &&
	       !is_after(waiting_at(waiting, 0)->end, packet->ack);
}

/* --- the whole ---------------------------------------------------------------------------------- */

/* By itself in place of a probe's byte: which of the two an acknowledgement answers is not known. */
static __always_inline int repeats_probe(const struct tcp_side *side, const struct packet *packet)
{
	return side->flags & TCP_SIDE_PROBED && segment_end(packet) - side->next_seq == 1;
}

/* After note_opening(). A time some milliseconds old will do. A packet whose header was nonsense is
 * not for here. */
static __always_inline struct tcp_look look_at_packet(const struct tcp_end *sender,
						      const struct tcp_end *receiver,
						      const struct packet *packet,
						      __u64 about_now_ns)
{
	struct tcp_look look = { .kind = judge_segment(sender, receiver, packet),
				 .is_answer = may_match(&receiver->waiting, packet) };

	if (look.kind == SEGMENT_NEW || look.kind == SEGMENT_BEYOND)
		look.is_stamped = has_room(&sender->waiting, packet, about_now_ns) &&
				  !repeats_probe(sender->side, packet);
	return look;
}

/* Is the exact time worth reading? The other will do for everything else. */
static __always_inline int wants_exact_time(const struct tcp_look *look)
{
	return look->is_answer || look->is_stamped || look->kind == SEGMENT_OLD ||
	       look->kind == SEGMENT_BEYOND || look->kind == SEGMENT_SECOND_SYN;
}

static __always_inline void note_segment(struct tcp_end *sender, const struct tcp_side *other,
					 const struct tcp_look *look, const struct packet *packet,
					 __u64 now_ns, struct tcp_event *event)
{
	struct tcp_side *side = sender->side;
	__u32 end = segment_end(packet);

	if (look->kind == SEGMENT_OLD) {
		event->is_reordered = gap_is_young(side, other, now_ns) && fills_gap(side, packet);
		event->is_retransmit = !event->is_reordered;
		side->retransmits += event->is_retransmit;
		side->reordered += event->is_reordered;
		drop_behind(&sender->waiting, packet->seq);
		if (is_after(end, side->next_seq))
			side->next_seq = end;
		return;
	}
	if (look->kind == SEGMENT_BEYOND)
		note_gap(side, other, packet, now_ns);
	if (look->kind == SEGMENT_FAR)
		sender->waiting.count = 0;
	if (look->is_stamped)
		add_waiting(sender, packet, now_ns);
	side->next_seq = end;
	side->flags = (side->flags & ~TCP_SIDE_PROBED) | TCP_SIDE_SEEN;
	if (packet->has_stamps) {
		side->last_value = packet->stamp;
		side->flags |= TCP_SIDE_VALUE;
	}
}

static __always_inline void note_flags(struct tcp_side *side, enum segment_kind kind,
				       const struct packet *packet)
{
	__u8 flags = side->flags & ~TCP_SIDE_ZERO_WINDOW;

	if (kind == SEGMENT_PROBE)
		flags |= TCP_SIDE_PROBED;
	if (packet->tcp_flags & TCP_FIN)
		flags |= TCP_SIDE_FIN;
	if (packet->tcp_flags & TCP_RST)
		flags |= TCP_SIDE_RST;
	else if (!packet->window)
		flags |= TCP_SIDE_ZERO_WINDOW;
	if (!(flags & TCP_SIDE_SEEN) && !(packet->tcp_flags & TCP_RST)) {
		side->next_seq = packet->seq;
		flags |= TCP_SIDE_SEEN;
	}
	if (flags != side->flags)
		side->flags = flags;
}

/* A packet of the sender's, as look_at_packet() saw it. */
static __always_inline void note_packet(struct tcp_end *sender, struct tcp_end *receiver,
					const struct tcp_look *look, const struct packet *packet,
					__u64 now_ns, struct tcp_event *event)
{
	if (look->is_answer && match_ack(&receiver->waiting, packet, now_ns, event))
		add_rtt(receiver->side, event->rtt_us);
	if (look->kind == SEGMENT_SECOND_SYN)
		note_second_syn(sender->side, packet, now_ns);
	else if (look->kind != SEGMENT_NONE && look->kind != SEGMENT_PROBE)
		note_segment(sender, receiver->side, look, packet, now_ns, event);
	note_flags(sender->side, look->kind, packet);
}

/* Bucket 0 is below 1 ms; then four an octave (datapath.h has the way back). */
static __always_inline __u32 rtt_bucket(__u32 rtt_us)
{
	__u32 octave = 0, value = rtt_us / 250, bucket;

	if (value < 4)
		return 0;
	UNROLLED
	for (int i = 0; i < 12; i++)
		octave += value >> octave >= 8;
	bucket = 1 + octave * 4 + (value >> octave & 3);
	return bucket < LQOS_RTT_BUCKETS ? bucket : LQOS_RTT_BUCKETS - 1;
}

#endif
