/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/edit_plan: the narrow plan of an edit is the one that comparing whole shapes gives. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/edit_plan.h"
#include "tests/lib/box.h"

#define SEEDS 3000

static bool has_class[SLOTS_MAX];
static const struct shape_settings settings = { .link_bps = { 10000000000, 8000000000 },
						.queues = 3,
						.cpus = 2,
						.leaf = LEAF_CAKE,
						.has_class = has_class };

static bool op_equal(const struct op *a, const struct op *b)
{
	struct circuit_row left = a->row.row, right = b->row.row;

	left.epoch = right.epoch = 0;
	if (a->kind != b->kind)
		return false;
	if (a->kind == OP_ROW_SET)
		return a->row.slot == b->row.slot && !memcmp(&left, &right, sizeof(left)) &&
		       !memcmp(&a->row_before, &b->row_before, sizeof(a->row_before));
	return a->direction == b->direction && class_equal(&a->class, &b->class) &&
	       class_equal(&a->before, &b->before);
}

static void edit_randomly(struct random *random, struct circuit *circuit)
{
	if (random_chance(random, 20))
		random_plan(random, circuit);
	else if (random_chance(random, 20))
		circuit->suspended = !circuit->suspended;
	for (int d = 0; d < DIRECTIONS; d++)
		if (random_chance(random, 60))
			circuit->max_bps[d] = circuit->min_bps[d] + random_rate(random);
}

/* Whether the narrow plan was made; when it was, it is the whole one. */
static bool try_edit(struct random *random, uint64_t seed)
{
	struct network *network =
		random_network(random, 1 + random_below(random, 10), 1 + random_below(random, 40));
	struct circuit *circuit =
		&network->circuits[random_below(random, (uint32_t)network->circuit_count)];
	struct circuit before = *circuit;
	struct plan whole, narrow;
	struct shape desired;
	struct box box;
	bool made;

	box_init(&box);
	assert_true(give_numbers(network, &settings, &box.applied, box.handles));
	for (uint32_t slot = 0; slot < 100; slot++)
		has_class[slot] = random_chance(random, 70);
	shape_network(network, box.handles, &settings, &box.applied, NULL);
	edit_randomly(random, circuit);
	shape_network(network, box.handles, &settings, &desired, NULL);
	plan_make(&box.applied, &desired, &whole);
	made = edit_plan_make(&box.applied, handles_find(box.handles, NODE_CIRCUIT, circuit->id),
			      &before, circuit, &narrow);
	if (made) {
		bool same =
			narrow.count == whole.count && narrow.first_removal == whole.first_removal;

		for (size_t i = 0; i < narrow.count && same; i++)
			same = op_equal(&narrow.ops[i], &whole.ops[i]);
		if (!same)
			fail_msg("seed %llu: another plan than comparing gives",
				 (unsigned long long)seed);
		plan_release(&narrow);
	}
	plan_release(&whole);
	shape_release(&desired);
	box_release(&box);
	random_network_free(network);
	return made;
}

static void a_narrow_plan_is_the_one_that_comparing_whole_shapes_gives(void **state)
{
	unsigned int made = 0;

	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct random random = { seed };

		made += try_edit(&random, seed);
	}
	print_message("%u of %u edits had a narrow plan\n", made, SEEDS);
	assert_in_range(made, SEEDS / 4, SEEDS - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_narrow_plan_is_the_one_that_comparing_whole_shapes_gives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
