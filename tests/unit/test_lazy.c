/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/lazy: who has a class of its own; and what shape makes of it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/base/clock.h"
#include "engine/lazy.h"
#include "tests/lib/shaping.h"

#define SLOTS 64
#define IDLE_NS (600 * NS_PER_SECOND)

static struct lazy *some(unsigned int circuits, bool has_class)
{
	struct lazy *lazy = lazy_new(SLOTS);

	for (uint32_t slot = 1; slot <= circuits; slot++)
		lazy_place(lazy, slot, 1000 + slot, has_class, 0);
	return lazy;
}

static void lazy_is_what_the_setting_or_the_number_of_circuits_says(void **state)
{
	assert_false(lazy_decide(LAZY_NO, 100000, true));
	assert_true(lazy_decide(LAZY_FULL, 1, false));
	assert_false(lazy_decide(LAZY_AUTO, 2000, false));
	assert_true(lazy_decide(LAZY_AUTO, 2001, false));
	/* Around the limit nothing goes to and fro. */
	assert_true(lazy_decide(LAZY_AUTO, 1900, true));
	assert_false(lazy_decide(LAZY_AUTO, 1500, true));
}

static void the_first_call_of_a_circuit_makes_its_class_and_no_second_one(void **state)
{
	struct lazy *lazy = some(3, false);

	assert_true(lazy_call(lazy, 2, 5));
	assert_false(lazy_call(lazy, 2, 6));
	assert_false(lazy_call(lazy, 9, 6));	 /* nobody's slot */
	assert_false(lazy_call(lazy, SLOTS, 6)); /* none at all */
	assert_false(lazy_has_class(lazy)[1]);
	assert_true(lazy_has_class(lazy)[2]);
	lazy_free(lazy);
}

static void one_that_talks_once_a_minute_keeps_its_class_a_silent_one_loses_it(void **state)
{
	struct lazy *lazy = some(2, true);
	unsigned int removed = 0;

	for (uint64_t s = 0; s < 7200; s++) {
		lazy_count(lazy, 1, 1 + s / 60, s * NS_PER_SECOND);
		lazy_count(lazy, 2, 1, s * NS_PER_SECOND);
		removed += lazy_expire(lazy, IDLE_NS, s * NS_PER_SECOND);
		assert_true(lazy_has_class(lazy)[1]);
		assert_int_equal(lazy_has_class(lazy)[2], s < 600);
	}
	assert_int_equal(removed, 1);
	lazy_free(lazy);
}

static void another_circuit_at_a_slot_begins_anew(void **state)
{
	struct lazy *lazy = some(2, true);

	lazy_place(lazy, 1, 1001, false, NS_PER_SECOND);
	assert_true(lazy_has_class(lazy)[1]);
	lazy_place(lazy, 1, 7777, false, NS_PER_SECOND);
	assert_false(lazy_has_class(lazy)[1]);
	lazy_free(lazy);
}

static void many_silent_ones_go_a_few_at_a_time_and_none_is_spared(void **state)
{
	struct lazy *lazy = lazy_new(5000);
	unsigned int removed, steps = 0;

	for (uint32_t slot = 1; slot < 5000; slot++)
		lazy_place(lazy, slot, slot, true, 0);
	while ((removed = lazy_expire(lazy, IDLE_NS, IDLE_NS))) {
		assert_true(removed <= LAZY_REMOVED_MOST);
		steps++;
	}
	assert_int_equal(steps, (4999 + LAZY_REMOVED_MOST - 1) / LAZY_REMOVED_MOST);
	for (uint32_t slot = 0; slot < 5000; slot++)
		assert_false(lazy_has_class(lazy)[slot]);
	lazy_free(lazy);
}

/* --- shape and plan ------------------------------------------------------------------------------ */

static const struct shape_row *row_of(const struct shape *shape, uint32_t slot)
{
	for (size_t i = 0; i < shape->row_count; i++)
		if (shape->rows[i].slot == slot)
			return &shape->rows[i];
	return NULL;
}

