/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/shape: what the kernel should have. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/lib/shaping.h"

static struct shape_settings some_settings(struct random *random)
{
	return (struct shape_settings){
		.link_bps = { random_rate(random), random_rate(random) },
		.queues = (uint16_t)(1 + random_below(random, 5)),
		.cpus = (uint16_t)(1 + random_below(random, 3)),
		.leaf = (enum leaf_kind)(LEAF_CAKE + random_below(random, 3)),
	};
}

static void rule_r_holds_at_every_class_of_any_network(void **state)
{
	struct shape nothing = { 0 };

	for (uint64_t seed = 0; seed < 3000; seed++) {
		struct random random = { seed };
		struct network *network = random_network(&random, random_below(&random, 15),
							 random_below(&random, 60));
		struct shape_settings settings = some_settings(&random);
		struct handles *handles = handles_new(SLOTS_MAX);
		struct shape shape;

		assert_true(give_numbers(network, &settings, &nothing, handles));
		shape_network(network, handles, &settings, &shape, NULL);
		for (int d = 0; d < DIRECTIONS; d++) {
			const char *fault = tree_fault(&shape.tree[d]);

			if (fault)
				fail_msg("seed %llu: %s", (unsigned long long)seed, fault);
		}
		assert_int_equal(shape.row_count, network->site_count + network->circuit_count);
		assert_int_equal(shape.prefix_count, network->prefix_count);
		shape_release(&shape);
		handles_free(handles);
		random_network_free(network);
	}
}

static void on_a_stick_the_upload_has_classes_of_the_queues_behind(void **state)
{
	struct shape nothing = { 0 }, shape;
	struct random random = { 3 };
	struct network *network = random_network(&random, 8, 40);
	struct handles *handles = handles_new(SLOTS_MAX);
	struct shape_settings settings = some_settings(&random);

	settings.queues = 3;
	settings.queue_base[UPLOAD] = 3;
	assert_true(give_numbers(network, &settings, &nothing, handles));
	shape_network(network, handles, &settings, &shape, NULL);
	for (size_t i = 0; i < shape.row_count; i++) {
		const uint32_t *class_id = shape.rows[i].row.class_id;

		assert_int_equal(class_id[UPLOAD],
				 class_id[DOWNLOAD] ? class_id[DOWNLOAD] + (3 << 16) : 0);
	}
	for (int d = 0; d < DIRECTIONS; d++)
		for (size_t i = 0; i < shape.tree[d].class_count; i++)
			assert_in_range(shape.tree[d].classes[i].queue, 1, 3);
	shape_release(&shape);
	handles_free(handles);
	random_network_free(network);
}

/* --- one site with two circuits, on one queue --------------------------------------------------- */

struct small {
	struct network *network, *notes;
	struct shape_settings settings;
	struct handles *handles;
	struct shape shape;
	const struct assignment *site, *circuits[2];
};

static int setup(void **state)
{
	struct small *small = xcalloc(1, sizeof(*small));
	struct random random = { 8 };

	small->settings = (struct shape_settings){
		.link_bps = { 1000000000, 500000000 }, .queues = 1, .cpus = 2, .leaf = LEAF_CAKE
	};
	small->network = random_network(&random, 1, 2);
	small->network->sites[0].capacity_bps[DOWNLOAD] = 100000000;
	small->network->sites[0].capacity_bps[UPLOAD] = 20000000;
	for (size_t i = 0; i < 2; i++) {
		struct circuit *circuit = &small->network->circuits[i];

		circuit->site = 0;
		circuit->leaf = "";
		circuit->suspended = false;
		circuit->max_bps[DOWNLOAD] = 80000000;
		circuit->max_bps[UPLOAD] = 2000000;
		circuit->min_bps[DOWNLOAD] = 30000000;
		circuit->min_bps[UPLOAD] = 0;
	}
	small->handles = handles_new(100);
	small->notes = network_new();
	*state = small;
	return 0;
}

