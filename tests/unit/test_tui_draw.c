/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What reaches the terminal: cleaned and clipped text, cells, and columns that share a width. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/canvas.h"
#include "tui/table.h"
#include "tui/text.h"

/* The first row of the canvas as text. */
static const char *row_of(const struct canvas *canvas)
{
	static char text[1000];
	char *all = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&all, &size);

	canvas_print(canvas, file);
	fclose(file);
	snprintf(text, sizeof(text), "%.*s", (int)strcspn(all, "\n"), all);
	free(all);
	return text;
}

static void text_is_cleaned_and_clipped(void **state)
{
	static const struct {
		const char *text, *utf8, *ascii;
	} rows[] = {
		{ "plain", "plain", "plain" },
		{ "just fits!", "just fits!", "just fits!" },
		{ "longer than that", "longer th…", "longer th~" },
		{ "\033[31mred", "?[31mred", "?[31mred" },
		{ "a\r\nb\tc\x7f", "a??b?c?", "a??b?c?" },
		{ "\xc2\x9b"
		  "0m",
		  "?0m", "?0m" },
		{ "\xe2\x80\xaertl", "?rtl", "?rtl" },
		{ "\xff\xc0\xaf\xed\xa0\x80", "??????", "??????" },
		{ "cut \xe6\xbc", "cut ??", "cut ??" },
		{ "漢字漢字漢字", "漢字漢字…", "??????" },
		{ "e\xcc\x81t\xc3\xa9", "e\xcc\x81té", "e?t?" },
		{ "", "", "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct canvas *canvas = canvas_new(1, 30, true);

		canvas_text(canvas, 0, 0, 10, ROLE_NORMAL, rows[i].text);
		assert_string_equal(row_of(canvas), rows[i].utf8);
		canvas_clear(canvas);
		canvas->looks.utf8 = false;
		canvas_text(canvas, 0, 0, 10, ROLE_NORMAL, rows[i].text);
		assert_string_equal(row_of(canvas), rows[i].ascii);
		canvas_free(canvas);
	}
}

static void half_of_a_wide_character_is_never_left(void **state)
{
	struct canvas *canvas = canvas_new(1, 6, true);

	canvas_text(canvas, 0, 0, 6, ROLE_NORMAL, "漢字漢");
	canvas_text(canvas, 0, 1, 2, ROLE_NORMAL, "xy");
	assert_string_equal(row_of(canvas), " xy 漢");
	canvas_free(canvas);
}

static void nothing_is_drawn_beyond_the_edges(void **state)
{
	struct canvas *canvas = canvas_new(2, 5, true);

	assert_int_equal(canvas_text(canvas, 0, 3, 99, ROLE_NORMAL, "abc"), 2);
	assert_int_equal(canvas_text(canvas, 2, 0, 5, ROLE_NORMAL, "abc"), 0);
	assert_int_equal(canvas_text(canvas, -1, 0, 5, ROLE_NORMAL, "abc"), 0);
	assert_int_equal(canvas_text(canvas, 0, 5, 5, ROLE_NORMAL, "abc"), 0);
	canvas_box(canvas, -3, -3, 20, 20, ROLE_NORMAL, "title");
	canvas_select(canvas, 7);
	canvas_free(canvas);
}

static void cells_show_what_is_known_and_a_dash_for_what_is_not(void **state)
{
	static const struct {
		enum cell_kind kind;
		const char *row, *expected;
	} rows[] = {
		{ CELL_RATE, "{\"f\": 0}", "0" },
		{ CELL_RATE, "{\"f\": 48123456}", "48.1M" },
		{ CELL_RATE, "{\"f\": null}", "-" },
		{ CELL_RATE, "{}", "-" },
		{ CELL_RATE, "{\"f\": \"50M\"}", "-" },
		{ CELL_RATE, "{\"f\": -1}", "-" },
		{ CELL_MS, "{\"f\": 18000}", "18" },
		{ CELL_MS, "{\"f\": 420}", "0.4" },
		{ CELL_MS, "{\"f\": 9960}", "10" },
		{ CELL_MS, "{\"f\": 12345678}", "12s" },
		{ CELL_MS, "{\"f\": null}", "-" },
		{ CELL_SHARE, "{\"f\": 0.0123}", "1.2%" },
		{ CELL_SHARE, "{\"f\": 0.5}", "50%" },
		{ CELL_SHARE, "{\"f\": 0.0}", "0.0%" },
		{ CELL_COUNT, "{\"f\": 0.4}", "0.4" },
		{ CELL_COUNT, "{\"f\": 120}", "120" },
		{ CELL_COUNT, "{\"f\": 1234}", "1.2k" },
		{ CELL_COUNT, "{\"f\": 999999}", "1.0M" },
		{ CELL_SECONDS, "{\"f\": 119}", "119 s" },
		{ CELL_SECONDS, "{\"f\": 7300}", "2 h" },
		{ CELL_ENDPOINT, "{\"f\": \"192.0.2.1\", \"s\": 443}", "192.0.2.1:443" },
		{ CELL_ENDPOINT, "{\"f\": \"2001:db8::1\", \"s\": 443}", "[2001:db8::1]:443" },
		{ CELL_ENDPOINT, "{\"f\": \"2001:db8::1\", \"s\": 0}", "2001:db8::1" },
		{ CELL_LIST, "{\"f\": [\"a\", \"b\"]}", "a, b" },
		{ CELL_LIST, "{\"f\": []}", "-" },
		{ CELL_TEXT, "{\"f\": null, \"s\": \"tcp\"}", "tcp" },
		{ CELL_CIRCUIT, "{\"f\": \"7\", \"s\": \"Miller\"}", "7 Miller" },
		{ CELL_CIRCUIT, "{\"f\": \"7\", \"s\": \"7\"}", "7" },
		{ CELL_VALUE, "{\"f\": 50000000, \"field\": \"download_max_bps\"}", "50M" },
		{ CELL_VALUE, "{\"f\": 12}", "12" },
		{ CELL_VALUE, "{\"f\": \"20000000\", \"field\": \"upload_max_bps\"}", "20M" },
		{ CELL_VALUE, "{\"f\": \"20000000\", \"field\": \"name\"}", "20000000" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct column column = { .field = "f", .second = "s", .kind = rows[i].kind };
		json_t *row = json_loads(rows[i].row, 0, NULL);
		struct cell cell;

		assert_non_null(row);
		cell_format(&column, row, (struct looks){ .utf8 = true }, &cell);
		assert_string_equal(cell.text, rows[i].expected);
		json_decref(row);
	}
}

static void texts_end_with_a_whole_character(void **state)
{
	static const struct {
		const char *text;
		size_t most;
		int fits;
	} rows[] = {
		{ "plain", 5, 5 },
		{ "plain", 4, 4 },
		{ "plain", 0, 0 },
		{ "", 3, 0 },
		{ "gr\xc3\xbcn", 3, 2 },
		{ "gr\xc3\xbcn", 4, 4 },
		{ "\xe6\xbc\xa2", 2, 0 },
		{ "a\xf0\x9f\x98\x80", 4, 1 },
		/* No UTF-8 at all is cut where it has to be. */
		{ "\x80\x80\x80\x80\x80\x80\x80\x80", 6, 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(text_fit(rows[i].text, rows[i].most), rows[i].fits);
	assert_int_equal(text_count("gr\xc3\xbcn"), 4);
}

/* Ids and names as long as they may be, shifted so that any cut by bytes falls within a character. */
static void long_names_are_cut_between_characters(void **state)
{
	static const enum cell_kind kinds[] = { CELL_TREE, CELL_CIRCUIT, CELL_TEXT, CELL_VALUE,
						CELL_LIST };

	(void)state;
	for (size_t i = 0; i < 3 * sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct column column = { .field = "id", .second = "name", .kind = kinds[i / 3] };
		char name[400] = "";
		struct text_char next;
		struct cell cell;
		const char *at;
		json_t *row;
		size_t size;

		snprintf(name, sizeof(name), "%.*s", (int)(i % 3), "xx");
		for (int j = 0; j < 120; j++)
			strcat(name, "漢");
		row = json_pack("{s:s, s:s+, s:i, s:b}", "id", name, "name", name, "b", "depth", 32,
				"suspended", 1);
		if (column.kind == CELL_LIST)
			json_object_set_new(row, "id", json_pack("[s, s]", name, name));
		cell_format(&column, row, (struct looks){ .utf8 = true }, &cell);
		for (at = cell.text; (size = text_next(at, true, &next)); at += size)
			assert_int_not_equal(next.code, '?');
		json_decref(row);
	}
}

static void a_wrapped_text_is_broken_between_characters(void **state)
{
	struct canvas *canvas = canvas_new(2, 600, true);
	char text[800] = "xx";

	(void)state;
	for (int i = 0; i < 250; i++)
		strcat(text, "漢");
	canvas_wrap(canvas, 0, 0, 600, 2, ROLE_NORMAL, text);
	for (int row = 0; row < 2; row++)
		for (int column = 0; column < 600; column++)
			assert_int_not_equal(canvas_cell(canvas, row, column)->code[0], '?');
	canvas_free(canvas);
}

static void rates_in_bytes_say_so_and_take_five_columns_at_most(void **state)
{
	static const struct {
		double bps;
		const char *expected;
	} rows[] = {
		{ 0, "0" },	    { 8, "1B" },	{ 7992, "999B" },      { 8000, "1.0kB" },
		{ 79500, "9.9kB" }, { 79600, "10kB" },	{ 48123456, "6.0MB" }, { 7.999e9, "1.0GB" },
		{ 1e12, "125GB" },  { 8e15, "1000TB" },
	};
	const struct column column = { .field = "f", .kind = CELL_RATE };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *row = json_pack("{s:f}", "f", rows[i].bps);
		struct cell cell;

		cell_format(&column, row, (struct looks){ .units = UNITS_BYTES }, &cell);
		assert_string_equal(cell.text, rows[i].expected);
		json_decref(row);
	}
}

static void load_is_the_fuller_direction(void **state)
{
	json_t *row = json_pack("{s:i, s:i, s:i, s:i}", "download_bps", 10, "download_max_bps", 100,
				"upload_bps", 9, "upload_max_bps", 10);

	assert_true(row_load(row) > 0.89 && row_load(row) < 0.91);
	json_object_del(row, "upload_max_bps");
	assert_true(row_load(row) > 0.09 && row_load(row) < 0.11);
	json_object_del(row, "download_max_bps");
	assert_true(row_load(row) < 0);
	json_decref(row);
}

static const struct column_choice all_columns;

/* Columns never overlap nor pass the width, however narrow it is. */
static void columns_share_every_width(void **state)
{
	for (int name = 0; name < TABLES; name++) {
		const struct table *table = table_get((enum table_name)name);

		for (int width = 1; width <= 250; width++) {
			struct layout layout;
			int used = 0;

			table_layout(table, &all_columns, width, NULL, &layout);
			for (size_t i = 0; i < table->count; i++) {
				const struct column *column = &table->columns[i];
				int widest = column->widest ? column->widest : column->width;

				if (layout.width[i] < 0)
					continue;
				used += column->gap + layout.width[i];
				assert_true(layout.width[i] <= widest);
			}
			assert_true(used <= width || (width < 3 && layout.width[0] == 1));
		}
	}
}

static void columns_that_were_chosen_keep_their_order(void **state)
{
	const struct table *table = table_get(TABLE_TREE);
	struct column_choice choice;
	struct layout layout;
	int used = 0;

	assert_true(table_choose(table, "rtt, name download_min", &choice, NULL));
	for (int width = 1; width <= 120; width++) {
		table_layout(table, &choice, width, NULL, &layout);
		assert_int_equal(layout.count, 3);
		assert_string_equal(table->columns[layout.order[0]].name, "rtt");
		assert_string_equal(table->columns[layout.order[1]].name, "name");
		used = 0;
		for (size_t i = 0; i < table->count; i++)
			if (layout.width[i] >= 0)
				used += layout.width[i] + table->columns[i].gap;
		assert_true(used <= width || width < 3);
	}
	for (size_t i = 0; i < 3; i++)
		assert_true(layout.width[layout.order[i]] > 0);
}

static void at_80_columns_the_tree_has_all_its_numbers(void **state)
{
	const struct table *table = table_get(TABLE_TREE);
	struct layout layout;

	table_layout(table, &all_columns, 79, NULL, &layout);
	assert_true(layout.width[0] >= 22);
	for (size_t i = 0; i < table->count; i++)
		assert_int_equal(layout.width[i] >= 0, table->columns[i].rank < RANK_EXTRA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_cleaned_and_clipped),
		cmocka_unit_test(half_of_a_wide_character_is_never_left),
		cmocka_unit_test(nothing_is_drawn_beyond_the_edges),
		cmocka_unit_test(cells_show_what_is_known_and_a_dash_for_what_is_not),
		cmocka_unit_test(texts_end_with_a_whole_character),
		cmocka_unit_test(long_names_are_cut_between_characters),
		cmocka_unit_test(a_wrapped_text_is_broken_between_characters),
		cmocka_unit_test(rates_in_bytes_say_so_and_take_five_columns_at_most),
		cmocka_unit_test(load_is_the_fuller_direction),
		cmocka_unit_test(columns_share_every_width),
		cmocka_unit_test(columns_that_were_chosen_keep_their_order),
		cmocka_unit_test(at_80_columns_the_tree_has_all_its_numbers),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
