/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can't be applied becomes a problem; everything else is applied; the last good state stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/model/edit.h"
#include "engine/model/network.h"

#define M 1000000ULL

static void add_site(struct network *network, const char *id, const char *parent)
{
	network_add_site(network, &(struct site){ .id = id, .name = id, .parent_id = parent });
}

static void add_circuit(struct network *network, const char *id, const char *site, uint64_t min_bps,
			uint64_t max_bps, const char *address)
{
	network_add_circuit(network, &(struct circuit){ .id = id,
							.name = id,
							.site_id = site,
							.min_bps = { min_bps, min_bps },
							.max_bps = { max_bps, max_bps } });
	network_add_device(network, &(struct device){ .id = id, .circuit_id = id });
	network_add_prefix(network, &(struct device_prefix){ .device_id = id, .text = address });
}

static struct network *good_network(void)
{
	struct network *rows = network_new(), *network;

	add_site(rows, "tower", NULL);
	add_site(rows, "ap", "tower");
	add_circuit(rows, "2", "ap", 1 * M, 20 * M, "192.0.2.2");
	add_circuit(rows, "1", "ap", 1 * M, 10 * M, "192.0.2.1");
	network = network_resolve(rows, NULL);
	network_free(rows);
	return network;
}

static bool has_problem(const struct network *network, const char *subject, const char *reason,
			const char *in_force)
{
	for (size_t i = 0; i < network->problem_count; i++)
		if (!strcmp(network->problems[i].subject, subject) &&
		    strstr(network->problems[i].reason, reason) &&
		    strstr(network->problems[i].in_force, in_force))
			return true;
	for (size_t i = 0; i < network->problem_count; i++)
		print_message("%s: %s; %s\n", network->problems[i].subject,
			      network->problems[i].reason, network->problems[i].in_force);
	return false;
}

static const char *owner_of(const struct network *network, const char *address)
{
	struct prefix prefix;
	uint32_t found;

	assert_true(prefix_parse(address, &prefix, NULL));
	found = network_find_prefix(network, prefix.address);
	if (found == NETWORK_NONE)
		return "nobody";
	return network->circuits[network->devices[network->prefixes[found].device].circuit].id;
}

static void sound_rows_are_sorted_and_linked(void **state)
{
	struct network *network = good_network();

	assert_int_equal(network->problem_count, 0);
	assert_string_equal(network->sites[0].id, "tower");
	assert_int_equal(network->sites[1].parent, 0);
	assert_int_equal(network->sites[1].depth, 1);
	assert_int_equal(network_find_circuit(network, "1"), 0);
	assert_int_equal(network->circuits[0].site, 1);
	assert_int_equal(network_find_circuit(network, "3"), NETWORK_NONE);
	assert_string_equal(owner_of(network, "192.0.2.2"), "2");
	assert_string_equal(owner_of(network, "192.0.2.3"), "nobody");
	network_free(network);
}

static void a_wrong_plan_leaves_the_last_good_one_in_force(void **state)
{
	static const struct {
		uint64_t min_bps, max_bps;
		const char *reason;
	} rows[] = {
		{ 0, 0, "maximum is 0" },
		{ 0, 999, "maximum 999 is not between 1k and 1T" },
		{ 0, 2000000 * M, "maximum 2.00T is not between 1k and 1T" },
		{ 30 * M, 25 * M, "minimum 30.0M is above its maximum 25.0M" },
	};
	struct network *last = good_network();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct network *wrong = network_new(), *network;
		uint32_t circuit;

		add_site(wrong, "tower", NULL);
		add_site(wrong, "ap", "tower");
		add_circuit(wrong, "2", "ap", rows[i].min_bps, rows[i].max_bps, "192.0.2.2");
		add_circuit(wrong, "3", "ap", rows[i].min_bps, rows[i].max_bps, "192.0.2.3");
		network = network_resolve(wrong, last);
		circuit = network_find_circuit(network, "2");
		assert_int_equal(network->circuits[circuit].max_bps[DOWNLOAD], 20 * M);
		assert_string_equal(owner_of(network, "192.0.2.2"), "2");
		assert_true(has_problem(network, "circuit 2", rows[i].reason,
					"last good plan stays in force"));
		assert_true(has_problem(network, "circuit 3", rows[i].reason, "not shaped"));
		assert_int_equal(network_find_circuit(network, "3"), NETWORK_NONE);
		network_free(network);
		network_free(wrong);
	}
	network_free(last);
}

