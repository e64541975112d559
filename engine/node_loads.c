/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/node_loads.h"

#include <stdlib.h>

#include "engine/base/clock.h"
#include "engine/base/memory.h"

/* 2 ^ (-1 / NODE_LOADS_HALVED) */
#define KEPT_PER_WINDOW 0.99588266

struct slot_load {
	uint64_t owner; /* of the item at this slot */
	double load_bps;
	uint64_t moved_ns;
	bool measured;
	uint64_t circuit_owner, bytes; /* of the circuit at this slot, when the window began */
};

struct node_loads {
	uint32_t slots, windows;
	struct slot_load *list;
	uint64_t began_ns; /* 0: no window has begun */
};

struct node_loads *node_loads_new(uint32_t slots)
{
	struct node_loads *loads = xcalloc(1, sizeof(*loads));

	loads->slots = slots;
	loads->list = xcalloc(slots, sizeof(*loads->list));
	return loads;
}

void node_loads_free(struct node_loads *loads)
{
	if (!loads)
		return;
	free(loads->list);
	free(loads);
}

static struct slot_load *find_slot(const struct node_loads *loads, const struct assignment *numbers)
{
	return numbers && numbers->slot < loads->slots ? &loads->list[numbers->slot] : NULL;
}

static struct slot_load *find_item(const struct node_loads *loads, const struct assignment *numbers)
{
	struct slot_load *load = find_slot(loads, numbers);

	return load && load->owner == numbers->owner ? load : NULL;
}

/* What a circuit had since the window began; counters that went back are new ones. */
static uint64_t count_bytes(struct slot_load *load, uint64_t owner, uint64_t bytes)
{
	uint64_t before =
		load->circuit_owner == owner && load->bytes <= bytes ? load->bytes : bytes;

	load->circuit_owner = owner;
	load->bytes = bytes;
	return bytes - before;
}

static void end_window(struct slot_load *load, const struct assignment *numbers, uint64_t bytes,
		       uint64_t began_ns, uint64_t now_ns)
{
	double mean_bps;

	if (load->owner != numbers->owner) {
		load->owner = numbers->owner;
		load->moved_ns = now_ns;
		load->load_bps = 0;
		load->measured = false;
		return;
	}
	if (!began_ns)
		return;
	mean_bps = 8.0 * (double)bytes * (double)NS_PER_SECOND / (double)(now_ns - began_ns);
	load->load_bps *= KEPT_PER_WINDOW;
	if (mean_bps > load->load_bps)
		load->load_bps = mean_bps;
	load->measured = true;
}

void node_loads_take(struct node_loads *loads, const struct network *network,
		     const struct handles *handles, const struct balance_items *items,
		     const uint64_t *bytes, uint64_t now_ns)
{
	uint64_t *sums = xcalloc(items->count, sizeof(*sums));

	for (size_t i = 0; i < network->circuit_count; i++) {
		const struct assignment *numbers =
			handles_find(handles, NODE_CIRCUIT, network->circuits[i].id);
		struct slot_load *load = find_slot(loads, numbers);

		if (load)
			sums[items->of_circuit[i]] +=
				count_bytes(load, numbers->owner, bytes[numbers->slot]);
	}
	for (size_t i = 0; i < items->count; i++) {
		struct slot_load *load = find_slot(loads, items->list[i].numbers);

		if (load)
			end_window(load, items->list[i].numbers, sums[i], loads->began_ns, now_ns);
	}
	loads->windows += loads->began_ns != 0;
	loads->began_ns = now_ns;
	free(sums);
}

uint32_t node_loads_windows(const struct node_loads *loads)
{
	return loads->windows;
}

bool node_loads_get(const struct node_loads *loads, const struct assignment *numbers,
		    uint64_t *load_bps)
{
	const struct slot_load *load = find_item(loads, numbers);

	if (!load || !load->measured)
		return false;
	*load_bps = (uint64_t)load->load_bps;
	return true;
}

void node_loads_restore(struct node_loads *loads, const struct assignment *numbers,
			uint64_t load_bps, uint64_t now_ns)
{
	struct slot_load *load = find_slot(loads, numbers);

	if (!load)
		return;
	load->owner = numbers->owner;
	load->load_bps = (double)load_bps;
	load->moved_ns = now_ns;
	load->measured = true;
}

void node_loads_restore_windows(struct node_loads *loads, uint32_t windows)
{
	loads->windows = windows;
}

void node_loads_note_move(struct node_loads *loads, const struct assignment *numbers,
			  uint64_t now_ns)
{
	struct slot_load *load = find_item(loads, numbers);

	if (load)
		load->moved_ns = now_ns;
}

uint64_t node_loads_moved_ns(const struct node_loads *loads, const struct assignment *numbers)
{
	const struct slot_load *load = find_item(loads, numbers);

	return load ? load->moved_ns : 0;
}
