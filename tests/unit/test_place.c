/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A page of many rows, and what is looked up for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants those first */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/model/network_index.h"
#include "engine/place.h"
#include "tests/lib/random_network.h"

#define PLACES_MAX 300

static void a_page_is_what_a_full_sort_has_there(void **state)
{
	struct place places[PLACES_MAX], sorted[PLACES_MAX];

	srandom(1);
	for (int round = 0; round < 3000; round++) {
		size_t count = (size_t)random() % PLACES_MAX, offset, limit;
		int keys = round % 3 ? 1000000 : 4; /* many alike, too */

		for (size_t i = 0; i < count; i++)
			places[i] = (struct place){ (double)(random() % keys), (uint32_t)i,
						    (uint32_t)i };
		if (round % 5 == 0)
			places_sort(places, count); /* sorted already */
		memcpy(sorted, places, sizeof(sorted));
		places_sort(sorted, count);
		offset = count ? (size_t)random() % (count + 1) : 0;
		limit = (size_t)random() % 80;
		places_sort_page(places, count, offset, limit);
		for (size_t i = offset; i < count && i < offset + limit; i++)
			assert_int_equal(places[i].number, sorted[i].number);
	}
}

static const char *name_of(const struct network *network, uint32_t number)
{
	return number < network->site_count ? network->sites[number].name
					    : network->circuits[number - network->site_count].name;
}

static uint32_t parent_of(const struct network *network, uint32_t number)
{
	return number < network->site_count ? network->sites[number].parent
					    : network->circuits[number - network->site_count].site;
}

static void check_children(const struct network *network, const struct network_index *index)
{
	size_t sites = network->site_count, seen = 0;

	for (uint32_t group = 0; group <= sites; group++) {
		uint32_t parent = group == sites ? NETWORK_NONE : group;

		for (uint32_t i = index->first_child[group]; i < index->first_child[group + 1];
		     i++) {
			uint32_t child = index->children[i];

			seen++;
			assert_int_equal(parent_of(network, child), parent);
			if (i == index->first_child[group])
				continue;
			assert_true(index->rank[index->children[i - 1]] < index->rank[child]);
			assert_true((index->children[i - 1] < sites) >= (child < sites));
			if ((index->children[i - 1] < sites) == (child < sites))
				assert_true(strcasecmp(name_of(network, index->children[i - 1]),
						       name_of(network, child)) <= 0);
		}
	}
	assert_int_equal(seen, sites + network->circuit_count);
}

static void an_index_knows_prefixes_children_and_names(void **state)
{
	for (uint64_t seed = 1; seed < 30; seed++) {
		struct random random = { seed };
		struct network *network = random_network(&random, 40, 200);
		const struct network_index *index = network_index_get(network);
		size_t prefixes = 0;

		check_children(network, index);
		for (uint32_t c = 0; c < network->circuit_count; c++) {
			for (uint32_t i = index->first_prefix[c]; i < index->first_prefix[c + 1];
			     i++, prefixes++) {
				uint32_t device = network->prefixes[index->prefixes[i]].device;

				assert_int_equal(network->devices[device].circuit, c);
			}
		}
		assert_int_equal(prefixes, network->prefix_count);
		network_index_drop(network);
		random_network_free(network);
	}
}

static void a_renamed_circuit_takes_its_new_place(void **state)
{
	struct network *network = network_new(), *resolved;
	struct circuit circuit = { .id = "1", .name = "Bauer", .leaf = "" };

	circuit.max_bps[DOWNLOAD] = circuit.max_bps[UPLOAD] = 1000000;
	network_add_circuit(network, &circuit);
	circuit.id = "2";
	circuit.name = "Miller";
	network_add_circuit(network, &circuit);
	resolved = network_resolve(network, NULL);
	assert_int_equal(resolved->circuit_count, 2);
	assert_true(network_index_get(resolved)->rank[0] < network_index_get(resolved)->rank[1]);
	circuit.name = "Abel";
	circuit.comment = "";
	assert_true(network_patch_plan(resolved, &circuit));
	assert_true(network_index_get(resolved)->rank[1] < network_index_get(resolved)->rank[0]);
	network_free(network);
	network_free(resolved);
}

static void ids_are_in_the_order_of_their_numbers(void **state)
{
	static const char *const ids[] = { "c2", "c10", "c1" };
	struct network *network = network_new(), *resolved;
	const struct network_index *index;

	for (int i = 0; i < 3; i++) {
		struct circuit circuit = { .id = ids[i], .name = "x", .leaf = "" };

		circuit.max_bps[DOWNLOAD] = circuit.max_bps[UPLOAD] = 1000000;
		network_add_circuit(network, &circuit);
	}
	resolved = network_resolve(network, NULL);
	index = network_index_with_ids(resolved);
	assert_int_equal(index->id_rank[network_find_circuit(resolved, "c1")], 0);
	assert_int_equal(index->id_rank[network_find_circuit(resolved, "c2")], 1);
	assert_int_equal(index->id_rank[network_find_circuit(resolved, "c10")], 2);
	network_free(network);
	network_free(resolved);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_is_what_a_full_sort_has_there),
		cmocka_unit_test(an_index_knows_prefixes_children_and_names),
		cmocka_unit_test(a_renamed_circuit_takes_its_new_place),
		cmocka_unit_test(ids_are_in_the_order_of_their_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
