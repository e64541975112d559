/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the operator likes: keys, and the file they and all else are set in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants those first */
#include <cmocka.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tui/settings.h"

/* --- keys ------------------------------------------------------------------------------------ */

static void no_key_means_two_things_in_one_place(void **state)
{
	struct keymap keymap;

	keymap_init(&keymap);
	for (const struct key_binding *a = keymap.bindings; a->action; a++) {
		for (const struct key_binding *b = a + 1; b->action; b++) {
			for (int i = 0; i < 16; i++) {
				uint32_t x = a->codes[i / 4], y = b->codes[i % 4];

				if (x && x == y && (a->contexts & b->contexts))
					fail_msg("%s and %s", a->help, b->help);
			}
		}
	}
}

static void every_key_has_its_help_and_its_action_a_name(void **state)
{
	struct keymap keymap;

	keymap_init(&keymap);
	for (const struct key_binding *b = keymap.bindings; b->action; b++) {
		assert_non_null(b->keys);
		assert_non_null(b->help);
		assert_true(b->contexts != 0);
		assert_true(b->action == ACTION_SCREEN || key_action_name(b->action));
		for (int i = 0; i < 4 && b->codes[i]; i++)
			assert_int_equal(
				key_action(&keymap, b->contexts & -b->contexts, b->codes[i]),
				b->action);
	}
}

static void an_action_is_bound_to_other_keys(void **state)
{
	struct keymap keymap;
	char names[KEY_NAMES_SIZE];

	keymap_init(&keymap);
	assert_true(keymap_bind(&keymap, "edit", "F4 ctrl-e ü", NULL));
	assert_int_equal(key_action(&keymap, IN_TREE, CODE_F1 + 3), ACTION_EDIT);
	assert_int_equal(key_action(&keymap, IN_CIRCUIT, 'e' & 0x1f), ACTION_EDIT);
	assert_int_equal(key_action(&keymap, IN_TREE, 0xfc), ACTION_EDIT);
	assert_int_equal(key_action(&keymap, IN_TREE, 'e'), ACTION_NONE);
	for (const struct key_binding *b = keymap.bindings; b->action; b++)
		if (b->action == ACTION_EDIT)
			assert_string_equal(key_names(b, names), "F4 Ctrl-E ü");
}

static void a_key_that_is_given_away_is_taken_from_its_owner(void **state)
{
	struct keymap keymap;
	char names[KEY_NAMES_SIZE];

	keymap_init(&keymap);
	assert_true(keymap_bind(&keymap, "worst", "k", NULL));
	assert_int_equal(key_action(&keymap, IN_TREE, 'k'), ACTION_WORST);
	assert_int_equal(key_action(&keymap, IN_TREE, CODE_UP), ACTION_UP);
	for (const struct key_binding *b = keymap.bindings; b->action; b++)
		if (b->action == ACTION_UP)
			assert_string_equal(key_names(b, names), "Up");
}

