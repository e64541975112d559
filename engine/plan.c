/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/plan.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/handover.h"

#define LEVELS 16 /* more than HTB has; classes read from elsewhere count as the deepest */

/* A class, a row or a prefix that comes, goes or changes: is, shall, or both. */
union item {
	const struct queue_class *class;
	const struct shape_row *row;
	const struct shape_prefix *prefix;
};

struct edit {
	enum direction direction; /* of a class */
	union item is, shall;
};

/* Collected by what is to be done, in the order of classes, slots and addresses. */
struct edit_list {
	struct edit *edits;
	size_t count, capacity;
};

struct op_list {
	struct op *ops;
	size_t count, capacity;
};

struct planning {
	struct edit_list added, lowered, raised, leaves, removed;
	struct edit_list claims, rows, prefixes, prefixes_gone, rows_gone;
	struct op_list finish;
	size_t impossible;
};

static void add_edit(struct edit_list *list, const struct edit *edit)
{
	list->edits = grow(list->edits, list->count, &list->capacity, sizeof(*list->edits));
	list->edits[list->count++] = *edit;
}

static void add_class_edit(struct edit_list *list, enum direction direction,
			   const struct queue_class *is, const struct queue_class *shall)
{
	add_edit(list,
		 &(struct edit){ .direction = direction, { .class = is }, { .class = shall } });
}

static void add_op(struct op_list *list, const struct op *op)
{
	list->ops = grow(list->ops, list->count, &list->capacity, sizeof(*list->ops));
	list->ops[list->count++] = *op;
}

/* --- classes ---------------------------------------------------------------------------------- */

static bool is_fixed(const struct queue_class *class)
{
	return class->minor < HANDLE_FIRST;
}

bool plan_in_place(const struct queue_class *is, const struct queue_class *shall)
{
	if (is->parent != shall->parent)
		return false;
	return is_fixed(shall) ||
	       (is->leaf == shall->leaf && is->leaf_handle == shall->leaf_handle);
}

static bool same_rates(const struct queue_class *a, const struct queue_class *b)
{
	return a->rate_bps == b->rate_bps && a->ceil_bps == b->ceil_bps &&
	       a->burst_bytes == b->burst_bytes && a->cburst_bytes == b->cburst_bytes &&
	       a->quantum_bytes == b->quantum_bytes && a->prio == b->prio &&
	       a->overhead_bytes == b->overhead_bytes && a->mpu_bytes == b->mpu_bytes;
}

static bool same_leaf(const struct queue_class *a, const struct queue_class *b)
{
	return a->leaf_rtt_us == b->leaf_rtt_us && !memcmp(&a->cake, &b->cake, sizeof(a->cake));
}

static void compare_class(struct planning *planning, enum direction direction,
			  const struct queue_class *is, const struct queue_class *shall)
{
	if (!plan_in_place(is, shall)) {
		planning->impossible++;
		return;
	}
	if (!same_rates(is, shall))
		add_class_edit(shall->rate_bps < is->rate_bps ? &planning->lowered
							      : &planning->raised,
			       direction, is, shall);
	if (is->leaf == shall->leaf && !same_leaf(is, shall))
		add_class_edit(&planning->leaves, direction, is, shall);
}

static int compare_keys(const struct queue_class *a, const struct queue_class *b)
{
	if (a->queue != b->queue)
		return a->queue < b->queue ? -1 : 1;
	return (a->minor > b->minor) - (a->minor < b->minor);
}

static void compare_trees(struct planning *planning, enum direction direction,
			  const struct queue_tree *applied, const struct queue_tree *desired)
{
	const struct queue_class *is = applied->classes, *is_end = is + applied->class_count;
	const struct queue_class *shall = desired->classes,
				 *shall_end = shall + desired->class_count;

	while (is < is_end || shall < shall_end) {
		int order = is == is_end ? 1 : shall == shall_end ? -1 : compare_keys(is, shall);

		if (order > 0)
			add_class_edit(&planning->added, direction, NULL, shall);
		else if (order < 0)
			add_class_edit(&planning->removed, direction, is, NULL);
		else
			compare_class(planning, direction, is, shall);
		is += order <= 0;
		shall += order >= 0;
	}
}

/* --- rows and prefixes ------------------------------------------------------------------------ */

static bool same_row(const struct circuit_row *a, const struct circuit_row *b)
{
	struct circuit_row left = *a, right = *b;

	left.epoch = right.epoch = 0;
	return !memcmp(&left, &right, sizeof(left));
}