static void make(struct small *small)
{
	struct shape nothing = { 0 };

	assert_true(give_numbers(small->network, &small->settings, &nothing, small->handles));
	shape_network(small->network, small->handles, &small->settings, &small->shape,
		      small->notes);
	small->site = handles_find(small->handles, NODE_SITE, small->network->sites[0].id);
	for (size_t i = 0; i < 2; i++)
		small->circuits[i] =
			handles_find(small->handles, NODE_CIRCUIT, small->network->circuits[i].id);
}

static int teardown(void **state)
{
	struct small *small = *state;

	shape_release(&small->shape);
	network_free(small->notes);
	handles_free(small->handles);
	random_network_free(small->network);
	free(small);
	return 0;
}

static const struct queue_class *class_of(const struct small *small, enum direction direction,
					  uint16_t minor)
{
	const struct queue_class *class = queue_tree_find(&small->shape.tree[direction], 1, minor);

	assert_non_null(class);
	return class;
}

static void a_circuit_is_guaranteed_its_minimum_up_to_its_plan(void **state)
{
	struct small *small = *state;
	const struct queue_class *class;

	make(small);
	class = class_of(small, DOWNLOAD, small->circuits[0]->handle);
	assert_int_equal(class->rate_bps, 30000000);
	assert_int_equal(class->ceil_bps, 80000000);
	assert_int_equal(class->prio, 3);
	assert_int_equal(class->leaf, LEAF_CAKE);
	assert_int_equal(class->leaf_handle, class->minor);
	assert_int_equal(class->leaf_rtt_us, 100000);
	assert_int_equal(class->parent, small->site->handle);
	class = class_of(small, UPLOAD, small->circuits[0]->handle);
	assert_int_equal(class->rate_bps, RATE_FLOOR_BPS);
	assert_int_equal(class->ceil_bps, 2000000);
	assert_int_equal(class->leaf_rtt_us, 180000);
	assert_int_equal(small->notes->problem_count, 0);
}

static void a_site_is_guaranteed_what_is_below_it_and_has_a_waiting_leaf(void **state)
{
	struct small *small = *state;
	const struct queue_class *site, *waiting;

	make(small);
	site = class_of(small, DOWNLOAD, small->site->handle);
	waiting = class_of(small, DOWNLOAD, small->site->waiting_handle);
	assert_int_equal(site->rate_bps, 60000000 + RATE_FLOOR_BPS);
	assert_int_equal(site->ceil_bps, 100000000);
	assert_int_equal(site->leaf, LEAF_NONE);
	assert_int_equal(site->parent, MINOR_LINK);
	assert_int_equal(waiting->parent, site->minor);
	assert_int_equal(waiting->rate_bps, RATE_FLOOR_BPS);
	assert_int_equal(waiting->ceil_bps, 100000000);
	assert_int_equal(waiting->leaf_handle, waiting->minor);
	assert_int_equal(class_of(small, UPLOAD, site->minor)->ceil_bps, 20000000);
}

static void the_fixed_classes_are_as_documented(void **state)
{
	struct small *small = *state;
	const struct queue_class *class;

	make(small);
	class = class_of(small, DOWNLOAD, MINOR_LINK);
	assert_int_equal(class->parent, 0);
	assert_int_equal(class->rate_bps, 1000000000);
	assert_int_equal(class->ceil_bps, 1000000000);
	class = class_of(small, DOWNLOAD, MINOR_DEFAULT);
	assert_int_equal(class->rate_bps, 250000000);
	assert_true(class->ceil_bps < 1000000000);
	assert_int_equal(class->prio, 5);
	assert_int_equal(class->leaf_handle, 0x41);
	class = class_of(small, UPLOAD, MINOR_CONTROL);
	assert_int_equal(class->ceil_bps, 5000000);
	assert_int_equal(class->prio, 0);
	assert_int_equal(class->leaf_handle, 0x81);
}

