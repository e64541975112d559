/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/csv.h"
#include "engine/base/memory.h"

#define FIELDS 8

/* Records written as [field][field]/[field], "!" when a quote was left open. */
static const struct {
	const char *text, *records;
} cases[] = {
	{ "", "" },
	{ "a,b", "[a][b]/" },
	{ "a,b\n", "[a][b]/" },
	{ "a\r\nb\rc\nd", "[a]/[b]/[c]/[d]/" },
	{ "a,,\n,\n", "[a][][]/[][]/" },
	{ "\n\r\n", "[]/[]/" },
	{ "\"a,b\",c", "[a,b][c]/" },
	{ "\"say \"\"hi\"\"\",\"\"", "[say \"hi\"][]/" },
	{ "\"two\nlines\",c\nd", "[two\nlines][c]/[d]/" },
	{ "a,  \"b\"  ,c", "[a][b  ][c]/" },
	{ "5\" dish,it's", "[5\" dish][it's]/" },
	{ "\"a\"b\"c", "[ab\"c]/" },
	{ "a,\"open,\nb\n", "[a][open,\nb\n]/!" },
	{ "\"", "[]/!" },
	{ "a;b\nc,d;e", "[a][b]/[c,d][e]/" },
	{ "a\tb,c\td", "[a][b,c][d]/" },
	{ "# a;b;c\n\nd,e", "[# a;b;c]/[]/[d][e]/" },
	{ "1,2,3,4,5,6,7,8,9,10", "[1][2][3][4][5][6][7][8]+2/" },
};

static void write_records(const char *source, char *records, size_t size)
{
	char *text = xstrdup(source), *fields[FIELDS];
	struct csv csv = { .next = text, .separator = csv_find_separator(text) };
	size_t used = 0, count;

	records[0] = '\0';
	while ((count = csv_next(&csv, fields, FIELDS))) {
		for (size_t i = 0; i < count && i < FIELDS; i++)
			used += (size_t)snprintf(records + used, size - used, "[%s]", fields[i]);
		if (count > FIELDS)
			used += (size_t)snprintf(records + used, size - used, "+%zu",
						 count - FIELDS);
		used += (size_t)snprintf(records + used, size - used, "/%s",
					 csv.unclosed ? "!" : "");
	}
	free(text);
}

static void records_are_what_the_text_says(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char records[256];

		write_records(cases[i].text, records, sizeof(records));
		if (strcmp(records, cases[i].records))
			print_error("case %zu, \"%s\"\n", i, cases[i].text);
		assert_string_equal(records, cases[i].records);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(records_are_what_the_text_says) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
