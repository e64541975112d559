/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/plan_reason.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"

#define HANDLES (1 << 16)

/* One network with who has which number in it. */
struct side {
	const struct network *network;		     /* NULL: there was none */
	const struct assignment *of_handle[HANDLES]; /* also by a site's waiting handle */
	const struct assignment *list;
	size_t count;
};

struct plan_reasons {
	struct side before, after;
};

static void fill_side(struct side *side, const struct network *network,
		      const struct handles *handles)
{
	side->network = network;
	if (!network)
		return;
	side->list = handles_list(handles, &side->count);
	for (size_t i = 0; i < side->count; i++) {
		side->of_handle[side->list[i].handle] = &side->list[i];
		if (side->list[i].waiting_handle)
			side->of_handle[side->list[i].waiting_handle] = &side->list[i];
	}
}

struct plan_reasons *plan_reasons_new(const struct network *before,
				      const struct handles *handles_before,
				      const struct network *after,
				      const struct handles *handles_after)
{
	struct plan_reasons *reasons = xcalloc(1, sizeof(*reasons));

	fill_side(&reasons->before, before, handles_before);
	fill_side(&reasons->after, after, handles_after);
	return reasons;
}

void plan_reasons_free(struct plan_reasons *reasons)
{
	free(reasons);
}

/* --- whose it is ------------------------------------------------------------------------------ */

static const struct assignment *find_slot(const struct side *side, uint32_t slot)
{
	size_t low = 0, high = side->count; /* sorted by slot */

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (side->list[middle].slot < slot)
			low = middle + 1;
		else
			high = middle;
	}
	return low < side->count && side->list[low].slot == slot ? &side->list[low] : NULL;
}

static const struct assignment *find_owner(const struct side *side, const struct op *op)
{
	switch (op->kind) {
	case OP_CLASS_ADD:
	case OP_CLASS_CHANGE:
	case OP_LEAF_CHANGE:
	case OP_CLASS_REMOVE:
		return side->of_handle[op->class.minor];
	case OP_PREFIX_SET:
	case OP_PREFIX_REMOVE:
		return find_slot(side, op->prefix.slot);
	default:
		return find_slot(side, op->row.slot);
	}
}

static const struct circuit *find_circuit(const struct side *side, const char *id)
{
	uint32_t found = side->network ? network_find_circuit(side->network, id) : NETWORK_NONE;

	return found == NETWORK_NONE ? NULL : &side->network->circuits[found];
}

static const struct site *find_site(const struct side *side, const char *id)
{
	for (size_t i = 0; side->network && i < side->network->site_count; i++)
		if (!strcmp(side->network->sites[i].id, id))
			return &side->network->sites[i];
	return NULL;
}

static const char *name_of_site(const struct side *side, uint32_t site)
{
	return site == NETWORK_NONE ? "the top" : side->network->sites[site].name;
}

/* --- what is another -------------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

static void tell_move(const struct plan_reasons *reasons, uint32_t from, uint32_t to, char *text,
		      size_t size)
{
	snprintf(text, size, "moves from %s to %s", name_of_site(&reasons->before, from),
		 name_of_site(&reasons->after, to));
}

static bool same_site(const struct plan_reasons *reasons, uint32_t before, uint32_t after)
{
	return same_text(before == NETWORK_NONE ? "" : reasons->before.network->sites[before].id,
			 after == NETWORK_NONE ? "" : reasons->after.network->sites[after].id);
}

static void tell_circuit(const struct plan_reasons *reasons, const char *id, char *text,
			 size_t size)
{
	const struct circuit *is = find_circuit(&reasons->before, id);
	const struct circuit *shall = find_circuit(&reasons->after, id);

	if (!is || !shall)
		snprintf(text, size, is ? "goes" : "is new");
	else if (!same_site(reasons, is->site, shall->site))
		tell_move(reasons, is->site, shall->site, text, size);
	else if (memcmp(is->max_bps, shall->max_bps, sizeof(is->max_bps)))
		snprintf(text, size, "has another plan");
	else if (memcmp(is->min_bps, shall->min_bps, sizeof(is->min_bps)))
		snprintf(text, size, "has another minimum");
	else if (is->suspended != shall->suspended)
		snprintf(text, size, shall->suspended ? "is suspended" : "is no more suspended");
	else if (!same_text(is->leaf, shall->leaf))
		snprintf(text, size, "has another leaf");
	else
		text[0] = '\0';
}

static void tell_site(const struct plan_reasons *reasons, const char *id, char *text, size_t size)
{
	const struct site *is = find_site(&reasons->before, id);
	const struct site *shall = find_site(&reasons->after, id);

	if (!is || !shall)
		snprintf(text, size, is ? "goes" : "is new");
	else if (!same_site(reasons, is->parent, shall->parent))
		tell_move(reasons, is->parent, shall->parent, text, size);
	else if (memcmp(is->capacity_bps, shall->capacity_bps, sizeof(is->capacity_bps)))
		snprintf(text, size, "has another capacity");
	else
		text[0] = '\0';
}

/* Nothing of its own is another: what follows from others, by the kind of operation. */
static const char *tell_consequence(const struct op *op, const struct assignment *owner)
{
	switch (op->kind) {
	case OP_CLASS_CHANGE:
		return owner->kind == NODE_SITE ? "what is guaranteed below it is another"
						: "guarantees are shared out anew";
	case OP_PREFIX_SET:
	case OP_PREFIX_REMOVE:
		return "has other addresses";
	case OP_LEAF_CHANGE:
		return "the settings say so";
	default:
		return "what it is below moves, or the settings say so";
	}
}

const char *plan_reason(const struct plan_reasons *reasons, const struct op *op, char *text,
			size_t size)
{
	const struct assignment *owner = find_owner(&reasons->after, op);
	char why[200];

	if (!owner || op->kind == OP_CLASS_REMOVE)
		owner = find_owner(&reasons->before, op) ? find_owner(&reasons->before, op) : owner;
	if (!owner) {
		snprintf(text, size, "the link's own");
		return text;
	}
	if (owner->kind == NODE_SITE)
		tell_site(reasons, owner->id, why, sizeof(why));
	else
		tell_circuit(reasons, owner->id, why, sizeof(why));
	snprintf(text, size, "%s %s: %s", owner->kind == NODE_SITE ? "site" : "circuit", owner->id,
		 *why ? why : tell_consequence(op, owner));
	return text;
}
