/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/apply.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/log.h"
#include "engine/base/memory.h"

struct run {
	const struct apply_target *target;
	const struct plan *plan;
	struct shape *applied;
	struct apply_result *result;
	bool *done; /* by operation */
};

static bool is_class_op(const struct op *op)
{
	return op->kind == OP_CLASS_ADD || op->kind == OP_CLASS_CHANGE ||
	       op->kind == OP_LEAF_CHANGE || op->kind == OP_CLASS_REMOVE;
}

static void note_done(struct run *run, size_t index)
{
	run->done[index] = true;
	run->result->done++;
	shape_apply_op(run->applied, &run->plan->ops[index]);
}

/* Sends ops[from..to), all of them class operations, as one batch. */
static bool send_classes(struct run *run, size_t from, size_t to, struct error *err)
{
	const struct op **batch = xcalloc(to - from, sizeof(*batch));
	int *results = xcalloc(to - from, sizeof(*results));
	bool ok;

	for (size_t i = from; i < to; i++)
		batch[i - from] = &run->plan->ops[i];
	ok = kernel_send(run->target->kernel, run->target->interfaces, batch, to - from,
			 run->target->pfifo_limit, results, err);
	for (size_t i = from; i < to; i++)
		if (results[i - from] == 0)
			note_done(run, i);
	free(results);
	free(batch);
	return ok;
}

static bool apply_prefix(struct run *run, const struct op *op, struct error *err)
{
	struct datapath *datapath = run->target->datapath;
	uint32_t *epoch = &run->result->epoch;

	if (op->kind == OP_PREFIX_SET)
		return datapath_set_prefix(datapath, &op->prefix.prefix, op->prefix.slot, epoch,
					   err);
	return datapath_remove_prefix(datapath, &op->prefix.prefix, epoch, err);
}

static bool apply_one(struct run *run, size_t index, struct error *err)
{
	const struct op *op = &run->plan->ops[index];
	struct circuit_row claim = { .owner = op->row.row.owner,
				     .handle = op->row.row.handle,
				     .waiting_handle = op->row.row.waiting_handle,
				     .flags = op->row.row.flags };

	switch (op->kind) {
	case OP_ROW_CLAIM:
		datapath_set_row(run->target->datapath, op->row.slot, &claim);
		break;
	case OP_ROW_SET:
		run->result->epoch =
			datapath_set_row(run->target->datapath, op->row.slot, &op->row.row);
		break;
	case OP_ROW_CLEAR:
		run->result->epoch = datapath_clear_row(run->target->datapath, op->row.slot);
		break;
	case OP_PREFIX_SET:
	case OP_PREFIX_REMOVE:
		if (!apply_prefix(run, op, err))
			return false;
		break;
	default:
		assert(!"class operations go in batches");
	}
	note_done(run, index);
	return true;
}

static void revert_class(const struct run *run, const struct op *op)
{
	struct op back = *op;
	const struct op *batch = &back;
	struct error err;
	int result;

	if (op->kind == OP_CLASS_ADD) {
		back.kind = OP_CLASS_REMOVE;
	} else {
		back.class = op->before;
		back.before = op->class;
	}
	if (!kernel_send(run->target->kernel, run->target->interfaces, &batch, 1,
			 run->target->pfifo_limit, &result, &err))
		log_error("undoing a refused change: %s", err.text);
	else
		shape_apply_op(run->applied, &back);
}

static void revert_row(const struct run *run, const struct op *op)
{
	struct op back = *op;

	back.row.row = op->row_before;
	back.row_before = op->row.row;
	if (op->row_before.owner) {
		back.kind = OP_ROW_SET;
		datapath_set_row(run->target->datapath, op->row.slot, &op->row_before);
	} else {
		back.kind = OP_ROW_CLEAR;
		datapath_clear_row(run->target->datapath, op->row.slot);
	}
	shape_apply_op(run->applied, &back);
}

static void revert_prefix(struct run *run, const struct op *op)
{
	struct op back = *op;
	struct error err;

	back.kind = op->slot_before ? OP_PREFIX_SET : OP_PREFIX_REMOVE;
	back.prefix.slot = op->slot_before;
	back.slot_before = op->prefix.slot;
	if (apply_prefix(run, &back, &err))
		shape_apply_op(run->applied, &back);
	else
		log_error("undoing a refused change: %s", err.text);
}