static void guarantees_that_do_not_fit_are_halved_and_said_so(void **state)
{
	struct small *small = *state;

	small->network->circuits[0].min_bps[DOWNLOAD] = 80000000;
	make(small);
	assert_int_equal(class_of(small, DOWNLOAD, small->circuits[0]->handle)->rate_bps, 40000000);
	assert_int_equal(class_of(small, DOWNLOAD, small->circuits[1]->handle)->rate_bps, 15000000);
	assert_int_equal(class_of(small, DOWNLOAD, small->site->handle)->rate_bps,
			 55000000 + RATE_FLOOR_BPS);
	assert_int_equal(class_of(small, DOWNLOAD, small->circuits[0]->handle)->ceil_bps, 80000000);
	assert_int_equal(small->notes->problem_count, 1);
	assert_string_equal(small->notes->problems[0].subject, "site Site 0");
	assert_non_null(strstr(small->notes->problems[0].reason, "download"));
	assert_non_null(strstr(small->notes->problems[0].in_force, "1/2"));
}

static void a_link_too_small_for_its_guarantees_halves_them_too(void **state)
{
	struct small *small = *state;

	small->settings.link_bps[DOWNLOAD] = 80000000; /* 80 - 20 - 0.1 are left for 60.001 */
	make(small);
	assert_int_equal(class_of(small, DOWNLOAD, small->circuits[0]->handle)->rate_bps, 15000000);
	assert_int_equal(small->notes->problem_count, 1);
	assert_string_equal(small->notes->problems[0].subject, "queue 1");
}

static void a_leaf_wish_is_granted_only_for_what_there_is(void **state)
{
	struct small *small = *state;

	small->settings.leaf = small->settings.best_leaf = LEAF_FQ_CODEL;
	small->network->circuits[0].leaf = "pfifo";
	small->network->circuits[1].leaf = "cake";
	make(small);
	assert_int_equal(class_of(small, DOWNLOAD, small->circuits[0]->handle)->leaf, LEAF_PFIFO);
	assert_int_equal(class_of(small, DOWNLOAD, small->circuits[1]->handle)->leaf,
			 LEAF_FQ_CODEL);
	assert_int_equal(class_of(small, UPLOAD, small->circuits[1]->handle)->leaf_rtt_us, 0);
}

static void a_kernel_with_cake_grants_it_also_where_it_is_not_the_usual_leaf(void **state)
{
	struct small *small = *state;

	small->settings.leaf = LEAF_PFIFO;
	small->settings.best_leaf = LEAF_CAKE;
	small->network->circuits[1].leaf = "cake";
	make(small);
	assert_int_equal(class_of(small, DOWNLOAD, small->circuits[0]->handle)->leaf, LEAF_PFIFO);
	assert_int_equal(class_of(small, DOWNLOAD, small->circuits[1]->handle)->leaf, LEAF_CAKE);
}

static void cake_is_as_the_circuit_says_else_as_usual_else_as_documented(void **state)
{
	struct small *small = *state;
	struct leaf usual = { 0 }, wanted = { 0 };
	const struct queue_class *first, *second, *slow;
	struct error err;

	assert_true(leaf_parse_cake("nat diffserv3 rtt 60ms", &usual, &err));
	assert_true(leaf_parse_cake("nonat diffserv3 triple-isolate nowash no-ack-filter", &wanted,
				    &err));
	small->settings.cake = usual.cake;
	small->settings.cake_rtt_us = usual.rtt_us;
	small->network->circuits[0].leaf = "cake nonat rtt 20ms";
	small->network->circuits[1].leaf = "";
	make(small);
	first = class_of(small, UPLOAD, small->circuits[0]->handle);
	assert_int_equal(first->ceil_bps, 2000000);
	assert_int_equal(first->leaf_rtt_us, 20000); /* it says so itself */
	assert_memory_equal(&first->cake, &wanted.cake, sizeof(first->cake));
	second = class_of(small, DOWNLOAD, small->circuits[1]->handle);
	assert_int_equal(second->leaf_rtt_us, 60000);
	assert_int_equal(second->cake.nat, 2);
	small->network->circuits[0].leaf = "";
	shape_release(&small->shape);
	make(small);
	slow = class_of(small, UPLOAD, small->circuits[0]->handle);
	assert_int_equal(slow->leaf_rtt_us, 180000); /* the rule, longer than what is usual */
}

