/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/plan and engine/renumber: minimal, ordered, and leading from applied to desired. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/base/clock.h"
#include "tests/lib/box.h"

static const struct shape_settings settings = {
	.link_bps = { 1000000000, 800000000 }, .queues = 3, .cpus = 2, .leaf = LEAF_CAKE
};

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
	static const char *const leaves[] = { "", "cake", "fq_codel", "pfifo", "cake wash" };

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
		circuit->leaf = leaves[random_below(random, 5)];
		break;
	default:
		circuit->suspended = !circuit->suspended;
	}
}

static size_t count_waiting(const struct shape *shape)
{
	size_t count = 0;

	for (size_t i = 0; i < shape->row_count; i++)
		count += (shape->rows[i].row.flags & LQOS_ROW_WAITING) != 0;
	return count;
}

static void any_plan_leads_to_what_is_desired_in_steps_that_the_kernel_takes(void **state)
{
	static bool has_class[SLOTS_MAX];
	size_t waiting = 0;

	for (uint64_t seed = 0; seed < 1500; seed++) {
		struct random random = { seed };
		struct network *all = random_network(&random, random_below(&random, 12),
						     random_below(&random, 40));
		bool *keep = xcalloc(all->circuit_count, sizeof(bool));
		struct shape_settings now = settings;
		struct box box;

		box_init(&box);
		if (seed % 3 == 1) /* enough handles for some circuits only */
			box.handles_left = HANDLES_FOR_SITES + 5 + random_below(&random, 20);
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
			for (size_t slot = 0; slot < 100; slot++)
				has_class[slot] = random_chance(&random, 60);
			now.has_class = random_chance(&random, 50) ? has_class : NULL;
			bring_to(&box, some, &now, seed);
			waiting += count_waiting(&box.applied);
			random_network_free(some);
		}
		free(keep);
		box_release(&box);
		random_network_free(all);
	}
	assert_true(waiting > 1000);
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
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_plan_leads_to_what_is_desired_in_steps_that_the_kernel_takes),
		cmocka_unit_test(rule_r_holds_after_every_step_of_a_change_of_plans),
		cmocka_unit_test(renaming_changes_nothing),
		cmocka_unit_test(one_more_circuit_makes_two_classes_and_touches_only_its_ancestors),
		cmocka_unit_test(one_edit_of_20000_circuits_is_planned_quickly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
