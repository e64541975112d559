/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/sampler.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "engine/base/memory.h"
#include "engine/cpu_loads.h"
#include "engine/queue_load.h"
#include "engine/slot_index.h"
#include "engine/spans.h"
#include "engine/state.h"
#include "engine/stats_reader.h"

#define WINDOW_TICKS SPAN_TICKS /* RTT and retransmits are told over one to two windows */
#define HANDLES 65536
#define CIRCUITS_AT_ONCE 1000 /* some half a millisecond */

/* What the counters stood at when a window began. */
struct window {
	uint32_t rtt[RTT_BUCKETS];
	uint64_t tcp_packets, retransmits;
};

/* All that is remembered of a slot. */
struct slot_history {
	uint64_t owner;		    /* whose history it is; another owner starts anew */
	uint64_t read_ns, span_ns;  /* of the last sample, and of the one that began the span */
	uint64_t bytes[DIRECTIONS]; /* then */
	uint64_t span_bytes[DIRECTIONS]; /* then */
	struct window older, newer;
	struct metrics metrics;
};

/* What sites and all add up to while a sample is taken. */
struct sums {
	struct metrics *sites, total;
	uint32_t (*site_rtt)[RTT_BUCKETS];
	uint32_t total_rtt[RTT_BUCKETS];
	struct window internet; /* of the internet side */
};

/* Drops of a class, by handle: both the last reading and the rate since the one before. */
struct drop_history {
	uint32_t drops;
	bool seen;
	float per_s;
};

/* The numbers that a circuit had at the last tick: most still have them. */
struct known_numbers {
	uint64_t owner;
	uint32_t slot; /* 0: none */
};

struct sampler {
	struct engine *engine;
	struct slot_history *slots;
	uint32_t slot_capacity;
	struct drop_history *drops[DIRECTIONS];
	struct stats_reader *reader; /* NULL: no drops are known */
	uint64_t began_ns, stats_ns;
	int64_t wall_ms;
	unsigned int tick;
	bool under_way;
	uint32_t next; /* the circuit a sample under way goes on with */
	struct sums sums;
	struct metrics total;
	size_t site_count;
	struct known_numbers *known; /* by circuit */
	struct queue_loads *queues;
	struct cpu_loads *cpus;
	struct slot_index *slot_index;
	struct spans *spans;
	bool span_ends;		      /* with this tick */
	struct slot_history internet; /* rtt windows, summed over slots */
	struct rtt_summary internet_rtt;
	bool internet_fresh; /* the sum's window has to start anew: circuits came or went */
};

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
	metrics->rtt = rtt_summarise(rtt);
	if (rotate) {
		history->older = history->newer;
		history->newer = *now;
	}
}

/* What the counters did in the span that ends with this tick. */
static void add_span(struct sampler *sampler, const struct assignment *assignment, uint32_t site,
		     const struct slot_counters *counters, const struct window *now,
		     struct slot_history *history, uint64_t now_ns)
{
	uint64_t elapsed_ns = history->span_ns ? now_ns - history->span_ns : 0;
	uint64_t bytes[DIRECTIONS];
	uint32_t rtt[RTT_BUCKETS];

	for (int d = 0; d < DIRECTIONS; d++) {
		bytes[d] = counters->bytes[d] - history->span_bytes[d];
		history->span_bytes[d] = counters->bytes[d];
	}
	for (unsigned int i = 0; i < RTT_BUCKETS; i++)
		rtt[i] = now->rtt[i] - history->newer.rtt[i];
	history->span_ns = now_ns;
	spans_add(sampler->spans, assignment, site, bytes, elapsed_ns, rtt);
}

static const struct assignment *find_site_numbers(const struct sampler *sampler, uint32_t index)
{
	const struct engine *engine = sampler->engine;

	return handles_find(engine->handles, NODE_SITE, engine->network->sites[index].id);
}