static void rows_say_class_cpu_and_suspension(void **state)
{
	struct small *small = *state;
	const struct shape_row *row;

	small->network->circuits[1].suspended = true;
	make(small);
	row = &small->shape.rows[0];
	assert_int_equal(row->slot, small->site->slot);
	assert_int_equal(row->row.flags, LQOS_ROW_IN_USE | LQOS_ROW_SITE);
	assert_int_equal(row->row.handle, small->site->handle);
	assert_int_equal(row->row.waiting_handle, small->site->waiting_handle);
	assert_true(row->row.owner == small->site->owner);
	row = &small->shape.rows[2];
	assert_int_equal(row->slot, small->circuits[1]->slot);
	assert_int_equal(row->row.flags, LQOS_ROW_IN_USE | LQOS_ROW_SUSPENDED);
	assert_int_equal(row->row.class_id[UPLOAD], 1u << 16 | small->circuits[1]->handle);
	assert_int_equal(row->row.ceil_bps[UPLOAD], 2000000);
	assert_int_equal(row->row.cpu[DOWNLOAD], 0);
	assert_int_equal(small->shape.prefixes[1].slot, small->circuits[1]->slot);
}

static void a_site_as_large_as_the_link_has_numbers_but_no_class(void **state)
{
	struct small *small = *state;

	small->network->sites[0].capacity_bps[DOWNLOAD] = 0;
	small->network->sites[0].capacity_bps[UPLOAD] = 500000000;
	make(small);
	assert_int_equal(small->shape.rows[0].row.class_id[DOWNLOAD], 0);
	assert_int_equal(small->shape.rows[0].row.handle, small->site->handle);
	assert_null(queue_tree_find(&small->shape.tree[DOWNLOAD], 1, small->site->handle));
	assert_int_equal(class_of(small, DOWNLOAD, small->circuits[0]->handle)->parent, MINOR_LINK);
}

static void minimums_below_the_floor_still_keep_rule_r(void **state)
{
	struct shape nothing = { 0 }, shape;
	struct random random = { 9 };
	struct network *network = random_network(&random, 1, 2000);
	struct handles *handles = handles_new(SLOTS_MAX);
	struct shape_settings settings = {
		.link_bps = { 1000000000, 1000000000 }, .queues = 1, .cpus = 1, .leaf = LEAF_PFIFO
	};

	/* 2000 floors of 1k do not fit into 100k. */
	network->sites[0].capacity_bps[DOWNLOAD] = network->sites[0].capacity_bps[UPLOAD] = 100000;
	for (size_t i = 0; i < network->circuit_count; i++)
		network->circuits[i].site = 0;
	assert_true(give_numbers(network, &settings, &nothing, handles));
	shape_network(network, handles, &settings, &shape, NULL);
	assert_null(tree_fault(&shape.tree[DOWNLOAD]));
	shape_release(&shape);
	handles_free(handles);
	random_network_free(network);
}

