/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/plan and engine/renumber: minimal, ordered, and leading from applied to desired. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/base/clock.h"
#include "tests/lib/shaping.h"

static const struct shape_settings settings = {
	.link_bps = { 1000000000, 800000000 }, .queues = 3, .cpus = 2, .leaf = LEAF_CAKE
};

/* A box: what it has, and who has which numbers. */
struct box {
	struct shape applied;
	struct handles *handles;
	struct plan plan; /* the last one carried out */
};

static void box_init(struct box *box)
{
	*box = (struct box){ .handles = handles_new(SLOTS_MAX) };
}

static void box_release(struct box *box)
{
	plan_release(&box->plan);
	shape_release(&box->applied);
	handles_free(box->handles);
}

static bool still_there(const struct shape *shape, const struct queue_class *class)
{
	return queue_tree_find(&shape->tree[DOWNLOAD], class->queue, class->minor) ||
	       queue_tree_find(&shape->tree[UPLOAD], class->queue, class->minor);
}

static void carry_out(struct box *box, const struct plan *plan, uint64_t seed)
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
static void bring_to(struct box *box, const struct network *network,
		     const struct shape_settings *with, uint64_t seed)
{
	struct shape desired;
	struct plan again;

	assert_true(give_numbers(network, with, &box->applied, box->handles));
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

static void edit_site(struct random *random, struct network *network, uint32_t site)
{
	if (random_chance(random, 50))
		network->sites[site].capacity_bps[random_below(random, DIRECTIONS)] =
			random_rate(random);
	else /* an earlier one: no loops */
		network->sites[site].parent = site && random_chance(random, 80)
						      ? random_below(random, site)
						      : NETWORK_NONE;
}

static void edit_circuit(struct random *random, struct network *network, struct circuit *circuit)
{
	static const char *const leaves[] = { "", "cake", "fq_codel", "pfifo" };

	switch (random_below(random, 4)) {
	case 0:
		random_plan(random, circuit);
		break;
	case 1:
		circuit->site = network->site_count
					? random_below(random, (uint32_t)network->site_count)
					: NETWORK_NONE;
		break;
	case 2:
		circuit->leaf = leaves[random_below(random, 4)];
		break;
	default:
		circuit->suspended = !circuit->suspended;
	}
}

static void any_plan_leads_to_what_is_desired_in_steps_that_the_kernel_takes(void **state)
{
	for (uint64_t seed = 0; seed < 1500; seed++) {
		struct random random = { seed };
		struct network *all = random_network(&random, random_below(&random, 12),
						     random_below(&random, 40));
		bool *keep = xcalloc(all->circuit_count, sizeof(bool));
		struct box box;

		box_init(&box);
		for (int step = 0; step < 5; step++) {
			struct network *some;

			for (size_t i = 0; i < all->circuit_count; i++) {
				keep[i] = random_chance(&random, 80);
				if (random_chance(&random, 20))
					edit_circuit(&random, all, &all->circuits[i]);
			}
			for (uint32_t i = 0; i < all->site_count; i++)
				if (random_chance(&random, 20))
					edit_site(&random, all, i);
			some = random_network_copy(all, keep);
			/* Sites at the end have no children: they may go. */
			some->site_count -= random_chance(&random, 20) && some->site_count;
			for (size_t i = 0; i < some->circuit_count; i++)
				if (some->circuits[i].site != NETWORK_NONE &&
				    some->circuits[i].site >= some->site_count)
					some->circuits[i].site = NETWORK_NONE;
			bring_to(&box, some, &settings, seed);
			random_network_free(some);
		}
		free(keep);
		box_release(&box);
		random_network_free(all);
	}
}

static const char *applied_fault(const struct shape *shape)
{
	const char *fault = tree_fault(&shape->tree[DOWNLOAD]);

	return fault ? fault : tree_fault(&shape->tree[UPLOAD]);
}

static void rule_r_holds_after_every_step_of_a_change_of_plans(void **state)
{
	for (uint64_t seed = 0; seed < 1000; seed++) {
		struct random random = { seed };
		struct network *network = random_network(&random, 1 + random_below(&random, 8),
							 1 + random_below(&random, 20));
		struct shape desired;
		struct plan plan;
		struct box box;

		box_init(&box);
		bring_to(&box, network, &settings, seed);
		for (size_t i = 0; i < network->circuit_count; i++)
			if (random_chance(&random, 40))
				random_plan(&random, &network->circuits[i]);
		shape_network(network, box.handles, &settings, &desired, NULL);
		plan_make(&box.applied, &desired, &plan);
		for (size_t i = 0; i < plan.count; i++) {
			const char *fault;

			shape_apply_op(&box.applied, &plan.ops[i]);
			fault = applied_fault(&box.applied);
			if (fault)
				fail_msg("seed %llu, after operation %zu: %s",
					 (unsigned long long)seed, i, fault);
		}
		assert_true(shape_equal(&box.applied, &desired));
		plan_release(&plan);
		shape_release(&desired);
		box_release(&box);
		random_network_free(network);
	}
}

static void renaming_changes_nothing(void **state)
{
	struct random random = { 11 };
	struct network *network = random_network(&random, 10, 40);
	struct box box;

	box_init(&box);
	bring_to(&box, network, &settings, 11);
	assert_true(box.plan.count > 100);
	for (size_t i = 0; i < network->site_count; i++)
		network->sites[i].name = network->sites[i].kind = "another";
	for (size_t i = 0; i < network->circuit_count; i++)
		network->circuits[i].name = network->circuits[i].comment = "another";
	bring_to(&box, network, &settings, 11);
	assert_int_equal(box.plan.count, 0);
	box_release(&box);
	random_network_free(network);
}

static void one_more_circuit_makes_two_classes_and_touches_only_its_ancestors(void **state)
{
	for (uint64_t seed = 0; seed < 500; seed++) {
		struct random random = { seed };
		struct network *few = random_network(&random, 1 + random_below(&random, 10),
						     random_below(&random, 40));
		struct network *more;
		const struct assignment *added;
		struct plan_summary summary;
		struct circuit *circuit;
		struct box box;

		/* Capacities that everything fits in: a halving would rightly touch others. */
		for (size_t i = 0; i < few->site_count; i++)
			for (int d = 0; d < DIRECTIONS; d++)
				few->sites[i].capacity_bps[d] =
					few->sites[i].capacity_bps[d] ? 700000000 : 0;
		for (size_t i = 0; i < few->circuit_count; i++)
			for (int d = 0; d < DIRECTIONS; d++)
				few->circuits[i].min_bps[d] %= 5000000;
		more = random_network_copy(few, NULL);
		random_add_circuit(&random, more, 999999);
		circuit = &more->circuits[more->circuit_count - 1];
		circuit->min_bps[DOWNLOAD] %= 5000000;
		circuit->min_bps[UPLOAD] %= 5000000;
		box_init(&box);
		bring_to(&box, few, &settings, seed);
		bring_to(&box, more, &settings, seed);
		summary = plan_summarise(&box.plan);
		added = handles_find(box.handles, NODE_CIRCUIT, circuit->id);
		assert_int_equal(summary.classes_added, 2);
		assert_int_equal(summary.rows_changed, 1);
		assert_int_equal(summary.prefixes_changed, 1);
		assert_int_equal(summary.classes_removed + summary.leaves_changed, 0);
		for (size_t i = 0; i < box.plan.count; i++)
			if (box.plan.ops[i].kind == OP_CLASS_CHANGE &&
			    !is_ancestor(&box.applied, &box.plan.ops[i], added->handle))
				fail_msg("seed %llu: a class that is no ancestor changed",
					 (unsigned long long)seed);
		box_release(&box);
		random_network_free(more);
		random_network_free(few);
	}
}

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
		"change class 1:102 download rate 3k -> 2k",
		"change class 1:102 upload rate 3k -> 2k",
		"add class 1:106 download below 1:100 rate 1k ceil 50M with cake 106:",
		"add class 1:106 upload below 1:100 rate 1k ceil 50M with cake 106:",
		"set slot 3: class 1:106, ceil 50M/50M",
		"remove class 1:104 download",
		"remove class 1:104 upload",
		NULL
	};
	struct town *town = *state;

	town->network->circuits[0].site = 0;
	bring_to(&town->box, town->network, &settings, 12);
	expect_lines(town, lines);
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
	assert_int_equal(plan_summarise(&plan).classes_changed, 0);
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

