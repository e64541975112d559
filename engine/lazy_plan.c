/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/lazy_plan.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"

static int compare_slots(const void *left, const void *right)
{
	const struct shape_row *a = left, *b = right;

	return (a->slot > b->slot) - (a->slot < b->slot);
}

static const struct shape_row *find_row(const struct shape *shape, uint32_t slot)
{
	const struct shape_row key = { .slot = slot };

	if (!shape->row_count)
		return NULL;
	return bsearch(&key, shape->rows, shape->row_count, sizeof(key), compare_slots);
}

/* False when there is more to it than two classes and a row, as while the circuit moves. */
static bool add_circuit(const struct shape *applied, const struct shape *whole, uint32_t slot,
			struct plan *classes, struct plan *rows)
{
	const struct shape_row *shall = find_row(whole, slot), *is = find_row(applied, slot);

	if (!shall || !is || is->row.owner != shall->row.owner || is->row.old_class)
		return false;
	for (enum direction d = DOWNLOAD; d < DIRECTIONS; d++) {
		/* Its download's queue number is the one that both directions go by. */
		const struct queue_class *class = queue_tree_find(
			&whole->tree[d], (uint16_t)(shall->row.class_id[DOWNLOAD] >> 16),
			shall->row.handle);

		if (!class || queue_tree_find(&applied->tree[d], class->queue, class->minor) ||
		    !queue_tree_find(&applied->tree[d], class->queue, class->parent))
			return false;
		classes->ops[classes->count++] =
			(struct op){ .kind = OP_CLASS_ADD, .direction = d, .class = *class };
	}
	rows->ops[rows->count++] =
		(struct op){ .kind = OP_ROW_SET, .row = *shall, .row_before = is->row };
	return true;
}

bool lazy_plan_make(const struct shape *applied, const struct shape *whole, const uint32_t *slots,
		    size_t count, struct plan *plan)
{
	struct plan rows = { .ops = xcalloc(count, sizeof(*rows.ops)) };
	bool simple = true;

	*plan = (struct plan){ .ops = xcalloc(3 * count, sizeof(*plan->ops)) };
	for (size_t i = 0; i < count && simple; i++)
		simple = add_circuit(applied, whole, slots[i], plan, &rows);
	/* The rows lead to the classes only when all are there. */
	if (rows.count)
		memcpy(plan->ops + plan->count, rows.ops, rows.count * sizeof(*rows.ops));
	plan->count += rows.count;
	plan->first_removal = plan->count;
	plan_release(&rows);
	if (!simple)
		plan_release(plan);
	return simple;
}
