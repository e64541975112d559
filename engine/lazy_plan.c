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
static bool add_circuit(const struct shape *applied, const struct own_class *own, uint16_t handle,
			struct plan *classes, struct plan *rows)
{
	const struct shape_row *is = own ? find_row(applied, own->row.slot) : NULL;
	struct shape_row shall;

	if (!is || is->row.owner != own->row.row.owner || is->row.old_class)
		return false;
	shall = own->row;
	shall.row.handle = handle;
	for (enum direction d = DOWNLOAD; d < DIRECTIONS; d++) {
		struct queue_class class = own->class[d];

		class.minor = class.leaf_handle = handle;
		if (queue_tree_find(&applied->tree[d], class.queue, handle) ||
		    !queue_tree_find(&applied->tree[d], class.queue, class.parent))
			return false;
		classes->ops[classes->count++] =
			(struct op){ .kind = OP_CLASS_ADD, .direction = d, .class = class };
		shall.row.class_id[d] = (shall.row.class_id[d] & 0xffff0000) | handle;
	}
	rows->ops[rows->count++] =
		(struct op){ .kind = OP_ROW_SET, .row = shall, .row_before = is->row };
	return true;
}

bool lazy_plan_make(const struct shape *applied, const struct own_classes *own,
		    const struct handles *handles, const uint32_t *slots, size_t count,
		    struct plan *plan)
{
	struct plan rows = { .ops = xcalloc(count, sizeof(*rows.ops)) };
	bool simple = true;

	*plan = (struct plan){ .ops = xcalloc(3 * count, sizeof(*plan->ops)) };
	for (size_t i = 0; i < count && simple; i++)
		simple = add_circuit(applied, own_classes_find(own, slots[i]),
				     handles_find_slot(handles, slots[i])->handle, plan, &rows);
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
