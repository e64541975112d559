/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The console's forms: what is typed, what they ask the engine for, what they ask the operator. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tui/form.h"

static struct form make_form(void)
{
	struct form form = { 0 };
	json_t *circuit = json_pack(
		"{s:s, s:s, s:i, s:i, s:i, s:i, s:b, s:i, s:[{s:s, s:i, s:n},{s:s, s:i, s:i}]}",
		"id", "7", "name", "Miller", "download_max_bps", 50000000, "upload_max_bps",
		10000000, "download_min_bps", 1000000, "upload_min_bps", 1000000, "suspended", 0,
		"revision", 9, "ancestors", "name", "AP", "download_max_bps", 320000000,
		"upload_max_bps", "name", "Tower", "download_max_bps", 200000000, "upload_max_bps",
		80000000);

	form_open(&form, FORM_PLAN, "7", NULL);
	form_take_circuit(&form, circuit, NULL);
	json_decref(circuit);
	return form;
}

static void type(struct form *form, const char *text)
{
	for (; *text; text++)
		form_type(form, (unsigned char)*text);
}

static void what_is_typed_becomes_a_request_of_just_that(void **state)
{
	struct form form = make_form();
	struct error err;
	json_t *request, *expected;

	type(&form, "80M");
	request = form_request(&form, false, &err);
	expected = json_pack("{s:s, s:b, s:i, s:i}", "circuit", "7", "dry_run", 0,
			     "download_max_bps", 80000000, "expect_revision", 9);
	assert_true(json_equal(request, expected));
	assert_true(form.wants_preview);
	json_decref(request);
	json_decref(expected);
	form_close(&form);
}

static void nothing_typed_is_no_request(void **state)
{
	struct form form = make_form();
	struct error err;

	assert_null(form_request(&form, false, &err));
	assert_string_equal(err.text, "");
	type(&form, "50M");
	assert_null(form_request(&form, false, &err));
	assert_string_equal(err.text, "");
	form_close(&form);
}

static void nonsense_is_refused_in_words_before_it_is_sent(void **state)
{
	struct form form = make_form();

	type(&form, "fast");
	assert_non_null(strstr(form.trouble, "\"fast\" is not a rate"));
	form_act(&form, ACTION_APPLY);
	assert_false(form.wants_apply);
	form_act(&form, ACTION_ERASE_ALL);
	assert_non_null(strstr(form.trouble, "Download is empty"));
	form_close(&form);
}

static void the_highest_here_is_the_lowest_capacity_above(void **state)
{
	struct form form = make_form();
	const char *site;
	char capacity[32];

	assert_true(form_highest(&form, FIELD_DOWNLOAD, &site, capacity));
	assert_string_equal(site, "Tower");
	assert_string_equal(capacity, "200M");
	assert_true(form_highest(&form, FIELD_UPLOAD, &site, capacity));
	assert_string_equal(capacity, "80M");
	assert_false(form_highest(&form, FIELD_DOWNLOAD_MIN, &site, capacity));
	form_close(&form);
}

static void a_conflict_asks_for_the_circuit_and_keeps_what_was_typed(void **state)
{
	struct form form = make_form();
	json_t *newer;
	char now[FORM_TEXT_SIZE];

	type(&form, "80M");
	form.wants_circuit = false;
	assert_false(form_take_apply(&form, NULL, "conflict", "changed meanwhile"));
	assert_true(form.wants_circuit);
	newer = json_deep_copy(form.now);
	json_object_set_new(newer, "upload_max_bps", json_integer(7000000));
	form_take_circuit(&form, newer, NULL);
	json_decref(newer);
	assert_string_equal(form.text[FIELD_DOWNLOAD], "80M");
	assert_string_equal(form.text[FIELD_UPLOAD], "7M");
	assert_string_equal(form_now(&form, FIELD_UPLOAD, now), "7M");
	assert_string_equal(form.notice, "changed meanwhile");
	form_close(&form);
}

static void a_preview_of_what_was_typed_before_is_dropped(void **state)
{
	struct form form = make_form();
	json_t *preview = json_pack("{s:[s]}", "operations", "old");

	type(&form, "8");
	form.wants_preview = false;
	form.preview_request = 3;
	type(&form, "0");
	form_take_preview(&form, preview, NULL, NULL);
	assert_null(form.preview);
	assert_true(form.wants_preview);
	json_decref(preview);
	form_close(&form);
}

/* What the form would ask for, as text. */
static void expect_request(const struct form *form, const char *expected)
{
	struct error err;
	json_t *request = form_request(form, false, &err);
	char *text = request ? json_dumps(request, JSON_COMPACT | JSON_SORT_KEYS) : NULL;

	assert_string_equal(text ? text : err.text, expected);
	free(text);
	json_decref(request);
}

