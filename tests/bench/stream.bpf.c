// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A stream of packets from the one frame that a BPF_PROG_TEST_RUN repeats: each time the flow of
 * the next step is written into it and the program under test is called. With no program in its
 * place the stream alone is measured. And the yardsticks of a data path on this machine.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_helpers.h>

#include "tests/bench/pattern.h"

struct pattern pattern;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, STEPS_MOST);
	__type(key, __u32);
	__type(value, struct step);
} steps SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, SPANS_MOST);
	__type(key, __u32);
	__type(value, __u64);
} spans SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} under_test SEC(".maps");

static __always_inline int write_flow(struct xdp_md *ctx, const struct step *step, __u32 pass)
{
	__u8 *ip = (__u8 *)(long)ctx->data + (pattern.ip_offset & 127);

	if ((void *)(ip + 24) > (void *)(long)ctx->data_end)
		return 0;
	*(__u32 *)(ip + 12) = step->remote + (pattern.new_each_pass ? pass << 8 : 0);
	*(__u32 *)(ip + 16) = step->customer;
	*(__u16 *)(ip + 20) = step->remote_port;
	*(__u16 *)(ip + 22) = step->customer_port;
	return 1;
}

/* Timestamps are the only options, padded in front. */
static __always_inline int advance_tcp(struct xdp_md *ctx, __u32 pass)
{
	__u8 *tcp = (__u8 *)(long)ctx->data + (pattern.tcp_offset & 127);

	if ((void *)(tcp + 32) > (void *)(long)ctx->data_end)
		return 0;
	*(__u32 *)(tcp + 4) = __builtin_bswap32(1 + pass * 100);
	*(__u32 *)(tcp + 24) = __builtin_bswap32(1 + pass);
	return 1;
}

static __always_inline void count_span(void)
{
	__u32 span = (bpf_ktime_get_ns() - pattern.since_ns) >> SPAN_SHIFT;
	__u64 *packets = bpf_map_lookup_elem(&spans, &span);

	if (packets)
		++*packets;
}

SEC("xdp.frags")
int next_packet(struct xdp_md *ctx)
{
	__u64 number = pattern.packets++;
	__u32 index = number & ((1ULL << (pattern.step_bits & 31)) - 1);
	__u32 pass = number >> (pattern.step_bits & 31);
	const struct step *step;

	/* What the program put in front of the last packet goes. */
	bpf_xdp_adjust_meta(ctx, ctx->data - ctx->data_meta);
	if (pattern.ip_offset) {
		step = bpf_map_lookup_elem(&steps, &index);
		if (!step || !write_flow(ctx, step, pass))
			return XDP_ABORTED;
	}
	if (pattern.tcp_offset && !advance_tcp(ctx, pass))
		return XDP_ABORTED;
	if (pattern.since_ns)
		count_span();
	bpf_tail_call_static(ctx, &under_test, 0);
	return XDP_PASS;
}

/* --- yardsticks ---------------------------------------------------------------------------------- */

SEC("xdp.frags")
int yardstick_pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

SEC("xdp.frags")
int yardstick_parse(struct xdp_md *ctx)
{
	const __u8 *packet = (void *)(long)ctx->data;

	if ((void *)(packet + 54) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	if (*(__u16 *)(packet + 12) != 0x0008 || packet[14] != 0x45 || packet[23] != 6)
		return XDP_DROP;
	/* The fields are used, so that they are read. */
	if (*(__u32 *)(packet + 26) + *(__u32 *)(packet + 30) + *(__u32 *)(packet + 34) == 0)
		return XDP_DROP;
	return XDP_PASS;
}

struct hash_key {
	__u64 half[2];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, struct hash_key);
	__type(value, __u64);
} yardstick_hash SEC(".maps");

__u64 chance; /* a linear congruential generator's: its upper bits are good */

/* What was found takes part in what is looked up next, as in a packet. */
static __always_inline int look_up(__u64 mask)
{
	struct hash_key key = { { chance >> 32 & mask, 7 } };
	__u64 *found = bpf_map_lookup_elem(&yardstick_hash, &key);

	if (!found)
		return XDP_DROP;
	chance = chance * 6364136223846793005ULL + 1442695040888963407ULL + *found - key.half[0];
	return XDP_PASS;
}

SEC("xdp.frags")
int yardstick_hash_hot(struct xdp_md *ctx)
{
	return look_up(63);
}

SEC("xdp.frags")
int yardstick_hash_cold(struct xdp_md *ctx)
{
	return look_up(65535);
}

/* In front of the program under test: goes on to the next filter. */
SEC("tc")
int yardstick_tc(struct __sk_buff *skb)
{
	return TC_ACT_UNSPEC;
}

char stream_license[] SEC("license") = "GPL";
