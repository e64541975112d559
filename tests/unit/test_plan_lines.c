/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/plan and engine/renumber: what single changes of a small town ask of the kernel. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/renumber.h"
#include "tests/lib/box.h"

static const struct shape_settings settings = {
	.link_bps = { 1000000000, 800000000 }, .queues = 3, .cpus = 2, .leaf = LEAF_CAKE
};

/* --- single changes, told in words --------------------------------------------------------------- */

struct town {
	struct network *network;
	struct box box;
};

static int setup(void **state)
{
	struct town *town = xcalloc(1, sizeof(*town));
	struct random random = { 12 };

	town->network = random_network(&random, 2, 2);
	for (uint32_t i = 0; i < 2; i++) {
		struct circuit *circuit = &town->network->circuits[i];

		town->network->sites[i].parent = i ? 0 : NETWORK_NONE;
		circuit->site = 1;
		circuit->leaf = "";
		circuit->suspended = false;
		for (int d = 0; d < DIRECTIONS; d++) {
			town->network->sites[i].capacity_bps[d] = 100000000;
			circuit->max_bps[d] = 50000000;
			circuit->min_bps[d] = 0;
		}
	}
	box_init(&town->box);
	bring_to(&town->box, town->network, &settings, 12);
	*state = town;
	return 0;
}

static int teardown(void **state)
{
	struct town *town = *state;

	box_release(&town->box);
	random_network_free(town->network);
	free(town);
	return 0;
}

static void expect_lines(const struct town *town, const char *const *lines)
{
	const struct plan *plan = &town->box.plan;
	char text[256];

	for (size_t i = 0; i < plan->count; i++) {
		assert_non_null(lines[i]);
		assert_string_equal(plan_format_op(&plan->ops[i], text, sizeof(text)), lines[i]);
	}
	assert_null(lines[plan->count]);
}

static void a_speed_edit_changes_one_class_in_place_and_the_row(void **state)
{
	static const char *const lines[] = { "change class 1:104 download ceil 50M -> 80M",
					     "set slot 3: class 1:104, ceil 80M/50M", NULL };
	struct town *town = *state;

	town->network->circuits[0].max_bps[DOWNLOAD] = 80000000;
	bring_to(&town->box, town->network, &settings, 12);
	expect_lines(town, lines);
}

static void a_slow_plan_changes_cakes_rtt_in_place_as_well(void **state)
{
	static const char *const lines[] = { "change class 1:104 upload ceil 50M -> 2M",
					     "change class 1:104 upload cake rtt 100 ms -> 180 ms",
					     "set slot 3: class 1:104, ceil 50M/2M", NULL };
	struct town *town = *state;

	town->network->circuits[0].max_bps[UPLOAD] = 2000000;
	bring_to(&town->box, town->network, &settings, 12);
	expect_lines(town, lines);
}

static void options_of_cake_change_in_place(void **state)
{
	static const char *const lines[] = {
		"change class 1:104 download cake rtt 100 ms -> 50 ms diffserv4 -> diffserv8, "
		"nonat -> nat",
		"change class 1:104 upload cake rtt 100 ms -> 50 ms diffserv4 -> diffserv8, nonat "
		"-> nat",
		NULL
	};
	struct town *town = *state;

	town->network->circuits[0].leaf = "cake nat diffserv8 rtt 50ms";
	bring_to(&town->box, town->network, &settings, 12);
	expect_lines(town, lines);
}

static void another_overhead_changes_every_class_in_place(void **state)
{
	struct town *town = *state;
	struct shape_settings other = settings;

	other.overhead_bytes = 24;
	other.mpu_bytes = 84;
	bring_to(&town->box, town->network, &other, 12);
	assert_int_equal(plan_summarise(&town->box.plan).classes_changed,
			 town->box.applied.tree[DOWNLOAD].class_count +
				 town->box.applied.tree[UPLOAD].class_count);
	assert_int_equal(town->box.plan.count, plan_summarise(&town->box.plan).classes_changed);
}

