/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The console's model: lists that follow their row, keys, and nonsense of all kinds. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/clock.h"
#include "tui/ahead.h"
#include "tui/console.h"
#include "tui/editing.h"
#include "tui/rows.h"
#include "tui/screen.h"

#define HEIGHT 4

/* --- lists ----------------------------------------------------------------------------------- */

/* A result with rows "a".."z" from offset on, in the order of the letters. */
static json_t *make_result(const char *letters, long offset, long total)
{
	json_t *rows = json_array();

	for (const char *letter = letters; *letter; letter++)
		json_array_append_new(rows, json_pack("{s:s%}", "key", letter, (size_t)1));
	return json_pack("{s:I, s:I, s:n, s:o}", "offset", (json_int_t)offset, "total",
			 (json_int_t)total, "selected", "rows", rows);
}

static void take(struct list *list, const char *letters, long offset, long total, bool current)
{
	json_t *result = make_result(letters, offset, total);

	list_take(list, result, 1, current);
	json_decref(result);
}

static const struct table_habit habits[TABLES];

static struct list make_list(const char *letters)
{
	struct list list;

	list_init(&list, table_get(TABLE_CIRCUITS), habits);
	list_set_height(&list, HEIGHT);
	take(&list, letters, 0, (long)strlen(letters), true);
	return list;
}

static const char *selected_key(const struct list *list)
{
	return json_string_value(json_object_get(list_selected(list), "key"));
}

static void the_selection_follows_its_row(void **state)
{
	struct list list = make_list("abcdef");

	list_move_to(&list, 2);
	take(&list, "fabdec", 0, 6, true);
	assert_string_equal(selected_key(&list), "c");
	assert_int_equal(list.selected, 5);
	assert_int_equal(list.top, 2);
	list_release(&list);
}

static void an_untouched_selection_stays_at_the_top(void **state)
{
	struct list list = make_list("abcdef");

	take(&list, "fabcde", 0, 6, true);
	assert_string_equal(selected_key(&list), "f");
	assert_int_equal(list.selected, 0);
	list_release(&list);
}

static void a_row_that_went_leaves_the_selection_in_its_place(void **state)
{
	struct list list = make_list("abcdef");

	list_move_to(&list, 5);
	take(&list, "abc", 0, 3, true);
	assert_string_equal(selected_key(&list), "c");
	list_release(&list);
}

static void rows_that_answer_an_older_question_keep_the_selection(void **state)
{
	struct list list = make_list("abcdef");

	list_move_to(&list, 4);
	take(&list, "abc", 0, 6, false);
	assert_int_equal(list.selected, 4);
	take(&list, "bcdefa", 0, 6, true);
	assert_string_equal(selected_key(&list), "e");
	list_release(&list);
}

static void moving_beyond_the_rows_asks_for_others(void **state)
{
	struct list list = make_list("abcdefghijkl");
	json_t *arguments;

	take(&list, "abcdefghijkl", 0, 100, true);
	list_move_to(&list, 99);
	assert_null(list_selected(&list));
	arguments = list_arguments(&list);
	assert_int_equal(json_integer_value(json_object_get(arguments, "offset")), 96 - HEIGHT);
	assert_null(json_object_get(arguments, "follow"));
	json_decref(arguments);
	take(&list, "qrstwxyz", 92, 100, true);
	assert_string_equal(selected_key(&list), "z");
	list_release(&list);
}

static void moves_end_at_the_edges(void **state)
{
	struct list list = make_list("abc");

	list_move_to(&list, -5);
	assert_int_equal(list.selected, 0);
	list_move_to(&list, 500);
	assert_int_equal(list.selected, 2);
	take(&list, "", 0, 0, true);
	list_move_to(&list, 1);
	assert_int_equal(list.selected, 0);
	assert_null(list_selected(&list));
	list_release(&list);
}

static void sorting_steps_through_the_columns_that_can_be_sorted(void **state)
{
	struct list list = make_list("a");

	list_sort_step(&list, 1);
	assert_string_equal(list.sort, "download");
	list_sort_step(&list, -1);
	assert_string_equal(list.sort, "name");
	list_sort_step(&list, -1);
	assert_string_equal(list.sort, "site");
	list_release(&list);
}