static void compare_rows(struct planning *planning, const struct shape *applied,
			 const struct shape *desired)
{
	const struct shape_row *is = applied->rows, *is_end = is + applied->row_count;
	const struct shape_row *shall = desired->rows, *shall_end = shall + desired->row_count;

	while (is < is_end || shall < shall_end) {
		bool gone = shall == shall_end || (is < is_end && is->slot < shall->slot);
		bool is_new = is == is_end || (shall < shall_end && shall->slot < is->slot);
		struct edit edit = { .is.row = is_new ? NULL : is,
				     .shall.row = gone ? NULL : shall };

		if (gone) {
			add_edit(&planning->rows_gone, &edit);
		} else if (is_new || !same_row(&is->row, &shall->row)) {
			if (is_new && shall->row.handle)
				add_edit(&planning->claims, &edit);
			add_edit(&planning->rows, &edit);
		}
		is += !is_new;
		shall += !gone;
	}
}

static void compare_prefixes(struct planning *planning, const struct shape *applied,
			     const struct shape *desired)
{
	const struct shape_prefix *is = applied->prefixes, *is_end = is + applied->prefix_count;
	const struct shape_prefix *shall = desired->prefixes,
				  *shall_end = shall + desired->prefix_count;

	while (is < is_end || shall < shall_end) {
		int order = is == is_end	 ? 1
			    : shall == shall_end ? -1
						 : prefix_compare(&is->prefix, &shall->prefix);
		struct edit edit = { .is.prefix = order <= 0 ? is : NULL,
				     .shall.prefix = order >= 0 ? shall : NULL };

		if (order < 0)
			add_edit(&planning->prefixes_gone, &edit);
		else if (order > 0 || is->slot != shall->slot)
			add_edit(&planning->prefixes, &edit);
		is += order <= 0;
		shall += order >= 0;
	}
}

/* --- the order -------------------------------------------------------------------------------- */

enum from { FROM_TOP, FROM_BOTTOM };

static unsigned int edit_level(const struct edit *edit)
{
	uint32_t level = edit->shall.class ? edit->shall.class->level : edit->is.class->level;

	return level < LEVELS ? level : LEVELS - 1;
}

static void emit_class(struct plan *plan, enum op_kind kind, const struct edit *edit)
{
	struct op *op = &plan->ops[plan->count++];

	op->kind = kind;
	op->direction = edit->direction;
	op->class = edit->shall.class ? *edit->shall.class : *edit->is.class;
	if (edit->is.class && edit->shall.class)
		op->before = *edit->is.class;
}

static void emit_classes(struct plan *plan, enum op_kind kind, const struct edit_list *list,
			 enum from from)
{
	for (unsigned int step = 0; step < LEVELS; step++)
		for (size_t i = 0; i < list->count; i++)
			if (edit_level(&list->edits[i]) ==
			    (from == FROM_TOP ? step : LEVELS - 1 - step))
				emit_class(plan, kind, &list->edits[i]);
	free(list->edits);
}

static void emit_rows(struct plan *plan, enum op_kind kind, const struct edit_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct edit *edit = &list->edits[i];
		struct op *op = &plan->ops[plan->count++];

		op->kind = kind;
		op->row = edit->shall.row ? *edit->shall.row : *edit->is.row;
		if (edit->is.row)
			op->row_before = edit->is.row->row;
	}
	free(list->edits);
}

static void emit_prefixes(struct plan *plan, enum op_kind kind, const struct edit_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct edit *edit = &list->edits[i];
		struct op *op = &plan->ops[plan->count++];

		op->kind = kind;
		op->prefix = edit->shall.prefix ? *edit->shall.prefix : *edit->is.prefix;
		op->slot_before = edit->is.prefix ? edit->is.prefix->slot : 0;
	}
	free(list->edits);
}

static void emit_ops(struct plan *plan, const struct op_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		plan->ops[plan->count++] = list->ops[i];
	free(list->ops);
}

/* --- handovers -------------------------------------------------------------------------------- */

/* The old classes: in what is desired meanwhile, but not in the end. */
static void remove_old_class(struct planning *planning, uint32_t class_id,
			     const struct shape *during, const struct shape *desired)
{
	uint16_t queue = (uint16_t)(class_id >> 16), minor = (uint16_t)class_id;

	for (enum direction d = DOWNLOAD; d < DIRECTIONS; d++) {
		const struct queue_class *is = queue_tree_find(&during->tree[d], queue, minor);

		if (is && !queue_tree_find(&desired->tree[d], queue, minor))
			add_class_edit(&planning->removed, d, is, NULL);
	}
}

static void remove_old_classes(struct planning *planning, const struct handovers *handovers,
			       const struct shape *desired)
{
	for (size_t i = 0; i < handovers->count; i++) {
		remove_old_class(planning, handovers->list[i].from, &handovers->during, desired);
		remove_old_class(planning, handovers->list[i].older, &handovers->during, desired);
	}
}

