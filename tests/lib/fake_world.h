/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In place of engine/kernel.c and engine/datapath.c, for one test program: a kernel that can refuse
 * any operation, and before any of whose operations the engine can die.
 */
#ifndef TESTS_FAKE_WORLD_H
#define TESTS_FAKE_WORLD_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>

#include "engine/apply.h"
#include "tests/lib/shaping.h"

enum mishap {
	MISHAP_NONE,
	MISHAP_REFUSE_ONE,
	MISHAP_REFUSE_ALL,
	MISHAP_KILL, /* nothing that it does from then on has an effect */
};

/* What outlives an engine: classes, rows, prefixes. */
static struct world {
	struct shape shape;
	enum mishap mishap;
	size_t steps_left; /* operations until it happens */
	size_t steps;	   /* operations asked for */
	uint32_t epoch;
	bool busy;	   /* packets wait in some classes */
	uint64_t *touched; /* class_key of every class that an operation was about */
	size_t touched_count, touched_capacity;
} world;

struct kernel {
	int unused;
};

struct datapath {
	int unused;
};

static uint64_t class_key(enum direction direction, const struct queue_class *class)
{
	return (uint64_t)direction << 32 | (uint64_t) class->queue << 16 | class->minor;
}

static void touch(const struct op *op)
{
	world.touched = grow(world.touched, world.touched_count, &world.touched_capacity,
			     sizeof(*world.touched));
	world.touched[world.touched_count++] = class_key(op->direction, &op->class);
}

enum answer { DONE, REFUSED, NO_EFFECT };

/* An operation is about to be done. */
static enum answer step(bool refusable)
{
	bool due = world.mishap == MISHAP_REFUSE_ONE ? world.steps == world.steps_left
						     : world.steps >= world.steps_left;

	if (!refusable && world.mishap == MISHAP_REFUSE_ONE && due)
		world.steps_left++; /* the next one then */
	world.steps++;
	if (!due || world.mishap == MISHAP_NONE)
		return DONE;
	return refusable ? REFUSED : world.mishap == MISHAP_KILL ? NO_EFFECT : DONE;
}

/* --- in place of engine/kernel.c and engine/datapath.c ------------------------------------------- */

bool kernel_send(struct kernel *kernel, const struct interface interfaces[DIRECTIONS],
		 const struct op *const *ops, size_t count, uint32_t pfifo_limit, int *results,
		 struct error *err)
{
	bool ok = true;

	for (size_t i = 0; i < count; i++) {
		const char *fault = op_fault(&world.shape, ops[i]);

		results[i] = step(true) == REFUSED ? -ENOMEM : fault ? -ENOENT : 0;
		if (fault && world.mishap == MISHAP_NONE)
			fail_msg("the kernel would refuse: %s", fault);
		if (world.mishap != MISHAP_KILL || !results[i])
			touch(ops[i]);
		if (results[i])
			ok = error_set(err, ERROR_SYSTEM, "refused");
		else
			shape_apply_op(&world.shape, ops[i]);
	}
	return ok;
}

bool kernel_read_stats(struct kernel *kernel, const struct interface *interface, uint16_t queue,
		       struct class_stats **stats, size_t *count, struct error *err)
{
	const struct queue_tree *tree = &world.shape.tree[interface->ifindex];

	*count = tree->class_count;
	*stats = xcalloc(*count, sizeof(**stats));
	for (size_t i = 0; i < *count; i++)
		(*stats)[i] = (struct class_stats){
			.queue = tree->classes[i].queue,
			.minor = tree->classes[i].minor,
			.backlog_packets = world.busy && tree->classes[i].minor % 3 == 0,
		};
	return true;
}

uint32_t datapath_set_row(struct datapath *datapath, uint32_t slot, const struct circuit_row *row)
{
	/* A claim is a row without a class. */
	struct op op = { .kind = OP_ROW_SET, .row = { .slot = slot, .row = *row } };

	if (step(false) == DONE)
		shape_apply_op(&world.shape, &op);
	return ++world.epoch;
}

uint32_t datapath_clear_row(struct datapath *datapath, uint32_t slot)
{
	struct op op = { .kind = OP_ROW_CLEAR, .row = { .slot = slot } };

	if (step(false) == DONE)
		shape_apply_op(&world.shape, &op);
	return ++world.epoch;
}

void datapath_wait_grace(struct datapath *datapath)
{
}

static bool change_prefix(enum op_kind kind, const struct prefix *prefix, uint32_t slot,
			  uint32_t *epoch, struct error *err)
{
	struct op op = { .kind = kind, .prefix = { .prefix = *prefix, .slot = slot } };

	if (step(true) == REFUSED)
		return error_set(err, ERROR_SYSTEM, "refused");
	shape_apply_op(&world.shape, &op);
	*epoch = ++world.epoch;
	return true;
}

bool datapath_set_prefix(struct datapath *datapath, const struct prefix *prefix, uint32_t slot,
			 uint32_t *epoch, struct error *err)
{
	return change_prefix(OP_PREFIX_SET, prefix, slot, epoch, err);
}

bool datapath_add_prefixes(struct datapath *datapath, const struct shape_prefix *prefixes,
			   size_t count, size_t *added, uint32_t *epoch, struct error *err)
{
	for (*added = 0; *added < count; ++*added)
		if (!datapath_set_prefix(datapath, &prefixes[*added].prefix, prefixes[*added].slot,
					 epoch, err))
			return false;
	return true;
}

bool datapath_remove_prefix(struct datapath *datapath, const struct prefix *prefix, uint32_t *epoch,
			    struct error *err)
{
	return change_prefix(OP_PREFIX_REMOVE, prefix, 0, epoch, err);
}

#endif
