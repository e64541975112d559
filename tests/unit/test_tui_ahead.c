/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys typed before what they act on has come: they wait for it, in order, and are not lost. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "engine/base/clock.h"
#include "engine/base/memory.h"
#include "tui/ahead.h"
#include "tui/screen.h"

static struct settings settings;
static uint64_t now_ns;

static int begin(void **state)
{
	struct console *console = malloc(sizeof(*console));

	now_ns = NS_PER_SECOND;
	settings_init(&settings);
	console_init(console, "/run/lqos/control.sock", &settings);
	console->connected = true;
	console_show(console, SCREEN_CIRCUITS);
	list_set_height(console_list(console), 10);
	*state = console;
	return 0;
}

static int end(void **state)
{
	console_release(*state);
	free(*state);
	return 0;
}

static void press(struct console *console, const char *keys)
{
	for (; *keys; keys++)
		ahead_key(console, *keys == '\n' ? CODE_ENTER : (uint32_t)*keys, now_ns);
}

/* Circuits "a".."z" as an answer to what the list asks for now. */
static void give(struct console *console, const char *letters)
{
	struct list *list = console_list(console);
	json_t *arguments = list_arguments(list), *rows = json_array(), *result;

	for (const char *letter = letters; *letter; letter++)
		json_array_append_new(rows, json_pack("{s:s%, s:s%, s:s}", "key", letter, (size_t)1,
						      "id", letter, (size_t)1, "kind", "circuit"));
	result = json_pack("{s:i, s:I, s:o}", "offset", 0, "total", (json_int_t)strlen(letters),
			   "rows", rows);
	list_note_answer(list, arguments);
	list_take(list, result, now_ns, true);
	json_decref(result);
	json_decref(arguments);
	ahead_run(console, now_ns);
}

static void keys_before_the_first_rows_act_on_them(void **state)
{
	struct console *console = *state;

	press(console, "jj\n");
	assert_int_equal(console->screen, SCREEN_CIRCUITS);
	give(console, "abcd");
	assert_int_equal(console->screen, SCREEN_CIRCUIT);
	assert_string_equal(console_list(console)->circuit, "c");
}

static void what_needs_no_rows_acts_at_once(void **state)
{
	struct console *console = *state;

	press(console, "3");
	assert_int_equal(console->screen, SCREEN_FLOWS);
	press(console, "q");
	assert_true(console->quit);
}

static void what_is_typed_behind_a_waiting_key_waits_its_turn(void **state)
{
	struct console *console = *state;

	press(console, "j3");
	assert_int_equal(console->screen, SCREEN_CIRCUITS);
	give(console, "abcd");
	assert_int_equal(console->screen, SCREEN_FLOWS);
	assert_int_equal(console->lists[SCREEN_CIRCUITS].selected, 1);
}

/* The danger: to open what was under the cursor before the filter. */
static void rows_of_another_filter_or_order_are_not_acted_on(void **state)
{
	struct console *console = *state;

	give(console, "abcd");
	press(console, "/x\n\n");
	assert_int_equal(console->screen, SCREEN_CIRCUITS);
	give(console, "xy");
	assert_int_equal(console->screen, SCREEN_CIRCUIT);
	assert_string_equal(console_list(console)->circuit, "x");
}

static void the_order_is_waited_for(void **state)
{
	struct console *console = *state;

	give(console, "abcd");
	press(console, "sj");
	assert_int_equal(console_list(console)->selected, 0);
	give(console, "dcba");
	assert_string_equal(console_list(console)->key, "c");
}

static void a_form_takes_what_was_typed_before_it_knew_the_circuit(void **state)
{
	struct console *console = *state;
	json_t *circuit = json_pack("{s:s, s:i, s:i, s:i}", "id", "a", "download_max_bps", 5000000,
				    "upload_max_bps", 1000000, "revision", 1);

	give(console, "abcd");
	press(console, "e80M");
	assert_true(console->form.open);
	form_take_circuit(&console->form, circuit, NULL);
	ahead_run(console, now_ns);
	assert_string_equal(console->form.text[FIELD_DOWNLOAD], "80M");
	json_decref(circuit);
}