static const struct assignment *find_numbers(const struct sampler *sampler, uint32_t index)
{
	const struct engine *engine = sampler->engine;
	struct known_numbers *known = &sampler->known[index];
	const struct assignment *numbers = handles_find_slot(engine->handles, known->slot);

	if (numbers && numbers->owner == known->owner)
		return numbers;
	numbers = handles_find(engine->handles, NODE_CIRCUIT, engine->network->circuits[index].id);
	*known = (struct known_numbers){ 0 };
	if (numbers)
		*known = (struct known_numbers){ numbers->owner, numbers->slot };
	return numbers;
}

static void take_rates(struct slot_history *history, const struct slot_counters *counters,
		       uint64_t now_ns, bool fresh)
{
	for (int d = 0; d < DIRECTIONS; d++) {
		uint64_t bytes = counters->bytes[d] - history->bytes[d];

		history->metrics.rate_bps[d] =
			fresh ? 0 : per_second(8 * bytes, now_ns - history->read_ns);
		history->bytes[d] = counters->bytes[d];
	}
	history->read_ns = now_ns;
}

/* NULL when it has no slot. rtt: what its round trips were. */
static const struct metrics *sample_circuit(struct sampler *sampler, uint32_t index,
					    uint64_t now_ns, uint32_t rtt[RTT_BUCKETS])
{
	const struct engine *engine = sampler->engine;
	const struct assignment *assignment = find_numbers(sampler, index);
	struct slot_counters counters;
	struct slot_history *history;
	uint32_t internet_rtt[RTT_BUCKETS];
	struct window now = { 0 };
	bool fresh;

	if (!assignment || !assignment->slot)
		return NULL;
	datapath_read_counters(engine->datapath, assignment->slot, &counters);
	datapath_read_rtt(engine->datapath, assignment->slot, RTT_CUSTOMER, now.rtt);
	datapath_read_rtt(engine->datapath, assignment->slot, RTT_INTERNET, internet_rtt);
	rtt_add(sampler->sums.internet.rtt, internet_rtt);
	now.tcp_packets = counters.tcp_packets[DOWNLOAD] + counters.tcp_packets[UPLOAD];
	now.retransmits = counters.retransmits[DOWNLOAD] + counters.retransmits[UPLOAD];

	history = history_of(sampler, assignment->slot);
	fresh = history->owner != assignment->owner;
	if (fresh) {
		*history = (struct slot_history){ .owner = assignment->owner,
						  .older = now,
						  .newer = now };
		memcpy(history->span_bytes, counters.bytes, sizeof(history->span_bytes));
	}
	if (sampler->span_ends)
		add_span(sampler, assignment, engine->network->circuits[index].site, &counters,
			 &now, history, now_ns);
	take_rates(history, &counters, now_ns, fresh);
	use_window(history, &now, sampler->tick % WINDOW_TICKS == 0, &history->metrics, rtt);
	history->metrics.score = metrics_quality(&history->metrics);
	history->metrics.drops_per_s = 0;
	for (int d = 0; d < DIRECTIONS; d++)
		history->metrics.drops_per_s += sampler->drops[d][assignment->handle].per_s;
	return &history->metrics;
}

static void add_circuit(struct sampler *sampler, uint32_t index, uint64_t now_ns)
{
	uint32_t site = sampler->engine->network->circuits[index].site;
	struct sums *sums = &sampler->sums;
	uint32_t rtt[RTT_BUCKETS];
	const struct metrics *metrics = sample_circuit(sampler, index, now_ns, rtt);

	if (!metrics)
		return;
	metrics_add(&sums->total, metrics);
	rtt_add(sums->total_rtt, rtt);
	if (site == NETWORK_NONE)
		return;
	metrics_add(&sums->sites[site], metrics);
	rtt_add(sums->site_rtt[site], rtt);
}

static void keep_site(struct sampler *sampler, uint32_t index, const struct metrics *metrics)
{
	const struct assignment *assignment = find_site_numbers(sampler, index);
	struct slot_history *history;

	if (!assignment || !assignment->slot)
		return;
	history = history_of(sampler, assignment->slot);
	history->owner = assignment->owner;
	history->metrics = *metrics;
}