static void a_suspension_changes_the_row_alone(void **state)
{
	static const char *const lines[] = { "set slot 3: class 1:104, ceil 50M/50M, suspended",
					     NULL };
	struct town *town = *state;

	town->network->circuits[0].suspended = true;
	bring_to(&town->box, town->network, &settings, 12);
	expect_lines(town, lines);
}

static void a_move_makes_the_new_class_before_the_old_one_goes(void **state)
{
	static const char *const lines[] = {
		"change class 1:104 download rate 1k -> 8 ceil 50M -> 25M",
		"change class 1:104 upload rate 1k -> 8 ceil 50M -> 25M",
		"change class 1:102 download rate 3k -> 2k",
		"change class 1:102 upload rate 3k -> 2k",
		"add class 1:106 download below 1:100 rate 496 ceil 25M with cake 106:",
		"add class 1:106 upload below 1:100 rate 496 ceil 25M with cake 106:",
		"set slot 3: class 1:106, ceil 50M/50M, 1:104 drains",
		"remove class 1:104 download",
		"remove class 1:104 upload",
		"change class 1:106 download rate 496 -> 1k ceil 25M -> 50M",
		"change class 1:106 upload rate 496 -> 1k ceil 25M -> 50M",
		"set slot 3: class 1:106, ceil 50M/50M",
		NULL
	};
	struct town *town = *state;

	town->network->circuits[0].site = 0;
	bring_to(&town->box, town->network, &settings, 12);
	expect_lines(town, lines);
}

/* Plans a town's move and carries out all but what has to wait for packets to drain. */
static void move_and_let_drain(struct town *town, uint32_t site)
{
	struct shape desired;

	town->network->circuits[0].site = site;
	assert_true(give_numbers(town->network, &settings, &town->box.applied, town->box.handles));
	shape_network(town->network, town->box.handles, &settings, &desired, NULL);
	plan_release(&town->box.plan);
	plan_make(&town->box.applied, &desired, &town->box.plan);
	for (size_t i = 0; i < town->box.plan.first_removal; i++)
		shape_apply_op(&town->box.applied, &town->box.plan.ops[i]);
	shape_release(&desired);
}

static uint64_t ceil_of(const struct town *town, uint16_t minor)
{
	return queue_tree_find(&town->box.applied.tree[DOWNLOAD], 1, minor)->ceil_bps;
}

static void a_second_move_before_the_first_has_drained_stays_within_the_plan(void **state)
{
	struct town *town = *state;

	move_and_let_drain(town, 0);
	assert_int_equal(ceil_of(town, 0x104), 25000000);
	assert_int_equal(ceil_of(town, 0x106), 25000000);
	move_and_let_drain(town, 1);
	assert_int_equal(ceil_of(town, 0x104), 12500000);
	assert_int_equal(ceil_of(town, 0x106), 12500000);
	assert_int_equal(ceil_of(town, 0x107), 25000000);
	bring_to(&town->box, town->network, &settings, 12);
	assert_int_equal(ceil_of(town, 0x107), 50000000);
	assert_null(queue_tree_find(&town->box.applied.tree[DOWNLOAD], 1, 0x106));
}

static void a_site_that_moves_takes_all_below_it_along(void **state)
{
	struct town *town = *state;
	struct plan_summary summary;
	uint16_t minor = handles_find(town->box.handles, NODE_CIRCUIT, "c000000")->handle;

	town->network->sites[1].parent = NETWORK_NONE;
	bring_to(&town->box, town->network, &settings, 12);
	summary = plan_summarise(&town->box.plan);
	assert_int_equal(summary.classes_added, 2 * 4); /* site, waiting leaf, two circuits */
	assert_int_equal(summary.classes_removed, 2 * 4);
	assert_int_not_equal(handles_find(town->box.handles, NODE_CIRCUIT, "c000000")->handle,
			     minor);
}

