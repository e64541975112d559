/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/edit_plan.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/rates.h"

#define OPS_MOST (DIRECTIONS + 1) /* a class each way, and the row */

static bool keeps_guarantee(const struct circuit *before, const struct circuit *after, int d)
{
	return rates_wanted(before->min_bps[d], rates_round(before->max_bps[d])) ==
	       rates_wanted(after->min_bps[d], rates_round(after->max_bps[d]));
}

static bool add_class(const struct queue_tree *applied, enum direction direction,
		      const struct assignment *numbers, const struct circuit *before,
		      const struct circuit *after, struct plan *plan)
{
	const struct queue_class *is = queue_tree_find(applied, numbers->queue, numbers->handle);
	uint64_t ceil_bps = rates_round(after->max_bps[direction]);
	struct op *op = &plan->ops[plan->count];

	/* A rate that its ceil cuts says nothing of what another ceil would leave of it. */
	if (!is || is->ceil_bps != rates_round(before->max_bps[direction]) ||
	    is->rate_bps >= is->ceil_bps || is->rate_bps > ceil_bps ||
	    rates_cake_rtt_us(is->ceil_bps) != rates_cake_rtt_us(ceil_bps))
		return false;
	if (is->ceil_bps == ceil_bps)
		return true;
	*op = (struct op){
		.kind = OP_CLASS_CHANGE, .direction = direction, .class = *is, .before = *is
	};
	op->class.ceil_bps = ceil_bps;
	op->class.cburst_bytes = rates_burst(ceil_bps);
	plan->count++;
	return true;
}

static int compare_slots(const void *left, const void *right)
{
	const struct shape_row *a = left, *b = right;

	return (a->slot > b->slot) - (a->slot < b->slot);
}

/* NULL while the circuit moves. */
static const struct shape_row *find_row(const struct shape *applied,
					const struct assignment *numbers)
{
	const struct shape_row key = { .slot = numbers->slot }, *is = NULL;

	if (applied->row_count)
		is = bsearch(&key, applied->rows, applied->row_count, sizeof(key), compare_slots);
	return is && is->row.owner == numbers->owner && is->row.handle == numbers->handle &&
			       !is->row.old_class
		       ? is
		       : NULL;
}

static void add_row(const struct shape_row *is, const struct circuit *after, struct plan *plan)
{
	struct op op = { .kind = OP_ROW_SET, .row = *is, .row_before = is->row };
	struct circuit_row *row = &op.row.row, before = is->row;

	before.epoch = row->epoch = row->is_called = 0;
	row->flags &= ~LQOS_ROW_SUSPENDED;
	row->flags |= after->suspended ? LQOS_ROW_SUSPENDED : 0;
	for (int d = 0; d < DIRECTIONS; d++)
		row->ceil_bps[d] = rates_round(after->max_bps[d]);
	if (memcmp(row, &before, sizeof(before)))
		plan->ops[plan->count++] = op;
}

bool edit_plan_make(const struct shape *applied, const struct assignment *numbers,
		    const struct circuit *before, const struct circuit *after, struct plan *plan)
{
	const struct shape_row *row = numbers ? find_row(applied, numbers) : NULL;
	bool narrow = row;

	*plan = (struct plan){ .ops = xcalloc(OPS_MOST, sizeof(*plan->ops)) };
	for (enum direction d = DOWNLOAD; d < DIRECTIONS && narrow; d++)
		narrow = keeps_guarantee(before, after, d) &&
			 (row->row.flags & LQOS_ROW_WAITING ||
			  add_class(&applied->tree[d], d, numbers, before, after, plan));
	if (narrow)
		add_row(row, after, plan);
	plan->first_removal = plan->count;
	if (!narrow)
		plan_release(plan);
	return narrow;
}
