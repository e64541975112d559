/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters, histograms and flows, read from mapped memory: no system calls. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/datapath_private.h"

void datapath_read_counters(const struct datapath *datapath, uint32_t slot,
			    struct slot_counters *counters)
{
	const struct slot_events *events = &datapath->events[slot];

	*counters = (struct slot_counters){ .suspended_drops = events->suspended_drops };
	for (int d = 0; d < DIRECTIONS; d++)
		counters->retransmits[d] = events->retransmits[d];
	for (unsigned int stripe = 0; stripe < datapath->stripes; stripe++) {
		const struct slot_row *row = slot_row(datapath, stripe, slot);

		counters->unarrived += row->unarrived;
		for (int d = 0; d < DIRECTIONS; d++) {
			counters->bytes[d] += row->bytes[d];
			counters->packets[d] += row->packets[d];
			counters->tcp_packets[d] += row->segments[d];
		}
	}
}

void datapath_read_rtt(const struct datapath *datapath, uint32_t slot, enum rtt_side side,
		       uint32_t buckets[RTT_BUCKETS])
{
	memcpy(buckets, datapath->events[slot].bucket[side], RTT_BUCKETS * sizeof(*buckets));
}

/* A tick of the tables as a time of CLOCK_MONOTONIC. */
static uint64_t time_of(uint32_t ticks, uint64_t now_ns)
{
	uint64_t now = now_ns >> LQOS_TICK_SHIFT;
	int32_t age = (int32_t)((uint32_t)now - ticks);

	return (now - (uint64_t)(int64_t)age) << LQOS_TICK_SHIFT;
}

uint32_t datapath_flows(const struct datapath *datapath)
{
	return datapath->entries[MAP_FLOWS] * LQOS_WAYS;
}

/* A reset, or a FIN of both, is the end; a late packet changes nothing about it. */
static enum flow_state state_of(const struct flow_side side[DIRECTIONS])
{
	uint8_t down = side[DOWNLOAD].tcp.flags, up = side[UPLOAD].tcp.flags;

	if ((down | up) & TCP_SIDE_RST || down & up & TCP_SIDE_FIN)
		return FLOW_ENDED;
	return (down | up) & TCP_SIDE_FIN ? FLOW_CLOSING : FLOW_OPEN;
}

