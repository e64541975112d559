/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/balance.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/queue_tree.h"

#define RUNS_AHEAD 24 /* of moves: what these can reach says whether they are worth beginning */

/* An item that is to be placed, or may move. */
struct candidate {
	uint64_t weight;
	const struct balance_item *item;
	uint16_t queue; /* 0: none yet */
	bool may_move;
};

/* Bits a second of plan that stand for one that is measured: so that both can be compared. */
static double measured_share(const struct balance_items *items, const struct node_loads *loads)
{
	double load = 0, plan = 0;
	uint64_t load_bps;

	for (size_t i = 0; i < items->count; i++) {
		if (!loads || !node_loads_get(loads, items->list[i].numbers, &load_bps))
			continue;
		load += (double)load_bps;
		plan += (double)items->list[i].plan_bps;
	}
	return load > 0 && plan > 0 ? load / plan : 1;
}

/* 1 more each, so that what has no traffic spreads as well. */
static uint64_t weigh(const struct balance_item *item, const struct node_loads *loads, double share)
{
	uint64_t load_bps;

	if (loads && node_loads_get(loads, item->numbers, &load_bps))
		return load_bps + 1;
	return (uint64_t)((double)item->plan_bps * share) + 1;
}

static uint16_t valid_queue(const struct balance_item *item, uint16_t queues)
{
	return item->numbers && item->numbers->queue <= queues ? item->numbers->queue : 0;
}

static struct candidate *find_candidates(const struct balance_items *items,
					 const struct node_loads *loads, uint16_t queues)
{
	struct candidate *list = xcalloc(items->count, sizeof(*list));
	double share = measured_share(items, loads);

	for (size_t i = 0; i < items->count; i++)
		list[i] = (struct candidate){ .weight = weigh(&items->list[i], loads, share),
					      .item = &items->list[i],
					      .queue = valid_queue(&items->list[i], queues) };
	return list;
}

/* --- placing what has no queue ---------------------------------------------------------------- */

static int compare_candidates(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;
	int by_id;

	if (a->weight != b->weight)
		return a->weight < b->weight ? 1 : -1;
	by_id = strcmp(a->item->id, b->item->id);
	/* A site and a circuit of one id: the site first. */
	return by_id ? by_id : (a->item > b->item) - (a->item < b->item);
}

static uint16_t least_loaded(const uint64_t load[QUEUES_MAX + 1], uint16_t queues)
{
	uint16_t best = 1;

	for (uint16_t queue = 2; queue <= queues; queue++)
		if (load[queue] < load[best])
			best = queue;
	return best;
}

static void move_as_hinted(struct candidate *candidate, const struct balance_hints *hints)
{
	for (size_t i = 0; i < hints->move_count; i++)
		if (hints->moves[i].kind == candidate->item->kind &&
		    hints->moves[i].index == candidate->item->index)
			candidate->queue = hints->moves[i].to;
}

/* queue_of_item[] follows the items' order. */
static void place_items(const struct balance_items *items, uint16_t queues,
			const struct balance_hints *hints, uint16_t *queue_of_item)
{
	struct candidate *list = find_candidates(items, hints->loads, queues);
	uint64_t load[QUEUES_MAX + 1] = { 0 };

	for (size_t i = 0; i < items->count; i++) {
		move_as_hinted(&list[i], hints);
		load[list[i].queue] += list[i].weight;
	}
	qsort(list, items->count, sizeof(*list), compare_candidates);
	for (size_t i = 0; i < items->count; i++) {
		struct candidate *candidate = &list[i];

		if (!candidate->queue) {
			candidate->queue = least_loaded(load, queues);
			load[candidate->queue] += candidate->weight;
		}
		queue_of_item[candidate->item - items->list] = candidate->queue;
	}
	free(list);
}

/* --- evening out ------------------------------------------------------------------------------ */

struct stand {
	struct candidate *list;
	size_t count;
	uint16_t queues;
	uint64_t load[QUEUES_MAX + 1], total;
	uint64_t least_bps; /* where the fullest queue has less, nothing is worth a move */
};

/* What stands on queues above their mean. */
static double find_excess(const struct stand *stand)
{
	double mean = (double)stand->total / stand->queues, excess = 0;

	for (uint16_t queue = 1; queue <= stand->queues; queue++)
		if ((double)stand->load[queue] > mean)
			excess += (double)stand->load[queue] - mean;
	return excess;
}

/* The fullest queue but those that are barred; 0: there is none. */
static uint16_t find_fullest(const struct stand *stand, const bool barred[QUEUES_MAX + 1])
{
	uint16_t best = 0;

	for (uint16_t queue = 1; queue <= stand->queues; queue++)
		if (!barred[queue] && (!best || stand->load[queue] > stand->load[best]))
			best = queue;
	return best;
}

/* How much nearer two queues come to one another by a move from one of them to the other,
 * halved. */
static uint64_t find_gain(uint64_t weight, uint64_t gap)
{
	if (weight >= gap)
		return 0;
	return weight < gap - weight ? weight : gap - weight;
}