/* --- tables that come whole -------------------------------------------------------------------- */

static char shown_order[64];

static const char *order_of(const struct list *list)
{
	shown_order[0] = '\0';
	for (long i = 0; i < list->total; i++)
		strcat(shown_order, json_string_value(json_object_get(list_row(list, i), "key")));
	return shown_order;
}

static void a_table_that_comes_whole_is_sorted_and_filtered_here(void **state)
{
	json_t *result =
		json_loads("{\"rows\": [{\"key\": \"a\", \"queue\": 1, \"download_bps\": 5000000},"
			   "{\"key\": \"b\", \"queue\": 2, \"download_bps\": null},"
			   "{\"key\": \"c\", \"queue\": 10, \"download_bps\": 70000000},"
			   "{\"key\": \"d\", \"queue\": 3, \"download_bps\": 5000000}]}",
			   0, NULL);
	struct list list;

	list_init(&list, table_get(TABLE_QUEUES), habits);
	list_take(&list, result, 1, true);
	assert_string_equal(order_of(&list), "abdc");
	list_move_to(&list, 3);
	list_sort_step(&list, 1);
	assert_string_equal(list.sort, "download");
	assert_string_equal(order_of(&list), "cadb");
	assert_string_equal(selected_key(&list), "c");
	assert_int_equal(list.selected, 0);
	list.reverse = true;
	list_arrange(&list);
	assert_string_equal(order_of(&list), "adcb");
	strcpy(list.filter, "down>4M & queue<10");
	list_arrange(&list);
	assert_string_equal(order_of(&list), "ad");
	strcpy(list.filter, "nothing like it");
	list_arrange(&list);
	assert_int_equal(list.total, 0);
	list_release(&list);
	json_decref(result);
}

