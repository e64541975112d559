/* SPDX-License-Identifier: GPL-2.0-or-later */
/* No name and no address is on a masked screen, and what is nobody's name stays. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/console.h"
#include "tui/editing.h"
#include "tui/mask.h"
#include "tui/screen.h"

static struct settings settings;
static struct canvas *canvas;

static int begin(void **state)
{
	struct console *console = malloc(sizeof(*console));

	settings_init(&settings);
	console_init(console, "/run/lqos/control.sock", &settings);
	console->connected = console->masked = true;
	canvas = canvas_new(24, 100, true);
	*state = console;
	return 0;
}

static int end(void **state)
{
	console_release(*state);
	free(*state);
	canvas_free(canvas);
	return 0;
}

/* The whole picture; that of the last call is gone. */
static const char *drawn(struct console *console)
{
	static char *all;
	size_t size = 0;
	FILE *file;

	view_draw(console, canvas, 2);
	free(all);
	file = open_memstream(&all, &size);
	canvas_print(canvas, file);
	fclose(file);
	return all;
}

static void shows(struct console *console, const char *text)
{
	if (!strstr(drawn(console), text))
		fail_msg("\"%s\" is not in\n%s", text, drawn(console));
}

static void hides(struct console *console, const char *text)
{
	if (strstr(drawn(console), text))
		fail_msg("\"%s\" is in\n%s", text, drawn(console));
}