static void what_cannot_be_bound_is_refused_in_words(void **state)
{
	static const struct {
		const char *action, *keys, *words;
	} rows[] = {
		{ "explode", "x", "there is no action \"explode\"; take up, down, page-up" },
		{ "edit", "Hyper-X", "edit: \"Hyper-X\" is no key; take a character, Ctrl-A" },
		{ "edit", "F13", "\"F13\" is no key" },
		{ "edit", "", "edit: no key is named" },
		{ "edit", "5", "the digits are for the screens" },
		{ "edit", "a b c d f", "an action has at most 4 keys" },
		{ "apply", "x", "\"x\" is typed into texts there" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct error err = { 0 };
		struct keymap keymap, before;

		keymap_init(&keymap);
		before = keymap;
		assert_false(keymap_bind(&keymap, rows[i].action, rows[i].keys, &err));
		if (!strstr(err.text, rows[i].words))
			fail_msg("%s", err.text);
		assert_memory_equal(&keymap, &before, sizeof(keymap));
	}
}

/* --- the file -------------------------------------------------------------------------------- */

static void read_text(const char *text, struct settings *settings, struct warnings *warnings)
{
	char path[] = "/tmp/lqos-settings.XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	settings_init(settings);
	settings_read(path, settings, warnings);
	unlink(path);
}

static void the_file_sets_what_it_names(void **state)
{
	struct warnings warnings;
	struct settings settings;
	const struct table_habit *circuits = &settings.habits[TABLE_CIRCUITS];

	read_text("# mine\n"
		  "[console]\ntheme = high-contrast\nunits = bytes\nrefresh = 2.5\n"
		  "[sort]\ncircuits = -rtt\nqueues = drops\n"
		  "[columns]\ncircuits = name rtt download ; the worst first\n"
		  "[keys]\nquit = Q\n",
		  &settings, &warnings);
	assert_int_equal(warnings.count, 0);
	assert_int_equal(settings.theme, THEME_HIGH_CONTRAST);
	assert_int_equal(settings.units, UNITS_BYTES);
	assert_int_equal(settings.interval_ms, 2500);
	assert_string_equal(circuits->sort, "rtt");
	assert_true(circuits->reverse);
	assert_string_equal(settings.habits[TABLE_QUEUES].sort, "drops");
	assert_int_equal(circuits->columns.count, 3);
	assert_int_equal(key_action(&settings.keymap, IN_TREE, 'Q'), ACTION_QUIT);
}

static void what_it_cannot_use_is_warned_of_with_its_line_and_what_is_allowed(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
		{ "[console]\ncolour = red\n",
		  "line 2: there is no key \"colour\" in [console]; take theme, units" },
		{ "[console]\n\ntheme = pink\n",
		  "line 3: there is no theme \"pink\"; take default, light" },
		{ "[colours]\nx = y\n", "line 2: there is no section [colours]; take [console]" },
		{ "[console]\nrefresh = 0.1\n",
		  "line 2: a tick takes 0.25 to 60 seconds, not \"0.1\"" },
		{ "[console]\nunits = furlongs\n", "line 2: units are bits or bytes" },
		{ "[console]\nmouse = maybe\n", "line 2: mouse is yes or no, not \"maybe\"" },
		{ "[sort]\ntree = age\n",
		  "line 2: the tree table can't be sorted by \"age\"; take name, download" },
		{ "[columns]\nflows = customer height\n",
		  "line 2: the flows table has no column \"height\"; take customer, remote" },
		{ "[columns]\nbirds = name\n", "line 2: there is no table \"birds\"; take tree" },
		{ "[keys]\nexplode = x\n", "line 2: there is no action \"explode\"; take up" },
		{ "theme\n", "line 1: neither [section] nor key = value" },
		{ "[keys]\nmark = e\n", "no key is left for \"edit\"" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct warnings warnings;
		struct settings settings;

		read_text(rows[i].text, &settings, &warnings);
		assert_int_equal(warnings.count, 1);
		if (!strstr(warnings.list[0].text, rows[i].words))
			fail_msg("%s", warnings.list[0].text);
		assert_int_equal(settings.theme, THEME_DEFAULT);
		assert_int_equal(settings.interval_ms, 1000);
	}
}

static void one_bad_line_does_not_spoil_the_others(void **state)
{
	struct warnings warnings;
	struct settings settings;

	read_text("[console]\nnonsense = 1\nunits = bytes\nmore = 2\n", &settings, &warnings);
	assert_int_equal(warnings.count, 2);
	assert_int_equal(settings.units, UNITS_BYTES);
}

static void no_file_is_no_warning(void **state)
{
	struct warnings warnings;
	struct settings settings;

	settings_init(&settings);
	settings_read("/nonexistent/lqos-top/config", &settings, &warnings);
	assert_int_equal(warnings.count, 0);
}

static void many_warnings_are_counted(void **state)
{
	struct warnings warnings;
	struct settings settings;
	char text[1000] = "[console]\n";

	for (int i = 0; i < 20; i++)
		strcat(text, "nonsense = 1\n");
	read_text(text, &settings, &warnings);
	assert_int_equal(warnings.count, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_key_means_two_things_in_one_place),
		cmocka_unit_test(every_key_has_its_help_and_its_action_a_name),
		cmocka_unit_test(an_action_is_bound_to_other_keys),
		cmocka_unit_test(a_key_that_is_given_away_is_taken_from_its_owner),
		cmocka_unit_test(what_cannot_be_bound_is_refused_in_words),
		cmocka_unit_test(the_file_sets_what_it_names),
		cmocka_unit_test(what_it_cannot_use_is_warned_of_with_its_line_and_what_is_allowed),
		cmocka_unit_test(one_bad_line_does_not_spoil_the_others),
		cmocka_unit_test(no_file_is_no_warning),
		cmocka_unit_test(many_warnings_are_counted),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
