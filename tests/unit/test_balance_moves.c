/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/node_loads and the moves of engine/balance: what is measured, and who goes elsewhere. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/base/clock.h"
#include "engine/saved_loads.h"
#include "tests/lib/shaping.h"

#define SITES_MAX 400
#define HOUR_NS (3600 * NS_PER_SECOND)

static const uint64_t link_bps[DIRECTIONS] = { 1000000001, 1000000000 };

/* Sites with a circuit each, numbered, and what each carries. */
struct world {
	struct network *network;
	struct handles *handles;
	struct node_loads *loads;
	uint16_t queues;
	uint64_t now_ns, rate_bps[SITES_MAX], bytes[4 * SITES_MAX];
};

static const struct assignment *site_numbers(const struct world *world, uint32_t site)
{
	return handles_find(world->handles, NODE_SITE, world->network->sites[site].id);
}

static uint16_t queue_of(const struct world *world, uint32_t site)
{
	return site_numbers(world, site)->queue;
}

static void place(struct world *world, const struct balance_move *moves, size_t count)
{
	struct balance_hints hints = { world->loads, moves, count };
	uint16_t of_site[SITES_MAX], of_circuit[SITES_MAX];

	balance_network(world->network, world->handles, link_bps, world->queues, &hints, of_site,
			of_circuit);
	assert_true(handles_assign(world->handles, world->network, of_site, of_circuit, NULL));
}

static void measure(struct world *world)
{
	struct balance_items items;

	balance_items_find(world->network, world->handles, link_bps, &items);
	node_loads_take(world->loads, world->network, world->handles, &items, world->bytes,
			world->now_ns);
	balance_items_release(&items);
}

/* An hour passes at the rates that there are. */
static void pass_hour(struct world *world)
{
	for (uint32_t i = 0; i < world->network->circuit_count; i++) {
		const struct circuit *circuit = &world->network->circuits[i];
		uint32_t slot = handles_find(world->handles, NODE_CIRCUIT, circuit->id)->slot;

		world->bytes[slot] += world->rate_bps[circuit->site] / 8 * 3600;
	}
	world->now_ns += HOUR_NS;
	measure(world);
}

static void open_world(struct world *world, uint32_t sites, uint16_t queues)
{
	struct random random = { sites };

	*world = (struct world){ .network = random_network_empty(SITES_MAX, SITES_MAX),
				 .handles = handles_new(4 * SITES_MAX),
				 .loads = node_loads_new(4 * SITES_MAX),
				 .queues = queues,
				 .now_ns = HOUR_NS };
	for (uint32_t i = 0; i < sites; i++) {
		random_add_site(&random, world->network, i);
		world->network->sites[i].parent = NETWORK_NONE;
		world->network->sites[i].capacity_bps[DOWNLOAD] = 1000000000;
	}
	for (uint32_t i = 0; i < sites; i++) {
		random_add_circuit(&random, world->network, i);
		world->network->circuits[i].site = i;
		world->network->circuits[i].max_bps[DOWNLOAD] = 100000000;
		world->network->circuits[i].max_bps[UPLOAD] = 0;
	}
	place(world, NULL, 0);
	measure(world);
}

static void close_world(struct world *world)
{
	node_loads_free(world->loads);
	handles_free(world->handles);
	random_network_free(world->network);
}

static size_t find(const struct world *world, uint64_t cooldown_ns,
		   struct balance_move moves[BALANCE_MOVES_MOST])
{
	return balance_find_moves(world->network, world->handles, link_bps, world->queues,
				  world->loads, cooldown_ns, world->now_ns, moves);
}

static void read_loads(const struct world *world, uint64_t load[QUEUES_MAX + 1])
{
	memset(load, 0, (QUEUES_MAX + 1) * sizeof(*load));
	for (uint32_t i = 0; i < world->network->site_count; i++)
		load[queue_of(world, i)] += world->rate_bps[i];
}

/* --- measuring ------------------------------------------------------------------------------------ */

static uint64_t load_of(const struct world *world, uint32_t site)
{
	uint64_t load_bps;

	assert_true(node_loads_get(world->loads, site_numbers(world, site), &load_bps));
	return load_bps;
}

static void a_load_is_the_busiest_window_of_late_and_half_of_it_in_a_week(void **state)
{
	struct world world;
	uint64_t unknown;

	open_world(&world, 2, 1);
	assert_false(node_loads_get(world.loads, site_numbers(&world, 0), &unknown));
	world.rate_bps[0] = 80000000;
	pass_hour(&world);
	assert_int_equal(load_of(&world, 0), 80000000);
	assert_int_equal(load_of(&world, 1), 0);
	world.rate_bps[0] = 8000000;
	for (int hour = 0; hour < NODE_LOADS_HALVED; hour++)
		pass_hour(&world);
	assert_in_range(load_of(&world, 0), 39990000, 40010000);
	world.rate_bps[0] = 160000000;
	pass_hour(&world);
	assert_int_equal(load_of(&world, 0), 160000000);
	assert_int_equal(node_loads_windows(world.loads), NODE_LOADS_HALVED + 2);
	close_world(&world);
}