static void another_kind_of_leaf_moves_everybody_but_the_fixed_classes(void **state)
{
	struct town *town = *state;
	struct shape_settings other = settings;
	struct shape desired;
	struct plan plan;

	other.leaf = LEAF_FQ_CODEL;
	assert_true(give_numbers(town->network, &other, &town->box.applied, town->box.handles));
	shape_network(town->network, town->box.handles, &other, &desired, NULL);
	plan_make(&town->box.applied, &desired, &plan);
	assert_int_equal(plan.impossible, 0);
	assert_int_equal(plan_summarise(&plan).classes_added, 2 * 6);
	assert_int_equal(plan_summarise(&plan).classes_removed, 2 * 6);
	for (size_t i = 0; i < plan.count; i++) /* half while there are two, and up again */
		assert_true(plan.ops[i].kind != OP_CLASS_CHANGE ||
			    plan.ops[i].class.minor >= HANDLE_FIRST);
	carry_out(&town->box, &plan, 12);
	plan_release(&plan);
	plan_make(&town->box.applied, &desired, &plan);
	assert_int_equal(plan.count, 0);
	assert_int_equal(queue_tree_find(&town->box.applied.tree[DOWNLOAD], 1, MINOR_DEFAULT)->leaf,
			 LEAF_CAKE);
	plan_release(&plan);
	shape_release(&desired);
}

static void a_class_that_cannot_be_had_in_place_is_counted_and_left_alone(void **state)
{
	struct town *town = *state;
	struct shape desired;
	struct plan plan;

	town->network->circuits[0].site = 0; /* and nobody renumbers */
	shape_network(town->network, town->box.handles, &settings, &desired, NULL);
	plan_make(&town->box.applied, &desired, &plan);
	assert_int_equal(plan.impossible, 2);
	assert_int_equal(plan_summarise(&plan).classes_added, 0);
	plan_release(&plan);
	shape_release(&desired);
}

static void numbers_found_in_the_kernel_are_given_to_nobody(void **state)
{
	struct town *town = *state;
	struct handles *fresh = handles_new(SLOTS_MAX);

	renumber_reserve_found(&town->box.applied, fresh);
	for (uint16_t handle = 0x100; handle < 0x106; handle++)
		assert_true(handles_is_reserved(fresh, handle));
	assert_false(handles_is_reserved(fresh, 0x106));
	assert_true(handles_is_reserved_slot(fresh, 4));
	assert_int_equal(renumber_find_queue(&town->box.applied, 0x104), 1);
	assert_int_equal(renumber_find_queue(&town->box.applied, 0x106), 0);
	handles_free(fresh);
}

static void a_line_that_does_not_fit_is_cut(void **state)
{
	struct op op = { .kind = OP_ROW_CLEAR, .row = { .slot = 12 } };
	char text[8];

	assert_string_equal(plan_format_op(&op, text, sizeof(text)), "clear s");
}

int main(void)
{
#define TOWN(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		TOWN(a_speed_edit_changes_one_class_in_place_and_the_row),
		TOWN(a_slow_plan_changes_cakes_rtt_in_place_as_well),
		TOWN(options_of_cake_change_in_place),
		TOWN(another_overhead_changes_every_class_in_place),
		TOWN(a_suspension_changes_the_row_alone),
		TOWN(a_move_makes_the_new_class_before_the_old_one_goes),
		TOWN(a_second_move_before_the_first_has_drained_stays_within_the_plan),
		TOWN(a_site_that_moves_takes_all_below_it_along),
		TOWN(another_kind_of_leaf_moves_everybody_but_the_fixed_classes),
		TOWN(a_class_that_cannot_be_had_in_place_is_counted_and_left_alone),
		TOWN(numbers_found_in_the_kernel_are_given_to_nobody),
		cmocka_unit_test(a_line_that_does_not_fit_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
