/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Days of a provider of 20,000 circuits in simulated time, header-only: who has traffic when (homes
 * in the evening, offices by day, towers that differ, meters that talk once a minute) against the
 * functions that decide, engine/lazy and engine/balance, and once an hour engine/shape and plan.
 */
#ifndef TESTS_DAY_H
#define TESTS_DAY_H

#include "engine/base/clock.h"
#include "engine/lazy.h"
#include "engine/node_loads.h"
#include "tests/lib/shaping.h"

#define DAY_CIRCUITS 20000
#define DAY_SITES 300
#define DAY_QUEUES 16
#define DAY_SLOTS 32768
#define DAY_HOURS (3 * 24)
#define DAY_STEP_S 30
#define DAY_IDLE_S 600 /* lazy_idle's default */

enum day_kind { DAY_HOME, DAY_OFFICE, DAY_METER, DAY_SILENT };

struct day_circuit {
	uint32_t slot;
	uint8_t kind;
	bool active;
	uint64_t rate_bps; /* while active */
	uint64_t bytes, packets;
};

struct day {
	struct random random;
	struct network *network;
	struct handles *handles;
	struct lazy *lazy;
	struct node_loads *loads;
	struct shape_settings settings;
	struct shape applied;
	struct day_circuit *circuits; /* in the network's order */
	uint64_t *bytes_by_slot, *bytes_before;
	uint64_t now_s;
	/* What came of it. */
	uint64_t sessions, builds, removals, moves, meters_without_class;
	uint64_t most_with_class, plan_operations;
	unsigned int faults; /* trees that break a rule, plans that leave something to do */
	double uneven[24 *
		      4]; /* by hour: the fullest queue of what the best placement could have */
	double load_bps[DAY_HOURS];
};

/* Of 100 who could begin within a while, at each hour. */
static const uint8_t day_home[24] = { 35, 20, 12, 8,  6,  6,  10, 18, 22,  24, 26, 30,
				      34, 34, 36, 42, 50, 62, 76, 90, 100, 98, 80, 55 };
static const uint8_t day_office[24] = { 4,  3,	3,  3,	3,  4,	10, 40, 80, 95, 100, 96,
					70, 88, 97, 95, 80, 50, 20, 10, 8,  6,	5,   4 };

static inline void day_add_site(struct day *day, uint32_t number)
{
	struct network *network = day->network;

	random_add_site(&day->random, network, number);
	network->sites[number].parent = NETWORK_NONE;
	network->sites[number].depth = 0;
	network->sites[number].capacity_bps[DOWNLOAD] = 800000000;
	network->sites[number].capacity_bps[UPLOAD] = 800000000;
}

/* Small and large sites; in some of them people use more of what they bought than in others. */
static inline void day_add_circuit(struct day *day, uint32_t number, uint32_t *site)
{
	static const uint64_t plans[] = { 10000000, 20000000, 50000000, 100000000 };
	struct network *network = day->network;
	struct day_circuit *circuit = &day->circuits[number];
	uint32_t percent = random_below(&day->random, 100), eagerness;

	if (random_below(&day->random, 20 + *site % 7 * 30) == 0)
		*site = (*site + 1) % DAY_SITES;
	random_add_circuit(&day->random, network, number);
	network->circuits[number].site = *site;
	network->circuits[number].suspended = false;
	network->circuits[number].leaf = "";
	network->circuits[number].max_bps[DOWNLOAD] = plans[random_below(&day->random, 4)];
	network->circuits[number].max_bps[UPLOAD] = 5000000;
	network->circuits[number].min_bps[DOWNLOAD] = network->circuits[number].min_bps[UPLOAD] = 0;
	eagerness = 2 + *site % 5 * 4; /* of 100 of the plan */
	circuit->rate_bps = network->circuits[number].max_bps[DOWNLOAD] * eagerness / 100;
	circuit->kind = percent < 10			 ? DAY_METER
			: percent < 25			 ? DAY_SILENT
			: *site % 4 == 0 && percent < 70 ? DAY_OFFICE
							 : DAY_HOME;
}

static inline void day_number(struct day *day, const struct balance_hints *hints)
{
	day->faults += !give_numbers_by(day->network, &day->settings, &day->applied, hints,
					SIZE_MAX, day->handles);
}

