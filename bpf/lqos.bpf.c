// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The story of a packet. It arrives: whose is it (flow, stranger, prefix), count it, measure it, write
 * the verdict in front of it, send it to its circuit's CPU. It leaves: from the verdict to the class
 * as it is now. Unknown packets pass; what goes wrong is counted, and passes.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_helpers.h>

#include "bpf/shared.h"

const volatile struct lqos_settings settings = {};

#include "bpf/account.h"
#include "bpf/capture.h"
#include "bpf/flow.h"
#include "bpf/maps.h"
#include "bpf/packet.h"
#include "bpf/rtt.h"
#include "bpf/strangers.h"
#include "bpf/wiring.h"

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

static __always_inline enum lqos_counter counter_of(enum packet_kind kind)
{
	switch (kind) {
	case PACKET_CONTROL:
		return LQOS_COUNT_control;
	case PACKET_TOO_DEEP:
		return LQOS_COUNT_too_many_tags;
	case PACKET_TRUNCATED:
		return LQOS_COUNT_truncated;
	case PACKET_MALFORMED:
		return LQOS_COUNT_malformed;
	default:
		return LQOS_COUNT_not_ip;
	}
}

/* The packet's slot under the epoch that holds now; 0: nobody's. Its flow is made if need be; it
 * has none when it is nobody's, or when another CPU is making the entry this very moment. */
static __always_inline __u32 classify(struct arrival *arrival, const struct packet *packet)
{
	int is_download = arrival->direction == DOWNLOAD;
	const union address *customer = is_download ? &packet->target : &packet->source;
	__u64 hash = hash_packet(packet, is_download);
	__u32 tag = tag_of(hash), index = set_of(hash, settings.flow_sets);
	__u32 epoch = read_epoch(customer), now = ticks_of(arrival->now_ns);
	struct flow_set *set = bpf_map_lookup_elem(&lqos_flows, &index);
	struct cached_answer answer = {}, old;

	if (!set)
		return 0;
	arrival->way = find_flow(set, packet, is_download, tag, &answer);
	if (arrival->way < LQOS_WAYS)
		arrival->set = set;
	if (arrival->set && answer.epoch == epoch) {
		arrival->totals->value[LQOS_COUNT_flow_hits]++;
		return answer.slot;
	}
	fetch_sides(set, tag);
	old = answer;
	answer.epoch = epoch;
	answer.slot = find_slot_or_note(customer, epoch, arrival->direction, arrival->bytes, now,
					arrival->totals);
	if (arrival->set) {
		arrival->totals->value[LQOS_COUNT_flow_stale]++;
		replace_answer(&set->head[bounded(arrival->way)].answer, old, answer);
	} else if (answer.slot) {
		struct newcomer newcomer = { tag, now, answer, is_download };

		arrival->way = claim_flow(set, packet, &newcomer);
		if (arrival->way < LQOS_WAYS)
			arrival->set = set;
	}
	return answer.slot;
}

/* The verdict goes in front of the packet; the packet to its CPU. ctx->data is invalid after. */
static __always_inline int send_on(struct xdp_md *ctx, const struct metadata *verdict, __u32 cpu)
{
	struct metadata *metadata;

	if (bpf_xdp_adjust_meta(ctx, -(int)sizeof(*metadata)))
		return XDP_PASS; /* the driver has no room for it: tc classifies once more */
	metadata = (void *)(long)ctx->data_meta;
	if ((void *)(metadata + 1) > (void *)(long)ctx->data)
		return XDP_PASS;
	*metadata = *verdict;
	if (!verdict->slot)
		return XDP_PASS;
	/* Where there is no such entry, as in generic mode, it passes. */
	return bpf_redirect_map(&lqos_cpus, cpu, XDP_PASS);
}