static void an_empty_table_keeps_nobody_waiting(void **state)
{
	struct console *console = *state;

	press(console, "j\n3");
	give(console, "");
	assert_int_equal(console->screen, SCREEN_FLOWS);
}

static void what_waited_too_long_is_given_up_and_said(void **state)
{
	struct console *console = *state;

	press(console, "j\n3");
	now_ns += (AHEAD_MOST_MS + 1) * NS_PER_MS;
	ahead_run(console, now_ns);
	assert_int_equal(console->screen, SCREEN_CIRCUITS);
	assert_string_equal(console->message,
			    "3 of the keys pressed came to nothing: the engine did not answer");
	assert_int_equal(console->ahead.count, 0);
}

/* "5" would be a screen, "M" would mask. */
static void text_for_a_form_that_never_opened_is_no_command(void **state)
{
	struct console *console = *state;

	press(console, "/mil\ne50M\nq");
	now_ns += (AHEAD_MOST_MS + 1) * NS_PER_MS;
	ahead_run(console, now_ns);
	assert_int_equal(console->screen, SCREEN_CIRCUITS);
	assert_false(console->masked);
	assert_false(console->quit);
	assert_string_equal(console->message,
			    "6 of the keys pressed came to nothing: the engine did not answer");
}

static void what_leads_out_does_so_behind_what_is_given_up(void **state)
{
	struct console *console = *state;

	console_show(console, SCREEN_FLOWS);
	press(console, "j\n");
	ahead_key(console, CODE_ESCAPE, now_ns);
	press(console, "3q");
	now_ns += (AHEAD_MOST_MS + 1) * NS_PER_MS;
	ahead_run(console, now_ns);
	assert_int_equal(console->screen, SCREEN_CIRCUITS);
	assert_true(console->quit);
}

static void refuse(struct console *console, const char *words)
{
	json_t *arguments = list_arguments(console_list(console));

	list_note_refusal(console_list(console), arguments);
	copy_text(console->filter_refusal, sizeof(console->filter_refusal), words);
	json_decref(arguments);
}

/* The danger: to delete what was under the cursor before the filter. */
static void keys_behind_a_refused_filter_come_to_nothing(void **state)
{
	struct console *console = *state;

	give(console, "abcd");
	press(console, "/rttt>100\nD\ny");
	refuse(console, "there is no column \"rttt\"");
	ahead_run(console, now_ns);
	assert_false(console->form.open);
	assert_int_equal(console->ahead.count, 0);
	assert_string_equal(console->message, "3 of the keys pressed came to nothing: "
					      "there is no column \"rttt\"");
	press(console, "j");
	assert_string_equal(console_list(console)->key, "b");
}

static void the_refusal_of_a_filter_typed_on_is_none_of_the_next(void **state)
{
	struct console *console = *state;

	give(console, "abcd");
	press(console, "/rtt>");
	refuse(console, "\"\" is no number");
	press(console, "1\n\n");
	ahead_run(console, now_ns);
	assert_int_equal(console->screen, SCREEN_CIRCUITS);
	give(console, "xy");
	assert_string_equal(console_list(console)->circuit, "x");
}

static void without_an_engine_nothing_waits(void **state)
{
	struct console *console = *state;

	press(console, "j3");
	console->connected = false;
	ahead_run(console, now_ns);
	assert_int_equal(console->ahead.count, 0);
	assert_int_equal(console->screen, SCREEN_CIRCUITS);
	assert_string_equal(console->message,
			    "2 of the keys pressed came to nothing: the engine went away");
	press(console, "jq");
	assert_true(console->quit);
}

/* What is left of a form after keys for it came to nothing: it says so, takes no more, and its circuit
 * is no longer asked for. */
