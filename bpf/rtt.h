/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Round trips by TCP timestamps (RFC 7323) and retransmits by sequence numbers. The first segment
 * that carries a new TSval is stamped; when the other end echoes it, the time between is a sample
 * of that side. Pure ACKs, keep-alives and repeated segments are never stamped. Pure functions of
 * the packet, the state and the time.
 */
#ifndef LQOS_BPF_RTT_H
#define LQOS_BPF_RTT_H

#include "bpf/packet.h"
#include "bpf/shared.h"

#define RTT_MOST_US 30000000u /* beyond it the echo was of something else */

static __always_inline int is_after(__u32 a, __u32 b)
{
	return (__s32)(a - b) > 0;
}

/* Notes what a segment sends; 1 when it repeats bytes that were seen before. */
static __always_inline int note_segment(struct flow_side *side, const struct packet *packet)
{
	__u32 length = packet->payload + ((packet->tcp_flags & (TCP_SYN | TCP_FIN)) != 0);
	__u32 end = packet->seq + length;

	if (!length)
		return 0;
	if (!side->seen_seq || is_after(end, side->next_seq)) {
		side->seen_seq = 1;
		side->next_seq = end;
		return 0;
	}
	/* One byte or none just below what was sent is a keep-alive. */
	if (packet->payload <= 1 && packet->seq + 1 == side->next_seq)
		return 0;
	side->retransmits++;
	return 1;
}

static __always_inline void note_stamp(struct flow_side *side, const struct packet *packet,
				       __u64 now_ns)
{
	if (side->stamp_ns && !is_after(packet->stamp, side->stamp))
		return;
	/* While one is outstanding, a newer one waits for its turn, but not for ever. */
	if (side->stamp_ns && now_ns - side->stamp_ns < 1000ULL * 1000 * 1000)
		return;
	if (!side->stamp_ns && side->stamp && !is_after(packet->stamp, side->stamp))
		return; /* this value was measured already */
	side->stamp = packet->stamp;
	side->stamp_ns = now_ns;
}

/* An echo of what `sender` stamped: the sample in microseconds, 0 when there is none. */
static __always_inline __u32 match_echo(struct flow_side *sender, const struct packet *packet,
					__u64 now_ns)
{
	__u64 sample_us;

	if (!sender->stamp_ns || is_after(sender->stamp, packet->echo))
		return 0;
	sample_us = (now_ns - sender->stamp_ns) / 1000;
	sender->stamp_ns = 0;
	/* A later value: the echo of ours got lost or was left out; the time says nothing. */
	if (packet->echo != sender->stamp || sample_us > RTT_MOST_US)
		return 0;
	sample_us += !sample_us;
	sender->rtt_last_us = (__u32)sample_us;
	if (!sender->rtt_min_us || sample_us < sender->rtt_min_us)
		sender->rtt_min_us = (__u32)sample_us;
	/* RFC 6298: a gain of an eighth. */
	sender->rtt_smoothed_us = sender->rtt_smoothed_us
					  ? sender->rtt_smoothed_us - sender->rtt_smoothed_us / 8 +
						    (__u32)sample_us / 8
					  : (__u32)sample_us;
	return (__u32)sample_us;
}

/* Bucket 0 is below 1 ms; then four an octave (datapath.h has the way back). */
static __always_inline __u32 rtt_bucket(__u32 rtt_us)
{
	__u32 octave = 0, value = rtt_us / 250, bucket;

	if (value < 4)
		return 0;
#pragma clang loop unroll(full)
	for (int i = 0; i < 12; i++)
		octave += value >> octave >= 8;
	bucket = 1 + octave * 4 + (value >> octave & 3);
	return bucket < LQOS_RTT_BUCKETS ? bucket : LQOS_RTT_BUCKETS - 1;
}

#endif