static inline void day_measure(struct day *day)
{
	struct balance_items items;

	for (uint32_t i = 0; i < DAY_CIRCUITS; i++)
		day->bytes_by_slot[day->circuits[i].slot] = day->circuits[i].bytes;
	balance_items_find(day->network, day->handles, day->settings.link_bps, &items);
	node_loads_take(day->loads, day->network, day->handles, &items, day->bytes_by_slot,
			day->now_s * NS_PER_SECOND);
	balance_items_release(&items);
}

/* The kernel follows: a plan of what changed, after which nothing is left to do. */
static inline void day_shape(struct day *day)
{
	struct shape desired;
	struct plan plan;

	shape_network(day->network, day->handles, &day->settings, &desired, NULL);
	for (int d = 0; d < DIRECTIONS; d++)
		day->faults += tree_fault(&desired.tree[d]) != NULL;
	plan_make(&day->applied, &desired, &plan);
	day->plan_operations += plan.count;
	plan_release(&plan);
	shape_release(&day->applied);
	day->applied = desired; /* within the hour what moved is gone from where it was */
	for (uint32_t handle = 1; handle < UINT16_MAX; handle++)
		handles_release_handle(day->handles, (uint16_t)handle);
}

static inline void day_open(struct day *day, uint64_t seed)
{
	uint32_t site = 0;

	*day = (struct day){ .random = { seed },
			     .network = random_network_empty(DAY_SITES, DAY_CIRCUITS),
			     .handles = handles_new(DAY_SLOTS),
			     .lazy = lazy_new(DAY_SLOTS),
			     .loads = node_loads_new(DAY_SLOTS),
			     .now_s = 3600 };
	day->circuits = xcalloc(DAY_CIRCUITS, sizeof(*day->circuits));
	day->bytes_by_slot = xcalloc(DAY_SLOTS, sizeof(*day->bytes_by_slot));
	day->bytes_before = xcalloc(DAY_SITES, sizeof(*day->bytes_before));
	day->settings = (struct shape_settings){ .link_bps = { 40000000000, 40000000000 },
						 .queues = DAY_QUEUES,
						 .cpus = DAY_QUEUES,
						 .leaf = LEAF_CAKE,
						 .best_leaf = LEAF_CAKE };
	for (uint32_t i = 0; i < DAY_SITES; i++)
		day_add_site(day, i);
	for (uint32_t i = 0; i < DAY_CIRCUITS; i++)
		day_add_circuit(day, i, &site);
	day->settings.has_class = lazy_has_class(day->lazy);
	day_number(day, &(struct balance_hints){ 0 });
	for (uint32_t i = 0; i < DAY_CIRCUITS; i++) {
		const struct assignment *numbers =
			handles_find(day->handles, NODE_CIRCUIT, day->network->circuits[i].id);

		day->circuits[i].slot = numbers->slot;
		lazy_place(day->lazy, numbers->slot, numbers->owner, false, 0);
	}
	day_shape(day);
	day->plan_operations = 0;
	day_measure(day);
}

static inline void day_close(struct day *day)
{
	shape_release(&day->applied);
	node_loads_free(day->loads);
	lazy_free(day->lazy);
	handles_free(day->handles);
	random_network_free(day->network);
	free(day->circuits);
	free(day->bytes_by_slot);
	free(day->bytes_before);
}

/* Sessions of 20 minutes in the mean; at 100 % three of ten are at it. */
static inline bool day_talks(struct day *day, struct day_circuit *circuit, uint32_t hour)
{
	uint32_t percent = circuit->kind == DAY_OFFICE ? day_office[hour] : day_home[hour];
	uint32_t chance;

	if (circuit->kind == DAY_SILENT)
		return false;
	if (circuit->kind == DAY_METER)
		return (day->now_s / DAY_STEP_S + circuit->slot) % (60 / DAY_STEP_S) == 0;
	chance = random_below(&day->random, 1200 / DAY_STEP_S * 1000);
	if (circuit->active) {
		circuit->active = chance >= 1000;
	} else if (chance < percent * 10 * 3 / 7) {
		circuit->active = true;
		day->sessions++;
	}
	return circuit->active;
}

