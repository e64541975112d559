// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The story of a packet. It arrives: whose is it (flow, cache, prefix), count it, measure it, write
 * the verdict in front of it, send it to its circuit's CPU. It leaves: from the verdict to the class
 * as it is now. Unknown packets pass; what goes wrong is counted, and passes.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_helpers.h>

#include "bpf/shared.h"

const volatile struct lqos_settings settings = {};

#include "bpf/capture.h"
#include "bpf/flow.h"
#include "bpf/maps.h"
#include "bpf/packet.h"
#include "bpf/rtt.h"
#include "bpf/wiring.h"

enum { CUSTOMER_SIDE, INTERNET_SIDE };

/* Minors of the fixed classes of a queue. */
#define MINOR_DEFAULT 2
#define MINOR_CONTROL 3

/* --- arriving ----------------------------------------------------------------------------------- */

/* The long ways are functions of their own to the verifier: checked once each. */
__attribute__((noinline)) int parse_arriving_link(struct xdp_md *ctx, struct packet *packet)
{
	if (!packet)
		return PACKET_OTHER;
	return parse_link((void *)(long)ctx->data, (void *)(long)ctx->data_end, packet);
}

__attribute__((noinline)) int parse_arriving_ip(struct xdp_md *ctx, struct packet *packet)
{
	if (!packet)
		return PACKET_OTHER;
	return parse_ip((void *)(long)ctx->data, (void *)(long)ctx->data_end, packet);
}

static __always_inline enum packet_kind parse_arriving(struct xdp_md *ctx, struct packet *packet)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	enum packet_kind kind;

	if (!parse_usual_link(data, end, packet)) {
		kind = parse_arriving_link(ctx, packet);
		if (kind != PACKET_IP)
			return kind;
	}
	return parse_usual(data, end, packet) ? PACKET_IP : parse_arriving_ip(ctx, packet);
}

static __always_inline void count_kind(enum packet_kind kind)
{
	switch (kind) {
	case PACKET_CONTROL:
		return count(LQOS_COUNT_control);
	case PACKET_TOO_DEEP:
		return count(LQOS_COUNT_too_many_tags);
	case PACKET_TRUNCATED:
		return count(LQOS_COUNT_truncated);
	case PACKET_MALFORMED:
		return count(LQOS_COUNT_malformed);
	default:
		return count(LQOS_COUNT_not_ip);
	}
}

/* The flow with a current answer, made if need be. Null: nobody's address, or another CPU is
 * making the entry this very moment; *answer holds in either case. */
static __always_inline struct flow *classify(const struct flow_key *key, __u64 now_ns,
					     struct cached_answer *answer)
{
	__u64 hash = hash_key(key, settings.seed);
	__u32 tag = (__u32)(hash >> 32) | 2, index = hash & (settings.flow_sets - 1);
	__u32 epoch = read_epoch(key->customer.byte);
	struct flow_set *set = bpf_map_lookup_elem(&lqos_flows, &index);
	struct flow *flow;

	barrier(); /* the epoch is read before anything that it dates */
	if (!set)
		return 0;
	flow = find_in_set(set, key, tag);
	if (flow) {
		*answer = read_answer(&flow->answer);
		if (answer->epoch == epoch) {
			count(LQOS_COUNT_flow_hits);
			return flow;
		}
		count(LQOS_COUNT_flow_stale);
	}
	*answer = find_slot(key->customer.byte, epoch);
	if (flow) {
		write_answer(&flow->answer, *answer);
		return flow;
	}
	return answer->slot ? claim_flow(set, key, tag, *answer, now_ns) : 0;
}

static __always_inline struct slot_row *own_counters(__u32 slot)
{
	__u32 index = bpf_get_smp_processor_id() * settings.slots + slot;

	return bpf_map_lookup_elem(&lqos_counters, &index);
}

