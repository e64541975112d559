/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/queue_tree: classes stay in order, however they came. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/queue_tree.h"
#include "tests/lib/random_network.h"

static void expect_order(const struct queue_tree *tree)
{
	for (size_t i = 1; i < tree->class_count; i++) {
		const struct queue_class *a = &tree->classes[i - 1], *b = &tree->classes[i];

		assert_true(a->queue < b->queue || (a->queue == b->queue && a->minor < b->minor));
	}
}

static struct queue_class random_class(struct random *random)
{
	return (struct queue_class){ .queue = (uint16_t)(1 + random_below(random, QUEUES_MAX)),
				     .minor = (uint16_t)random_below(random, 0x10000) };
}

static void put_find_and_remove_keep_the_order(void **state)
{
	struct random random = { 1 };
	struct queue_tree tree = { 0 };

	for (int i = 0; i < 2000; i++) {
		struct queue_class class = random_class(&random);

		class.minor &= 15;
		class.rate_bps = (uint64_t)i;
		if (random_chance(&random, 60)) {
			queue_tree_put(&tree, &class);
			assert_int_equal(queue_tree_find(&tree, class.queue, class.minor)->rate_bps,
					 i);
		} else {
			queue_tree_remove(&tree, class.queue, class.minor);
			assert_null(queue_tree_find(&tree, class.queue, class.minor));
		}
		expect_order(&tree);
	}
	queue_tree_release(&tree);
	assert_int_equal(tree.class_count, 0);
}

static void appended_classes_are_found_once_sorted(void **state)
{
	struct random random = { 2 };
	struct queue_tree tree = { 0 }, one_by_one = { 0 };

	for (uint64_t i = 0; i < 3000; i++) {
		struct queue_class class = random_class(&random);

		class.rate_bps = i;
		if (queue_tree_find(&one_by_one, class.queue, class.minor))
			continue;
		queue_tree_append(&tree, &class);
		queue_tree_put(&one_by_one, &class);
	}
	queue_tree_sort(&tree);
	expect_order(&tree);
	assert_int_equal(tree.class_count, one_by_one.class_count);
	for (size_t i = 0; i < tree.class_count; i++)
		assert_int_equal(tree.classes[i].rate_bps, one_by_one.classes[i].rate_bps);
	queue_tree_release(&tree);
	queue_tree_release(&one_by_one);
}

static void an_empty_tree_can_be_sorted(void **state)
{
	struct queue_tree tree = { 0 };

	queue_tree_sort(&tree);
	assert_null(queue_tree_find(&tree, 1, 1));
	queue_tree_release(&tree);
}

static void leaf_kinds_are_named_as_tc_does(void **state)
{
	assert_string_equal(leaf_kind_name(LEAF_CAKE), "cake");
	assert_string_equal(leaf_kind_name(LEAF_NONE), "");
	assert_int_equal(leaf_kind_parse("fq_codel"), LEAF_FQ_CODEL);
	assert_int_equal(leaf_kind_parse("pfifo"), LEAF_PFIFO);
	assert_int_equal(leaf_kind_parse(""), LEAF_NONE);
	assert_int_equal(leaf_kind_parse("sfq"), LEAF_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(put_find_and_remove_keep_the_order),
		cmocka_unit_test(appended_classes_are_found_once_sorted),
		cmocka_unit_test(an_empty_tree_can_be_sorted),
		cmocka_unit_test(leaf_kinds_are_named_as_tc_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
