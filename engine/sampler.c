/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/sampler.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "engine/base/memory.h"
#include "engine/histogram.h"
#include "engine/state.h"

#define WINDOW_TICKS 10 /* RTT and retransmits are told over one to two windows */
#define HANDLES 65536

/* What the counters stood at when a window began. */
struct window {
	uint32_t rtt[RTT_BUCKETS];
	uint64_t tcp_packets, retransmits;
};

/* All that is remembered of a slot. */
struct slot_history {
	uint64_t owner; /* whose history it is; another owner starts anew */
	uint64_t bytes[DIRECTIONS];
	struct window older, newer;
};

/* Drops of a class, by handle: both the last reading and the rate since the one before. */
struct drop_history {
	uint32_t drops;
	bool seen;
	float per_s;
};

struct sampler {
	struct engine *engine;
	struct slot_history *slots;
	uint32_t slot_capacity;
	struct drop_history *drops[DIRECTIONS];
	uint64_t sampled_ns;
	int64_t wall_ms;
	unsigned int tick;
	struct metrics *sites, *circuits, total;
	size_t site_count, circuit_count;
	uint32_t (*site_rtt)[RTT_BUCKETS];
	uint32_t total_rtt[RTT_BUCKETS];
	struct slot_history internet; /* rtt windows of the internet side, summed over slots */
	struct rtt_summary internet_rtt;
	bool internet_fresh; /* the sum's window has to start anew: circuits came or went */
};

struct sampler *sampler_new(struct engine *engine)
{
	struct sampler *sampler = xcalloc(1, sizeof(*sampler));

	sampler->engine = engine;
	for (int d = 0; d < DIRECTIONS; d++)
		sampler->drops[d] = xcalloc(HANDLES, sizeof(**sampler->drops));
	return sampler;
}

void sampler_free(struct sampler *sampler)
{
	if (!sampler)
		return;
	for (int d = 0; d < DIRECTIONS; d++)
		free(sampler->drops[d]);
	free(sampler->slots);
	free(sampler->sites);
	free(sampler->circuits);
	free(sampler->site_rtt);
	free(sampler);
}

void sampler_network_changed(struct sampler *sampler)
{
	const struct network *network;

	if (!sampler)
		return;
	network = sampler->engine->network;
	free(sampler->sites);
	free(sampler->circuits);
	free(sampler->site_rtt);
	sampler->site_count = network->site_count;
	sampler->circuit_count = network->circuit_count;
	sampler->sites = xcalloc(sampler->site_count, sizeof(*sampler->sites));
	sampler->circuits = xcalloc(sampler->circuit_count, sizeof(*sampler->circuits));
	sampler->site_rtt = xcalloc(sampler->site_count, sizeof(*sampler->site_rtt));
	sampler->internet_fresh = true;
}

static struct slot_history *history_of(struct sampler *sampler, uint32_t slot)
{
	if (slot >= sampler->slot_capacity) {
		uint32_t capacity = (slot + 1) * 2;

		sampler->slots = xreallocarray(sampler->slots, capacity, sizeof(*sampler->slots));
		memset(sampler->slots + sampler->slot_capacity, 0,
		       (capacity - sampler->slot_capacity) * sizeof(*sampler->slots));
		sampler->slot_capacity = capacity;
	}
	return &sampler->slots[slot];
}

static struct rtt_summary summarise(const uint32_t buckets[RTT_BUCKETS])
{
	return (struct rtt_summary){ .p50_us = histogram_percentile_us(buckets, 50),
				     .p95_us = histogram_percentile_us(buckets, 95),
				     .samples = histogram_samples(buckets) };
}

static uint64_t per_second(uint64_t count, uint64_t elapsed_ns)
{
	return (uint64_t)((double)count * (double)NS_PER_SECOND / (double)elapsed_ns);
}

/* Turns counter readings into what happened since the older window began. */
static void use_window(struct slot_history *history, const struct window *now, bool rotate,
		       struct metrics *metrics, uint32_t rtt[RTT_BUCKETS])
{
	metrics->tcp_packets = now->tcp_packets - history->older.tcp_packets;
	metrics->retransmits = now->retransmits - history->older.retransmits;
	for (unsigned int i = 0; i < RTT_BUCKETS; i++)
		rtt[i] = now->rtt[i] - history->older.rtt[i];
	metrics->rtt = summarise(rtt);
	if (rotate) {
		history->older = history->newer;
		history->newer = *now;
	}
}

static void sample_circuit(struct sampler *sampler, uint32_t index, uint64_t elapsed_ns,
			   struct window *internet, uint32_t rtt[RTT_BUCKETS])
{
	const struct engine *engine = sampler->engine;
	const struct assignment *assignment =
		handles_find(engine->handles, NODE_CIRCUIT, engine->network->circuits[index].id);
	struct metrics *metrics = &sampler->circuits[index];
	struct slot_counters counters;
	struct slot_history *history;
	uint32_t internet_rtt[RTT_BUCKETS];
	struct window now = { 0 };
	bool fresh;

	*metrics = (struct metrics){ 0 };
	memset(rtt, 0, RTT_BUCKETS * sizeof(*rtt));
	if (!assignment || !assignment->slot)
		return;
	datapath_read_counters(engine->datapath, assignment->slot, &counters);
	datapath_read_rtt(engine->datapath, assignment->slot, RTT_CUSTOMER, now.rtt);
	datapath_read_rtt(engine->datapath, assignment->slot, RTT_INTERNET, internet_rtt);
	for (unsigned int i = 0; i < RTT_BUCKETS; i++)
		internet->rtt[i] += internet_rtt[i];
	now.tcp_packets = counters.tcp_packets[DOWNLOAD] + counters.tcp_packets[UPLOAD];
	now.retransmits = counters.retransmits[DOWNLOAD] + counters.retransmits[UPLOAD];