/* --- speed ----------------------------------------------------------------------------------------- */

static void one_edit_of_20000_circuits_is_planned_quickly(void **state)
{
	struct random random = { 13 };
	struct network *network = random_network(&random, 400, 20000);
	struct shape_settings large = settings;
	struct shape desired;
	struct plan plan;
	struct box box;
	uint64_t began, shaped, planned;

	large.queues = 16;
	box_init(&box);
	assert_true(give_numbers(network, &large, &box.applied, box.handles));
	shape_network(network, box.handles, &large, &box.applied, NULL);
	network->circuits[10000].max_bps[DOWNLOAD] += 8000000;
	began = clock_now_ns();
	shape_network(network, box.handles, &large, &desired, NULL);
	shaped = clock_now_ns();
	plan_make(&box.applied, &desired, &plan);
	planned = clock_now_ns();
	print_message("20,000 circuits, one edit: shape %.1f ms, plan %.1f ms\n",
		      (double)(shaped - began) / NS_PER_MS, (double)(planned - shaped) / NS_PER_MS);
	assert_in_range(plan.count, 2, 3);		  /* class, row, perhaps cake's rtt */
	assert_true(planned - began < 2 * NS_PER_SECOND); /* only quadratic work takes that long */
	plan_release(&plan);
	shape_release(&desired);
	box_release(&box);
	random_network_free(network);
}

int main(void)
{
#define TOWN(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_plan_leads_to_what_is_desired_in_steps_that_the_kernel_takes),
		cmocka_unit_test(rule_r_holds_after_every_step_of_a_change_of_plans),
		cmocka_unit_test(renaming_changes_nothing),
		cmocka_unit_test(one_more_circuit_makes_two_classes_and_touches_only_its_ancestors),
		TOWN(a_speed_edit_changes_one_class_in_place_and_the_row),
		TOWN(a_slow_plan_changes_cakes_rtt_in_place_as_well),
		TOWN(a_suspension_changes_the_row_alone),
		TOWN(a_move_makes_the_new_class_before_the_old_one_goes),
		TOWN(a_site_that_moves_takes_all_below_it_along),
		TOWN(another_kind_of_leaf_moves_everybody_but_the_fixed_classes),
		TOWN(a_class_that_cannot_be_had_in_place_is_counted_and_left_alone),
		TOWN(numbers_found_in_the_kernel_are_given_to_nobody),
		cmocka_unit_test(a_line_that_does_not_fit_is_cut),
		cmocka_unit_test(one_edit_of_20000_circuits_is_planned_quickly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
