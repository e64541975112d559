/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way of a change without a kernel, header-only: numbers, desired shape, plan, applied shape;
 * and the checks that hold for every shape.
 */
#ifndef TESTS_SHAPING_H
#define TESTS_SHAPING_H

#include "engine/handles.h"
#include "engine/numbering.h"
#include "engine/plan.h"
#include "engine/rates.h"
#include "engine/shape.h"
#include "tests/lib/random_network.h"

#define SLOTS_MAX 131072

/* Leaves so many free: all but the last ones are reserved. */
static inline void leave_free(struct handles *handles, size_t count)
{
	for (uint32_t handle = HANDLE_FIRST; handles_free_count(handles) > count; handle++)
		handles_reserve(handles, (uint16_t)handle);
}

static inline bool give_numbers_by(const struct network *network,
				   const struct shape_settings *settings,
				   const struct shape *applied, const struct balance_hints *hints,
				   size_t handles_left, struct handles *handles)
{
	struct shape_settings with = *settings;
	struct error err;

	with.usable_queues = settings->queues;
	if (!numbering_place(network, &with, applied, hints, handles, &err))
		return false;
	leave_free(handles, handles_left);
	return numbering_classes(network, &with, applied, handles, &err);
}

/* Circuits get so many handles, less HANDLES_FOR_SITES, at most. */
static inline bool give_few_numbers(const struct network *network,
				    const struct shape_settings *settings,
				    const struct shape *applied, size_t handles_left,
				    struct handles *handles)
{
	return give_numbers_by(network, settings, applied, &(struct balance_hints){ 0 },
			       handles_left, handles);
}

static inline bool give_numbers(const struct network *network,
				const struct shape_settings *settings, const struct shape *applied,
				struct handles *handles)
{
	return give_few_numbers(network, settings, applied, SIZE_MAX, handles);
}

static inline bool class_equal(const struct queue_class *a, const struct queue_class *b)
{
	struct queue_class left = *a, right = *b;

	left.level = right.level = 0;
	return !memcmp(&left, &right, sizeof(left));
}

static inline bool shape_equal(const struct shape *a, const struct shape *b)
{
	for (int d = 0; d < DIRECTIONS; d++) {
		if (a->tree[d].class_count != b->tree[d].class_count)
			return false;
		for (size_t i = 0; i < a->tree[d].class_count; i++)
			if (!class_equal(&a->tree[d].classes[i], &b->tree[d].classes[i]))
				return false;
	}
	if (a->row_count != b->row_count || a->prefix_count != b->prefix_count)
		return false;
	for (size_t i = 0; i < a->row_count; i++)
		if (a->rows[i].slot != b->rows[i].slot ||
		    memcmp(&a->rows[i].row, &b->rows[i].row, sizeof(a->rows[i].row)))
			return false;
	for (size_t i = 0; i < a->prefix_count; i++)
		if (a->prefixes[i].slot != b->prefixes[i].slot ||
		    prefix_compare(&a->prefixes[i].prefix, &b->prefixes[i].prefix))
			return false;
	return true;
}

static inline void *copy_array(const void *from, size_t count, size_t size)
{
	void *to = xcalloc(count, size);

	if (count)
		memcpy(to, from, count * size);
	return to;
}

static inline void shape_copy(const struct shape *from, struct shape *to)
{
	*to = *from;
	for (int d = 0; d < DIRECTIONS; d++)
		to->tree[d].classes = copy_array(from->tree[d].classes, from->tree[d].class_count,
						 sizeof(*from->tree[d].classes));
	to->rows = copy_array(from->rows, from->row_count, sizeof(*from->rows));
	to->prefixes = copy_array(from->prefixes, from->prefix_count, sizeof(*from->prefixes));
}

/* NULL, or the rule that is broken: rule R, every parent there and no deeper than HTB goes, a leaf
 * exactly where there are no children. Every tree is checked in one pass over its classes. */
static inline const char *tree_fault(const struct queue_tree *tree)
{
	uint64_t *below_bps = xcalloc(tree->class_count, sizeof(*below_bps));
	bool *has_child = xcalloc(tree->class_count, sizeof(*has_child));
	const char *fault = NULL;

	for (size_t i = 0; i < tree->class_count; i++) {
		const struct queue_class *class = &tree->classes[i], *up = class;
		int levels = 1;

		if (class->rate_bps > class->ceil_bps || class->rate_bps < RATE_LEAST_BPS)
			fault = "a rate is above its ceil, or nothing";
		for (; up && up->parent; levels++)
			up = queue_tree_find(tree, up->queue, up->parent);
		if (!up || up->minor != MINOR_LINK)
			fault = "a class hangs below none";
		else if (levels > 8)
			fault = "a class is too deep";
		if (!class->parent || !up)
			continue;
		up = queue_tree_find(tree, class->queue, class->parent);
		below_bps[up - tree->classes] += class->rate_bps;
		has_child[up - tree->classes] = true;
		if (class->ceil_bps > up->ceil_bps && class->leaf == LEAF_NONE)
			fault = "a site's ceil is above its parent's";
	}
	for (size_t i = 0; i < tree->class_count; i++) {
		const struct queue_class *class = &tree->classes[i];

		if (below_bps[i] > class->rate_bps)
			fault = "rule R: the children's rates exceed the parent's";
		if (has_child[i] == (class->leaf != LEAF_NONE))
			fault = "a class has a leaf and a child, or neither";
	}
	free(below_bps);
	free(has_child);
	return fault;
}

/* NULL, or what an operation would break if it were sent to a kernel that has `shape`. */
static inline const char *op_fault(const struct shape *shape, const struct op *op)
{
	const struct queue_tree *tree = &shape->tree[op->direction];
	const struct queue_class *class = &op->class, *parent, *is;

	if (op->kind != OP_CLASS_ADD && op->kind != OP_CLASS_CHANGE && op->kind != OP_LEAF_CHANGE &&
	    op->kind != OP_CLASS_REMOVE)
		return NULL;
	is = queue_tree_find(tree, class->queue, class->minor);
	parent = class->parent ? queue_tree_find(tree, class->queue, class->parent) : NULL;
	if (op->kind != OP_CLASS_ADD) {
		if (!is)
			return "it refers to a class that is not there";
		if (op->kind != OP_CLASS_REMOVE)
			return is->parent == class->parent ? NULL : "it re-parents a class";
		for (size_t i = 0; i < tree->class_count; i++)
			if (tree->classes[i].queue == class->queue &&
			    tree->classes[i].parent == class->minor)
				return "it removes a class that has children";
		return NULL;
	}
	if (is)
		return "it adds a class that is there";
	if (class->parent && !parent)
		return "it refers to a parent that is not there";
	if (parent && parent->leaf != LEAF_NONE)
		return "it gives a child to a class that has a leaf";
	for (size_t i = 0; i < tree->class_count; i++)
		if (class->leaf_handle && tree->classes[i].leaf_handle == class->leaf_handle)
			return "it takes a leaf's handle that is in use";
	return NULL;
}

/* Whether an operation's class is one of those above the class of this minor. */
static inline bool is_ancestor(const struct shape *shape, const struct op *op, uint16_t minor)
{
	const struct queue_tree *tree = &shape->tree[op->direction];
	const struct queue_class *class = queue_tree_find(tree, op->class.queue, minor);

	while (class && class->parent) {
		if (class->parent == op->class.minor)
			return true;
		class = queue_tree_find(tree, class->queue, class->parent);
	}
	return false;
}

#endif