static void counters_that_begin_anew_are_no_load(void **state)
{
	struct world world;

	open_world(&world, 1, 1);
	world.rate_bps[0] = 80000000;
	pass_hour(&world);
	memset(world.bytes, 0, sizeof(world.bytes));
	world.rate_bps[0] = 0;
	pass_hour(&world);
	assert_in_range(load_of(&world, 0), 79000000, 80000000);
	close_world(&world);
}

/* An engine that starts again goes by what the one before measured, and measures on. */
static void what_is_restored_decides_as_what_was_measured(void **state)
{
	struct balance_move before[BALANCE_MOVES_MOST], after[BALANCE_MOVES_MOST];
	size_t count, found, moves;
	const struct assignment *list;
	struct measured_load *kept;
	struct world world;

	open_world(&world, 8, 2);
	for (uint32_t i = 0; i < 8; i++)
		world.rate_bps[i] = queue_of(&world, i) == 1 ? 90000000 : 10000000;
	for (int hour = 0; hour < 3; hour++)
		pass_hour(&world);
	moves = find(&world, HOUR_NS, before);
	assert_int_not_equal(moves, 0);
	list = handles_list(world.handles, &count);
	kept = saved_loads_collect(world.loads, list, count, &found);
	assert_int_equal(found, 8);

	node_loads_free(world.loads);
	world.loads = node_loads_new(4 * SITES_MAX);
	for (size_t i = 0; i < found; i++)
		node_loads_restore(world.loads,
				   handles_find(world.handles, kept[i].kind, kept[i].id),
				   kept[i].load_bps, world.now_ns);
	node_loads_restore_windows(world.loads, 3);
	free(kept);
	assert_int_equal(find(&world, HOUR_NS, after), 0); /* not at once */
	memset(world.rate_bps, 0, sizeof(world.rate_bps));
	pass_hour(&world);
	assert_int_equal(node_loads_windows(world.loads), 3);
	assert_int_equal(find(&world, HOUR_NS, after), moves);
	for (size_t i = 0; i < moves; i++)
		assert_true(before[i].index == after[i].index && before[i].to == after[i].to);
	close_world(&world);
}

/* --- placing -------------------------------------------------------------------------------------- */

static void what_is_new_is_placed_by_what_the_others_carry_not_by_what_they_bought(void **state)
{
	struct world world;
	uint16_t from;

	open_world(&world, 4, 2);
	/* All bought the same; one of them carries nearly all. */
	for (uint32_t i = 0; i < 4; i++)
		world.rate_bps[i] = i ? 1000000 : 90000000;
	pass_hour(&world);
	from = queue_of(&world, 0);
	for (uint32_t i = 4; i < 6; i++) {
		random_add_site(&(struct random){ i }, world.network, i);
		world.network->sites[i].parent = NETWORK_NONE;
		world.network->sites[i].capacity_bps[DOWNLOAD] = 1000000000;
	}
	/* Measured ones beside those without plans: on the queue with less to do. */
	place(&world, NULL, 0);
	assert_int_not_equal(queue_of(&world, 4), from);
	assert_int_not_equal(queue_of(&world, 5), from);
	close_world(&world);
}

/* --- moving ---------------------------------------------------------------------------------------- */

static void what_is_even_or_not_measured_stays(void **state)
{
	struct balance_move moves[BALANCE_MOVES_MOST];
	struct world world;

	open_world(&world, 8, 4);
	assert_int_equal(find(&world, 0, moves), 0);
	for (uint32_t i = 0; i < 8; i++)
		world.rate_bps[i] = 10000000 + 100000 * i;
	pass_hour(&world);
	assert_int_equal(find(&world, 0, moves), 0);
	close_world(&world);
}

static void one_site_goes_where_it_evens_out_most_and_then_stays_for_the_cool_down(void **state)
{
	struct balance_move moves[BALANCE_MOVES_MOST];
	struct world world;
	uint32_t moved;

	open_world(&world, 6, 2);
	for (uint32_t i = 0; i < 6; i++)
		world.rate_bps[i] = queue_of(&world, i) == 1 ? 30000000 : 10000000;
	pass_hour(&world);
	assert_int_equal(find(&world, 2 * HOUR_NS, moves), 0); /* all were seen an hour ago */
	assert_int_equal(find(&world, HOUR_NS, moves), 1);
	assert_int_equal(moves[0].kind, NODE_SITE);
	assert_int_equal(moves[0].from, 1);
	assert_int_equal(moves[0].to, 2);
	assert_int_equal(moves[0].load_bps, 30000000);
	moved = moves[0].index;
	place(&world, moves, 1);
	assert_int_equal(queue_of(&world, moved), 2);
	node_loads_note_move(world.loads, site_numbers(&world, moved), world.now_ns);
	/* Now all the others on its queue fall silent, and it would have to go back. */
	for (uint32_t i = 0; i < 6; i++)
		world.rate_bps[i] = queue_of(&world, i) == 1 ? 0 : 300000000;
	pass_hour(&world);
	assert_int_equal(find(&world, 2 * HOUR_NS, moves), 1);
	assert_int_not_equal(moves[0].index, moved);
	close_world(&world);
}

