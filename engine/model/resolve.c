/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From rows as they stand in the database to a network that can be applied. What can't be taken
 * becomes a problem; the circuit it belongs to keeps its last good state (I6). See lqos-db(5).
 */
#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/model/network_index.h"
#include "engine/base/units.h"
#include "engine/model/leaf.h"
#include "engine/model/network.h"
#include "engine/model/resolve_private.h"

#define SITES_DEEPEST 64

void resolve_add_problem(struct resolution *r, const char *kind, const char *id, const char *reason,
			 const char *in_force)
{
	const char *subject = arena_format(r->out->arena, "%s %s", kind, id);

	network_add_problem(r->out, subject, reason, in_force);
}

/* --- sites ------------------------------------------------------------------------------------ */

static int compare_sites(const void *left, const void *right, void *data)
{
	const struct network *rows = data;

	return strcmp(rows->sites[*(const uint32_t *)left].id,
		      rows->sites[*(const uint32_t *)right].id);
}

static uint32_t find_row_site(const struct resolution *r, const char *id)
{
	size_t low = 0, high = r->rows->site_count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(id, r->rows->sites[r->site_order[middle]].id);

		if (!order)
			return r->site_order[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NETWORK_NONE;
}

/* A site whose ancestors lead back to it, or go too deep, hangs at the top instead. */
static bool has_sound_ancestry(const struct resolution *r, const uint32_t *parents, uint32_t site)
{
	uint32_t steps = 0;

	for (uint32_t s = parents[site]; s != NETWORK_NONE; s = parents[s])
		if (s == site || ++steps >= SITES_DEEPEST)
			return false;
	return true;
}

static uint32_t *find_parents(struct resolution *r)
{
	const struct network *rows = r->rows;
	uint32_t *parents = xcalloc(rows->site_count, sizeof(*parents));

	for (uint32_t s = 0; s < rows->site_count; s++) {
		const struct site *site = &rows->sites[s];

		parents[s] = NETWORK_NONE;
		if (!site->parent_id)
			continue;
		parents[s] = find_row_site(r, site->parent_id);
		if (parents[s] == NETWORK_NONE)
			resolve_add_problem(
				r, "site", site->id,
				arena_format(r->out->arena,
					     "its parent \"%s\" is not a site that exists",
					     site->parent_id),
				"it stands at the top of the tree");
	}
	for (uint32_t s = 0; s < rows->site_count; s++) {
		if (has_sound_ancestry(r, parents, s))
			continue;
		parents[s] = NETWORK_NONE;
		resolve_add_problem(
			r, "site", rows->sites[s].id,
			arena_format(r->out->arena,
				     "it is its own ancestor, or more than %d sites deep",
				     SITES_DEEPEST),
			"it stands at the top of the tree");
	}
	return parents;
}

/* A capacity that can't be is as if it were not given. */
static void check_capacity(struct resolution *r, struct site *site)
{
	static const char *const names[] = { "download", "upload" };
	char rate[RATE_TEXT_SIZE];

	for (int d = 0; d < DIRECTIONS; d++) {
		uint64_t *capacity_bps = &site->capacity_bps[d];

		if (!*capacity_bps ||
		    (*capacity_bps >= PLAN_LEAST_BPS && *capacity_bps <= PLAN_MOST_BPS))
			continue;
		resolve_add_problem(r, "site", site->id,
				    arena_format(r->out->arena,
						 "its %s capacity %s is not between 1k and 1T",
						 names[d], rate_format(*capacity_bps, rate)),
				    "it has as much as its parent");
		*capacity_bps = 0;
	}
}

static void resolve_sites(struct resolution *r)
{
	const struct network *rows = r->rows;
	uint32_t *place = xcalloc(rows->site_count, sizeof(*place)), *parents;
	size_t placed_before;

	for (uint32_t s = 0; s < rows->site_count; s++) {
		r->site_order[s] = s;
		place[s] = NETWORK_NONE;
	}
	if (rows->site_count)
		qsort_r(r->site_order, rows->site_count, sizeof(uint32_t), compare_sites,
			(void *)rows);
	parents = find_parents(r);
	/* One level a round, each in the order of the ids. */
	for (uint32_t depth = 0; r->out->site_count < rows->site_count; depth++) {
		placed_before = r->out->site_count;
		for (size_t i = 0; i < rows->site_count; i++) {
			uint32_t s = r->site_order[i], parent = parents[s];
			struct site site = rows->sites[s];

			if (place[s] != NETWORK_NONE ||
			    (parent != NETWORK_NONE &&
			     (place[parent] == NETWORK_NONE || place[parent] >= placed_before)))
				continue;
			site.parent = parent == NETWORK_NONE ? NETWORK_NONE : place[parent];
			site.depth = depth;
			check_capacity(r, &site);
			place[s] = (uint32_t)r->out->site_count;
			network_add_site(r->out, &site);
		}
	}
	/* From here on, ids are looked up to find places in the network. */
	for (size_t i = 0; i < rows->site_count; i++)
		r->site_order[i] = place[r->site_order[i]];
	free(place);
	free(parents);
}

static uint32_t find_site(const struct resolution *r, const char *id)
{
	size_t low = 0, high = r->out->site_count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(id, r->out->sites[r->site_order[middle]].id);

		if (!order)
			return r->site_order[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NETWORK_NONE;
}

/* Rows that come from the file are in order already. */
static void sort_rows(void *rows, size_t count, size_t size,
		      int (*compare)(const void *left, const void *right))
{
	for (size_t i = 1; i < count; i++) {
		const char *row = (const char *)rows + i * size;

		if (compare(row - size, row) > 0) {
			qsort(rows, count, size, compare);
			return;
		}
	}
}

/* --- circuits --------------------------------------------------------------------------------- */

/* The reason why the plan can't be applied; NULL when it can. */
static const char *plan_fault(struct resolution *r, const struct circuit *circuit)
{
	static const char *const names[] = { "download", "upload" };
	char low[RATE_TEXT_SIZE], high[RATE_TEXT_SIZE];

	for (int d = 0; d < DIRECTIONS; d++) {
		if (!circuit->max_bps[d])
			return arena_format(r->out->arena, "its %s maximum is 0 or missing",
					    names[d]);
		if (circuit->max_bps[d] < PLAN_LEAST_BPS || circuit->max_bps[d] > PLAN_MOST_BPS)
			return arena_format(r->out->arena,
					    "its %s maximum %s is not between 1k and 1T", names[d],
					    rate_format(circuit->max_bps[d], high));
		if (circuit->min_bps[d] > circuit->max_bps[d])
			return arena_format(r->out->arena,
					    "its %s minimum %s is above its maximum %s", names[d],
					    rate_format(circuit->min_bps[d], low),
					    rate_format(circuit->max_bps[d], high));
	}
	return NULL;
}

const struct circuit *resolve_find_last(const struct resolution *r, const char *id)
{
	uint32_t index = r->last ? network_find_circuit(r->last, id) : NETWORK_NONE;

	return index == NETWORK_NONE ? NULL : &r->last->circuits[index];
}

static void resolve_site_of(struct resolution *r, struct circuit *circuit)
{
	const struct circuit *last = resolve_find_last(r, circuit->id);
	uint32_t kept = last && last->site_id ? find_site(r, last->site_id) : NETWORK_NONE;
	const char *wanted = circuit->site_id;

	circuit->site = wanted ? find_site(r, wanted) : NETWORK_NONE;
	if (!wanted || circuit->site != NETWORK_NONE)
		return;
	circuit->site = kept;
	circuit->site_id = kept == NETWORK_NONE ? NULL : r->out->sites[kept].id;
	resolve_add_problem(r, "circuit", circuit->id,
			    arena_format(r->out->arena, "its site \"%s\" does not exist", wanted),
			    kept == NETWORK_NONE ? "it is shaped by its plan alone, below no site"
						 : arena_format(r->out->arena, "it stays below %s",
								r->out->sites[kept].name));
}

static void resolve_leaf_of(struct resolution *r, struct circuit *circuit,
			    const struct circuit *last)
{
	struct error err;
	struct leaf leaf;

	if (!circuit->leaf || leaf_parse(circuit->leaf, &leaf, &err))
		return;
	circuit->leaf = last ? last->leaf : "";
	resolve_add_problem(r, "circuit", circuit->id, arena_format(r->out->arena, "%s", err.text),
			    last ? "it keeps the leaf that it has" : "it has the usual leaf");
}

static void resolve_circuit(struct resolution *r, const struct circuit *row)
{
	const struct circuit *last = resolve_find_last(r, row->id);
	const char *fault = plan_fault(r, row);
	struct circuit circuit = *row;

	if (fault) {
		resolve_add_problem(r, "circuit", row->id, fault,
				    last ? "its last good plan stays in force"
					 : "it is not shaped");
		if (!last)
			return;
		memcpy(circuit.min_bps, last->min_bps, sizeof(circuit.min_bps));
		memcpy(circuit.max_bps, last->max_bps, sizeof(circuit.max_bps));
	}
	resolve_site_of(r, &circuit);
	resolve_leaf_of(r, &circuit, last);
	network_add_circuit(r->out, &circuit);
}

static int compare_circuits(const void *left, const void *right)
{
	return strcmp(((const struct circuit *)left)->id, ((const struct circuit *)right)->id);
}

static void resolve_circuits(struct resolution *r)
{
	for (size_t i = 0; i < r->rows->circuit_count; i++)
		resolve_circuit(r, &r->rows->circuits[i]);
	sort_rows(r->out->circuits, r->out->circuit_count, sizeof(*r->out->circuits),
		  compare_circuits);
}

/* --- devices ---------------------------------------------------------------------------------- */

static int compare_devices(const void *left, const void *right)
{
	return strcmp(((const struct device *)left)->id, ((const struct device *)right)->id);
}

uint32_t resolve_find_device(const struct network *network, const char *id)
{
	struct device key = { .id = id };
	const struct device *found;

	if (!network->device_count)
		return NETWORK_NONE;
	found = bsearch(&key, network->devices, network->device_count, sizeof(key),
			compare_devices);
	return found ? (uint32_t)(found - network->devices) : NETWORK_NONE;
}

static void resolve_devices(struct resolution *r)
{
	for (size_t i = 0; i < r->rows->device_count; i++) {
		struct device device = r->rows->devices[i];

		device.circuit = network_find_circuit(r->out, device.circuit_id);
		if (device.circuit != NETWORK_NONE)
			network_add_device(r->out, &device);
		else
			resolve_add_problem(
				r, "device", device.id,
				arena_format(r->out->arena,
					     "its circuit \"%s\" does not exist or is not "
					     "shaped",
					     device.circuit_id),
				"its addresses are not shaped");
	}
	sort_rows(r->out->devices, r->out->device_count, sizeof(*r->out->devices), compare_devices);
}

struct network *network_resolve(const struct network *rows, const struct network *last_good)
{
	struct resolution r = { .rows = rows, .last = last_good, .out = network_new() };

	r.out->revision = rows->revision;
	for (size_t i = 0; i < rows->problem_count; i++)
		network_add_problem(r.out, rows->problems[i].subject, rows->problems[i].reason,
				    rows->problems[i].in_force);
	r.site_order = xcalloc(rows->site_count, sizeof(*r.site_order));
	resolve_sites(&r);
	resolve_circuits(&r);
	r.prefixes_faulty = xcalloc(r.out->circuit_count, sizeof(bool));
	resolve_devices(&r);
	resolve_prefixes(&r);
	free(r.prefixes_faulty);
	free(r.site_order);
	r.out->resolved_problem_count = r.out->problem_count;
	return r.out;
}

static bool has_problem(const struct network *network, const struct circuit *circuit)
{
	static const char kind[] = "circuit ";

	for (size_t i = 0; i < network->resolved_problem_count; i++) {
		const char *subject = network->problems[i].subject;

		if (!strncmp(subject, kind, sizeof(kind) - 1) &&
		    !strcmp(subject + sizeof(kind) - 1, circuit->id))
			return true;
	}
	return false;
}

static void set_text(struct network *network, const char **text, const char *value)
{
	if (strcmp(*text, value) != 0)
		*text = arena_text(network->arena, value);
}

bool network_patch_plan(struct network *network, const struct circuit *row)
{
	struct resolution r = { .out = network };
	uint32_t index = network_find_circuit(network, row->id);
	struct circuit *circuit;

	if (index == NETWORK_NONE)
		return false;
	circuit = &network->circuits[index];
	if (has_problem(network, circuit) || plan_fault(&r, row) ||
	    strcmp(circuit->leaf, row->leaf) != 0)
		return false;
	if (strcmp(circuit->name, row->name) != 0)
		network_index_drop(network);
	set_text(network, &circuit->name, row->name);
	set_text(network, &circuit->comment, row->comment);
	memcpy(circuit->min_bps, row->min_bps, sizeof(circuit->min_bps));
	memcpy(circuit->max_bps, row->max_bps, sizeof(circuit->max_bps));
	circuit->suspended = row->suspended;
	circuit->until_s = row->until_s;
	return true;
}