static void describe_flow(const struct flow_head *head, const struct flow_side sides[DIRECTIONS],
			  uint32_t entry, uint64_t now_ns, struct flow_info *info)
{
	*info = (struct flow_info){
		.customer_port = (uint16_t)__builtin_bswap16(head->key.customer_port),
		.remote_port = (uint16_t)__builtin_bswap16(head->key.remote_port),
		.protocol = head->key.protocol,
		.state = state_of(sides),
		.slot = head->answer.slot,
		.identity = (uint64_t)head->claims << 32 | entry,
		.first_seen_ns = time_of(head->first_seen, now_ns),
		.last_seen_ns = time_of(head->last_seen, now_ns),
	};
	memcpy(info->customer, head->key.customer.byte, sizeof(info->customer));
	memcpy(info->remote, head->key.remote.byte, sizeof(info->remote));
	for (int d = 0; d < DIRECTIONS; d++) {
		const struct flow_side *side = &sides[d];
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

static bool read_flow(const struct datapath *datapath, uint32_t entry, uint64_t now_ns,
		      struct flow_info *info)
{
	const struct flow_set *set = &datapath->flow_sets[entry / LQOS_WAYS];
	const struct flow_head *head = &set->head[entry % LQOS_WAYS];
	uint32_t tag = __atomic_load_n(&head->tag, __ATOMIC_ACQUIRE), claims = head->claims;

	if (tag <= LQOS_TAG_CLAIMED)
		return false;
	describe_flow(head, set->side[entry % LQOS_WAYS], entry, now_ns, info);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	/* Given away while it was copied: it is another flow's now. */
	return __atomic_load_n(&head->tag, __ATOMIC_ACQUIRE) == tag && head->claims == claims;
}

bool datapath_read_flow(const struct datapath *datapath, uint32_t entry, struct flow_info *info)
{
	return read_flow(datapath, entry, clock_now_ns(), info);
}

bool datapath_next_flow(const struct datapath *datapath, uint64_t since_ns, uint64_t now_ns,
			uint32_t *entry, uint32_t end, struct flow_info *info)
{
	uint32_t since = (uint32_t)(since_ns >> LQOS_TICK_SHIFT);

	for (; *entry < end; ++*entry) {
		const struct flow_head *head =
			&datapath->flow_sets[*entry / LQOS_WAYS].head[*entry % LQOS_WAYS];

		if (head->tag > LQOS_TAG_CLAIMED && (int32_t)(head->last_seen - since) >= 0 &&
		    read_flow(datapath, *entry, now_ns, info))
			return true;
	}
	return false;
}

uint32_t datapath_strangers(const struct datapath *datapath)
{
	return datapath->entries[MAP_STRANGERS] * LQOS_WAYS;
}

bool datapath_read_stranger(const struct datapath *datapath, uint32_t entry,
			    struct stranger_info *info)
{
	const struct stranger *stranger =
		&datapath->stranger_sets[entry / LQOS_WAYS].way[entry % LQOS_WAYS];
	uint32_t tag = __atomic_load_n(&stranger->tag, __ATOMIC_ACQUIRE), claims = stranger->claims;
	uint64_t now_ns;

	if (tag <= LQOS_TAG_CLAIMED)
		return false;
	now_ns = clock_now_ns();
	*info = (struct stranger_info){
		.identity = (uint64_t)claims << 32 | entry,
		.packets = stranger->packets,
		.first_seen_ns = time_of(stranger->first_seen, now_ns),
		.last_seen_ns = time_of(stranger->last_seen, now_ns),
	};
	memcpy(info->address, stranger->address.byte, sizeof(info->address));
	memcpy(info->bytes, stranger->bytes, sizeof(info->bytes));
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return __atomic_load_n(&stranger->tag, __ATOMIC_ACQUIRE) == tag &&
	       stranger->claims == claims;
}

/* --- tables and totals ------------------------------------------------------------------------ */

static uint64_t total_of(const struct datapath *datapath, enum lqos_counter counter)
{
	uint64_t sum = 0;

	for (unsigned int cpu = 0; cpu < datapath->cpus; cpu++)
		sum += datapath->totals[cpu].value[counter];
	return sum;
}

/* What the kernel says it takes; 0 when it does not say. */
static uint64_t map_bytes(int map)
{
	unsigned long long bytes = 0;
	char path[64], line[128];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", map);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file) &&
	       sscanf(line, "memlock: %llu", &bytes) != 1)
		;
	if (file)
		fclose(file);
	return bytes;
}

void datapath_count_rows(struct datapath *datapath)
{
	datapath->rows_used = 0;
	for (uint32_t slot = 1; slot < datapath->entries[MAP_ROWS]; slot++)
		datapath->rows_used += datapath->rows[slot].owner != 0;
}

void datapath_read_tables(const struct datapath *datapath,
			  struct datapath_table tables[DATAPATH_TABLES])
{
	/* An entry that was claimed once is never free again, only another flow's. */
	uint64_t flows = total_of(datapath, LQOS_COUNT_flow_new);
	/* A stranger's is free again once its address is somebody's. */
	uint64_t strangers = total_of(datapath, LQOS_COUNT_stranger_new) -
			     total_of(datapath, LQOS_COUNT_stranger_known);
	uint32_t prefixes = 0;

	for (unsigned int cut = 0; cut <= 32; cut++)
		prefixes += datapath->lengths_ipv4[cut];
	for (unsigned int cut = 0; cut <= 128; cut++)
		prefixes += datapath->lengths_ipv6[cut];
	tables[0] = (struct datapath_table){ .name = "flows",
					     .used = (uint32_t)flows,
					     .size = datapath_flows(datapath),
					     .bytes = map_bytes(datapath->map[MAP_FLOWS]) };
	tables[1] = (struct datapath_table){ .name = "unknown",
					     .used = (uint32_t)strangers,
					     .size = datapath_strangers(datapath),
					     .bytes = map_bytes(datapath->map[MAP_STRANGERS]) };
	tables[2] = (struct datapath_table){ .name = "prefixes",
					     .used = prefixes,
					     .size = datapath->entries[MAP_PREFIXES],
					     .bytes = map_bytes(datapath->map[MAP_PREFIXES]) };
	tables[3] = (struct datapath_table){ .name = "slots",
					     .used = datapath->rows_used,
					     .size = datapath->entries[MAP_ROWS] - 1,
					     .bytes = map_bytes(datapath->map[MAP_ROWS]) +
						      map_bytes(datapath->map[MAP_SLOTS]) +
						      map_bytes(datapath->map[MAP_EVENTS]) };
}

unsigned int datapath_read_totals(const struct datapath *datapath,
				  struct datapath_counter *counters, unsigned int max)
{
#define X(name) #name,
	static const char *const names[] = { LQOS_COUNTERS(X) };
#undef X
	unsigned int count = 0;

	for (unsigned int i = 0; i < LQOS_COUNTER_COUNT && count < max; i++) {
		/* Not counted is not 0. */
		if (i == LQOS_COUNT_cpumap_drops && datapath->program[PROGRAM_ENQUEUE_DROPS] < 0)
			continue;
		counters[count++] = (struct datapath_counter){
			.name = names[i], .value = total_of(datapath, (enum lqos_counter)i)
		};
	}
	return count;
}