static __always_inline int arrive(struct xdp_md *ctx, int direction)
{
	struct arrival arrival = {
		.direction = direction,
		.bytes = bpf_xdp_get_buff_len(ctx), /* of all fragments */
		.now_ns = bpf_ktime_get_coarse_ns(),
		.totals = own_totals(),
	};
	struct metadata verdict = { .magic = LQOS_METADATA_MAGIC, .direction = direction };
	struct packet packet = { .frame_bytes = arrival.bytes };
	enum packet_kind kind;
	struct slot_row *row;
	__u32 slot;
	__u32 active;

	if (!arrival.totals)
		return XDP_PASS;
	arrival.totals->value[LQOS_COUNT_packets]++;
	kind = parse_arriving(ctx, &packet);
	if (kind != PACKET_IP) {
		arrival.totals->value[counter_of(kind)]++;
		verdict.control = 1;
		return kind == PACKET_CONTROL ? send_on(ctx, &verdict, 0) : XDP_PASS;
	}
	if (packet.is_partial)
		arrival.totals->value[LQOS_COUNT_partial]++;
	slot = classify(&arrival, &packet);
	active = find_captures();
	if (active)
		capture(ctx, &packet, slot, direction == UPLOAD ? active | CAPTURE_UPLOAD : active);
	row = slot ? own_row(slot) : 0;
	if (!row) {
		arrival.totals->value[LQOS_COUNT_unmapped]++;
		return send_on(ctx, &verdict, 0);
	}
	if (row->flags & LQOS_ROW_SUSPENDED) {
		count_drop(arrival.totals, slot);
		return XDP_DROP;
	}
	account(&arrival, &packet, slot, row);
	arrival.totals->value[LQOS_COUNT_shaped]++;
	verdict.slot = slot;
	return send_on(ctx, &verdict, row->cpu[direction]);
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

/* A packet without a verdict: made here, or its driver has no metadata. Or its verdict is that of its
 * sender: it goes back to the side that it came from, as from customer to customer. */
static __always_inline __u32 classify_again(struct __sk_buff *skb, int direction, int *control)
{
	struct packet packet = { .frame_bytes = skb->len };
	enum packet_kind kind;
	union address address;

	kind = parse_leaving(skb, &packet);
	*control = kind == PACKET_CONTROL;
	if (kind != PACKET_IP)
		return 0;
	address = direction == DOWNLOAD ? packet.target : packet.source;
	return find_slot(&address);
}

/* Its class is made now; until then the packet goes to its site's waiting class. With no room in the
 * ring the next packet calls again. */
static __always_inline void call_for_class(struct circuit_row *row, __u32 slot)
{
	struct waiting_call call = { .time_ns = bpf_ktime_get_ns(), .slot = slot };

	if (!bpf_ringbuf_output(&lqos_calls, &call, sizeof(call), BPF_RB_FORCE_WAKEUP))
		row->is_called = 1;
}

/* What did not arrive as this slot's is counted here: what goes back arrived as its sender's, and what
 * is made here did not arrive at all. */
static __always_inline void count_unarrived(const struct __sk_buff *skb, __u32 slot, int direction)
{
	__u32 packets = skb->gso_segs > 1 ? skb->gso_segs : 1;
	struct slot_row *row = own_row(slot);

	if (!row)
		return;
	row->bytes[direction] += skb->wire_len;
	row->packets[direction] += packets;
	row->unarrived += packets;
}

static __always_inline int leave(struct __sk_buff *skb, int direction)
{
	struct metadata *metadata = (void *)(long)skb->data_meta;
	struct totals *totals = own_totals();
	int control = 0, known = 0, unarrived = !skb->ingress_ifindex;
	struct circuit_row *row;
	__u32 slot = 0;

	if (!totals)
		return TC_ACT_OK;
	if ((void *)(metadata + 1) <= (void *)(long)skb->data &&
	    metadata->magic == LQOS_METADATA_MAGIC) {
		slot = metadata->slot;
		control = metadata->control;
		known = control || (int)metadata->direction == direction;
		unarrived = !known;
	}
	totals->value[known ? LQOS_COUNT_tc_with_metadata : LQOS_COUNT_tc_classified]++;
	if (!known)
		slot = classify_again(skb, direction, &control);
	if (control) {
		set_control_class(skb, direction);
		return TC_ACT_OK;
	}
	row = slot ? bpf_map_lookup_elem(&lqos_rows, &slot) : 0;
	/* XDP let it pass: it arrived as another circuit's, or not at all. */
	if (row && row->flags & LQOS_ROW_SUSPENDED) {
		count_drop(totals, slot);
		return TC_ACT_SHOT;
	}
	if (row && unarrived)
		count_unarrived(skb, slot, direction);
	if (row && row->flags & LQOS_ROW_WAITING && !row->is_called)
		call_for_class(row, slot);
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
	const struct epochs *epochs = get_epochs();
	struct totals *totals = own_totals();

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