static void expect_given_up(struct console *console, const char *why)
{
	struct form *form = &console->form;

	assert_true(form->open);
	assert_string_equal(form->notice, why);
	press(console, "80M\n");
	ahead_run(console, now_ns);
	assert_int_equal(console->ahead.count, 0);
	form_lost(form);
	console->connected = true;
	assert_false(form_is_awaited(form));
	press(console, "80M\n");
	assert_string_equal(form->text[FIELD_DOWNLOAD], "");
	assert_false(form->wants_circuit || form->wants_apply || form->circuit_request);
	assert_string_equal(form->notice, why);
	assert_int_equal(console->screen, SCREEN_CIRCUITS);
	ahead_key(console, CODE_ESCAPE, now_ns);
	assert_false(form->open);
}

/* The danger: 80M where 180M was typed. */
static void a_form_whose_engine_went_says_that_its_keys_came_to_nothing(void **state)
{
	struct console *console = *state;

	give(console, "abcd");
	press(console, "e1");
	console->connected = false;
	form_lost(&console->form);
	ahead_run(console, now_ns);
	expect_given_up(console, "1 of the keys pressed came to nothing: the engine went away. "
				 "Esc closes the form.");
}

static void a_form_waited_for_without_an_engine_takes_no_half_of_a_text(void **state)
{
	struct console *console = *state;

	give(console, "abcd");
	press(console, "e");
	console->connected = false;
	form_lost(&console->form);
	assert_true(form_is_awaited(&console->form));
	press(console, "1");
	ahead_run(console, now_ns);
	expect_given_up(console, "1 of the keys pressed came to nothing: the engine went away. "
				 "Esc closes the form.");
}

static void a_form_that_never_came_is_given_up_with_its_keys(void **state)
{
	struct console *console = *state;

	give(console, "abcd");
	press(console, "e180M\n3");
	now_ns += (AHEAD_MOST_MS + 1) * NS_PER_MS;
	ahead_run(console, now_ns);
	expect_given_up(console, "6 of the keys pressed came to nothing: the engine did not "
				 "answer. Esc closes the form.");
}

static void esc_among_keys_for_a_form_that_never_came_closes_it(void **state)
{
	struct console *console = *state;

	give(console, "abcd");
	press(console, "e18");
	ahead_key(console, CODE_ESCAPE, now_ns);
	now_ns += (AHEAD_MOST_MS + 1) * NS_PER_MS;
	ahead_run(console, now_ns);
	assert_false(console->form.open);
	assert_string_equal(console->message,
			    "2 of the keys pressed came to nothing: the engine did not answer");
}

static void more_keys_than_there_is_room_for_are_no_harm(void **state)
{
	struct console *console = *state;

	for (int i = 0; i < 2 * AHEAD_KEYS_MAX; i++)
		press(console, "j");
	give(console, "abcd");
	assert_int_equal(console_list(console)->selected, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
		TEST(keys_before_the_first_rows_act_on_them),
		TEST(what_needs_no_rows_acts_at_once),
		TEST(what_is_typed_behind_a_waiting_key_waits_its_turn),
		TEST(rows_of_another_filter_or_order_are_not_acted_on),
		TEST(the_order_is_waited_for),
		TEST(a_form_takes_what_was_typed_before_it_knew_the_circuit),
		TEST(an_empty_table_keeps_nobody_waiting),
		TEST(what_waited_too_long_is_given_up_and_said),
		TEST(text_for_a_form_that_never_opened_is_no_command),
		TEST(what_leads_out_does_so_behind_what_is_given_up),
		TEST(keys_behind_a_refused_filter_come_to_nothing),
		TEST(the_refusal_of_a_filter_typed_on_is_none_of_the_next),
		TEST(without_an_engine_nothing_waits),
		TEST(a_form_whose_engine_went_says_that_its_keys_came_to_nothing),
		TEST(a_form_waited_for_without_an_engine_takes_no_half_of_a_text),
		TEST(a_form_that_never_came_is_given_up_with_its_keys),
		TEST(esc_among_keys_for_a_form_that_never_came_closes_it),
		TEST(more_keys_than_there_is_room_for_are_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