static void a_nearly_idle_box_moves_nobody(void **state)
{
	struct balance_move moves[BALANCE_MOVES_MOST];
	struct world world;

	open_world(&world, 4, 2);
	world.rate_bps[0] = world.rate_bps[1] = world.rate_bps[2] = 1000000;
	pass_hour(&world);
	assert_int_equal(find(&world, 0, moves), 0);
	close_world(&world);
}

/* The sum of squares falls with each move: what never comes back to where it was does not go round. */
static double squares(const struct world *world)
{
	uint64_t load[QUEUES_MAX + 1];
	double sum = 0;

	read_loads(world, load);
	for (uint16_t queue = 1; queue <= world->queues; queue++)
		sum += (double)load[queue] * (double)load[queue];
	return sum;
}

/* What no placement betters, and how near a rule comes that moves one at a time and not for little. */
static double bound(const struct world *world)
{
	double mean = 0, largest = 0, q = world->queues;

	for (uint32_t i = 0; i < world->network->site_count; i++) {
		double rate = (double)world->rate_bps[i];

		mean += rate / q;
		largest = rate > largest ? rate : largest;
	}
	return (2 - 2 / (q + 1)) * (mean > largest ? mean : largest) + mean / 10;
}

static double fullest(const struct world *world)
{
	uint64_t load[QUEUES_MAX + 1], most = 0;

	read_loads(world, load);
	for (uint16_t queue = 1; queue <= world->queues; queue++)
		most = load[queue] > most ? load[queue] : most;
	return (double)most;
}

static void constant_load_is_evened_out_in_few_moves_that_end(void **state)
{
	for (uint64_t seed = 0; seed < 200; seed++) {
		struct random random = { seed };
		uint32_t sites = 1 + random_below(&random, seed % 10 ? 40 : SITES_MAX);
		uint16_t queues = (uint16_t)(1 + random_below(&random, QUEUES_MAX));
		struct balance_move moves[BALANCE_MOVES_MOST];
		uint32_t moved = 0, run = 0;
		struct world world;
		size_t count;

		open_world(&world, sites, queues);
		for (uint32_t i = 0; i < sites; i++)
			world.rate_bps[i] = random_rate(&random);
		pass_hour(&world);
		while ((count = find(&world, HOUR_NS, moves))) {
			double before = squares(&world);

			assert_true(count <= 1 || count <= sites / 100);
			place(&world, moves, count);
			for (size_t i = 0; i < count; i++) {
				assert_int_equal(queue_of(&world, moves[i].index), moves[i].to);
				assert_in_range(moves[i].to, 1, queues);
				node_loads_note_move(world.loads,
						     site_numbers(&world, moves[i].index),
						     world.now_ns);
			}
			assert_true(squares(&world) < before);
			moved += (uint32_t)count;
			assert_true(++run < 1000);
			pass_hour(&world);
		}
		assert_true(fullest(&world) <= bound(&world));
		assert_true(moved <= 2 * sites);
		close_world(&world);
	}
}

static void a_site_above_a_queues_share_of_the_full_link_is_too_big(void **state)
{
	static const uint64_t link[DIRECTIONS] = { 10000000000, 6000000000 };

	assert_false(balance_is_too_big(1000000000, link, 16));
	assert_true(balance_is_too_big(1000000001, link, 16));
	assert_false(balance_is_too_big(16000000001, link, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_load_is_the_busiest_window_of_late_and_half_of_it_in_a_week),
		cmocka_unit_test(counters_that_begin_anew_are_no_load),
		cmocka_unit_test(what_is_restored_decides_as_what_was_measured),
		cmocka_unit_test(
			what_is_new_is_placed_by_what_the_others_carry_not_by_what_they_bought),
		cmocka_unit_test(what_is_even_or_not_measured_stays),
		cmocka_unit_test(
			one_site_goes_where_it_evens_out_most_and_then_stays_for_the_cool_down),
		cmocka_unit_test(a_nearly_idle_box_moves_nobody),
		cmocka_unit_test(constant_load_is_evened_out_in_few_moves_that_end),
		cmocka_unit_test(a_site_above_a_queues_share_of_the_full_link_is_too_big),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
