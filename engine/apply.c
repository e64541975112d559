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

/* Many of a kind are handed over at once. */
enum batch_kind { BATCH_NONE, BATCH_CLASSES, BATCH_PREFIXES };

static bool is_class_op(const struct op *op)
{
	return op->kind == OP_CLASS_ADD || op->kind == OP_CLASS_CHANGE ||
	       op->kind == OP_LEAF_CHANGE || op->kind == OP_CLASS_REMOVE;
}

static enum batch_kind batch_kind(const struct op *op)
{
	if (is_class_op(op))
		return BATCH_CLASSES;
	return op->kind == OP_PREFIX_SET && !op->slot_before ? BATCH_PREFIXES : BATCH_NONE;
}

static void note_done(struct run *run, size_t index)
{
	run->done[index] = true;
	run->result->done++;
	shape_apply_op(run->applied, &run->plan->ops[index]);
}

/* Sends class operations, by their indices, as one batch. */
static bool send_classes(struct run *run, const size_t *indices, size_t count, struct error *err)
{
	const struct op **batch = xcalloc(count, sizeof(*batch));
	int *results = xcalloc(count, sizeof(*results));
	bool ok;

	for (size_t i = 0; i < count; i++)
		batch[i] = &run->plan->ops[indices[i]];
	ok = kernel_send(run->target->kernel, run->target->interfaces, batch, count,
			 run->target->pfifo_limit, results, err);
	for (size_t i = 0; i < count; i++)
		if (results[i] == 0)
			note_done(run, indices[i]);
	free(results);
	free(batch);
	return ok;
}

