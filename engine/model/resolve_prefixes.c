/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which circuit has which address: several may want one, and a wrong one costs nobody his own. */
#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/model/network.h"
#include "engine/model/resolve_private.h"

/* A prefix somebody wants; of several who want the same, the first in order gets it. */
struct claim {
	struct device_prefix prefix;
	bool had_it; /* its circuit has it in the last good network */
	size_t order;
};

struct claims {
	struct claim *items;
	size_t count, capacity;
};

static const char *last_circuit_id(const struct resolution *r, const struct prefix *prefix)
{
	uint32_t found = r->last ? network_find_exact_prefix(r->last, prefix) : NETWORK_NONE;

	if (found == NETWORK_NONE)
		return "";
	return r->last->circuits[r->last->devices[r->last->prefixes[found].device].circuit].id;
}

static void add_claim(struct resolution *r, struct claims *claims,
		      const struct device_prefix *prefix)
{
	uint32_t circuit = r->out->devices[prefix->device].circuit;
	struct claim claim = {
		.prefix = *prefix,
		.had_it =
			!strcmp(last_circuit_id(r, &prefix->prefix), r->out->circuits[circuit].id),
		.order = claims->count,
	};

	claims->items =
		grow(claims->items, claims->count, &claims->capacity, sizeof(*claims->items));
	claims->items[claims->count++] = claim;
}

static void claim_rows(struct resolution *r, struct claims *claims)
{
	for (size_t i = 0; i < r->rows->prefix_count; i++) {
		struct device_prefix prefix = r->rows->prefixes[i];
		struct error err;
		uint32_t circuit;

		prefix.device = resolve_find_device(r->out, prefix.device_id);
		if (prefix.device == NETWORK_NONE)
			continue; /* said with the device */
		circuit = r->out->devices[prefix.device].circuit;
		if (prefix_parse(prefix.text, &prefix.prefix, &err)) {
			add_claim(r, claims, &prefix);
			continue;
		}
		r->prefixes_faulty[circuit] = true;
		resolve_add_problem(r, "circuit", r->out->circuits[circuit].id, err.text,
				    resolve_find_last(r, r->out->circuits[circuit].id)
					    ? "its addresses stay what they last were"
					    : "its other addresses are shaped");
	}
}

/* A circuit with a wrong address keeps those it last had, besides what is right now. */
static void claim_last(struct resolution *r, struct claims *claims)
{
	for (size_t i = 0; r->last && i < r->last->prefix_count; i++) {
		struct device_prefix prefix = r->last->prefixes[i];
		const struct device *device = &r->last->devices[prefix.device];
		uint32_t circuit =
			network_find_circuit(r->out, r->last->circuits[device->circuit].id);

		if (circuit == NETWORK_NONE || !r->prefixes_faulty[circuit])
			continue;
		prefix.device = resolve_find_device(r->out, device->id);
		if (prefix.device != NETWORK_NONE &&
		    r->out->devices[prefix.device].circuit == circuit)
			add_claim(r, claims, &prefix);
	}
}

static int compare_claims(const void *left, const void *right)
{
	const struct claim *a = left, *b = right;
	int order = prefix_compare(&a->prefix.prefix, &b->prefix.prefix);

	if (order)
		return order;
	if (a->had_it != b->had_it)
		return a->had_it ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

static void settle_claims(struct resolution *r, const struct claims *claims)
{
	const struct network *out = r->out;

	for (size_t i = 0; i < claims->count; i++) {
		const struct device_prefix *wanted = &claims->items[i].prefix, *holder;
		const struct circuit *loser, *winner;
		char text[PREFIX_TEXT_SIZE];

		holder = out->prefix_count ? &out->prefixes[out->prefix_count - 1] : NULL;
		if (!holder || prefix_compare(&holder->prefix, &wanted->prefix)) {
			network_add_prefix(r->out, wanted);
			continue;
		}
		winner = &out->circuits[out->devices[holder->device].circuit];
		loser = &out->circuits[out->devices[wanted->device].circuit];
		prefix_format(&wanted->prefix, text);
		if (winner != loser)
			resolve_add_problem(r, "circuit", loser->id,
					    arena_format(out->arena, "%s is circuit %s's already",
							 text, winner->id),
					    arena_format(out->arena, "%s stays with circuit %s",
							 text, winner->id));
	}
}

void resolve_prefixes(struct resolution *r)
{
	size_t usual = r->rows->prefix_count;
	struct claims claims = { .items = xcalloc(usual, sizeof(*claims.items)),
				 .capacity = usual };

	claim_rows(r, &claims);
	claim_last(r, &claims);
	if (claims.count)
		qsort(claims.items, claims.count, sizeof(*claims.items), compare_claims);
	settle_claims(r, &claims);
	free(claims.items);
}