static void a_wrong_leaf_leaves_the_last_good_one_in_force(void **state)
{
	struct network *last = good_network(), *wrong = network_new(), *network;

	last->circuits[network_find_circuit(last, "2")].leaf = "fq_codel";
	add_circuit(wrong, "2", NULL, 0, 20 * M, "192.0.2.2");
	add_circuit(wrong, "3", NULL, 0, 20 * M, "192.0.2.3");
	wrong->circuits[0].leaf = wrong->circuits[1].leaf = "cake fast";
	network = network_resolve(wrong, last);
	assert_true(has_problem(network, "circuit 2", "no option \"fast\"", "keeps the leaf"));
	assert_true(has_problem(network, "circuit 3", "no option \"fast\"", "the usual leaf"));
	assert_string_equal(network->circuits[network_find_circuit(network, "2")].leaf, "fq_codel");
	assert_string_equal(network->circuits[network_find_circuit(network, "3")].leaf, "");
	assert_string_equal(owner_of(network, "192.0.2.3"), "3");
	network_free(network);
	network_free(wrong);
	network_free(last);
}

static void an_address_stays_with_who_had_it(void **state)
{
	struct network *last = good_network(), *rows = network_new(), *network;

	add_circuit(rows, "1", NULL, 0, 10 * M, "192.0.2.2"); /* 2's, and sorted before it */
	add_circuit(rows, "2", NULL, 0, 20 * M, "192.0.2.2");
	network = network_resolve(rows, last);
	assert_string_equal(owner_of(network, "192.0.2.2"), "2");
	assert_true(has_problem(network, "circuit 1", "192.0.2.2 is circuit 2's already",
				"192.0.2.2 stays with circuit 2"));
	network_free(network);
	network_free(rows);
	network_free(last);
}

static void two_circuits_swap_addresses_without_a_problem(void **state)
{
	struct network *last = good_network(), *rows = network_new(), *network;

	add_circuit(rows, "1", NULL, 0, 10 * M, "192.0.2.2");
	add_circuit(rows, "2", NULL, 0, 20 * M, "192.0.2.1");
	network = network_resolve(rows, last);
	assert_int_equal(network->problem_count, 0);
	assert_string_equal(owner_of(network, "192.0.2.2"), "1");
	assert_string_equal(owner_of(network, "192.0.2.1"), "2");
	network_free(network);
	network_free(rows);
	network_free(last);
}

static void a_wrong_address_leaves_the_last_good_ones_in_force(void **state)
{
	struct network *last = good_network(), *rows = network_new(), *network;

	add_circuit(rows, "2", NULL, 0, 20 * M, "192.0.2.999");
	network = network_resolve(rows, last);
	assert_string_equal(owner_of(network, "192.0.2.2"), "2");
	assert_true(has_problem(network, "circuit 2", "192.0.2.999", "what they last were"));
	network_free(network);
	network_free(rows);
	network_free(last);
}

static void the_longest_of_nested_prefixes_wins(void **state)
{
	struct network *rows = network_new(), *network;

	add_circuit(rows, "wide", NULL, 0, 1 * M, "198.51.100.0/24");
	add_circuit(rows, "narrow", NULL, 0, 1 * M, "198.51.100.64/26");
	add_circuit(rows, "one", NULL, 0, 1 * M, "198.51.100.65");
	network = network_resolve(rows, NULL);
	assert_int_equal(network->problem_count, 0);
	assert_string_equal(owner_of(network, "198.51.100.1"), "wide");
	assert_string_equal(owner_of(network, "198.51.100.66"), "narrow");
	assert_string_equal(owner_of(network, "198.51.100.65"), "one");
	network_free(network);
	network_free(rows);
}