static void raise_new_class(struct op_list *finish, const struct handover *handover,
			    enum direction direction, const struct queue_tree *during,
			    const struct queue_tree *desired)
{
	uint16_t queue = (uint16_t)(handover->to >> 16), minor = (uint16_t)handover->to;
	const struct queue_class *is = queue_tree_find(during, queue, minor);
	const struct queue_class *shall = queue_tree_find(desired, queue, minor);

	if (!same_rates(is, shall))
		add_op(finish, &(struct op){ .kind = OP_CLASS_CHANGE,
					     .direction = direction,
					     .before = *is,
					     .class = *shall,
					     .after_class = handover->from });
}

/* The full rates, and rows that have forgotten, once the old classes are gone. */
static void finish_handovers(struct op_list *finish, const struct handovers *handovers,
			     const struct shape *desired)
{
	const struct shape *during = &handovers->during;

	for (enum direction d = DOWNLOAD; d < DIRECTIONS; d++)
		for (size_t i = 0; i < handovers->count; i++)
			raise_new_class(finish, &handovers->list[i], d, &during->tree[d],
					&desired->tree[d]);
	for (size_t i = 0, row = 0; i < handovers->count; i++) {
		while (desired->rows[row].slot != handovers->list[i].slot)
			row++;
		add_op(finish, &(struct op){ .kind = OP_ROW_SET,
					     .row = desired->rows[row],
					     .row_before = during->rows[row].row,
					     .after_class = handovers->list[i].from });
	}
}

static size_t count_all(const struct planning *planning)
{
	return planning->added.count + planning->lowered.count + planning->raised.count +
	       planning->leaves.count + planning->removed.count + planning->claims.count +
	       planning->rows.count + planning->prefixes.count + planning->prefixes_gone.count +
	       planning->rows_gone.count + planning->finish.count;
}

void plan_make(const struct shape *applied, const struct shape *desired, struct plan *plan)
{
	struct planning planning = { 0 };
	struct handovers handovers;
	const struct shape *next;

	handovers_find(applied, desired, &handovers);
	next = handovers.count ? &handovers.during : desired;
	for (enum direction d = DOWNLOAD; d < DIRECTIONS; d++)
		compare_trees(&planning, d, &applied->tree[d], &next->tree[d]);
	compare_rows(&planning, applied, next);
	compare_prefixes(&planning, applied, next);
	remove_old_classes(&planning, &handovers, desired);
	finish_handovers(&planning.finish, &handovers, desired);
	*plan = (struct plan){ .ops = xcalloc(count_all(&planning), sizeof(*plan->ops)),
			       .impossible = planning.impossible };
	emit_rows(plan, OP_ROW_CLAIM, &planning.claims);
	emit_classes(plan, OP_CLASS_CHANGE, &planning.lowered, FROM_BOTTOM);
	emit_classes(plan, OP_CLASS_CHANGE, &planning.raised, FROM_TOP);
	emit_classes(plan, OP_LEAF_CHANGE, &planning.leaves, FROM_TOP);
	emit_classes(plan, OP_CLASS_ADD, &planning.added, FROM_TOP);
	emit_rows(plan, OP_ROW_SET, &planning.rows);
	emit_prefixes(plan, OP_PREFIX_SET, &planning.prefixes);
	emit_prefixes(plan, OP_PREFIX_REMOVE, &planning.prefixes_gone);
	emit_rows(plan, OP_ROW_CLEAR, &planning.rows_gone);
	plan->first_removal = plan->count;
	emit_classes(plan, OP_CLASS_REMOVE, &planning.removed, FROM_BOTTOM);
	emit_ops(plan, &planning.finish);
	handovers_release(&handovers);
}

void plan_release(struct plan *plan)
{
	free(plan->ops);
	*plan = (struct plan){ 0 };
}

struct plan_summary plan_summarise(const struct plan *plan)
{
	struct plan_summary summary = { 0 };
	unsigned int *const counters[] = {
		[OP_ROW_CLAIM] = NULL, /* the row's setting follows */
		[OP_CLASS_ADD] = &summary.classes_added,
		[OP_CLASS_CHANGE] = &summary.classes_changed,
		[OP_LEAF_CHANGE] = &summary.leaves_changed,
		[OP_ROW_SET] = &summary.rows_changed,
		[OP_PREFIX_SET] = &summary.prefixes_changed,
		[OP_PREFIX_REMOVE] = &summary.prefixes_changed,
		[OP_ROW_CLEAR] = &summary.rows_changed,
		[OP_CLASS_REMOVE] = &summary.classes_removed,
	};

	for (size_t i = 0; i < plan->count; i++)
		if (counters[plan->ops[i].kind])
			(*counters[plan->ops[i].kind])++;
	return summary;
}