/* Undoes everything done so far, last first. Only called before the first removal of a class. */
static void revert_all(struct run *run)
{
	for (size_t i = run->plan->count; i-- > 0;) {
		const struct op *op = &run->plan->ops[i];

		if (!run->done[i])
			continue;
		if (is_class_op(op))
			revert_class(run, op);
		else if (op->kind == OP_PREFIX_SET || op->kind == OP_PREFIX_REMOVE)
			revert_prefix(run, op);
		else
			revert_row(run, op);
	}
}

static size_t first_removal(const struct plan *plan)
{
	size_t i = plan->count;

	while (i > 0 && plan->ops[i - 1].kind == OP_CLASS_REMOVE)
		i--;
	return i;
}

/* --- removal of classes: only when no packet waits in them any more -------------------------- */

struct backlog {
	struct class_stats *stats[DIRECTIONS];
	size_t count[DIRECTIONS];
};

static bool has_backlog(const struct backlog *backlog, const struct op *op)
{
	for (size_t i = 0; i < backlog->count[op->direction]; i++) {
		const struct class_stats *stats = &backlog->stats[op->direction][i];

		if (stats->queue == op->class.queue && stats->minor == op->class.minor)
			return stats->backlog_packets > 0;
	}
	return false;
}

/* A class whose child stays has to stay too. Children come before their parents in a plan. */
static bool has_child_left(const struct run *run, const struct op *op)
{
	const struct queue_tree *tree = &run->applied->tree[op->direction];

	for (size_t i = 0; i < tree->class_count; i++)
		if (tree->classes[i].queue == op->class.queue &&
		    tree->classes[i].parent == op->class.minor)
			return true;
	return false;
}

static void release_numbers(const struct run *run)
{
	for (size_t i = 0; i < run->plan->count; i++) {
		const struct op *op = &run->plan->ops[i];
		const struct shape *applied = run->applied;

		if (!run->done[i] || op->kind != OP_CLASS_REMOVE)
			continue;
		if (!queue_tree_find(&applied->tree[DOWNLOAD], op->class.queue, op->class.minor) &&
		    !queue_tree_find(&applied->tree[UPLOAD], op->class.queue, op->class.minor))
			handles_release_handle(run->target->handles, op->class.minor);
	}
}

static bool remove_classes(struct run *run, size_t from, bool force, struct error *err)
{
	struct backlog backlog = { 0 };
	bool ok = true;

	for (int d = 0; d < DIRECTIONS && !force; d++)
		if (!kernel_read_stats(run->target->kernel, &run->target->interfaces[d], 0,
				       &backlog.stats[d], &backlog.count[d], err))
			ok = false;
	for (size_t i = from; i < run->plan->count && ok; i++) {
		const struct op *op = &run->plan->ops[i];

		if (has_backlog(&backlog, op) || has_child_left(run, op))
			run->result->deferred++;
		else
			ok = send_classes(run, i, i + 1, err);
	}
	for (int d = 0; d < DIRECTIONS; d++)
		free(backlog.stats[d]);
	release_numbers(run);
	return ok;
}

static void release_slots(const struct run *run)
{
	bool waited = false;

	for (size_t i = 0; i < run->plan->count; i++) {
		if (!run->done[i] || run->plan->ops[i].kind != OP_ROW_CLEAR)
			continue;
		if (!waited)
			datapath_wait_grace(run->target->datapath);
		waited = true;
		handles_release_slot(run->target->handles, run->plan->ops[i].row.slot);
	}
}

bool apply_plan(const struct apply_target *target, const struct plan *plan, bool force_removal,
		struct shape *applied, struct apply_result *result, struct error *err)
{
	struct run run = { .target = target,
			   .plan = plan,
			   .applied = applied,
			   .result = result,
			   .done = xcalloc(plan->count, sizeof(bool)) };
	size_t removals = first_removal(plan);
	bool ok = true;

	*result = (struct apply_result){ 0 };
	for (size_t i = 0, end; i < removals && ok; i = end) {
		end = i + 1;
		if (!is_class_op(&plan->ops[i])) {
			ok = apply_one(&run, i, err);
			continue;
		}
		while (end < removals && is_class_op(&plan->ops[end]))
			end++;
		ok = send_classes(&run, i, end, err);
	}
	if (!ok)
		revert_all(&run);
	else if (removals < plan->count) {
		datapath_wait_grace(target->datapath); /* nobody sends into them any more */
		ok = remove_classes(&run, removals, force_removal, err);
	}
	if (ok)
		release_slots(&run);
	free(run.done);
	return ok;
}
