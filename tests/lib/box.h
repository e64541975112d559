/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A box that is brought from network to network by plans, header-only; for tests with cmocka, which
 * fail where a rule that holds for every plan is broken.
 */
#ifndef TESTS_BOX_H
#define TESTS_BOX_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/lib/shaping.h"

/* A box: what it has, and who has which numbers. */
struct box {
	struct shape applied;
	struct handles *handles;
	struct plan plan;    /* the last one carried out */
	size_t handles_left; /* when circuits get theirs */
};

static inline void box_init(struct box *box)
{
	*box = (struct box){ .handles = handles_new(SLOTS_MAX), .handles_left = SIZE_MAX };
}

static inline void box_release(struct box *box)
{
	plan_release(&box->plan);
	shape_release(&box->applied);
	handles_free(box->handles);
}

static inline bool still_there(const struct shape *shape, const struct queue_class *class)
{
	return queue_tree_find(&shape->tree[DOWNLOAD], class->queue, class->minor) ||
	       queue_tree_find(&shape->tree[UPLOAD], class->queue, class->minor);
}

static inline void carry_out(struct box *box, const struct plan *plan, uint64_t seed)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct op *op = &plan->ops[i];
		const char *fault = op_fault(&box->applied, op);
		char text[256];

		if (fault)
			fail_msg("seed %llu, \"%s\": %s", (unsigned long long)seed,
				 plan_format_op(op, text, sizeof(text)), fault);
		shape_apply_op(&box->applied, op);
		if (op->kind == OP_CLASS_REMOVE && !still_there(&box->applied, &op->class))
			handles_release_handle(box->handles, op->class.minor);
		if (op->kind == OP_ROW_CLEAR)
			handles_release_slot(box->handles, op->row.slot);
	}
}

/* Brings the box to a network and checks all that holds for every plan. */
static inline void bring_to(struct box *box, const struct network *network,
			    const struct shape_settings *with, uint64_t seed)
{
	struct shape desired;
	struct plan again;

	assert_true(
		give_few_numbers(network, with, &box->applied, box->handles_left, box->handles));
	shape_network(network, box->handles, with, &desired, NULL);
	plan_release(&box->plan);
	plan_make(&box->applied, &desired, &box->plan);
	assert_int_equal(box->plan.impossible, 0);
	carry_out(box, &box->plan, seed);
	if (!shape_equal(&box->applied, &desired))
		fail_msg("seed %llu: the plan does not lead to what is desired",
			 (unsigned long long)seed);
	plan_make(&box->applied, &desired, &again);
	if (again.count || again.impossible)
		fail_msg("seed %llu: planned again, there is something left to do",
			 (unsigned long long)seed);
	plan_release(&again);
	shape_release(&desired);
}

#endif
