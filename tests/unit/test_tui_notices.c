/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What wants to be seen is told until it was, on every screen and by every engine. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/console.h"
#include "tui/screen.h"

static struct settings settings;
static struct canvas *canvas;

static int begin(void **state)
{
	struct console *console = malloc(sizeof(*console));

	settings_init(&settings);
	console_init(console, "/run/lqos/control.sock", &settings);
	console->connected = true;
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

struct report {
	int pid, flows, alerts;
	const char *link;     /* of the internet side */
	const char *subject;  /* of the last alert; NULL: wan0 */
	const char *internet; /* interface; NULL: wan0 */
};

static void give(struct console *console, struct report report)
{
	const char *link = report.link ? report.link : "up";
	json_t *status = json_pack(
		"{s:i, s:{s:i}, s:{s:{s:i, s:i}}, s:{s:s, s:s}, s:{s:s, s:s}, s:{s:i, s:I, s:s, "
		"s:s, s:s, s:s, s:s}}",
		"pid", report.pid, "counts", "flows", report.flows, "tables", "flows", "size", 1000,
		"used", 1000, "interfaces", "access", "lan0", "internet",
		report.internet ? report.internet : "wan0", "links", "access",
		report.internet ? link : "up", "internet", link, "alert", "number", report.alerts,
		"time_ms", (json_int_t)1700000000000, "subject",
		report.subject ? report.subject : "wan0", "field", "link", "before", "up", "after",
		"no carrier", "result", "nothing passes by it");

	assert_non_null(status);
	console_take_status(console, status, 1);
	json_decref(status);
}

/* The last but `above` rows of the picture. */
static const char *drawn(struct console *console, int above)
{
	static char text[1000];
	char *all = NULL;
	size_t size = 0;
	FILE *file;

	view_draw(console, canvas, 2);
	file = open_memstream(&all, &size);
	canvas_print_row(canvas, canvas->rows - 1 - above, file);
	fclose(file);
	snprintf(text, sizeof(text), "%s", all);
	free(all);
	return text;
}

static void press_escape(struct console *console)
{
	console_key(console, CODE_ESCAPE, 2);
}

static void see(struct console *console)
{
	drawn(console, 1);
	press_escape(console);
}

static void a_table_that_is_nearly_full_is_told_until_it_was_seen(void **state)
{
	struct console *console = *state;
	const struct notices *notices = &console->notices;

	give(console, (struct report){ .flows = 899 });
	assert_string_equal(notices->text, "");
	give(console, (struct report){ .flows = 900 });
	assert_non_null(strstr(notices->text, "The table of flows is nearly full: 900 of 1000"));
	see(console);
	give(console, (struct report){ .flows = 950 });
	assert_string_equal(notices->text, "");
	give(console, (struct report){ .flows = 10 });
	give(console, (struct report){ .flows = 950 });
	assert_non_null(strstr(notices->text, "950 of 1000"));
}

static void an_alert_is_told_until_it_was_seen(void **state)
{
	struct console *console = *state;
	const struct notices *notices = &console->notices;

	give(console, (struct report){ .alerts = 3 });
	assert_string_equal(notices->text, "");
	give(console, (struct report){ .alerts = 4, .link = "no carrier" });
	give(console, (struct report){ .alerts = 4, .link = "no carrier" });
	assert_non_null(strstr(notices->text,
			       "wan0: link up -> no carrier: nothing passes by it   Esc seen"));
	give(console, (struct report){ .alerts = 6 });
	assert_non_null(strstr(notices->text, "(and 2 more: 7 Journal)"));
	see(console);
	assert_string_equal(notices->text, "");
}

static void a_link_that_was_down_before_is_told_too(void **state)
{
	struct console *console = *state;
	const struct notices *notices = &console->notices;

	give(console, (struct report){ .flows = 900, .alerts = 7, .link = "no carrier" });
	assert_string_equal(notices->text,
			    "The link of wan0 (internet) is not up: no carrier   Esc seen");
	give(console, (struct report){ .flows = 900, .alerts = 7, .link = "no carrier" });
	assert_non_null(strstr(notices->text, "The link of wan0 (internet) is not up"));
	see(console);
	assert_non_null(strstr(notices->text, "The table of flows"));
	see(console);
	assert_string_equal(notices->text, "");
}

static void a_link_of_both_sides_is_told_once(void **state)
{
	struct console *console = *state;

	give(console, (struct report){ .link = "no carrier", .internet = "lan0" });
	assert_non_null(strstr(console->notices.text, "The link of lan0 (access) is not up"));
	see(console);
	assert_string_equal(console->notices.text, "");
}

/* Its alerts begin at 1 again, whatever the last one's number was. */
static void what_another_engine_says_is_new(void **state)
{
	struct console *console = *state;
	const struct notices *notices = &console->notices;

	give(console, (struct report){ .pid = 1, .alerts = 1 });
	assert_string_equal(notices->text, "");
	give(console, (struct report){ .pid = 2, .alerts = 1 });
	assert_non_null(strstr(notices->text, "nothing passes by it   Esc seen"));
	see(console);
	assert_string_equal(notices->text, "");
	give(console, (struct report){ .pid = 3, .alerts = 2 });
	assert_non_null(strstr(notices->text, "(and 1 more: 7 Journal)"));
	see(console);
	give(console, (struct report){ .pid = 3, .alerts = 2 });
	assert_string_equal(notices->text, "");
}

static void a_link_another_engine_finds_down_is_told(void **state)
{
	struct console *console = *state;
	const struct notices *notices = &console->notices;

	give(console, (struct report){ .pid = 1 });
	give(console, (struct report){ .pid = 2, .link = "no carrier" });
	assert_non_null(strstr(notices->text, "The link of wan0 (internet) is not up"));
	give(console, (struct report){ .pid = 2, .link = "no carrier" });
	assert_non_null(strstr(notices->text, "The link of wan0 (internet) is not up"));
	see(console);
	give(console, (struct report){ .pid = 2, .link = "no carrier" });
	assert_string_equal(notices->text, "");
}

static void esc_sees_only_what_is_shown(void **state)
{
	struct console *console = *state;

	give(console, (struct report){ 0 });
	give(console, (struct report){ .alerts = 1 });
	console_say(console, ROLE_NORMAL, 2, "A message");
	assert_string_equal(drawn(console, 1), " A message");
	press_escape(console);
	assert_non_null(strstr(drawn(console, 1), "nothing passes by it"));
	console->connected = false;
	assert_null(strstr(drawn(console, 1), "nothing passes by it"));
	press_escape(console);
	console->connected = true;
	assert_non_null(strstr(drawn(console, 1), "nothing passes by it"));
	/* Another one comes before the key does. */
	give(console, (struct report){ .alerts = 2, .subject = "lan0" });
	press_escape(console);
	assert_non_null(strstr(drawn(console, 1), "lan0: link up"));
	press_escape(console);
	assert_null(strstr(drawn(console, 1), "link up"));
}

static void a_low_screen_shows_it_where_the_keys_are(void **state)
{
	struct console *console = *state;

	canvas_resize(canvas, 7, 100);
	give(console, (struct report){ 0 });
	give(console, (struct report){ .alerts = 1 });
	assert_non_null(strstr(drawn(console, 0), "nothing passes by it"));
	press_escape(console);
	assert_non_null(strstr(drawn(console, 0), "quit"));
}

static void masked_only_an_interface_is_named(void **state)
{
	struct console *console = *state;

	console->masked = true;
	give(console, (struct report){ 0 });
	give(console, (struct report){ .alerts = 1 });
	assert_non_null(strstr(drawn(console, 1), "wan0: link up"));
	give(console, (struct report){ .alerts = 1, .subject = "Tower Alder" });
	assert_null(strstr(drawn(console, 1), "Alder"));
	assert_non_null(strstr(drawn(console, 1), " name-"));
	console->masked = false;
	assert_non_null(strstr(drawn(console, 1), "Tower Alder: link up"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
		TEST(a_table_that_is_nearly_full_is_told_until_it_was_seen),
		TEST(an_alert_is_told_until_it_was_seen),
		TEST(a_link_that_was_down_before_is_told_too),
		TEST(a_link_of_both_sides_is_told_once),
		TEST(what_another_engine_says_is_new),
		TEST(a_link_another_engine_finds_down_is_told),
		TEST(esc_sees_only_what_is_shown),
		TEST(a_low_screen_shows_it_where_the_keys_are),
		TEST(masked_only_an_interface_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