static __always_inline void add_sample(__u32 slot, int side, __u32 rtt_us)
{
	struct rtt_row *row = bpf_map_lookup_elem(&lqos_rtt, &slot);
	__u32 bucket = rtt_bucket(rtt_us);

	if (row && bucket < LQOS_RTT_BUCKETS)
		__sync_fetch_and_add(&row->bucket[side][bucket], 1);
	count(LQOS_COUNT_rtt_samples);
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

/* TCP: retransmits and round trips. */
static __always_inline void measure(struct flow *flow, const struct packet *packet, int direction,
				    __u32 slot, struct slot_row *counters, __u64 now_ns)
{
	int was_silent = now_ns - flow->last_seen_ns > RTT_MOST_US * 1000ULL;
	struct tcp_end sender = tcp_end_of(&flow->side[direction], was_silent);
	struct tcp_end receiver = tcp_end_of(&flow->side[!direction], was_silent);
	struct tcp_event event = {};
	enum segment_kind kind;

	note_opening(&sender, &receiver, packet);
	kind = judge_segment(&sender, &receiver, packet);
	if (wants_exact_time(&sender, &receiver, kind, packet, now_ns))
		now_ns = bpf_ktime_get_ns();
	note_packet(&sender, &receiver, kind, packet, now_ns, &event);
	keep_waiting(&sender);
	keep_waiting(&receiver);
	if (counters && packet->payload) {
		counters->segments[direction]++;
		counters->retransmits[direction] += event.is_retransmit;
	}
	/* An acknowledgement going up answers what went down: the customer's side. */
	if (event.rtt_us)
		add_sample(slot, direction == UPLOAD ? CUSTOMER_SIDE : INTERNET_SIDE, event.rtt_us);
}

static __always_inline void account(struct xdp_md *ctx, struct flow *flow,
				    const struct packet *packet, int direction, __u32 slot,
				    __u64 now_ns)
{
	struct slot_row *counters = own_counters(slot);
	__u64 bytes = bpf_xdp_get_buff_len(ctx); /* of all fragments */

	if (counters) {
		counters->bytes[direction] += bytes;
		counters->packets[direction]++;
	}
	if (!flow)
		return;
	flow->side[direction].bytes += bytes;
	flow->side[direction].packets++;
	flow->side[direction].tcp.tos = packet->tos;
	if (packet->has_tcp)
		measure(flow, packet, direction, slot, counters, now_ns);
	if (flow->last_seen_ns != now_ns)
		flow->last_seen_ns = now_ns;
}

/* The verdict goes in front of the packet; the packet to its CPU. ctx->data is invalid after. */
static __always_inline int send_on(struct xdp_md *ctx, __u32 slot, int control, __u32 cpu)
{
	struct metadata *metadata;

	if (bpf_xdp_adjust_meta(ctx, -(int)sizeof(*metadata)))
		return XDP_PASS; /* the driver has no room for it: tc classifies once more */
	metadata = (void *)(long)ctx->data_meta;
	if ((void *)(metadata + 1) > (void *)(long)ctx->data)
		return XDP_PASS;
	*metadata =
		(struct metadata){ .magic = LQOS_METADATA_MAGIC, .slot = slot, .control = control };
	if (!slot)
		return XDP_PASS;
	/* Where there is no such entry, as in generic mode, it passes. */
	return bpf_redirect_map(&lqos_cpus, cpu, XDP_PASS);
}

static __always_inline int arrive(struct xdp_md *ctx, int direction)
{
	__u64 now_ns = bpf_ktime_get_coarse_ns();
	struct cached_answer answer = {};
	struct packet packet = {};
	struct flow_key key = {};
	struct circuit_row *row;
	enum packet_kind kind;
	struct flow *flow;
	__u32 active;

	count(LQOS_COUNT_packets);
	kind = parse_arriving(ctx, &packet);
	if (kind != PACKET_IP) {
		count_kind(kind);
		return kind == PACKET_CONTROL ? send_on(ctx, 0, 1, 0) : XDP_PASS;
	}
	if (packet.is_partial)
		count(LQOS_COUNT_partial);
	make_key(&packet, direction == DOWNLOAD, &key);
	flow = classify(&key, now_ns, &answer);
	active = find_captures();
	if (active)
		capture(ctx, &key, &packet, answer.slot,
			direction == UPLOAD ? active | CAPTURE_UPLOAD : active);
	row = answer.slot ? bpf_map_lookup_elem(&lqos_rows, &answer.slot) : 0;
	if (!row) {
		count(LQOS_COUNT_unmapped);
		return send_on(ctx, 0, 0, 0);
	}
	if (row->flags & LQOS_ROW_SUSPENDED) {
		struct slot_row *counters = own_counters(answer.slot);

		if (counters)
			counters->suspended_drops++;
		count(LQOS_COUNT_suspended_drops);
		return XDP_DROP;
	}
	account(ctx, flow, &packet, direction, answer.slot, now_ns);
	count(LQOS_COUNT_shaped);
	return send_on(ctx, answer.slot, 0, row->cpu[direction]);
}

/* What arrives from the internet is download. */
SEC("xdp.frags")
int xdp_internet(struct xdp_md *ctx)
{
	return arrive(ctx, DOWNLOAD);
}

SEC("xdp.frags")
int xdp_access(struct xdp_md *ctx)
{
	return arrive(ctx, UPLOAD);
}

/* One port for both sides: the outer tag's VLAN says which one a frame comes from, whatever its
 * priority bits. Other VLANs are none of ours. */
SEC("xdp.frags")
int xdp_stick(struct xdp_md *ctx)
{
	const __u8 *data = (void *)(long)ctx->data;
	const struct wiring *wiring = find_wiring();
	__u16 vlan;

	if ((const void *)(data + 16) > (void *)(long)ctx->data_end || !wiring ||
	    !is_tag(load16(data + 12)))
		return XDP_PASS;
	vlan = HOST16(load16(data + 14)) & VLAN_ID;
	if (vlan == wiring->vlan[UPLOAD])
		return arrive(ctx, DOWNLOAD);
	if (vlan == wiring->vlan[DOWNLOAD])
		return arrive(ctx, UPLOAD);
	return XDP_PASS;
}

/* --- from side to side ------------------------------------------------------------------------- */

/* In place of a bridge. */
SEC("tc")
int tc_forward(struct __sk_buff *skb)
{
	const struct wiring *wiring = find_wiring();

	if (!wiring)
		return TC_ACT_UNSPEC;
	if (wiring->kind == WIRING_STICK)
		return turn(skb, wiring);
	if (skb->ifindex == wiring->ifindex[DOWNLOAD])
		return bpf_redirect(wiring->ifindex[UPLOAD], 0);
	return bpf_redirect(wiring->ifindex[DOWNLOAD], 0);
}

/* --- leaving -------------------------------------------------------------------------------------- */

static __always_inline void set_class(struct __sk_buff *skb, __u32 class_id)
{
	skb->priority = class_id;
	skb->queue_mapping = class_id >> 16;
}

__attribute__((noinline)) int parse_leaving_link(struct __sk_buff *skb, struct packet *packet)
{
	if (!packet)
		return PACKET_OTHER;
	return parse_link((void *)(long)skb->data, (void *)(long)skb->data_end, packet);
}

__attribute__((noinline)) int parse_leaving_ip(struct __sk_buff *skb, struct packet *packet)
{
	if (!packet)
		return PACKET_OTHER;
	return parse_ip((void *)(long)skb->data, (void *)(long)skb->data_end, packet);
}

static __always_inline enum packet_kind parse_leaving(struct __sk_buff *skb, struct packet *packet)
{
	enum packet_kind kind;
	void *data, *end;

	/* Headers may lie outside the linear part. */
	bpf_skb_pull_data(skb, skb->len < 128 ? skb->len : 128);
	data = (void *)(long)skb->data;
	end = (void *)(long)skb->data_end;
	if (!parse_usual_link(data, end, packet)) {
		kind = parse_leaving_link(skb, packet);
		if (kind != PACKET_IP)
			return kind;
	}
	return parse_usual(data, end, packet) ? PACKET_IP : parse_leaving_ip(skb, packet);
}

/* Where both directions share a port, what has no class of its own goes to its direction's queues;
 * else the kernel chooses one, and priority 0 is the HTB's default class. */
static __always_inline void set_default_class(struct __sk_buff *skb, int direction)
{
	const struct wiring *wiring = find_wiring();
	__u32 queue;

	skb->priority = 0;
	if (!wiring || wiring->kind != WIRING_STICK || !wiring->queues)
		return;
	queue = wiring->queue_base[direction] + 1 + bpf_get_hash_recalc(skb) % wiring->queues;
	set_class(skb, queue << 16 | MINOR_DEFAULT);
}

static __always_inline void set_control_class(struct __sk_buff *skb, int direction)
{
	const struct wiring *wiring = find_wiring();
	__u32 queue = wiring ? wiring->queue_base[direction] + 1 : 1;

	set_class(skb, queue << 16 | MINOR_CONTROL);
}

/* A packet without a verdict: made here, or its driver has no metadata. */
static __always_inline __u32 classify_again(struct __sk_buff *skb, int direction, int *control)
{
	struct packet packet = {};
	enum packet_kind kind;
	union address address;
	__u32 epoch;

	kind = parse_leaving(skb, &packet);
	*control = kind == PACKET_CONTROL;
	if (kind != PACKET_IP)
		return 0;
	address = direction == DOWNLOAD ? packet.target : packet.source;
	epoch = read_epoch(address.byte);
	barrier();
	return find_slot(address.byte, epoch).slot;
}

static __always_inline int leave(struct __sk_buff *skb, int direction)
{
	struct metadata *metadata = (void *)(long)skb->data_meta;
	struct circuit_row *row;
	int control = 0;
	__u32 slot;

	if ((void *)(metadata + 1) <= (void *)(long)skb->data &&
	    metadata->magic == LQOS_METADATA_MAGIC) {
		count(LQOS_COUNT_tc_with_metadata);
		slot = metadata->slot;
		control = metadata->control;
	} else {
		count(LQOS_COUNT_tc_classified);
		slot = classify_again(skb, direction, &control);
	}
	if (control) {
		set_control_class(skb, direction);
		return TC_ACT_OK;
	}
	row = slot ? bpf_map_lookup_elem(&lqos_rows, &slot) : 0;
	if (row && row->flags & LQOS_ROW_SUSPENDED)
		return TC_ACT_SHOT;
	/* As it is now: a packet that waited for its CPU goes where its circuit is today. */
	if (row && row->class_id[direction])
		set_class(skb, row->class_id[direction]);
	else
		set_default_class(skb, direction);
	return TC_ACT_OK;
}

/* What leaves towards the customers is download. */
SEC("tc")
int tc_access(struct __sk_buff *skb)
{
	return leave(skb, DOWNLOAD);
}

SEC("tc")
int tc_internet(struct __sk_buff *skb)
{
	return leave(skb, UPLOAD);
}

/* On a stick a frame's VLAN is by now that of the side it goes to. */
SEC("tc")
int tc_stick(struct __sk_buff *skb)
{
	const struct wiring *wiring = find_wiring();
	__u16 vlan = skb->vlan_tci & VLAN_ID;

	if (!wiring || !skb->vlan_present)
		return TC_ACT_OK;
	if (vlan == wiring->vlan[DOWNLOAD])
		return leave(skb, DOWNLOAD);
	if (vlan == wiring->vlan[UPLOAD])
		return leave(skb, UPLOAD);
	return TC_ACT_OK;
}

/* --- lost on the way to a CPU ------------------------------------------------------------------------ */

/* Both tracepoints begin: map id, processed, dropped (include/trace/events/xdp.h). */
static __always_inline int count_drops(const __u64 *args)
{
	__u32 zero = 0, cpu = bpf_get_smp_processor_id();
	struct epochs *epochs = bpf_map_lookup_elem(&lqos_epochs, &zero);
	struct totals *totals = bpf_map_lookup_elem(&lqos_totals, &cpu);

	if (epochs && totals && (__u32)args[0] == epochs->cpumap_id)
		totals->value[LQOS_COUNT_cpumap_drops] += (__u32)args[2];
	return 0;
}

SEC("tp_btf/xdp_cpumap_enqueue")
int cpumap_enqueue(__u64 *args)
{
	return count_drops(args);
}

SEC("tp_btf/xdp_cpumap_kthread")
int cpumap_kthread(__u64 *args)
{
	return count_drops(args);
}

char lqos_license[] SEC("license") = "GPL";
