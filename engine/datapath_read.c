/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters, histograms and flows, read from mapped memory: no system calls. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/datapath_private.h"

void datapath_read_counters(const struct datapath *datapath, uint32_t slot,
			    struct slot_counters *counters)
{
	*counters = (struct slot_counters){ 0 };
	for (unsigned int cpu = 0; cpu < datapath->cpus; cpu++) {
		const struct slot_row *row =
			&datapath->counters[cpu * datapath->entries[MAP_ROWS] + slot];

		for (int d = 0; d < DIRECTIONS; d++) {
			counters->bytes[d] += row->bytes[d];
			counters->packets[d] += row->packets[d];
			counters->tcp_packets[d] += row->segments[d];
			counters->retransmits[d] += row->retransmits[d];
		}
		counters->suspended_drops += row->suspended_drops;
	}
}

void datapath_read_rtt(const struct datapath *datapath, uint32_t slot, enum rtt_side side,
		       uint32_t buckets[RTT_BUCKETS])
{
	memcpy(buckets, datapath->rtt[slot].bucket[side], RTT_BUCKETS * sizeof(*buckets));
}

uint32_t datapath_flows(const struct datapath *datapath)
{
	return datapath->entries[MAP_FLOWS] * LQOS_WAYS;
}

/* A reset, or a FIN of both, is the end; a late packet changes nothing about it. */
static enum flow_state state_of(const struct flow *flow)
{
	uint8_t down = flow->side[DOWNLOAD].tcp.flags, up = flow->side[UPLOAD].tcp.flags;

	if ((down | up) & TCP_SIDE_RST || down & up & TCP_SIDE_FIN)
		return FLOW_ENDED;
	return (down | up) & TCP_SIDE_FIN ? FLOW_CLOSING : FLOW_OPEN;
}

static void describe_flow(const struct flow *flow, uint32_t entry, struct flow_info *info)
{
	*info = (struct flow_info){
		.customer_port = (uint16_t)__builtin_bswap16(flow->key.customer_port),
		.remote_port = (uint16_t)__builtin_bswap16(flow->key.remote_port),
		.protocol = flow->key.protocol,
		.state = state_of(flow),
		.slot = flow->answer.slot,
		.identity = (uint64_t)flow->claims << 32 | entry,
		.first_seen_ns = flow->first_seen_ns,
		.last_seen_ns = flow->last_seen_ns,
	};
	memcpy(info->customer, flow->key.customer.byte, sizeof(info->customer));
	memcpy(info->remote, flow->key.remote.byte, sizeof(info->remote));
	for (int d = 0; d < DIRECTIONS; d++) {
		const struct flow_side *side = &flow->side[d];
		/* What went down is answered by the customer. */
		enum rtt_side rtt = d == DOWNLOAD ? RTT_CUSTOMER : RTT_INTERNET;

		info->tos[d] = side->tcp.tos;
		info->bytes[d] = side->bytes;
		info->packets[d] = side->packets;
		info->retransmits[d] = side->tcp.retransmits;
		info->reordered[d] = side->tcp.reordered;
		info->rtt_us[rtt] = side->tcp.rtt_smoothed_us;
		info->rtt_last_us[rtt] = side->tcp.rtt_last_us;
		info->rtt_min_us[rtt] = side->tcp.rtt_min_us;
	}
}

bool datapath_read_flow(const struct datapath *datapath, uint32_t entry, struct flow_info *info)
{
	const struct flow *flow = &datapath->flow_sets[entry / LQOS_WAYS].way[entry % LQOS_WAYS];
	uint32_t tag = __atomic_load_n(&flow->tag, __ATOMIC_ACQUIRE), claims = flow->claims;

	if (tag <= LQOS_TAG_CLAIMED)
		return false;
	describe_flow(flow, entry, info);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	/* Given away while it was copied: it is another flow's now. */
	return __atomic_load_n(&flow->tag, __ATOMIC_ACQUIRE) == tag && flow->claims == claims;
}

unsigned int datapath_read_totals(const struct datapath *datapath,
				  struct datapath_counter *counters, unsigned int max)
{
#define X(name) #name,
	static const char *const names[] = { LQOS_COUNTERS(X) };
#undef X
	unsigned int count = 0;

	for (unsigned int i = 0; i < LQOS_COUNTER_COUNT && count < max; i++) {
		uint64_t sum = 0;

		/* Not counted is not 0. */
		if (i == LQOS_COUNT_cpumap_drops && datapath->program[PROGRAM_ENQUEUE_DROPS] < 0)
			continue;
		for (unsigned int cpu = 0; cpu < datapath->cpus; cpu++)
			sum += datapath->totals[cpu].value[i];
		counters[count++] = (struct datapath_counter){ .name = names[i], .value = sum };
	}
	return count;
}