	history = history_of(sampler, assignment->slot);
	fresh = history->owner != assignment->owner;
	if (fresh)
		*history = (struct slot_history){ .owner = assignment->owner,
						  .older = now,
						  .newer = now };
	use_window(history, &now, sampler->tick % WINDOW_TICKS == 0, metrics, rtt);
	for (int d = 0; d < DIRECTIONS; d++) {
		if (!fresh)
			metrics->rate_bps[d] =
				per_second(8 * (counters.bytes[d] - history->bytes[d]), elapsed_ns);
		history->bytes[d] = counters.bytes[d];
		metrics->drops_per_s += sampler->drops[d][assignment->handle].per_s;
	}
}

static void add_metrics(struct metrics *sum, const struct metrics *part)
{
	for (int d = 0; d < DIRECTIONS; d++)
		sum->rate_bps[d] += part->rate_bps[d];
	sum->tcp_packets += part->tcp_packets;
	sum->retransmits += part->retransmits;
	sum->drops_per_s += part->drops_per_s;
}

static void add_rtt(uint32_t sum[RTT_BUCKETS], const uint32_t part[RTT_BUCKETS])
{
	for (unsigned int i = 0; i < RTT_BUCKETS; i++)
		sum[i] += part[i];
}

/* Sites are in the network parents first, so that walking back adds each to its parent whole. */
static void sum_sites(struct sampler *sampler)
{
	const struct network *network = sampler->engine->network;

	for (size_t i = network->site_count; i-- > 0;) {
		uint32_t parent = network->sites[i].parent;

		sampler->sites[i].rtt = summarise(sampler->site_rtt[i]);
		if (parent == NETWORK_NONE)
			continue;
		add_metrics(&sampler->sites[parent], &sampler->sites[i]);
		add_rtt(sampler->site_rtt[parent], sampler->site_rtt[i]);
	}
}

static void sample_nodes(struct sampler *sampler, uint64_t elapsed_ns)
{
	const struct network *network = sampler->engine->network;
	struct window internet = { 0 };
	struct metrics unused = { 0 };
	uint32_t rtt[RTT_BUCKETS];

	memset(sampler->sites, 0, sampler->site_count * sizeof(*sampler->sites));
	memset(sampler->site_rtt, 0, sampler->site_count * sizeof(*sampler->site_rtt));
	memset(sampler->total_rtt, 0, sizeof(sampler->total_rtt));
	sampler->total = (struct metrics){ 0 };
	for (uint32_t i = 0; i < network->circuit_count; i++) {
		uint32_t site = network->circuits[i].site;

		sample_circuit(sampler, i, elapsed_ns, &internet, rtt);
		add_metrics(&sampler->total, &sampler->circuits[i]);
		add_rtt(sampler->total_rtt, rtt);
		if (site == NETWORK_NONE)
			continue;
		add_metrics(&sampler->sites[site], &sampler->circuits[i]);
		add_rtt(sampler->site_rtt[site], rtt);
	}
	sum_sites(sampler);
	sampler->total.rtt = summarise(sampler->total_rtt);
	if (sampler->internet_fresh)
		sampler->internet.older = sampler->internet.newer = internet;
	sampler->internet_fresh = false;
	use_window(&sampler->internet, &internet, sampler->tick % WINDOW_TICKS == 0, &unused, rtt);
	sampler->internet_rtt = unused.rtt;
}

static void sample_drops(struct sampler *sampler, uint64_t elapsed_ns)
{
	for (int d = 0; d < DIRECTIONS; d++) {
		struct class_stats *stats = NULL;
		struct error err;
		size_t count = 0;

		if (!kernel_read_stats(sampler->engine->kernel, &sampler->engine->interfaces[d], 0,
				       &stats, &count, &err))
			log_debug("no class statistics this tick: %s", err.text);
		for (size_t i = 0; i < count; i++) {
			struct drop_history *drops = &sampler->drops[d][stats[i].minor];
			uint32_t new_drops = stats[i].drops - drops->drops;

			if (drops->seen && new_drops < UINT32_MAX / 2)
				drops->per_s =
					(float)new_drops * (float)NS_PER_SECOND / (float)elapsed_ns;
			drops->drops = stats[i].drops;
			drops->seen = true;
		}
		free(stats);
	}
}

void sampler_tick(struct sampler *sampler)
{
	uint64_t now_ns = clock_now_ns();
	uint64_t elapsed_ns = now_ns - sampler->sampled_ns;

	if (!elapsed_ns)
		return;
	if (!sampler->circuits)
		sampler_network_changed(sampler);
	sample_drops(sampler, elapsed_ns);
	sample_nodes(sampler, elapsed_ns);
	sampler->sampled_ns = now_ns;
	sampler->wall_ms = clock_wall_ms();
	sampler->tick++;
}

const struct metrics *sampler_site(const struct sampler *sampler, uint32_t site)
{
	return &sampler->sites[site];
}

const struct metrics *sampler_circuit(const struct sampler *sampler, uint32_t circuit)
{
	return &sampler->circuits[circuit];
}

const struct metrics *sampler_total(const struct sampler *sampler)
{
	return &sampler->total;
}

struct rtt_summary sampler_internet_rtt(const struct sampler *sampler)
{
	return sampler->internet_rtt;
}

int64_t sampler_time_ms(const struct sampler *sampler)
{
	return sampler->wall_ms;
}
