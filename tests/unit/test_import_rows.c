/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the rows of an import come to together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "db/import_rows.h"

struct given {
	const char *circuit, *device, *site, *leaf;
	int64_t rate_bps;
};

static struct import_rows settle(const struct given *given, size_t count)
{
	struct import_rows rows;

	import_rows_init(&rows);
	for (size_t i = 0; i < count; i++) {
		struct import_row *row = import_rows_add(&rows, (int64_t)i + 1);

		row->circuit = given[i].circuit;
		row->device = given[i].device;
		row->site = given[i].site;
		row->leaf = given[i].leaf;
		row->rate_bps[2] = given[i].rate_bps;
	}
	import_rows_settle(&rows);
	return rows;
}

static void assert_fault(const struct import_rows *rows, int64_t number, enum row_fault fault,
			 int64_t other)
{
	const struct import_row *row = &rows->rows[number - 1];

	assert_int_equal(row->number, number);
	assert_int_equal(row->fault, fault);
	assert_int_equal(row->other ? row->other->number : 0, other);
}

static void a_device_is_its_first_rows_circuits(void **state)
{
	static const struct given given[] = {
		{ "b", "1", "s", NULL, 5 }, /* 1 */
		{ "a", "1", "s", NULL, 5 }, /* 2: of b */
		{ "a", "2", "t", NULL, 5 }, /* 3: a's first, as 2 does not count */
		{ "b", "1", "s", NULL, 5 }, /* 4 */
		{ "c", "1", "s", NULL, 5 }, /* 5: of b; nothing is left of c */
	};
	struct import_rows rows = settle(given, 5);

	assert_fault(&rows, 1, ROW_HOLDS, 0);
	assert_fault(&rows, 2, ROW_OF_ANOTHERS_DEVICE, 1);
	assert_fault(&rows, 3, ROW_HOLDS, 0);
	assert_fault(&rows, 4, ROW_HOLDS, 0);
	assert_fault(&rows, 5, ROW_OF_ANOTHERS_DEVICE, 1);
	assert_int_equal(rows.circuit_count, 2);
	assert_int_equal(rows.circuits[0]->number, 3);
	assert_int_equal(rows.circuits[1]->number, 1);
	assert_int_equal(rows.holding_count, 3);
	assert_int_equal(rows.by_device[0]->number, 1);
	assert_int_equal(rows.by_device[1]->number, 4);
	assert_int_equal(rows.by_device[2]->number, 3);
	import_rows_release(&rows);
}

static void rows_of_a_circuit_agree_on_its_site_and_its_first_says_the_plan(void **state)
{
	static const struct given given[] = {
		{ "a", "1", "s", NULL, 5 },    { "a", "2", NULL, NULL, 5 }, /* 2: below none */
		{ "a", "3", "s", "cake", 5 },				    /* 3: another leaf */
		{ "a", "4", "s", NULL, 6 },				    /* 4: another rate */
		{ "a", "5", "t", "cake", 6 },  /* 5: the site is what counts */
		{ "b", "6", NULL, "cake", 5 }, /* 6: of a circuit of its own */
	};
	struct import_rows rows = settle(given, 6);

	assert_fault(&rows, 1, ROW_HOLDS, 0);
	assert_fault(&rows, 2, ROW_OF_ANOTHER_SITE, 1);
	assert_fault(&rows, 3, ROW_OF_ANOTHER_PLAN, 1);
	assert_fault(&rows, 4, ROW_OF_ANOTHER_PLAN, 1);
	assert_fault(&rows, 5, ROW_OF_ANOTHER_SITE, 1);
	assert_fault(&rows, 6, ROW_HOLDS, 0);
	assert_int_equal(rows.holding_count, 4);
	assert_true(import_rows_name_device(&rows, "3"));
	assert_false(import_rows_name_device(&rows, "2"));
	assert_false(import_rows_name_device(&rows, "7"));
	import_rows_release(&rows);
}

/* As SQLite compares: byte by byte, what ends first comes first. */
static void ids_are_in_the_order_of_their_bytes(void **state)
{
	static const char *const ordered[] = { "1",	   "10",	"2",	     "a",
					       "abcdefgh", "abcdefgh1", "abcdefghi", "abcdefgi",
					       "b",	   "\xc3\xbc" };
	enum { COUNT = sizeof(ordered) / sizeof(ordered[0]) };
	struct given given[COUNT];
	struct import_rows rows;

	for (size_t i = 0; i < COUNT; i++)
		given[i] = (struct given){ .circuit = ordered[i * 7 % COUNT],
					   .device = ordered[i * 3 % COUNT] };
	rows = settle(given, COUNT);
	assert_int_equal(rows.circuit_count, COUNT);
	assert_int_equal(rows.holding_count, COUNT);
	for (size_t i = 0; i < COUNT; i++) {
		assert_string_equal(rows.circuits[i]->circuit, ordered[i]);
		assert_string_equal(rows.by_device[i]->device, ordered[i]);
		assert_true(import_rows_name_device(&rows, ordered[i]));
	}
	import_rows_release(&rows);
}

static void an_import_without_rows_comes_to_nothing(void **state)
{
	struct import_rows rows = settle(NULL, 0);

	assert_int_equal(rows.circuit_count, 0);
	assert_int_equal(rows.holding_count, 0);
	assert_false(import_rows_name_device(&rows, "1"));
	import_rows_release(&rows);
}

static void each_row_has_its_prefixes(void **state)
{
	struct import_rows rows;

	import_rows_init(&rows);
	import_rows_add(&rows, 1);
	import_rows_add_prefix(&rows, "192.0.2.1");
	import_rows_add(&rows, 2);
	import_rows_add(&rows, 3);
	import_rows_add_prefix(&rows, "192.0.2.2");
	import_rows_add_prefix(&rows, "2001:db8::/56");
	assert_int_equal(rows.rows[0].prefix_count, 1);
	assert_int_equal(rows.rows[1].prefix_count, 0);
	assert_int_equal(rows.rows[2].prefix_count, 2);
	assert_string_equal(rows.prefixes[rows.rows[0].first_prefix], "192.0.2.1");
	assert_string_equal(rows.prefixes[rows.rows[2].first_prefix + 1], "2001:db8::/56");
	import_rows_release(&rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_is_its_first_rows_circuits),
		cmocka_unit_test(rows_of_a_circuit_agree_on_its_site_and_its_first_says_the_plan),
		cmocka_unit_test(ids_are_in_the_order_of_their_bytes),
		cmocka_unit_test(an_import_without_rows_comes_to_nothing),
		cmocka_unit_test(each_row_has_its_prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
