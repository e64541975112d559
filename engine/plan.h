/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan: what to ask of the kernel so that applied becomes desired. Pure and minimal: planning
 * twice gives nothing the second time (I5). The order of the operations is the order to apply
 * them in: whose slot it is, rates (lowered from the bottom up, then raised from the top down, so
 * that rule R holds after each one), classes parents first, rows, prefixes, then what goes:
 * prefixes before rows before classes, children first. What has to wait until an old class is gone
 * (see handover.h) comes last.
 */
#ifndef LQOS_PLAN_H
#define LQOS_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/direction.h"
#include "engine/shape.h"

enum op_kind {
	OP_ROW_CLAIM,	  /* write the owner into a free row, before a class can be its */
	OP_CLASS_ADD,	  /* with its leaf */
	OP_CLASS_CHANGE,  /* rates, burst, quantum, prio, overhead: in place; the queue stays */
	OP_LEAF_CHANGE,	  /* the leaf's options in place; never its kind */
	OP_ROW_SET,	  /* what a slot is; bumps the row's epoch */
	OP_PREFIX_SET,	  /* added, or pointed at another slot; bumps its scope */
	OP_PREFIX_REMOVE, /* bumps its scope */
	OP_ROW_CLEAR,
	OP_CLASS_REMOVE, /* with its leaf, once the leaf is empty */
};

/* There are hundreds of thousands of them at once: only what a kind says is kept. */
struct op {
	enum op_kind kind;
	enum direction direction; /* class and leaf operations */
	uint32_t after_class;	  /* only once this class (an id as in a row) is gone; 0: at once */
	union {
		struct {			   /* OP_CLASS_*, OP_LEAF_CHANGE */
			struct queue_class class;  /* as it shall be; as it was, when removed */
			struct queue_class before; /* OP_CLASS_CHANGE, OP_LEAF_CHANGE */
		};
		struct { /* OP_ROW_*: before is zero when the slot was free */
			struct shape_row row;
			struct circuit_row row_before;
		};
		struct { /* OP_PREFIX_*: the slot before is 0 when the prefix was not there */
			struct shape_prefix prefix;
			uint32_t slot_before;
		};
	};
};

struct plan {
	struct op *ops;
	size_t count;
	size_t first_removal; /* from here on: removals of classes, and what waits for them */
	/* Classes left alone that would need another parent or leaf: see renumber.h. */
	size_t impossible;
};

struct plan_summary {
	unsigned int classes_added, classes_changed, classes_removed;
	unsigned int leaves_changed, rows_changed, prefixes_changed;
};

/* The caller releases the plan. The default and the control class keep the leaf that they have:
 * their minors are fixed, so there is no way to replace one without a moment without it. */
void plan_make(const struct shape *applied, const struct shape *desired, struct plan *plan);
void plan_release(struct plan *plan);

/* Whether a class that is there can become the one that shall be without being made anew. */
bool plan_in_place(const struct queue_class *is, const struct queue_class *shall);

/* Keeps a shape in step with an operation that went through. */
void shape_apply_op(struct shape *shape, const struct op *op);

/* How much a plan does. */
struct plan_summary plan_summarise(const struct plan *plan);

/* One operation as a line for people and logs, without newline: "change class 3:41 download ceil
 * 50M -> 80M". Returns text. */
const char *plan_format_op(const struct op *op, char *text, size_t size);

#endif