static struct candidate *find_best(const struct stand *stand, uint16_t from, uint16_t to,
				   uint64_t least_gain)
{
	uint64_t gap = stand->load[from] - stand->load[to];
	struct candidate *best = NULL;

	for (size_t i = 0; i < stand->count; i++) {
		struct candidate *candidate = &stand->list[i];
		uint64_t gain = find_gain(candidate->weight, gap);

		if (candidate->queue != from || !candidate->may_move || gain <= least_gain)
			continue;
		least_gain = gain;
		best = candidate;
	}
	return best;
}

/* One move, from the fullest queue that has one to give. */
static bool find_step(struct stand *stand, uint64_t least_gain, struct balance_move *move)
{
	uint16_t to = least_loaded(stand->load, stand->queues), from;
	bool barred[QUEUES_MAX + 1] = { false };
	struct candidate *best = NULL;

	while ((from = find_fullest(stand, barred)) && from != to && !best) {
		best = find_best(stand, from, to, least_gain);
		barred[from] = true;
	}
	if (!best)
		return false;
	*move = (struct balance_move){ .kind = best->item->kind,
				       .index = best->item->index,
				       .from = best->queue,
				       .to = to,
				       .load_bps = best->weight - 1 };
	stand->load[best->queue] -= best->weight;
	stand->load[to] += best->weight;
	best->queue = to;
	best->may_move = false;
	return true;
}

static size_t find_moves(struct stand *stand, struct balance_move moves[BALANCE_MOVES_MOST])
{
	size_t at_once = stand->count / 100, steps = 0;
	uint16_t fullest = find_fullest(stand, (bool[QUEUES_MAX + 1]){ false });
	uint64_t fullest_load = stand->load[fullest], least_gain;
	double excess = find_excess(stand), threshold = 0.03 * (double)stand->total;
	struct balance_move move;

	if (at_once > BALANCE_MOVES_MOST)
		at_once = BALANCE_MOVES_MOST;
	if (!at_once)
		at_once = 1;
	if (fullest_load < stand->least_bps)
		return 0;
	/* Less than that a step does not lead anywhere in the steps that there are. */
	least_gain = (uint64_t)(threshold / (2.0 * RUNS_AHEAD * (double)at_once));
	while (steps < RUNS_AHEAD * at_once && find_step(stand, least_gain, &move)) {
		if (steps < at_once)
			moves[steps] = move;
		steps++;
	}
	fullest = find_fullest(stand, (bool[QUEUES_MAX + 1]){ false });
	if (excess - find_excess(stand) <= threshold &&
	    10.0 * stand->queues * (double)(fullest_load - stand->load[fullest]) <=
		    (double)stand->total)
		return 0;
	return steps < at_once ? steps : at_once;
}

/* --- public ----------------------------------------------------------------------------------- */

void balance_network(const struct network *network, const struct handles *handles,
		     const uint64_t link_bps[DIRECTIONS], uint16_t queues,
		     const struct balance_hints *hints, uint16_t *queue_of_site,
		     uint16_t *queue_of_circuit)
{
	struct balance_items items;
	uint16_t *queue_of_item;

	balance_items_find(network, handles, link_bps, &items);
	queue_of_item = xcalloc(items.count, sizeof(*queue_of_item));
	place_items(&items, queues, hints, queue_of_item);
	for (size_t i = 0; i < network->site_count; i++)
		queue_of_site[i] =
			items.of_site[i] == NETWORK_NONE ? 0 : queue_of_item[items.of_site[i]];
	for (size_t i = 0; i < network->circuit_count; i++)
		queue_of_circuit[i] = queue_of_item[items.of_circuit[i]];
	free(queue_of_item);
	balance_items_release(&items);
}

size_t balance_find_moves(const struct network *network, const struct handles *handles,
			  const uint64_t link_bps[DIRECTIONS], uint16_t queues,
			  const struct node_loads *loads, uint64_t cooldown_ns, uint64_t now_ns,
			  struct balance_move moves[BALANCE_MOVES_MOST])
{
	struct stand stand = { .queues = queues,
			       .least_bps = (link_bps[DOWNLOAD] + link_bps[UPLOAD]) / 100 };
	struct balance_items items;
	uint64_t load_bps;
	size_t count;

	balance_items_find(network, handles, link_bps, &items);
	stand.list = find_candidates(&items, loads, queues);
	stand.count = items.count;
	for (size_t i = 0; i < items.count; i++) {
		const struct assignment *numbers = items.list[i].numbers;
		struct candidate *candidate = &stand.list[i];

		if (!candidate->queue)
			continue;
		candidate->may_move = node_loads_get(loads, numbers, &load_bps) &&
				      now_ns - node_loads_moved_ns(loads, numbers) >= cooldown_ns;
		stand.load[candidate->queue] += candidate->weight;
		stand.total += candidate->weight;
	}
	count = find_moves(&stand, moves);
	free(stand.list);
	balance_items_release(&items);
	return count;
}

bool balance_is_too_big(uint64_t load_bps, const uint64_t link_bps[DIRECTIONS], uint16_t queues)
{
	return queues > 1 && load_bps > (link_bps[DOWNLOAD] + link_bps[UPLOAD]) / queues;
}
