/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/placement.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/balance.h"
#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "engine/base/memory.h"
#include "engine/base/units.h"
#include "engine/change.h"
#include "engine/events.h"
#include "engine/saved_loads.h"

#define RETRY_MS 1000

struct placement {
	struct engine *engine;
	struct node_loads *loads;
	struct watch *window, *retry;
	uint64_t moves;
	bool *too_big; /* by slot: it has been said */
	uint32_t too_big_count;
};

static void end_window(struct placement *placement, const struct balance_items *items)
{
	const struct engine *engine = placement->engine;
	uint64_t *bytes = xcalloc(datapath_slots(engine->datapath), sizeof(*bytes));
	const struct assignment *list;
	struct slot_counters counters;
	size_t count;

	list = handles_list(engine->handles, &count);
	for (size_t i = 0; i < count; i++) {
		if (list[i].kind != NODE_CIRCUIT || !list[i].slot)
			continue;
		datapath_read_counters(engine->datapath, list[i].slot, &counters);
		bytes[list[i].slot] = counters.bytes[DOWNLOAD] + counters.bytes[UPLOAD];
	}
	node_loads_take(placement->loads, engine->network, engine->handles, items, bytes,
			clock_now_ns());
	free(bytes);
}

/* --- what no placement helps ------------------------------------------------------------------ */

static void note_too_big(struct placement *placement, const struct balance_item *item,
			 uint64_t load_bps)
{
	struct engine *engine = placement->engine;
	char share[RATE_TEXT_SIZE], load[RATE_TEXT_SIZE], text[200];
	uint64_t share_bps =
		(engine->shaping.link_bps[DOWNLOAD] + engine->shaping.link_bps[UPLOAD]) /
		engine->shaping.usable_queues;

	snprintf(text, sizeof(text),
		 "too big for one of %u queues: both directions together, its share of the link is "
		 "%s; divide it into sites with capacities of their own, below one without",
		 engine->shaping.usable_queues, rate_format(share_bps, share));
	events_note(engine, EVENT_ALERT, item->id, "load", share, rate_format(load_bps, load),
		    text);
}

static void find_too_big(struct placement *placement, const struct balance_items *items)
{
	const struct shape_settings *shaping = &placement->engine->shaping;
	uint32_t count = 0;

	for (size_t i = 0; i < items->count; i++) {
		const struct balance_item *item = &items->list[i];
		uint64_t load_bps;
		bool *said, is_too_big;

		if (!node_loads_get(placement->loads, item->numbers, &load_bps))
			continue;
		said = &placement->too_big[item->numbers->slot];
		is_too_big =
			balance_is_too_big(load_bps, shaping->link_bps, shaping->usable_queues);
		if (is_too_big && !*said)
			note_too_big(placement, item, load_bps);
		*said = is_too_big;
		count += is_too_big;
	}
	placement->too_big_count = count;
}

/* --- moves ------------------------------------------------------------------------------------ */

static const char *id_of(const struct network *network, const struct balance_move *move)
{
	return move->kind == NODE_SITE ? network->sites[move->index].id
				       : network->circuits[move->index].id;
}

static void note_moves(struct placement *placement, const struct balance_move *moves, size_t count)
{
	struct engine *engine = placement->engine;
	char from[8], to[8], load[RATE_TEXT_SIZE], text[64];

	for (size_t i = 0; i < count; i++) {
		const char *id = id_of(engine->network, &moves[i]);

		node_loads_note_move(placement->loads,
				     handles_find(engine->handles, moves[i].kind, id),
				     clock_now_ns());
		snprintf(from, sizeof(from), "%u", moves[i].from);
		snprintf(to, sizeof(to), "%u", moves[i].to);
		snprintf(text, sizeof(text), "moved with its load of %s",
			 rate_format(moves[i].load_bps, load));
		events_note(engine, EVENT_ROUTINE, id, "queue", from, to, text);
	}
	placement->moves += count;
}

static void move_some(struct placement *placement)
{
	struct engine *engine = placement->engine;
	struct balance_move moves[BALANCE_MOVES_MOST];
	struct balance_hints hints = { .loads = placement->loads, .moves = moves };
	struct error err;

	if (engine->lacks_numbers || node_loads_windows(placement->loads) < PLACEMENT_FIRST_WINDOWS)
		return;
	hints.move_count = balance_find_moves(
		engine->network, engine->handles, engine->shaping.link_bps,
		engine->shaping.usable_queues, placement->loads,
		engine->config.rebalance_s * NS_PER_SECOND, clock_now_ns(), moves);
	if (!hints.move_count)
		return;
	if (change_move_queues(engine, &hints, &err)) {
		note_moves(placement, moves, hints.move_count);
		return;
	}
	log_warning("%zu sites do not change their queue yet: %s", hints.move_count, err.text);
	if (engine->trouble[0])
		timer_start(placement->retry, RETRY_MS, RETRY_MS);
}

static void on_window(void *data, uint32_t events)
{
	struct placement *placement = data;
	struct engine *engine = placement->engine;
	struct balance_items items;

	balance_items_find(engine->network, engine->handles, engine->shaping.link_bps, &items);
	end_window(placement, &items);
	engine->loads_unsaved = true;
	find_too_big(placement, &items);
	balance_items_release(&items);
	move_some(placement);
}

/* A move that the kernel refused is put right as soon as it lets. */
static void on_retry(void *data, uint32_t events)
{
	struct placement *placement = data;
	unsigned int operations;
	struct error err;

	if (!placement->engine->trouble[0] ||
	    change_reconcile(placement->engine, false, &operations, &err))
		timer_stop(placement->retry);
}

/* --- public ----------------------------------------------------------------------------------- */

struct placement *placement_new(struct engine *engine)
{
	struct placement *placement = xcalloc(1, sizeof(*placement));
	uint32_t slots = datapath_slots(engine->datapath);
	uint32_t window_ms = engine->config.rebalance_s * 1000;

	placement->engine = engine;
	placement->loads = node_loads_new(slots);
	saved_loads_read(engine->state_db, engine->handles, placement->loads);
	placement->too_big = xcalloc(slots, sizeof(*placement->too_big));
	placement->window = loop_add_timer(engine->loop, on_window, placement);
	placement->retry = loop_add_timer(engine->loop, on_retry, placement);
	if (window_ms)
		timer_start(placement->window, window_ms, window_ms);
	return placement;
}

void placement_free(struct placement *placement)
{
	if (!placement)
		return;
	watch_remove(placement->window);
	watch_remove(placement->retry);
	node_loads_free(placement->loads);
	free(placement->too_big);
	free(placement);
}

const struct node_loads *placement_loads(const struct placement *placement)
{
	return placement ? placement->loads : NULL;
}

void placement_count(const struct placement *placement, struct placement_counts *counts)
{
	*counts = (struct placement_counts){ .windows = node_loads_windows(placement->loads),
					     .moves = placement->moves,
					     .too_big = placement->too_big_count };
}