/* Sites are in the network parents first, so that walking back adds each to its parent whole. */
static void sum_sites(struct sampler *sampler)
{
	const struct network *network = sampler->engine->network;
	struct sums *sums = &sampler->sums;

	for (uint32_t i = (uint32_t)network->site_count; i-- > 0;) {
		uint32_t parent = network->sites[i].parent;

		sums->sites[i].rtt = rtt_summarise(sums->site_rtt[i]);
		sums->sites[i].score = metrics_quality(&sums->sites[i]);
		keep_site(sampler, i, &sums->sites[i]);
		if (parent == NETWORK_NONE)
			continue;
		metrics_add(&sums->sites[parent], &sums->sites[i]);
		rtt_add(sums->site_rtt[parent], sums->site_rtt[i]);
	}
}

static void sum_all(struct sampler *sampler)
{
	struct sums *sums = &sampler->sums;
	struct metrics internet = { 0 };
	uint32_t rtt[RTT_BUCKETS];

	sums->total.rtt = rtt_summarise(sums->total_rtt);
	sums->total.score = metrics_quality(&sums->total);
	sampler->total = sums->total;
	if (sampler->internet_fresh)
		sampler->internet.older = sampler->internet.newer = sums->internet;
	sampler->internet_fresh = false;
	use_window(&sampler->internet, &sums->internet, sampler->tick % WINDOW_TICKS == 0,
		   &internet, rtt);
	sampler->internet_rtt = internet.rtt;
}

static void take_drops(struct sampler *sampler, enum direction direction,
		       const struct class_stats *stats, size_t count, uint64_t elapsed_ns)
{
	queue_loads_take(sampler->queues, direction, stats, count, elapsed_ns);
	for (size_t i = 0; i < count; i++) {
		struct drop_history *drops = &sampler->drops[direction][stats[i].minor];
		uint32_t new_drops = stats[i].drops - drops->drops;

		if (drops->seen && new_drops < UINT32_MAX / 2)
			drops->per_s = (float)new_drops * (float)NS_PER_SECOND / (float)elapsed_ns;
		drops->drops = stats[i].drops;
		drops->seen = true;
	}
}

/* Some time after the tick: what it says of drops is that of the reading before. */
static void on_stats(void *data, const struct stats_reading *reading)
{
	struct sampler *sampler = data;
	uint64_t elapsed_ns = reading->read_ns - sampler->stats_ns;

	for (int d = 0; d < DIRECTIONS; d++) {
		if (!reading->stats[d])
			log_debug("no class statistics this tick: %s", reading->reasons[d].text);
		take_drops(sampler, (enum direction)d, reading->stats[d], reading->counts[d],
			   elapsed_ns);
	}
	sampler->stats_ns = reading->read_ns;
}

static void free_network_part(struct sampler *sampler)
{
	free(sampler->sums.sites);
	free(sampler->sums.site_rtt);
	free(sampler->known);
}

void sampler_network_changed(struct sampler *sampler)
{
	const struct network *network = sampler ? sampler->engine->network : NULL;

	if (!network)
		return;
	free_network_part(sampler);
	sampler->site_count = network->site_count;
	sampler->sums.sites = xcalloc(network->site_count, sizeof(*sampler->sums.sites));
	sampler->sums.site_rtt = xcalloc(network->site_count, sizeof(*sampler->sums.site_rtt));
	sampler->known = xcalloc(network->circuit_count, sizeof(*sampler->known));
	spans_set_sites(sampler->spans, network->site_count);
	sampler->internet_fresh = true;
}

struct sampler *sampler_new(struct engine *engine)
{
	struct sampler *sampler = xcalloc(1, sizeof(*sampler));
	struct error err;

	sampler->engine = engine;
	sampler->reader = stats_reader_new(engine->loop, on_stats, sampler, &err);
	if (!sampler->reader)
		log_warning("%s; drops and backlogs will not be known", err.text);
	sampler->spans = spans_new();
	sampler->queues = queue_loads_new();
	sampler->cpus = cpu_loads_new();
	sampler->slot_index = slot_index_new();
	for (int d = 0; d < DIRECTIONS; d++)
		sampler->drops[d] = xcalloc(HANDLES, sizeof(**sampler->drops));
	sampler_network_changed(sampler);
	return sampler;
}

