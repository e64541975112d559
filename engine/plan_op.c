/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One operation of a plan: what it makes of a shape, and how it reads. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/units.h"
#include "engine/plan.h"

/* --- on a shape ------------------------------------------------------------------------------- */

static void change_class(struct queue_tree *tree, const struct queue_class *shall)
{
	struct queue_class *class = queue_tree_find(tree, shall->queue, shall->minor);

	if (!class)
		return;
	class->rate_bps = shall->rate_bps;
	class->ceil_bps = shall->ceil_bps;
	class->burst_bytes = shall->burst_bytes;
	class->cburst_bytes = shall->cburst_bytes;
	class->quantum_bytes = shall->quantum_bytes;
	class->prio = shall->prio;
	class->overhead_bytes = shall->overhead_bytes;
	class->mpu_bytes = shall->mpu_bytes;
}

static void change_leaf(struct queue_tree *tree, const struct queue_class *shall)
{
	struct queue_class *class = queue_tree_find(tree, shall->queue, shall->minor);

	if (!class)
		return;
	class->leaf_rtt_us = shall->leaf_rtt_us;
	class->cake = shall->cake;
}

/* The index of the first row that is not before the slot. */
static size_t find_row(const struct shape *shape, uint32_t slot)
{
	size_t low = 0, high = shape->row_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (shape->rows[middle].slot < slot)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void put_row(struct shape *shape, uint32_t slot, const struct circuit_row *row)
{
	size_t at = find_row(shape, slot), count = shape->row_count;

	if (at == count || shape->rows[at].slot != slot) {
		shape->rows = xreallocarray(shape->rows, count + 1, sizeof(*shape->rows));
		memmove(&shape->rows[at + 1], &shape->rows[at],
			(count - at) * sizeof(*shape->rows));
		shape->row_count++;
	}
	shape->rows[at] = (struct shape_row){ .slot = slot, .row = *row };
}

static void remove_row(struct shape *shape, uint32_t slot)
{
	size_t at = find_row(shape, slot);

	if (at == shape->row_count || shape->rows[at].slot != slot)
		return;
	shape->row_count--;
	memmove(&shape->rows[at], &shape->rows[at + 1],
		(shape->row_count - at) * sizeof(*shape->rows));
}

static size_t find_prefix(const struct shape *shape, const struct prefix *prefix)
{
	size_t low = 0, high = shape->prefix_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (prefix_compare(&shape->prefixes[middle].prefix, prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_prefix_at(const struct shape *shape, size_t at, const struct prefix *prefix)
{
	return at < shape->prefix_count && !prefix_compare(&shape->prefixes[at].prefix, prefix);
}

static void put_prefix(struct shape *shape, const struct shape_prefix *prefix)
{
	size_t at = find_prefix(shape, &prefix->prefix), count = shape->prefix_count;

	if (!is_prefix_at(shape, at, &prefix->prefix)) {
		shape->prefixes =
			xreallocarray(shape->prefixes, count + 1, sizeof(*shape->prefixes));
		memmove(&shape->prefixes[at + 1], &shape->prefixes[at],
			(count - at) * sizeof(*shape->prefixes));
		shape->prefix_count++;
	}
	shape->prefixes[at] = *prefix;
}

static void remove_prefix(struct shape *shape, const struct prefix *prefix)
{
	size_t at = find_prefix(shape, prefix);

	if (!is_prefix_at(shape, at, prefix))
		return;
	shape->prefix_count--;
	memmove(&shape->prefixes[at], &shape->prefixes[at + 1],
		(shape->prefix_count - at) * sizeof(*shape->prefixes));
}

void shape_apply_op(struct shape *shape, const struct op *op)
{
	struct queue_tree *tree = &shape->tree[op->direction];
	struct circuit_row claim = { .owner = op->row.row.owner,
				     .handle = op->row.row.handle,
				     .waiting_handle = op->row.row.waiting_handle,
				     .flags = op->row.row.flags };

	switch (op->kind) {
	case OP_ROW_CLAIM:
		put_row(shape, op->row.slot, &claim);
		break;
	case OP_CLASS_ADD:
		queue_tree_put(tree, &op->class);
		break;
	case OP_CLASS_CHANGE:
		change_class(tree, &op->class);
		break;
	case OP_LEAF_CHANGE:
		change_leaf(tree, &op->class);
		break;
	case OP_ROW_SET:
		put_row(shape, op->row.slot, &op->row.row);
		break;
	case OP_PREFIX_SET:
		put_prefix(shape, &op->prefix);
		break;
	case OP_PREFIX_REMOVE:
		remove_prefix(shape, &op->prefix.prefix);
		break;
	case OP_ROW_CLEAR:
		remove_row(shape, op->row.slot);
		break;
	case OP_CLASS_REMOVE:
		queue_tree_remove(tree, op->class.queue, op->class.minor);
		break;
	}
}

/* --- in words --------------------------------------------------------------------------------- */

#define EXACT_SIZE (RATE_TEXT_SIZE + 16)

struct line {
	char *text;
	size_t size, used;
};

__attribute__((format(printf, 2, 3))) static void put(struct line *line, const char *format, ...)
{
	va_list args;
	int length;

	if (line->used >= line->size)
		return;
	va_start(args, format);
	length = vsnprintf(line->text + line->used, line->size - line->used, format, args);
	va_end(args);
	if (length > 0)
		line->used += (size_t)length;
}

static void put_class(struct line *line, const char *verb, const struct op *op)
{
	put(line, "%s class %x:%x %s", verb, op->class.queue, op->class.minor,
	    op->direction == DOWNLOAD ? "download" : "upload");
}

static void put_rate(struct line *line, const char *name, uint64_t before_bps, uint64_t rate_bps)
{
	char before[EXACT_SIZE], after[EXACT_SIZE];

	if (before_bps != rate_bps)
		put(line, " %s %s -> %s", name, rate_format_exact(before_bps, before),
		    rate_format_exact(rate_bps, after));
}

static void put_number(struct line *line, const char *name, uint32_t before, uint32_t after)
{
	if (before != after)
		put(line, " %s %u -> %u", name, before, after);
}

static void put_added(struct line *line, const struct op *op)
{
	char rate[EXACT_SIZE], ceil[EXACT_SIZE];

	put_class(line, "add", op);
	if (op->class.parent)
		put(line, " below %x:%x", op->class.queue, op->class.parent);
	put(line, " rate %s ceil %s", rate_format_exact(op->class.rate_bps, rate),
	    rate_format_exact(op->class.ceil_bps, ceil));
	if (op->class.leaf != LEAF_NONE)
		put(line, " with %s %x:", leaf_kind_name((enum leaf_kind)op->class.leaf),
		    op->class.leaf_handle);
}

/* Burst and quantum follow from the rates: named only where nothing else is to be told. */
static void put_changed(struct line *line, const struct op *op)
{
	const struct queue_class *is = &op->before, *shall = &op->class;

	put_class(line, "change", op);
	put_rate(line, "rate", is->rate_bps, shall->rate_bps);
	put_rate(line, "ceil", is->ceil_bps, shall->ceil_bps);
	put_number(line, "prio", is->prio, shall->prio);
	put_number(line, "overhead", is->overhead_bytes, shall->overhead_bytes);
	put_number(line, "mpu", is->mpu_bytes, shall->mpu_bytes);
	if (is->rate_bps != shall->rate_bps || is->ceil_bps != shall->ceil_bps)
		return;
	put_number(line, "burst", is->burst_bytes, shall->burst_bytes);
	put_number(line, "cburst", is->cburst_bytes, shall->cburst_bytes);
	put_number(line, "quantum", is->quantum_bytes, shall->quantum_bytes);
}

static void put_leaf_changed(struct line *line, const struct op *op)
{
	const struct queue_class *is = &op->before, *shall = &op->class;
	char modes[CAKE_MODES_TEXT_SIZE];

	put_class(line, "change", op);
	put(line, " %s", leaf_kind_name((enum leaf_kind)shall->leaf));
	if (is->leaf_rtt_us != shall->leaf_rtt_us)
		put(line, " rtt %g ms -> %g ms", is->leaf_rtt_us / 1e3, shall->leaf_rtt_us / 1e3);
	cake_modes_format_change(is->cake, shall->cake, modes);
	if (*modes)
		put(line, " %s", modes);
}

static void put_row_set(struct line *line, const struct op *op)
{
	const struct circuit_row *row = &op->row.row;
	char ceil[DIRECTIONS][EXACT_SIZE];

	put(line, "set slot %u: ", op->row.slot);
	if (row->class_id[DOWNLOAD])
		put(line, "class %x:%x", row->class_id[DOWNLOAD] >> 16,
		    row->class_id[DOWNLOAD] & 0xffff);
	else
		put(line, "no class");
	put(line, ", ceil %s/%s", rate_format_exact(row->ceil_bps[DOWNLOAD], ceil[DOWNLOAD]),
	    rate_format_exact(row->ceil_bps[UPLOAD], ceil[UPLOAD]));
	if (row->flags & LQOS_ROW_SUSPENDED)
		put(line, ", suspended");
	if (row->old_class)
		put(line, ", %x:%x drains", row->old_class >> 16, row->old_class & 0xffff);
}

static void put_prefix_set(struct line *line, const struct op *op)
{
	char text[PREFIX_TEXT_SIZE];

	put(line, "point %s at slot %u", prefix_format(&op->prefix.prefix, text), op->prefix.slot);
	if (op->slot_before)
		put(line, " instead of %u", op->slot_before);
}

const char *plan_format_op(const struct op *op, char *text, size_t size)
{
	struct line line = { .text = text, .size = size };
	char prefix[PREFIX_TEXT_SIZE];

	if (size)
		text[0] = '\0';
	switch (op->kind) {
	case OP_ROW_CLAIM:
		put(&line, "claim slot %u", op->row.slot);
		break;
	case OP_CLASS_ADD:
		put_added(&line, op);
		break;
	case OP_CLASS_CHANGE:
		put_changed(&line, op);
		break;
	case OP_LEAF_CHANGE:
		put_leaf_changed(&line, op);
		break;
	case OP_ROW_SET:
		put_row_set(&line, op);
		break;
	case OP_PREFIX_SET:
		put_prefix_set(&line, op);
		break;
	case OP_PREFIX_REMOVE:
		put(&line, "remove %s", prefix_format(&op->prefix.prefix, prefix));
		break;
	case OP_ROW_CLEAR:
		put(&line, "clear slot %u", op->row.slot);
		break;
	case OP_CLASS_REMOVE:
		put_class(&line, "remove", op);
		break;
	}
	return text;
}
