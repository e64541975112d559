/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/check_plan.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/state.h"
#include "engine/base/memory.h"
#include "engine/lazy.h"
#include "engine/numbering.h"
#include "engine/saved_loads.h"
#include "engine/state.h"

#define QUEUES_WHEN_UNKNOWN 1

/* The queues that an engine had, as far as the numbers that it gave tell. */
static uint16_t count_queues(const struct config *config, const struct handles *handles)
{
	uint16_t queues = QUEUES_WHEN_UNKNOWN;
	const struct assignment *list;
	size_t count;

	if (config->queues)
		return (uint16_t)config->queues;
	list = handles_list(handles, &count);
	for (size_t i = 0; i < count; i++)
		queues = list[i].queue > queues ? list[i].queue : queues;
	return queues;
}

static struct shape_settings guess_settings(const struct config *config,
					    const struct handles *handles)
{
	uint16_t queues = count_queues(config, handles);
	struct shape_settings settings = {
		.queues = queues,
		.usable_queues = queues,
		.cpus = (uint16_t)sysconf(_SC_NPROCESSORS_ONLN),
		.leaf = config->leaf ? config->leaf : LEAF_CAKE,
		.best_leaf = LEAF_CAKE,
		.cake = config->cake.cake,
		.cake_rtt_us = config->cake.rtt_us,
		.overhead_bytes = (uint8_t)config->overhead_bytes,
		.mpu_bytes = (uint8_t)config->mpu_bytes,
	};

	memcpy(settings.link_bps, config->link_bps, sizeof(settings.link_bps));
	if (config->wiring.kind == WIRING_STICK)
		settings.queue_base[UPLOAD] = queues;
	return settings;
}

/* A row without its number, in a state that was cut short: then nothing of it can be trusted. */
static bool all_have_numbers(const struct network *network, const struct handles *handles)
{
	for (size_t i = 0; i < network->site_count; i++)
		if (!handles_find(handles, NODE_SITE, network->sites[i].id))
			return false;
	for (size_t i = 0; i < network->circuit_count; i++)
		if (!handles_find(handles, NODE_CIRCUIT, network->circuits[i].id))
			return false;
	return true;
}

static bool read_state(struct check_plan *check, const struct config *config, struct error *err)
{
	struct assignment *assignments = NULL;
	struct state_db *db;
	size_t count = 0;

	error_set(err, ERROR_NONE, "%s", "");
	if (access(config->state_path, F_OK) < 0)
		return false;
	db = state_db_open_to_read(config->state_path, err);
	if (db && state_db_load_assignments(db, &assignments, &count, err))
		check->before = state_db_load_network(db, err);
	for (size_t i = 0; i < count && check->before; i++)
		handles_put(check->handles_before, &assignments[i]);
	assignments_free(assignments, count);
	if (check->before)
		saved_loads_read(db, check->handles_before, check->loads);
	state_db_close(db);
	if (!check->before || all_have_numbers(check->before, check->handles_before))
		return check->before;
	return error_set(err, ERROR_SYSTEM, "%s has not the numbers of all sites and circuits",
			 config->state_path);
}

static struct handles *new_handles(const struct config *config)
{
	struct handles *handles = handles_new(config->slots_max);

	if (config->wiring.kind == WIRING_STICK)
		handles_share(handles);
	return handles;
}

/* --- classes made when there is traffic ------------------------------------------------------- */

/* As an engine's lazy queues, had it been there: who has no handle has no class. */
static void find_classes(struct check_plan *check, const struct config *config)
{
	size_t count, without = 0;
	const struct assignment *list = handles_list(check->handles_before, &count);

	check->has_class = xcalloc(config->slots_max, sizeof(*check->has_class));
	for (size_t i = 0; i < count; i++) {
		check->has_class[list[i].slot] = list[i].handle;
		without += !list[i].handle;
	}
	check->lazy_before = lazy_decide(config->lazy, check->before->circuit_count, without);
}

static size_t count_classes(const struct check_plan *check, const struct network *network)
{
	size_t count = 0;

	for (size_t i = 0; i < network->circuit_count; i++)
		count += shape_has_own_class(
			&check->settings,
			handles_find(check->handles_after, NODE_CIRCUIT, network->circuits[i].id));
	return count;
}

/* --- public ----------------------------------------------------------------------------------- */

void check_plan_begin(struct check_plan *check, const struct config *config,
		      const struct shape_settings *settings, struct error *why_nothing)
{
	*check = (struct check_plan){ .handles_before = new_handles(config),
				      .loads = node_loads_new(config->slots_max) };
	check->from_nothing = !read_state(check, config, why_nothing);
	if (check->from_nothing) {
		network_free(check->before);
		handles_free(check->handles_before);
		check->before = network_new();
		check->handles_before = new_handles(config);
	}
	check->settings = settings ? *settings : guess_settings(config, check->handles_before);
	find_classes(check, config);
	check->settings.has_class = check->lazy_before ? check->has_class : NULL;
	if (!check->from_nothing)
		shape_network(check->before, check->handles_before, &check->settings,
			      &check->applied, NULL);
}

bool check_plan_make(struct check_plan *check, const struct config *config, struct network *network,
		     struct error *err)
{
	struct shape_settings *settings = &check->settings;
	struct balance_hints hints = { .loads = check->loads };
	struct shape desired;

	check->handles_after = handles_copy(check->handles_before);
	if (!numbering_place(network, settings, &check->applied, &hints, check->handles_after, err))
		return false;
	check->lazy_after = lazy_decide(config->lazy, network->circuit_count, check->lazy_before);
	settings->has_class = check->lazy_after ? check->has_class : NULL;
	if (!numbering_classes(network, settings, &check->applied, check->handles_after, err))
		return false;
	shape_network(network, check->handles_after, settings, &desired, network);
	plan_make(&check->applied, &desired, &check->plan);
	shape_release(&desired);
	check->with_class = count_classes(check, network);
	return true;
}

void check_plan_release(struct check_plan *check)
{
	plan_release(&check->plan);
	shape_release(&check->applied);
	network_free(check->before);
	handles_free(check->handles_before);
	handles_free(check->handles_after);
	free(check->has_class);
	node_loads_free(check->loads);
}