static void circuits_without_a_handle_wait_and_are_named(void **state)
{
	struct shape nothing = { 0 }, shape;
	struct random random = { 12 };
	struct network *network = random_network(&random, 3, 30), *notes = network_new();
	struct handles *handles = handles_new(100);
	struct shape_settings settings = {
		.link_bps = { 1000000000, 1000000000 }, .queues = 2, .cpus = 1, .leaf = LEAF_PFIFO
	};
	size_t waiting = 0;

	assert_true(
		give_few_numbers(network, &settings, &nothing, HANDLES_FOR_SITES + 12, handles));
	shape_network(network, handles, &settings, &shape, notes);
	assert_null(tree_fault(&shape.tree[DOWNLOAD]));
	for (size_t i = 0; i < shape.row_count; i++)
		waiting += (shape.rows[i].row.flags & LQOS_ROW_WAITING) != 0;
	assert_int_equal(waiting, 18);
	for (size_t i = 0; i < notes->problem_count; i++)
		waiting -= strstr(notes->problems[i].reason, "no class of its own") != NULL;
	assert_int_equal(waiting, 0);
	shape_release(&shape);
	network_free(notes);
	handles_free(handles);
	random_network_free(network);
}

static void deep_trees_are_flattened_and_every_capacity_on_the_way_holds(void **state)
{
	struct shape nothing = { 0 }, shape;
	struct network *network = random_network_empty(9, 1), *notes = network_new();
	struct handles *handles = handles_new(100);
	struct random random = { 10 };
	struct shape_settings settings = {
		.link_bps = { 1000000000, 1000000000 }, .queues = 1, .cpus = 1, .leaf = LEAF_PFIFO
	};
	const struct queue_class *deepest;

	for (uint32_t i = 0; i < 9; i++) {
		random_add_site(&random, network, i);
		network->sites[i].parent = i ? i - 1 : NETWORK_NONE;
		network->sites[i].capacity_bps[DOWNLOAD] = 500000000 - i * 1000000;
		network->sites[i].capacity_bps[UPLOAD] = 0;
	}
	random_add_circuit(&random, network, 0);
	network->circuits[0].site = 8;
	assert_true(give_numbers(network, &settings, &nothing, handles));
	shape_network(network, handles, &settings, &shape, notes);
	assert_null(tree_fault(&shape.tree[DOWNLOAD]));
	deepest = queue_tree_find(&shape.tree[DOWNLOAD], 1,
				  handles_find(handles, NODE_SITE, network->sites[8].id)->handle);
	assert_int_equal(deepest->level, 6);
	assert_int_equal(deepest->ceil_bps, 492000000);
	assert_int_equal(deepest->parent,
			 handles_find(handles, NODE_SITE, network->sites[4].id)->handle);
	assert_int_equal(notes->problem_count, 3); /* the 7th, 8th and 9th site */
	assert_string_equal(notes->problems[0].subject, "site Site 6");
	shape_release(&shape);
	handles_free(handles);
	network_free(notes);
	random_network_free(network);
}

int main(void)
{
#define SMALL(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_a_stick_the_upload_has_classes_of_the_queues_behind),
		cmocka_unit_test(rule_r_holds_at_every_class_of_any_network),
		SMALL(a_circuit_is_guaranteed_its_minimum_up_to_its_plan),
		SMALL(a_site_is_guaranteed_what_is_below_it_and_has_a_waiting_leaf),
		SMALL(the_fixed_classes_are_as_documented),
		SMALL(guarantees_that_do_not_fit_are_halved_and_said_so),
		SMALL(a_link_too_small_for_its_guarantees_halves_them_too),
		SMALL(a_leaf_wish_is_granted_only_for_what_there_is),
		SMALL(a_kernel_with_cake_grants_it_also_where_it_is_not_the_usual_leaf),
		SMALL(cake_is_as_the_circuit_says_else_as_usual_else_as_documented),
		SMALL(rows_say_class_cpu_and_suspension),
		SMALL(a_site_as_large_as_the_link_has_numbers_but_no_class),
		cmocka_unit_test(minimums_below_the_floor_still_keep_rule_r),
		cmocka_unit_test(circuits_without_a_handle_wait_and_are_named),
		cmocka_unit_test(deep_trees_are_flattened_and_every_capacity_on_the_way_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
