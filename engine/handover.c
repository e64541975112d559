/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/handover.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/rates.h"

static struct queue_class *find_class(const struct queue_tree *tree, uint32_t class_id)
{
	return queue_tree_find(tree, (uint16_t)(class_id >> 16), (uint16_t)class_id);
}

/* Whether the old class is there and nobody is to have it any more. */
static bool lingers(const struct shape *applied, const struct shape *desired, uint32_t class_id,
		    enum direction direction)
{
	return find_class(&applied->tree[direction], class_id) &&
	       !find_class(&desired->tree[direction], class_id);
}

static void find_all(const struct shape *applied, const struct shape *desired,
		     struct handovers *handovers)
{
	const struct shape_row *is = applied->rows, *is_end = is + applied->row_count;
	size_t capacity = 0;

	for (size_t i = 0; i < desired->row_count; i++) {
		const struct shape_row *shall = &desired->rows[i];
		struct handover found = { .slot = shall->slot,
					  .to = shall->row.class_id[DOWNLOAD] };

		while (is < is_end && is->slot < shall->slot)
			is++;
		if (is == is_end || is->slot != shall->slot ||
		    (uint16_t)found.to != shall->row.handle)
			continue; /* new, or it has no class of its own */
		if (is->row.flags & LQOS_ROW_WAITING)
			continue; /* the class that it leaves is not its own */
		found.from = is->row.class_id[DOWNLOAD];
		if (found.from == found.to)
			found.from = is->row.old_class;
		else
			found.older = is->row.old_class;
		if (!lingers(applied, desired, found.from, DOWNLOAD) &&
		    !lingers(applied, desired, found.from, UPLOAD))
			continue;
		handovers->list = grow(handovers->list, handovers->count, &capacity, sizeof(found));
		handovers->list[handovers->count++] = found;
	}
}

static void set_rates(struct queue_class *class, uint64_t rate_bps, uint64_t ceil_bps)
{
	class->rate_bps = rate_bps;
	class->ceil_bps = ceil_bps;
	class->burst_bytes = rates_burst(rate_bps);
	class->cburst_bytes = rates_burst(ceil_bps);
}

/* An old class keeps no guarantee, as its parent has none left for it, and never gets more. */
static void keep_class(const struct queue_class *old, uint64_t ceil_bps, struct queue_tree *during)
{
	struct queue_class kept = *old;

	set_rates(&kept, RATE_LEAST_BPS, ceil_bps < old->ceil_bps ? ceil_bps : old->ceil_bps);
	queue_tree_append(during, &kept);
}

/* Half for the new class; the other half for the old one, or for the old ones together. */
static void share(const struct shape *applied, const struct shape *desired,
		  const struct handover *handover, enum direction direction,
		  struct queue_tree *during)
{
	const struct queue_tree *is = &applied->tree[direction], *shall = &desired->tree[direction];
	const struct queue_class *full = find_class(shall, handover->to);
	struct queue_class *new = &during->classes[full - shall->classes];
	uint64_t left_bps = rates_round(full->ceil_bps / 2);
	bool from = lingers(applied, desired, handover->from, direction);
	bool older = lingers(applied, desired, handover->older, direction);

	if (from || older)
		set_rates(new, rates_round(full->rate_bps / 2), left_bps);
	if (from && older)
		left_bps = rates_round(left_bps / 2);
	if (from)
		keep_class(find_class(is, handover->from), left_bps, during);
	if (older)
		keep_class(find_class(is, handover->older), left_bps, during);
}

static void *copy_of(const void *from, size_t count, size_t size)
{
	void *copy = xcalloc(count, size);

	if (count)
		memcpy(copy, from, count * size);
	return copy;
}

static void make_during(const struct shape *applied, const struct shape *desired,
			struct handovers *handovers)
{
	struct shape *during = &handovers->during;

	*during = *desired;
	during->rows = copy_of(desired->rows, desired->row_count, sizeof(*desired->rows));
	during->prefixes =
		copy_of(desired->prefixes, desired->prefix_count, sizeof(*desired->prefixes));
	for (enum direction d = DOWNLOAD; d < DIRECTIONS; d++) {
		const struct queue_tree *tree = &desired->tree[d];

		during->tree[d].classes =
			copy_of(tree->classes, tree->class_count, sizeof(*tree->classes));
		for (size_t i = 0; i < handovers->count; i++)
			share(applied, desired, &handovers->list[i], d, &during->tree[d]);
		queue_tree_sort(&during->tree[d]);
	}
	for (size_t i = 0, row = 0; i < handovers->count; i++) {
		while (during->rows[row].slot != handovers->list[i].slot)
			row++;
		during->rows[row].row.old_class = handovers->list[i].from;
	}
}

void handovers_find(const struct shape *applied, const struct shape *desired,
		    struct handovers *handovers)
{
	*handovers = (struct handovers){ 0 };
	find_all(applied, desired, handovers);
	if (handovers->count)
		make_during(applied, desired, handovers);
}

void handovers_release(struct handovers *handovers)
{
	free(handovers->list);
	shape_release(&handovers->during);
}