static void a_loop_of_sites_is_broken_and_said(void **state)
{
	struct network *rows = network_new(), *network;

	add_site(rows, "a", "b");
	add_site(rows, "b", "a");
	add_site(rows, "c", "nowhere");
	add_circuit(rows, "1", "a", 0, 10 * M, "192.0.2.1");
	network = network_resolve(rows, NULL);
	assert_int_equal(network->site_count, 3);
	assert_int_equal(network->circuit_count, 1);
	assert_true(has_problem(network, "site a", "its own ancestor", "top of the tree"));
	assert_true(has_problem(network, "site c", "\"nowhere\" is not a site", "top of the tree"));
	network_free(network);
	network_free(rows);
}

static void a_capacity_that_can_not_be_is_the_parents(void **state)
{
	struct network *rows = network_new(), *network;

	network_add_site(rows,
			 &(struct site){ .id = "a", .name = "a", .capacity_bps = { 999, 5 * M } });
	network = network_resolve(rows, NULL);
	assert_int_equal(network->sites[0].capacity_bps[DOWNLOAD], 0);
	assert_int_equal(network->sites[0].capacity_bps[UPLOAD], 5 * M);
	assert_true(has_problem(network, "site a", "capacity 999 is not between 1k and 1T",
				"as much as its parent"));
	assert_int_equal(network->problem_count, 1);
	network_free(network);
	network_free(rows);
}

static void an_unknown_site_leaves_the_circuit_where_it_was(void **state)
{
	struct network *last = good_network(), *rows = network_new(), *network;

	add_site(rows, "tower", NULL);
	add_site(rows, "ap", "tower");
	add_circuit(rows, "1", "gone", 0, 10 * M, "192.0.2.1");
	add_circuit(rows, "9", "gone", 0, 10 * M, "192.0.2.9");
	network = network_resolve(rows, last);
	assert_string_equal(network->sites[network->circuits[0].site].id, "ap");
	assert_int_equal(network->circuits[1].site, NETWORK_NONE);
	assert_true(has_problem(network, "circuit 1", "\"gone\" does not exist", "stays below ap"));
	assert_true(has_problem(network, "circuit 9", "\"gone\" does not exist", "below no site"));
	network_free(network);
	network_free(rows);
	network_free(last);
}

static void an_edit_is_previewed_or_refused(void **state)
{
	struct network *network = good_network();
	struct circuit_edit edit = { .circuit_id = "1" };
	struct circuit after;
	struct error err;

	edit.set_max[DOWNLOAD] = true;
	edit.max_bps[DOWNLOAD] = M / 2;
	assert_true(circuit_edit_preview(network, &edit, &after, &err));
	assert_int_equal(after.max_bps[DOWNLOAD], M / 2);
	assert_int_equal(after.min_bps[DOWNLOAD], M / 2); /* goes down with it */
	assert_int_equal(after.max_bps[UPLOAD], 10 * M);

	edit.set_min[DOWNLOAD] = true;
	edit.min_bps[DOWNLOAD] = M;
	assert_false(circuit_edit_preview(network, &edit, &after, &err));
	assert_non_null(strstr(err.text, "minimum 1.00M is above its maximum 500k"));

	edit = (struct circuit_edit){ .circuit_id = "7" };
	assert_false(circuit_edit_preview(network, &edit, &after, &err));
	assert_int_equal(err.code, ERROR_MISSING);
	network_free(network);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sound_rows_are_sorted_and_linked),
		cmocka_unit_test(a_wrong_plan_leaves_the_last_good_one_in_force),
		cmocka_unit_test(a_wrong_leaf_leaves_the_last_good_one_in_force),
		cmocka_unit_test(an_address_stays_with_who_had_it),
		cmocka_unit_test(two_circuits_swap_addresses_without_a_problem),
		cmocka_unit_test(a_wrong_address_leaves_the_last_good_ones_in_force),
		cmocka_unit_test(the_longest_of_nested_prefixes_wins),
		cmocka_unit_test(a_loop_of_sites_is_broken_and_said),
		cmocka_unit_test(a_capacity_that_can_not_be_is_the_parents),
		cmocka_unit_test(an_unknown_site_leaves_the_circuit_where_it_was),
		cmocka_unit_test(an_edit_is_previewed_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