/* Every row leads to a class with a leaf, its own or one where circuits wait. */
static void check_rows(const struct network *network, const struct handles *handles,
		       const struct shape_settings *settings, const struct shape *shape)
{
	for (size_t i = 0; i < network->circuit_count; i++) {
		const struct assignment *numbers =
			handles_find(handles, NODE_CIRCUIT, network->circuits[i].id);
		const struct circuit_row *row = &row_of(shape, numbers->slot)->row;
		uint16_t minor = (uint16_t)row->class_id[DOWNLOAD];
		bool waits = !settings->has_class[numbers->slot];

		assert_int_equal((row->flags & LQOS_ROW_WAITING) != 0, waits);
		assert_int_equal(row->handle, waits ? 0 : numbers->handle);
		assert_int_equal(minor == numbers->handle, !waits);
		for (int d = 0; d < DIRECTIONS; d++) {
			const struct queue_class *class =
				queue_tree_find(&shape->tree[d], numbers->queue, minor);

			assert_non_null(class);
			assert_int_not_equal(class->leaf, LEAF_NONE);
			assert_int_equal(class->leaf_handle == numbers->handle, !waits);
		}
	}
}

static void a_build_is_two_classes_and_a_row_and_its_removal_too(void **state)
{
	for (uint64_t seed = 0; seed < 500; seed++) {
		struct random random = { seed };
		struct network *network = random_network(&random, random_below(&random, 10),
							 1 + random_below(&random, 40));
		struct handles *handles = handles_new(SLOTS_MAX);
		static bool has_class[SLOTS_MAX];
		struct shape_settings settings = { .link_bps = { 1000000000, 500000000 },
						   .queues = 4,
						   .cpus = 2,
						   .leaf = LEAF_CAKE,
						   .best_leaf = LEAF_CAKE,
						   .has_class = has_class };
		struct shape nothing = { 0 }, before, after;
		const struct assignment *numbers;
		struct plan plan;

		for (size_t slot = 0; slot < SLOTS_MAX; slot++)
			has_class[slot] = random_below(&random, 2);
		assert_true(give_numbers(network, &settings, &nothing, handles));
		numbers = handles_find(
			handles, NODE_CIRCUIT,
			network->circuits[random_below(&random, network->circuit_count)].id);
		handles_give(handles, numbers->slot);
		has_class[numbers->slot] = false;
		shape_network(network, handles, &settings, &before, NULL);
		check_rows(network, handles, &settings, &before);
		has_class[numbers->slot] = true;
		shape_network(network, handles, &settings, &after, NULL);
		check_rows(network, handles, &settings, &after);
		for (int d = 0; d < DIRECTIONS; d++) {
			assert_null(tree_fault(&before.tree[d]));
			assert_null(tree_fault(&after.tree[d]));
		}
		plan_make(&before, &after, &plan);
		assert_int_equal(plan.count, 3);
		assert_int_equal(plan.ops[0].kind, OP_CLASS_ADD);
		assert_int_equal(plan.ops[1].kind, OP_CLASS_ADD);
		assert_int_equal(plan.ops[2].kind, OP_ROW_SET);
		plan_release(&plan);
		plan_make(&after, &before, &plan);
		assert_int_equal(plan.count, 3);
		assert_int_equal(plan.ops[0].kind, OP_ROW_SET);
		assert_int_equal(plan.ops[1].kind, OP_CLASS_REMOVE);
		assert_int_equal(plan.ops[2].kind, OP_CLASS_REMOVE);
		plan_release(&plan);
		shape_release(&before);
		shape_release(&after);
		handles_free(handles);
		random_network_free(network);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lazy_is_what_the_setting_or_the_number_of_circuits_says),
		cmocka_unit_test(the_first_call_of_a_circuit_makes_its_class_and_no_second_one),
		cmocka_unit_test(
			one_that_talks_once_a_minute_keeps_its_class_a_silent_one_loses_it),
		cmocka_unit_test(another_circuit_at_a_slot_begins_anew),
		cmocka_unit_test(many_silent_ones_go_a_few_at_a_time_and_none_is_spared),
		cmocka_unit_test(a_build_is_two_classes_and_a_row_and_its_removal_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
