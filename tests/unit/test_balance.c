/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/balance: what goes on which queue. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/balance.h"
#include "tests/lib/shaping.h"

static const uint64_t link_bps[DIRECTIONS] = { 1000000000, 1000000000 };
static const struct balance_hints none;

/* root (as the link) > ap0..ap2 (100M, 300M, 200M of plans), a circuit at the root, one nowhere */
static struct network *small_network(void)
{
	static const uint64_t capacities[] = { 1000000000, 400000000, 400000000, 400000000 };
	static const struct {
		const char *id;
		uint32_t site;
		uint64_t max_bps;
	} circuits[] = { { "c0", 1, 100000000 },
			 { "c1", 2, 300000000 },
			 { "c2", 3, 200000000 },
			 { "c3", 0, 50000000 },
			 { "c4", NETWORK_NONE, 40000000 } };
	static const char *const ids[] = { "root", "ap0", "ap1", "ap2" };
	struct network *network = random_network_empty(4, 5);

	for (size_t i = 0; i < 4; i++)
		network->sites[network->site_count++] =
			(struct site){ .id = ids[i],
				       .name = ids[i],
				       .capacity_bps = { capacities[i], capacities[i] },
				       .parent = i ? 0 : NETWORK_NONE };
	for (size_t i = 0; i < 5; i++)
		network->circuits[network->circuit_count++] =
			(struct circuit){ .id = circuits[i].id,
					  .leaf = "",
					  .site = circuits[i].site,
					  .max_bps = { circuits[i].max_bps, circuits[i].max_bps } };
	return network;
}

static void the_highest_sites_below_the_link_are_placed_heaviest_first(void **state)
{
	struct network *network = small_network();
	struct handles *handles = handles_new(100);
	uint16_t sites[4], circuits[5];

	balance_network(network, handles, link_bps, 2, &none, sites, circuits);
	assert_int_equal(sites[0], 0); /* as large as the link: limits nothing */
	assert_int_equal(sites[2], 1); /* 600M */
	assert_int_equal(sites[3], 2); /* 400M */
	assert_int_equal(sites[1], 2); /* 200M onto 400M */
	assert_int_equal(circuits[0], 2);
	assert_int_equal(circuits[1], 1);
	assert_int_equal(circuits[3], 1); /* 100M: both have 600M, the site's own 1 decides */
	assert_int_equal(circuits[4], 2);
	handles_free(handles);
	random_network_free(network);
}

static void a_capacity_below_the_link_in_one_direction_is_enough(void **state)
{
	struct network *network = small_network();
	struct handles *handles = handles_new(100);
	uint16_t sites[4], circuits[5];

	network->sites[0].capacity_bps[UPLOAD] = 999999999;
	balance_network(network, handles, link_bps, 4, &none, sites, circuits);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(sites[i], 1);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(circuits[i], 1);
	assert_int_equal(circuits[4], 2);
	handles_free(handles);
	random_network_free(network);
}

static void who_has_a_valid_queue_keeps_it(void **state)
{
	for (uint64_t seed = 0; seed < 300; seed++) {
		struct random random = { seed };
		struct network *network = random_network(&random, random_below(&random, 15),
							 random_below(&random, 60));
		struct handles *handles = handles_new(1000);
		uint16_t sites[2][15], circuits[2][60];

		balance_network(network, handles, link_bps, 4, &none, sites[0], circuits[0]);
		assert_true(handles_assign(handles, network, sites[0], circuits[0], NULL));
		for (size_t i = 0; i < network->circuit_count; i++) {
			assert_in_range(circuits[0][i], 1, 4);
			random_plan(&random, &network->circuits[i]);
		}
		balance_network(network, handles, link_bps, 4, &none, sites[1], circuits[1]);
		assert_memory_equal(sites[0], sites[1], network->site_count * sizeof(uint16_t));
		assert_memory_equal(circuits[0], circuits[1],
				    network->circuit_count * sizeof(uint16_t));
		balance_network(network, handles, link_bps, 1, &none, sites[1], circuits[1]);
		for (size_t i = 0; i < network->circuit_count; i++)
			assert_int_equal(circuits[1][i], 1);
		handles_free(handles);
		random_network_free(network);
	}
}

static void sites_without_circuits_spread_as_well(void **state)
{
	struct network *network = small_network();
	struct handles *handles = handles_new(100);
	uint16_t sites[4], circuits[5];

	network->circuit_count = 0;
	balance_network(network, handles, link_bps, 3, &none, sites, circuits);
	assert_int_equal(sites[1], 1);
	assert_int_equal(sites[2], 2);
	assert_int_equal(sites[3], 3);
	handles_free(handles);
	random_network_free(network);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_highest_sites_below_the_link_are_placed_heaviest_first),
		cmocka_unit_test(a_capacity_below_the_link_in_one_direction_is_enough),
		cmocka_unit_test(who_has_a_valid_queue_keeps_it),
		cmocka_unit_test(sites_without_circuits_spread_as_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
