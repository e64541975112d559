/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/wire/line: lines come out whole however the bytes came in. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "engine/wire/line.h"

#define LIMIT 8

static int setup(void **state)
{
	struct line_buffer *buffer = malloc(sizeof(*buffer));

	line_buffer_init(buffer, LIMIT);
	*state = buffer;
	return 0;
}

static int teardown(void **state)
{
	line_buffer_release(*state);
	free(*state);
	return 0;
}

static void feed(struct line_buffer *buffer, const char *text)
{
	line_buffer_feed(buffer, text, strlen(text));
}

static void expect_line(struct line_buffer *buffer, const char *expected)
{
	char *line;
	size_t length;

	assert_int_equal(line_buffer_take(buffer, &line, &length), LINE_READY);
	assert_string_equal(line, expected);
	assert_int_equal(length, strlen(expected));
}

static void expect(struct line_buffer *buffer, enum line_result expected)
{
	char *line;

	assert_int_equal(line_buffer_take(buffer, &line, NULL), expected);
}

static void nothing_fed_is_no_line(void **state)
{
	expect(*state, LINE_NONE);
	line_buffer_feed(*state, NULL, 0);
	expect(*state, LINE_NONE);
}

static void a_line_is_given_once_it_is_complete(void **state)
{
	feed(*state, "ab");
	expect(*state, LINE_NONE);
	feed(*state, "cd\n");
	expect_line(*state, "abcd");
	expect(*state, LINE_NONE);
}

static void one_feed_may_hold_many_lines_and_a_piece(void **state)
{
	feed(*state, "a\n\nb\r\nc");
	expect_line(*state, "a");
	expect_line(*state, "");
	expect_line(*state, "b");
	expect(*state, LINE_NONE);
	feed(*state, "d\n");
	expect_line(*state, "cd");
}

static void a_line_of_the_limit_is_a_line(void **state)
{
	feed(*state, "12345678\n");
	expect_line(*state, "12345678");
}

static void a_line_over_the_limit_is_reported_once_and_skipped(void **state)
{
	feed(*state, "a\n123456789");
	expect_line(*state, "a");
	expect(*state, LINE_TOO_LONG);
	expect(*state, LINE_NONE);
	feed(*state, "more of it");
	expect(*state, LINE_NONE);
	feed(*state, "end\nnext\n");
	expect_line(*state, "next");
	expect(*state, LINE_NONE);
}

static void a_complete_line_over_the_limit_is_reported_once(void **state)
{
	feed(*state, "123456789\nb\n123456789\n");
	expect(*state, LINE_TOO_LONG);
	expect_line(*state, "b");
	expect(*state, LINE_TOO_LONG);
	expect(*state, LINE_NONE);
}

static void a_zero_byte_is_told_by_the_length(void **state)
{
	char *line;
	size_t length;

	line_buffer_feed(*state, "a\0b\n", 4);
	assert_int_equal(line_buffer_take(*state, &line, &length), LINE_READY);
	assert_int_equal(length, 3);
	assert_memory_equal(line, "a\0b", 4);
}

static void memory_stays_within_the_limit_and_one_feed(void **state)
{
	struct line_buffer *buffer = *state;

	for (int i = 0; i < 100000; i++) {
		feed(buffer, "abc");
		while (true) {
			char *line;

			if (line_buffer_take(buffer, &line, NULL) == LINE_NONE)
				break;
		}
	}
	assert_true(buffer->capacity <= 1024);
}

static void a_reset_forgets_half_a_line(void **state)
{
	feed(*state, "123456789");
	expect(*state, LINE_TOO_LONG);
	line_buffer_reset(*state);
	feed(*state, "ab\n");
	expect_line(*state, "ab");
}

/* Every way of cutting the bytes into feeds gives the same lines. */
static void cuts_between_feeds_make_no_difference(void **state)
{
	static const char text[] = "one\ntwelve345\n\nx\r\nlong one again\nlast\n";
	static const char expected[] = "one|!||x|!|last|";

	for (size_t step = 1; step < sizeof(text); step++) {
		char seen[64] = "";

		for (size_t at = 0; at < sizeof(text) - 1; at += step) {
			size_t left = sizeof(text) - 1 - at;
			enum line_result result;
			char *line;

			line_buffer_feed(*state, text + at, left < step ? left : step);
			while ((result = line_buffer_take(*state, &line, NULL)) != LINE_NONE) {
				strcat(seen, result == LINE_READY ? line : "!");
				strcat(seen, "|");
			}
		}
		assert_string_equal(seen, expected);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(nothing_fed_is_no_line),
		TEST(a_line_is_given_once_it_is_complete),
		TEST(one_feed_may_hold_many_lines_and_a_piece),
		TEST(a_line_of_the_limit_is_a_line),
		TEST(a_line_over_the_limit_is_reported_once_and_skipped),
		TEST(a_complete_line_over_the_limit_is_reported_once),
		TEST(a_zero_byte_is_told_by_the_length),
		TEST(memory_stays_within_the_limit_and_one_feed),
		TEST(a_reset_forgets_half_a_line),
		TEST(cuts_between_feeds_make_no_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