static void many_circuits_are_raised_by_one_request(void **state)
{
	json_t *marked = json_pack("{s:b, s:b}", "7", 1, "8", 1);
	struct form form = { 0 };

	form_open_many(&form, marked);
	json_decref(marked);
	expect_request(&form, "");
	type(&form, "+20%");
	expect_request(&form, "{\"dry_run\":false,\"edits\":["
			      "{\"action\":\"set\",\"download_max_bps\":\"+20%\",\"id\":\"7\","
			      "\"kind\":\"circuit\"},"
			      "{\"action\":\"set\",\"download_max_bps\":\"+20%\",\"id\":\"8\","
			      "\"kind\":\"circuit\"}]}");
	form_act(&form, ACTION_APPLY);
	assert_true(form.wants_apply);
	form_close(&form);
}

static void suspending_asks_first(void **state)
{
	struct form form = make_form();

	form.current = FIELD_SUSPENDED;
	form_act(&form, ACTION_TOGGLE);
	form_act(&form, ACTION_APPLY);
	assert_true(form.asking);
	assert_false(form.wants_apply);
	form_act(&form, ACTION_CONFIRM);
	assert_false(form.asking);
	assert_true(form.wants_apply);
	form_close(&form);
}

static void a_time_is_read_as_people_write_it(void **state)
{
	static const struct {
		const char *text, *request;
	} rows[] = {
		{ "2h", "7200" },   { "30m", "1800" },	 { "45", "2700" },
		{ "7d", "604800" }, { "1.5 h", "5400" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct form form = make_form();
		char expected[200];

		type(&form, "80M");
		form.current = FIELD_FOR;
		form.fresh = true;
		type(&form, rows[i].text);
		snprintf(expected, sizeof(expected),
			 "{\"circuit\":\"7\",\"download_max_bps\":80000000,\"dry_run\":false,"
			 "\"expect_revision\":9,\"for_s\":%s}",
			 rows[i].request);
		expect_request(&form, expected);
		type(&form, "x");
		expect_request(&form, form.trouble);
		assert_non_null(strstr(form.trouble, "is no time such as"));
		form_close(&form);
	}
}

static void a_new_circuit_is_a_row_each_for_it_its_device_and_prefixes(void **state)
{
	struct form form = { 0 };

	form_open(&form, FORM_ADD, "", "AP Alder-1");
	type(&form, "9");
	assert_string_equal(form.trouble, "Still missing: the plan both ways");
	form_begin_with(&form, "download_max_bps", "80M");
	form_begin_with(&form, "upload_max_bps", "10M");
	form_begin_with(&form, "prefixes", "192.0.2.9, 2001:db8:9::/48");
	expect_request(&form,
		       "{\"dry_run\":false,\"edits\":["
		       "{\"action\":\"add\",\"download_max_bps\":80000000,\"id\":\"9\","
		       "\"kind\":\"circuit\",\"site\":\"AP Alder-1\",\"upload_max_bps\":10000000},"
		       "{\"action\":\"add\",\"circuit\":\"9\",\"id\":\"9-1\",\"kind\":\"device\","
		       "\"mac\":\"\"},"
		       "{\"action\":\"add\",\"device\":\"9-1\",\"id\":\"192.0.2.9\","
		       "\"kind\":\"prefix\"},"
		       "{\"action\":\"add\",\"device\":\"9-1\",\"id\":\"2001:db8:9::/48\","
		       "\"kind\":\"prefix\"}]}");
	form_close(&form);
}

/* An id has at most 120 characters, however many bytes that is. */
static void a_new_circuit_s_device_is_numbered_where_there_is_room(void **state)
{
	static const struct {
		int characters;
		bool numbered;
	} rows[] = { { 118, true }, { 119, false }, { 120, false } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct form form = { 0 };
		char id[FORM_TEXT_SIZE] = "", expected[FORM_TEXT_SIZE + 8];
		struct error err;
		json_t *request;
		const json_t *device;

		for (int j = 0; j < rows[i].characters; j++)
			strcat(id, "漢");
		snprintf(expected, sizeof(expected), "%s%s", id, rows[i].numbered ? "-1" : "");
		form_open(&form, FORM_ADD, "", NULL);
		form_begin_with(&form, "id", id);
		form_begin_with(&form, "download_max_bps", "80M");
		form_begin_with(&form, "upload_max_bps", "10M");
		form_begin_with(&form, "prefixes", "192.0.2.9");
		request = form_request(&form, false, &err);
		device = json_array_get(json_object_get(request, "edits"), 1);
		assert_string_equal(json_string_value(json_object_get(device, "id")), expected);
		json_decref(request);
		form_close(&form);
	}
}

static void a_device_gives_and_takes_just_the_prefixes_that_differ(void **state)
{
	struct form form = { 0 };
	json_t *circuit =
		json_pack("{s:i, s:[{s:s, s:s, s:s, s:[s,s]}]}", "revision", 3, "devices", "id",
			  "d1", "name", "Router", "mac", "", "prefixes", "192.0.2.1", "192.0.2.2");

	form_open(&form, FORM_DEVICE, "d1", "7");
	form_take_circuit(&form, circuit, NULL);
	json_decref(circuit);
	form_begin_with(&form, "prefixes", "192.0.2.2 192.0.2.3");
	expect_request(&form, "{\"dry_run\":false,\"edits\":["
			      "{\"action\":\"delete\",\"device\":\"d1\",\"id\":\"192.0.2.1\","
			      "\"kind\":\"prefix\"},"
			      "{\"action\":\"add\",\"device\":\"d1\",\"id\":\"192.0.2.3\","
			      "\"kind\":\"prefix\"}],\"expect_revision\":3}");
	form_close(&form);
}

static void deleting_asks_first_and_says_what_goes(void **state)
{
	struct form form = { 0 };
	json_t *circuit = json_pack("{s:s, s:s, s:i}", "id", "7", "name", "Miller", "revision", 3);
	char question[300];

	form_open(&form, FORM_DELETE, "7", NULL);
	form_take_circuit(&form, circuit, NULL);
	json_decref(circuit);
	assert_true(form.wants_preview);
	form_act(&form, ACTION_APPLY);
	assert_true(form.asking);
	assert_true(form_question(&form, question, sizeof(question)));
	assert_string_equal(question, "Delete circuit 7 Miller?");
	expect_request(&form, "{\"dry_run\":false,\"edits\":[{\"action\":\"delete\",\"id\":\"7\","
			      "\"kind\":\"circuit\"}],\"expect_revision\":3}");
	form_close(&form);
}

static void prefixes_that_found_no_room_in_the_field_stay(void **state)
{
	json_t *list = json_array();
	struct form form = { 0 };
	struct error err;
	json_t *request;

	for (int i = 0; i < 40; i++)
		json_array_append_new(list, json_sprintf("2001:db8:%x:1111:2222::/80", 4096 + i));
	form_open(&form, FORM_DEVICE, "d1", "7");
	json_t *circuit = json_pack("{s:i, s:[{s:s, s:s, s:s, s:o}]}", "revision", 3, "devices",
				    "id", "d1", "name", "Router", "mac", "", "prefixes", list);
	form_take_circuit(&form, circuit, NULL);
	json_decref(circuit);
	form_begin_with(&form, "prefixes", "192.0.2.3");
	request = form_request(&form, false, &err);
	/* One is new; the sixteen that stood in the field go, the others stay. */
	assert_int_equal(json_array_size(json_object_get(request, "edits")), 17);
	json_decref(request);
	form_close(&form);
}

static void an_undo_of_many_asks_and_names_the_revision(void **state)
{
	struct form form = { 0 };

	form_open(&form, FORM_UNDO, "13", NULL);
	form_act(&form, ACTION_APPLY);
	assert_true(form.asking);
	form_act(&form, ACTION_CONFIRM);
	assert_true(form.wants_apply);
	assert_string_equal(form_verb(&form), "undo");
	expect_request(&form, "{\"dry_run\":false,\"revision\":13}");
	form_close(&form);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_typed_becomes_a_request_of_just_that),
		cmocka_unit_test(nothing_typed_is_no_request),
		cmocka_unit_test(nonsense_is_refused_in_words_before_it_is_sent),
		cmocka_unit_test(the_highest_here_is_the_lowest_capacity_above),
		cmocka_unit_test(a_conflict_asks_for_the_circuit_and_keeps_what_was_typed),
		cmocka_unit_test(a_preview_of_what_was_typed_before_is_dropped),
		cmocka_unit_test(many_circuits_are_raised_by_one_request),
		cmocka_unit_test(suspending_asks_first),
		cmocka_unit_test(a_time_is_read_as_people_write_it),
		cmocka_unit_test(a_new_circuit_is_a_row_each_for_it_its_device_and_prefixes),
		cmocka_unit_test(a_new_circuit_s_device_is_numbered_where_there_is_room),
		cmocka_unit_test(a_device_gives_and_takes_just_the_prefixes_that_differ),
		cmocka_unit_test(deleting_asks_first_and_says_what_goes),
		cmocka_unit_test(prefixes_that_found_no_room_in_the_field_stay),
		cmocka_unit_test(an_undo_of_many_asks_and_names_the_revision),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
