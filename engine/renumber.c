/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/renumber.h"

#include <stdlib.h>

#include "engine/base/memory.h"
#include "engine/layout.h"
#include "engine/plan.h"

struct moved {
	bool *sites, *circuits; /* in the network's order */
	size_t site_count, circuit_count;
};

/* Whether a class stands there that can't become this one. */
static bool is_in_the_way(const struct shape *applied, const struct queue_class *shall)
{
	for (int d = 0; d < DIRECTIONS; d++) {
		const struct queue_class *is =
			queue_tree_find(&applied->tree[d], shall->queue, shall->minor);

		if (is && !plan_in_place(is, shall))
			return true;
	}
	return false;
}

static bool site_moved(const struct shape *applied, const struct layout *layout,
		       const struct shape_settings *settings, const struct layout_site *place)
{
	const struct assignment *numbers = place->numbers;
	struct queue_class class = { .queue = numbers->queue,
				     .minor = numbers->handle,
				     .parent = layout_parent_minor(layout, place->parent) };
	struct queue_class waiting = { .queue = numbers->queue,
				       .minor = numbers->waiting_handle,
				       .parent = numbers->handle,
				       .leaf = (uint8_t)settings->leaf,
				       .leaf_handle = numbers->waiting_handle };

	return is_in_the_way(applied, &class) || is_in_the_way(applied, &waiting);
}

/* Where a class of its own stands, or is to be made. */
static bool circuit_moved(const struct shape *applied, const struct layout *layout,
			  const struct shape_settings *settings, const bool *moved_sites,
			  const struct layout_circuit *place)
{
	struct queue_class class = { .queue = place->numbers->queue,
				     .minor = place->numbers->handle,
				     .parent = layout_parent_minor(layout, place->parent),
				     .leaf = (uint8_t)place->leaf.kind,
				     .leaf_handle = place->numbers->handle };

	if (!shape_has_own_class(settings, place->numbers))
		return false;
	return (place->parent != NETWORK_NONE && moved_sites[place->parent]) ||
	       is_in_the_way(applied, &class);
}

static void find_moved(const struct network *network, const struct shape_settings *settings,
		       const struct shape *applied, const struct layout *layout,
		       struct moved *moved)
{
	for (uint32_t i = 0; i < network->site_count; i++) {
		const struct layout_site *place = &layout->sites[i];

		if (!place->level)
			continue;
		moved->sites[i] = (place->parent != NETWORK_NONE && moved->sites[place->parent]) ||
				  site_moved(applied, layout, settings, place);
		moved->site_count += moved->sites[i];
	}
	for (uint32_t i = 0; i < network->circuit_count; i++) {
		const struct layout_circuit *place = &layout->circuits[i];

		moved->circuits[i] = circuit_moved(applied, layout, settings, moved->sites, place);
		moved->circuit_count += moved->circuits[i];
	}
}

static bool renew(const struct network *network, const struct moved *moved, struct handles *handles,
		  struct error *err)
{
	if (2 * moved->site_count > handles_free_count(handles))
		return error_set(err, ERROR_INVALID,
				 "%zu sites move and need %zu new class handles beside their old "
				 "ones, but only %zu are free",
				 moved->site_count, 2 * moved->site_count,
				 handles_free_count(handles));
	for (uint32_t i = 0; i < network->site_count; i++)
		if (moved->sites[i])
			handles_renew(handles, NODE_SITE, network->sites[i].id);
	for (uint32_t i = 0; i < network->circuit_count; i++)
		if (moved->circuits[i])
			handles_renew(handles, NODE_CIRCUIT, network->circuits[i].id);
	return true;
}

bool renumber_moved(const struct network *network, const struct shape_settings *settings,
		    const struct shape *applied, struct handles *handles, size_t *count,
		    struct error *err)
{
	struct moved moved = { .sites = xcalloc(network->site_count, sizeof(bool)),
			       .circuits = xcalloc(network->circuit_count, sizeof(bool)) };
	struct layout layout;
	bool ok;

	layout_make(network, handles, settings, &layout);
	find_moved(network, settings, applied, &layout, &moved);
	layout_release(&layout);
	ok = renew(network, &moved, handles, err);
	if (count)
		*count = ok ? moved.site_count + moved.circuit_count : 0;
	free(moved.sites);
	free(moved.circuits);
	return ok;
}

void renumber_reserve_found(const struct shape *applied, struct handles *handles)
{
	for (int d = 0; d < DIRECTIONS; d++)
		for (size_t i = 0; i < applied->tree[d].class_count; i++)
			handles_reserve(handles, applied->tree[d].classes[i].minor);
	for (size_t i = 0; i < applied->row_count; i++)
		handles_reserve_slot(handles, applied->rows[i].slot);
}

static void mark_borne(const struct shape *applied, bool *is_borne)
{
	for (int d = 0; d < DIRECTIONS; d++)
		for (size_t i = 0; i < applied->tree[d].class_count; i++) {
			is_borne[applied->tree[d].classes[i].minor] = true;
			is_borne[applied->tree[d].classes[i].leaf_handle] = true;
		}
	for (size_t i = 0; i < applied->row_count; i++) {
		is_borne[applied->rows[i].row.handle] = true;
		is_borne[applied->rows[i].row.waiting_handle] = true;
	}
}

void renumber_take_back(const struct shape *applied, const bool *has_class, struct handles *handles)
{
	bool *is_borne = xcalloc(UINT16_MAX + 1, sizeof(*is_borne));

	mark_borne(applied, is_borne);
	handles_take_back(handles, is_borne, has_class);
	free(is_borne);
}

uint16_t renumber_find_queue(const struct shape *applied, uint16_t minor)
{
	for (int d = 0; d < DIRECTIONS; d++)
		for (uint16_t queue = 1; queue <= QUEUES_MAX; queue++)
			if (queue_tree_find(&applied->tree[d], queue, minor))
				return queue;
	return 0;
}