static inline void day_step(struct day *day, uint32_t hour)
{
	const bool *has_class = lazy_has_class(day->lazy);
	uint64_t now_ns = day->now_s * NS_PER_SECOND, with_class = 0;
	unsigned int removed;

	for (uint32_t i = 0; i < DAY_CIRCUITS; i++) {
		struct day_circuit *circuit = &day->circuits[i];

		if (day_talks(day, circuit, hour)) {
			bool meter = circuit->kind == DAY_METER;

			circuit->bytes += meter ? 1000 : circuit->rate_bps / 8 * DAY_STEP_S;
			circuit->packets++;
			if (!has_class[circuit->slot]) {
				/* Each meter calls once, when it is first heard of. */
				day->meters_without_class += meter && circuit->packets > 1;
				day->builds += lazy_call(day->lazy, circuit->slot, now_ns);
			}
		}
		with_class += has_class[circuit->slot];
		lazy_count(day->lazy, circuit->slot, circuit->packets, now_ns);
	}
	removed = lazy_expire(day->lazy, DAY_IDLE_S * NS_PER_SECOND, now_ns);
	day->removals += removed;
	if (with_class > day->most_with_class)
		day->most_with_class = with_class;
}

/* What each queue carried in the hour, beside the best: none below the mean or the largest site. */
static inline void day_compare(struct day *day, unsigned int hour)
{
	uint64_t queues[QUEUES_MAX + 1] = { 0 }, *sites = xcalloc(DAY_SITES, sizeof(*sites));
	uint64_t total = 0, best, fullest = 0;

	for (uint32_t i = 0; i < DAY_CIRCUITS; i++)
		sites[day->network->circuits[i].site] += day->circuits[i].bytes;
	best = 0;
	for (uint32_t i = 0; i < DAY_SITES; i++) {
		uint64_t bytes = sites[i] - day->bytes_before[i];
		const char *id = day->network->sites[i].id;

		queues[handles_find(day->handles, NODE_SITE, id)->queue] += bytes;
		total += bytes;
		best = bytes > best ? bytes : best;
		day->bytes_before[i] = sites[i];
	}
	for (uint16_t queue = 1; queue <= DAY_QUEUES; queue++)
		fullest = queues[queue] > fullest ? queues[queue] : fullest;
	best = total / DAY_QUEUES > best ? total / DAY_QUEUES : best;
	day->uneven[hour] = (double)fullest / (double)best;
	day->load_bps[hour] = (double)total * 8 / 3600;
	free(sites);
}

static inline void day_move(struct day *day)
{
	struct balance_move moves[BALANCE_MOVES_MOST];
	struct balance_hints hints = { .loads = day->loads, .moves = moves };
	uint64_t now_ns = day->now_s * NS_PER_SECOND;

	if (node_loads_windows(day->loads) < 24)
		return;
	hints.move_count =
		balance_find_moves(day->network, day->handles, day->settings.link_bps, DAY_QUEUES,
				   day->loads, 3600 * NS_PER_SECOND, now_ns, moves);
	if (!hints.move_count)
		return;
	day_number(day, &hints);
	for (size_t i = 0; i < hints.move_count; i++)
		node_loads_note_move(day->loads,
				     handles_find(day->handles, NODE_SITE,
						  day->network->sites[moves[i].index].id),
				     now_ns);
	day->moves += hints.move_count;
}

static inline void day_run(struct day *day)
{
	for (unsigned int hour = 0; hour < DAY_HOURS; hour++) {
		for (uint32_t step = 0; step < 3600 / DAY_STEP_S; step++) {
			day->now_s += DAY_STEP_S;
			day_step(day, hour % 24);
		}
		day_compare(day, hour);
		day_measure(day);
		day_move(day);
		day_shape(day);
	}
}

/* The worst of the hours [from, to) that carry at least 4/5 of what the busiest of all carried. */
static inline double day_worst(const struct day *day, unsigned int from, unsigned int to)
{
	double busiest = 0, worst = 0;

	for (unsigned int hour = 0; hour < DAY_HOURS; hour++)
		busiest = day->load_bps[hour] > busiest ? day->load_bps[hour] : busiest;
	for (unsigned int hour = from; hour < to; hour++)
		if (5 * day->load_bps[hour] >= 4 * busiest && day->uneven[hour] > worst)
			worst = day->uneven[hour];
	return worst;
}

#endif