void sampler_free(struct sampler *sampler)
{
	if (!sampler)
		return;
	stats_reader_free(sampler->reader);
	for (int d = 0; d < DIRECTIONS; d++)
		free(sampler->drops[d]);
	free(sampler->slots);
	free_network_part(sampler);
	spans_free(sampler->spans);
	queue_loads_free(sampler->queues);
	cpu_loads_free(sampler->cpus);
	slot_index_free(sampler->slot_index);
	free(sampler);
}

void sampler_numbers_changed(struct sampler *sampler)
{
	if (sampler)
		slot_index_forget(sampler->slot_index);
}

static void begin_sums(struct sampler *sampler)
{
	struct sums *sums = &sampler->sums;

	memset(sums->sites, 0, sampler->site_count * sizeof(*sums->sites));
	memset(sums->site_rtt, 0, sampler->site_count * sizeof(*sums->site_rtt));
	memset(sums->total_rtt, 0, sizeof(sums->total_rtt));
	sums->total = (struct metrics){ 0 };
	sums->internet = (struct window){ 0 };
}

void sampler_begin(struct sampler *sampler)
{
	uint64_t now_ns = clock_now_ns();

	cpu_loads_tick(sampler->cpus, now_ns - sampler->began_ns);
	if (sampler->reader)
		stats_reader_start(sampler->reader, sampler->engine->interfaces);
	sampler->began_ns = now_ns;
	sampler->span_ends = sampler->tick % SPAN_TICKS == 0;
	if (sampler->span_ends)
		spans_begin(sampler->spans);
	begin_sums(sampler);
	sampler->next = 0;
	sampler->under_way = true;
}

static void end(struct sampler *sampler)
{
	sum_sites(sampler);
	sum_all(sampler);
	if (sampler->span_ends)
		spans_end(sampler->spans, sampler->engine->network, sampler->engine->handles);
	sampler->wall_ms = clock_wall_ms();
	sampler->tick++;
	sampler->under_way = false;
}

bool sampler_step(struct sampler *sampler)
{
	const struct network *network = sampler->engine->network;
	uint32_t until = sampler->next + CIRCUITS_AT_ONCE;
	uint64_t now_ns;

	if (!sampler->under_way)
		return false;
	now_ns = clock_now_ns();
	while (sampler->next < network->circuit_count && sampler->next < until)
		add_circuit(sampler, sampler->next++, now_ns);
	if (sampler->next == network->circuit_count)
		end(sampler);
	return sampler->under_way;
}

void sampler_finish(struct sampler *sampler)
{
	while (sampler && sampler_step(sampler))
		;
}

static const struct metrics *metrics_of(const struct sampler *sampler,
					const struct assignment *numbers)
{
	static const struct metrics none = { .score = -1 };

	if (!numbers || !numbers->slot || numbers->slot >= sampler->slot_capacity ||
	    sampler->slots[numbers->slot].owner != numbers->owner)
		return &none;
	return &sampler->slots[numbers->slot].metrics;
}

const struct metrics *sampler_site(const struct sampler *sampler, uint32_t site)
{
	return metrics_of(sampler, find_site_numbers(sampler, site));
}

const struct metrics *sampler_circuit(const struct sampler *sampler, uint32_t circuit)
{
	return metrics_of(sampler, find_numbers(sampler, circuit));
}

uint32_t sampler_circuit_of_slot(const struct sampler *sampler, uint32_t slot)
{
	return slot_index_find(sampler->slot_index, sampler->engine, slot);
}

const struct metrics *sampler_total(const struct sampler *sampler)
{
	return &sampler->total;
}

struct rtt_summary sampler_internet_rtt(const struct sampler *sampler)
{
	return sampler->internet_rtt;
}

const struct queue_loads *sampler_queues(const struct sampler *sampler)
{
	return sampler->queues;
}

const struct cpu_loads *sampler_cpus(const struct sampler *sampler)
{
	return sampler->cpus;
}

double sampler_cpu_share(const struct sampler *sampler)
{
	return cpu_loads_own(sampler->cpus);
}

const struct history *sampler_history(const struct sampler *sampler)
{
	return spans_history(sampler->spans);
}

int64_t sampler_time_ms(const struct sampler *sampler)
{
	return sampler->wall_ms;
}