/* Those of them that were added before one was refused are done. */
static bool send_prefixes(struct run *run, const size_t *indices, size_t count, struct error *err)
{
	struct shape_prefix *prefixes = xcalloc(count, sizeof(*prefixes));
	size_t added;
	bool ok;

	for (size_t i = 0; i < count; i++)
		prefixes[i] = run->plan->ops[indices[i]].prefix;
	ok = datapath_add_prefixes(run->target->datapath, prefixes, count, &added,
				   &run->result->epoch, err);
	for (size_t i = 0; i < added; i++)
		note_done(run, indices[i]);
	free(prefixes);
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

/* What waits for an old class to go. */
static bool is_due(const struct run *run, const struct op *op)
{
	uint16_t queue = (uint16_t)(op->after_class >> 16), minor = (uint16_t)op->after_class;

	return !op->after_class || (!queue_tree_find(&run->applied->tree[DOWNLOAD], queue, minor) &&
				    !queue_tree_find(&run->applied->tree[UPLOAD], queue, minor));
}

/* Those of one kind, if there are any. */
static bool send_batch(struct run *run, const size_t *indices, size_t count, struct error *err)
{
	if (!count)
		return true;
	return batch_kind(&run->plan->ops[indices[0]]) == BATCH_CLASSES
		       ? send_classes(run, indices, count, err)
		       : send_prefixes(run, indices, count, err);
}

/* Carries out ops[from..to) but removals, runs of a kind as batches. */
static bool apply_range(struct run *run, size_t from, size_t to, struct error *err)
{
	size_t *batch = xcalloc(to - from, sizeof(*batch)), count = 0;
	enum batch_kind kind = BATCH_NONE;
	bool ok = true;

	for (size_t i = from; i < to && ok; i++) {
		const struct op *op = &run->plan->ops[i];

		if (!is_due(run, op)) {
			run->result->deferred++;
			continue;
		}
		if (batch_kind(op) != kind) {
			ok = send_batch(run, batch, count, err);
			kind = batch_kind(op);
			count = 0;
		}
		if (kind != BATCH_NONE)
			batch[count++] = i;
		else
			ok = ok && apply_one(run, i, err);
	}
	ok = ok && send_batch(run, batch, count, err);
	free(batch);
	return ok;
}

/* --- removal of classes: only when no packet waits in them any more -------------------------- */

struct removing {
	const struct queue_tree *tree;
	struct class_stats *stats; /* sorted by queue and minor */
	size_t stats_count;
	uint32_t *children; /* by class of the tree: those that stay */
};

static int compare_stats(const void *left, const void *right)
{
	const struct class_stats *a = left, *b = right;

	if (a->queue != b->queue)
		return a->queue < b->queue ? -1 : 1;
	return (a->minor > b->minor) - (a->minor < b->minor);
}

static bool removing_begin(struct removing *removing, const struct run *run,
			   enum direction direction, bool force, struct error *err)
{
	const struct queue_tree *tree = &run->applied->tree[direction];

	*removing = (struct removing){
		.tree = tree, .children = xcalloc(tree->class_count, sizeof(*removing->children))
	};
	for (size_t i = 0; i < tree->class_count; i++) {
		const struct queue_class *parent =
			queue_tree_find(tree, tree->classes[i].queue, tree->classes[i].parent);

		if (parent)
			removing->children[parent - tree->classes]++;
	}
	if (force)
		return true;
	if (!kernel_read_stats(run->target->kernel, &run->target->interfaces[direction], 0,
			       &removing->stats, &removing->stats_count, err))
		return false;
	qsort(removing->stats, removing->stats_count, sizeof(*removing->stats), compare_stats);
	return true;
}

static bool has_backlog(const struct removing *removing, const struct queue_class *class)
{
	struct class_stats key = { .queue = class->queue, .minor = class->minor };
	const struct class_stats *found =
		removing->stats_count ? bsearch(&key, removing->stats, removing->stats_count,
						sizeof(key), compare_stats)
				      : NULL;

	return found && found->backlog_packets > 0;
}

/* Whether a class may go, as one less of its parent's children. Children come before their parents
 * in a plan; a class whose child stays has to stay too. */
static bool may_go(struct removing *removing, const struct queue_class *class)
{
	const struct queue_tree *tree = removing->tree;
	const struct queue_class *is = queue_tree_find(tree, class->queue, class->minor);
	const struct queue_class *parent;

	if (is && (removing->children[is - tree->classes] || has_backlog(removing, class)))
		return false;
	parent = queue_tree_find(tree, class->queue, class->parent);
	if (is && parent)
		removing->children[parent - tree->classes]--;
	return true;
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

static bool remove_classes(struct run *run, size_t from, size_t to, bool force, struct error *err)
{
	size_t *going = xcalloc(to - from, sizeof(*going)), count = 0;
	struct removing removing[DIRECTIONS] = { 0 };
	bool ok = true;

	for (enum direction d = DOWNLOAD; d < DIRECTIONS && ok; d++)
		ok = removing_begin(&removing[d], run, d, force, err);
	for (size_t i = from; i < to && ok; i++) {
		const struct op *op = &run->plan->ops[i];

		if (may_go(&removing[op->direction], &op->class))
			going[count++] = i;
		else
			run->result->deferred++;
	}
	ok = ok && (!count || send_classes(run, going, count, err));
	for (int d = 0; d < DIRECTIONS; d++) {
		free(removing[d].stats);
		free(removing[d].children);
	}
	free(going);
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
	size_t removals = plan->first_removal, finish = removals;
	bool ok;

	*result = (struct apply_result){ 0 };
	while (finish < plan->count && plan->ops[finish].kind == OP_CLASS_REMOVE)
		finish++;
	ok = apply_range(&run, 0, removals, err);
	if (!ok)
		revert_all(&run);
	else if (removals < plan->count) {
		datapath_wait_grace(target->datapath); /* nobody sends into them any more */
		ok = remove_classes(&run, removals, finish, force_removal, err) &&
		     apply_range(&run, finish, plan->count, err);
	}
	if (ok)
		release_slots(&run);
	free(run.done);
	return ok;
}