static void a_filter_that_cannot_be_understood_is_refused(void **state)
{
	static const struct {
		const char *filter, *words;
	} rows[] = {
		{ "down>10M & circ<5", NULL },
		{ "any words", NULL },
		{ "colour>1", "there is no column \"colour\" here; take queue, download" },
		{ "down>fast", "\"fast\" is no number to compare down with" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct error err = { 0 };
		bool ok = rows_check_filter(table_get(TABLE_QUEUES), rows[i].filter, &err);

		assert_int_equal(ok, rows[i].words == NULL);
		if (rows[i].words)
			assert_non_null(strstr(err.text, rows[i].words));
	}
}

/* --- events -------------------------------------------------------------------------------------- */

/* --- anything at all ------------------------------------------------------------------------- */

static const char *const scraps[] = { "kind",	  "name",	  "id",		"depth",
				      "open",	  "download_bps", "key",	"rows",
				      "offset",	  "total",	  "rtt_p50_us", "addresses",
				      "selected", "ancestors",	  "revision",	"operations",
				      "status",	  "counts",	  "warnings" };

/* A value of any type under any name. */
static json_t *make_nonsense(int deep)
{
	json_t *value;

	switch (rand() % (deep > 0 ? 8 : 6)) {
	case 0:
		return json_null();
	case 1:
		return json_integer((json_int_t)rand() * (rand() % 5 - 2) * 2147483647);
	case 2:
		return json_real((rand() - RAND_MAX / 2) * 1e-3);
	case 3:
		return json_string(
			"site \xf0\x9f\x91\xa9 \x1b[2J \xe2\x80\xae long long long long long name");
	case 4:
		return json_string("circuit");
	case 5:
		return json_boolean(rand() % 2);
	case 6:
		value = json_array();
		for (int i = rand() % 30; i > 0; i--)
			json_array_append_new(value, make_nonsense(deep - 1));
		return value;
	default:
		value = json_object();
		for (int i = 0; i < 12; i++)
			json_object_set_new(
				value, scraps[(size_t)rand() % (sizeof(scraps) / sizeof(*scraps))],
				make_nonsense(deep - 1));
		return value;
	}
}

static void give_nonsense(struct console *console, uint64_t now_ns)
{
	json_t *value = make_nonsense(3), *arguments = list_arguments(console_list(console));

	if (rand() % 4) /* whatever it is, it is the answer */
		list_note_answer(console_list(console), arguments);
	json_decref(arguments);
	switch (rand() % 7) {
	case 0:
		console_take_status(console, value, now_ns);
		break;
	case 1:
		list_take(console_list(console), value, now_ns, rand() % 2);
		break;
	case 2:
		form_take_circuit(&console->form, value, "no");
		break;
	case 3:
		form_take_preview(&console->form, value, "conflict", "no");
		break;
	case 4:
		editing_take_result(console, value, now_ns);
		break;
	case 5:
		json_decref(console->history);
		console->history = json_incref(value);
		break;
	default:
		json_decref(console->circuit);
		console->circuit = json_incref(value);
	}
	json_decref(value);
}

static uint32_t random_key(void)
{
	static const uint32_t special[] = { CODE_ENTER,
					    CODE_ESCAPE,
					    CODE_TAB,
					    CODE_ERASE,
					    CODE_UP,
					    CODE_DOWN,
					    CODE_LEFT,
					    CODE_RIGHT,
					    CODE_PAGE_UP,
					    CODE_PAGE_DOWN,
					    CODE_HOME,
					    CODE_END,
					    CODE_WHEEL_UP,
					    CODE_WHEEL_DOWN,
					    CODE_ROW + 3,
					    CODE_COLUMN + 2,
					    CODE_COLUMN + 40,
					    'F',
					    'e',
					    '/',
					    0x6f22,
					    'v',
					    'w',
					    't',
					    'u',
					    'M' };

	return rand() % 2 ? special[(size_t)rand() % (sizeof(special) / sizeof(*special))]
			  : (uint32_t)(rand() % 126 + 1);
}

static void no_keys_sizes_and_replies_bring_it_down(void **state)
{
	struct canvas *canvas = canvas_new(24, 80, true);
	uint64_t now_ns = NS_PER_SECOND;
	const char *wanted = getenv("FUZZ_SECONDS");
	uint64_t seconds = wanted ? strtoull(wanted, NULL, 10) : 0;
	uint64_t end_ns = clock_now_ns() + seconds * NS_PER_SECOND;
	const char *wanted_seed = getenv("FUZZ_SEED");
	unsigned int seed = wanted_seed ? (unsigned int)strtoul(wanted_seed, NULL, 10) : 1;
	struct settings settings;
	struct console console;

	/* A longer run looks elsewhere every time; FUZZ_SEED repeats one. */
	if (seconds && !wanted_seed)
		seed = (unsigned int)end_ns;
	print_message("# seed %u\n", seed);
	srand(seed);
	settings_init(&settings);
	console_init(&console, "/run/lqos/control.sock", &settings);
	for (int i = 0; seconds ? clock_now_ns() < end_ns : i < 20000; i++) {
		json_t *arguments;

		now_ns += 100 * NS_PER_MS;
		console.connected = rand() % 4 != 0;
		ahead_key(&console, random_key(), now_ns);
		if (rand() % 3 == 0)
			give_nonsense(&console, now_ns);
		ahead_run(&console, now_ns);
		if (rand() % 50 == 0)
			canvas_resize(canvas, rand() % 60, rand() % 200);
		view_draw(&console, canvas, now_ns);
		arguments = list_arguments(console_list(&console));
		assert_non_null(arguments);
		json_decref(arguments);
		assert_in_range(canvas->cursor_row, 0, canvas->rows - 1);
		assert_in_range(canvas->cursor_column, 0, canvas->columns - 1);
	}
	console_release(&console);
	canvas_free(canvas);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_selection_follows_its_row),
		cmocka_unit_test(an_untouched_selection_stays_at_the_top),
		cmocka_unit_test(a_row_that_went_leaves_the_selection_in_its_place),
		cmocka_unit_test(rows_that_answer_an_older_question_keep_the_selection),
		cmocka_unit_test(moving_beyond_the_rows_asks_for_others),
		cmocka_unit_test(moves_end_at_the_edges),
		cmocka_unit_test(sorting_steps_through_the_columns_that_can_be_sorted),
		cmocka_unit_test(a_table_that_comes_whole_is_sorted_and_filtered_here),
		cmocka_unit_test(a_filter_that_cannot_be_understood_is_refused),
		cmocka_unit_test(no_keys_sizes_and_replies_bring_it_down),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