static void rows_keep_what_names_nobody(void **state)
{
	static const struct {
		const char *name, *row, *field, *kept, *gone;
	} rows[] = {
		{ "a circuit", "{\"subject\":\"circuit 1042\"}", "subject", "circuit 1042", "-" },
		{ "a flow", "{\"subject\":\"circuit 1042, customer 192.0.2.7\"}", "subject",
		  "circuit 1042, name-", "192" },
		{ "an address", "{\"subject\":\"address 192.0.2.7, protocol tcp\"}", "subject",
		  "address name-", "192" },
		{ "a file", "{\"file\":\"/captures/address-192.0.2.7.pcap\"}", "file", "name-",
		  "192" },
		{ "a packet", "{\"last\":\"192.0.2.7 > 198.51.100.1\"}", "last", "name-", "192" },
		{ "a site's id", "{\"kind\":\"site\",\"id\":\"Alder\",\"name\":\"Alder\"}", "id",
		  "name-", "Alder" },
		{ "a circuit's id", "{\"kind\":\"circuit\",\"id\":\"1042\"}", "id", "1042", "-" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *row = json_loads(rows[i].row, 0, NULL), *masked = mask_row(row);
		const char *text = json_string_value(json_object_get(masked, rows[i].field));

		if (!text || strncmp(text, rows[i].kept, strlen(rows[i].kept)) != 0 ||
		    strstr(text, rows[i].gone))
			fail_msg("%s: %s", rows[i].name, text);
		json_decref(masked);
		json_decref(row);
	}
}

static void the_site_that_limits_is_masked_without_a_name_too(void **state)
{
	json_t *row = json_loads("{\"ancestors\":[{\"id\":\"Alder\",\"name\":null}]}", 0, NULL);
	json_t *masked = mask_row(row);
	const json_t *site = json_array_get(json_object_get(masked, "ancestors"), 0);

	(void)state;
	assert_non_null(strstr(json_string_value(json_object_get(site, "id")), "name-"));
	json_decref(masked);
	json_decref(row);
}

static void a_site_is_masked_before_it_has_come(void **state)
{
	struct console *console = *state;

	form_open(&console->form, FORM_SITE, "Alder", NULL);
	hides(console, "Alder");
	shows(console, "Edit site name-");
	form_take_circuit(&console->form, NULL, "there is no site \"Alder\"");
	hides(console, "Alder");
	shows(console, MASKED_REFUSAL);
	console->masked = false;
	shows(console, "Edit site Alder");
	shows(console, "there is no site \"Alder\"");
}

static void a_site_s_round_trips_are_of_a_masked_site(void **state)
{
	struct console *console = *state;

	console->screen = SCREEN_RTT;
	snprintf(console_list(console)->site, sizeof(console_list(console)->site), "Alder");
	console->history = json_pack("{s:[]}", "points");
	hides(console, "Alder");
	shows(console, "Round trips to customers of name-");
}

static void messages_leave_out_what_they_are_about(void **state)
{
	struct console *console = *state;
	json_t *result = json_pack("{s:f, s:i, s:[s]}", "ms", 3.1, "revision", 7, "operations",
				   "add prefix 192.0.2.7");
	json_t *capture = json_pack("{s:s, s:s}", "subject", "address 192.0.2.7", "file",
				    "/captures/address-192.0.2.7.pcap");
	json_t *failed = json_pack("{s:s, s:i, s:s}", "author", "ann", "revision", 8, "result",
				   "failed: prefix 192.0.2.7 is taken");

	editing_take_result(console, result, 2);
	hides(console, "192.0.2.7");
	shows(console, "Applied in 3.1 ms to 0 classes, u undo");
	editing_take_answer(console, capture, 2);
	hides(console, "192.0.2.7");
	shows(console, "A capture runs for a minute.");
	console_take_applied(console, failed, 2);
	hides(console, "192.0.2.7");
	console->masked = false;
	shows(console, "prefix 192.0.2.7 is taken");
	console->masked = true;
	console_say(console, ROLE_NORMAL, 2, "Nothing is marked");
	shows(console, "Nothing is marked");
	json_decref(failed);
	json_decref(capture);
	json_decref(result);
}

static void the_engine_s_trouble_is_masked(void **state)
{
	struct console *console = *state;
	json_t *status = json_pack("{s:s}", "message", "site Alder can't be placed");

	console_take_status(console, status, 2);
	hides(console, "Alder");
	shows(console, "The engine is in trouble");
	json_decref(status);
}

static void a_form_masks_the_engine_s_words_alone(void **state)
{
	struct console *console = *state;
	struct form *form = &console->form;
	json_t *preview = json_pack("{s:[s], s:[s]}", "operations", "change class of Alder",
				    "warnings", "Alder allows less");

	form_open(form, FORM_ADD, "", NULL);
	form_act(form, ACTION_APPLY);
	shows(console, "Still missing: an id");
	form->wants_preview = false;
	form_take_preview(form, NULL, "invalid", "Alder has no room");
	hides(console, "Alder");
	shows(console, MASKED_REFUSAL);
	form_take_preview(form, preview, NULL, NULL);
	form_note(form, "There is no engine to ask");
	hides(console, "Alder");
	shows(console, "There is no engine to ask");
	shows(console, "1 operation, 1 warning; their words are masked");
	form->apply_request = 7;
	shows(console, "applying");
	json_decref(preview);
}

static void a_question_shows_no_words_of_the_engine_s(void **state)
{
	struct console *console = *state;
	struct form *form = &console->form;
	json_t *site = json_pack("{s:s, s:s, s:s}", "kind", "site", "id", "Alder", "name", "Alder");
	json_t *preview = json_pack("{s:[s]}", "operations", "delete class of Alder");

	form_open(form, FORM_DELETE_SITE, "Alder", NULL);
	form_take_circuit(form, site, NULL);
	form->wants_preview = false;
	form_take_preview(form, preview, NULL, NULL);
	form_act(form, ACTION_APPLY);
	assert_true(form->asking);
	hides(console, "Alder");
	shows(console, "Delete site name-");
	json_decref(preview);
	json_decref(site);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
		TEST(rows_keep_what_names_nobody),
		TEST(the_site_that_limits_is_masked_without_a_name_too),
		TEST(a_site_is_masked_before_it_has_come),
		TEST(a_site_s_round_trips_are_of_a_masked_site),
		TEST(messages_leave_out_what_they_are_about),
		TEST(the_engine_s_trouble_is_masked),
		TEST(a_form_masks_the_engine_s_words_alone),
		TEST(a_question_shows_no_words_of_the_engine_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
