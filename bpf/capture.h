/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copies of packets for those who look on: what matches one of a few filters goes to a ring buffer,
 * with a note of what it is. Called only while somebody looks; never blocks, counts what finds no
 * room.
 */
#ifndef LQOS_BPF_CAPTURE_H
#define LQOS_BPF_CAPTURE_H

#include "bpf/maps.h"
#include "bpf/packet.h"

#define CAPTURE_UPLOAD (1u << 31) /* beside the bits of LQOS_CAPTURES filters */

static __always_inline int is_masked(const union address *address, const union address *value,
				     const union address *mask)
{
	__u32 difference = 0;

#pragma clang loop unroll(full)
	for (int i = 0; i < 4; i++)
		difference |= (address->word[i] ^ value->word[i]) & mask->word[i];
	return !difference;
}

static __always_inline int is_wanted(const struct capture_filter *filter, __u32 slot,
				     const struct flow_key *key)
{
	if ((filter->slot && filter->slot != slot) ||
	    (filter->protocol && filter->protocol != key->protocol) ||
	    (filter->customer_port && filter->customer_port != key->customer_port) ||
	    (filter->remote_port && filter->remote_port != key->remote_port))
		return 0;
	if (filter->either_end &&
	    is_masked(&key->remote, &filter->customer, &filter->customer_mask))
		return 1;
	return is_masked(&key->customer, &filter->customer, &filter->customer_mask) &&
	       is_masked(&key->remote, &filter->remote, &filter->remote_mask);
}

/* Of one filter that is in use: whether it wants the packet, counted. The long ways are functions of
 * their own to the verifier: checked once each, not once for every filter and way. */
#define WANTED 0x10000 /* beside the bytes that it takes */
__attribute__((noinline)) int ask_filter(__u32 index, __u32 slot, const struct flow_key *key)
{
	struct capture_filter *filter = bpf_map_lookup_elem(&lqos_captures, &index);

	if (!filter || !key || !is_wanted(filter, slot, key))
		return 0;
	__sync_fetch_and_add(&filter->matched, 1);
	return WANTED | (filter->snap_bytes & (WANTED - 1));
}

__attribute__((noinline)) int count_lost(__u32 wanting)
{
	for (__u32 i = 0; i < LQOS_CAPTURES; i++) {
		struct capture_filter *filter;
		__u32 index = i;

		filter = bpf_map_lookup_elem(&lqos_captures, &index);
		if (filter)
			__sync_fetch_and_add(&filter->lost, wanting >> i & 1);
	}
	return 0;
}

/* The filters that want this packet, a bit each; the longest piece that one of them takes. */
static __always_inline __u32 find_wanting(__u32 active, __u32 slot, const struct flow_key *key,
					  __u32 *snap_bytes)
{
	__u32 wanting = 0;

	for (__u32 i = 0; i < LQOS_CAPTURES; i++) {
		__u32 answer;

		if (!(active & 1u << i))
			continue;
		answer = (__u32)ask_filter(i, slot, key);
		wanting |= answer / WANTED << i;
		answer &= WANTED - 1;
		if (answer > *snap_bytes)
			*snap_bytes = answer;
	}
	return wanting;
}

/* A bit for each capture that runs. */
static __always_inline __u32 find_captures(void)
{
	__u32 zero = 0;
	struct epochs *epochs = bpf_map_lookup_elem(&lqos_epochs, &zero);

	return epochs ? *(volatile __u32 *)&epochs->capturing : 0;
}

/* `active` has a bit for each filter in use, and CAPTURE_UPLOAD for a packet that goes up. A function of its own to the verifier. */
__attribute__((noinline)) int capture(struct xdp_md *ctx, const struct packet *packet, __u32 slot,
				      __u32 active)
{
	__u32 zero = 0, wanting, taken = 0, length;
	struct capture_scratch *scratch;
	struct flow_key key = {};

	if (!packet)
		return 0;
	make_key(packet, !(active & CAPTURE_UPLOAD), &key);
	wanting = find_wanting(active, slot, &key, &taken);
	scratch = bpf_map_lookup_elem(&lqos_scratch, &zero);
	if (!wanting || !scratch)
		return 0;
	length = bpf_xdp_get_buff_len(ctx);
	scratch->note = (struct captured){ .time_ns = bpf_ktime_get_ns(),
					   .captures = wanting,
					   .slot = slot,
					   .frame_bytes = length,
					   .key = key,
					   .upload = (active & CAPTURE_UPLOAD) != 0,
					   .tcp_flags = packet->tcp_flags,
					   .payload = packet->payload };
	if (taken > length)
		taken = length;
	/* Where the verifier looks: one register, its bounds checked just here. Linux 6.1 learns no
	 * lower bound from a comparison with 0. */
	taken--;
	asm volatile("" : "+r"(taken));
	if (taken > LQOS_SNAP_MOST - 1)
		return 0;
	asm volatile("" : "+r"(taken));
	taken++;
	scratch->note.taken_bytes = taken;
	if (bpf_xdp_load_bytes(ctx, 0, scratch->frame, taken) ||
	    bpf_ringbuf_output(&lqos_captured, scratch, sizeof(scratch->note) + taken,
			       BPF_RB_NO_WAKEUP))
		count_lost(wanting);
	return 0;
}

#endif
