/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prefixes, rates as text, errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/memory.h"
#include "engine/base/plain.h"
#include "engine/base/prefix.h"
#include "engine/base/units.h"

static void a_prefix_is_read_and_written_back_canonically(void **state)
{
	static const struct {
		const char *text, *canonical;
		uint8_t length;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1", 128 },
		{ " 192.0.2.0/24 ", "192.0.2.0/24", 120 },
		{ "0.0.0.0/0", "0.0.0.0/0", 96 },
		{ "2001:DB8::1", "2001:db8::1", 128 },
		{ "2001:db8:0:0::/48", "2001:db8::/48", 48 },
		{ "::/0", "::/0", 0 },
		{ "::ffff:192.0.2.9", "192.0.2.9", 128 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[PREFIX_TEXT_SIZE];
		struct prefix prefix;
		struct error err;

		if (!prefix_parse(rows[i].text, &prefix, &err))
			fail_msg("\"%s\" was refused: %s", rows[i].text, err.text);
		assert_string_equal(prefix_format(&prefix, text), rows[i].canonical);
		assert_int_equal(prefix.length, rows[i].length);
	}
}

static void a_wrong_prefix_is_refused_with_what_was_meant(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
		{ "", "not an IPv4 or IPv6 address" },
		{ "192.0.2", "not an IPv4 or IPv6 address" },
		{ "192.0.2.1/33", "not a number from 0 to 32" },
		{ "192.0.2.1/", "not a number from 0 to 32" },
		{ "192.0.2.1/-1", "not a number from 0 to 32" },
		{ "2001:db8::/129", "not a number from 0 to 128" },
		{ "192.0.2.1/24", "did you mean 192.0.2.0/24?" },
		{ "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd", "too long" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct prefix prefix;
		struct error err;

		if (prefix_parse(rows[i].text, &prefix, &err))
			fail_msg("\"%s\" was taken", rows[i].text);
		if (!strstr(err.text, rows[i].words))
			fail_msg("\"%s\": \"%s\" lacks \"%s\"", rows[i].text, err.text,
				 rows[i].words);
	}
}

static void a_prefix_contains_just_its_addresses(void **state)
{
	struct prefix wide, inside, outside;

	assert_true(prefix_parse("198.51.100.128/25", &wide, NULL));
	assert_true(prefix_parse("198.51.100.200", &inside, NULL));
	assert_true(prefix_parse("198.51.100.127", &outside, NULL));
	assert_true(prefix_contains(&wide, inside.address));
	assert_false(prefix_contains(&wide, outside.address));
}

static void a_rate_is_read_as_people_type_it(void **state)
{
	static const struct {
		const char *text;
		uint64_t rate_bps;
	} rows[] = {
		{ "50M", 50000000 },	 { "1.5G", 1500000000 },  { "2500000", 2500000 },
		{ "64k", 64000 },	 { "64 kbit", 64000 },	  { "0.1m", 100000 },
		{ "1T", 1000000000000 }, { "10 Mbps", 10000000 }, { "0", 0 },
	};
	static const char *const wrong[] = {
		"", "M", "-5M", "5X", "fast", "1e30", "0x10", "5 M M"
	};
	uint64_t rate_bps;
	struct error err;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!rate_parse(rows[i].text, &rate_bps, &err))
			fail_msg("\"%s\" was refused: %s", rows[i].text, err.text);
		if (rate_bps != rows[i].rate_bps)
			fail_msg("\"%s\" is read as %llu", rows[i].text,
				 (unsigned long long)rate_bps);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (rate_parse(wrong[i], &rate_bps, &err))
			fail_msg("\"%s\" was taken as %llu", wrong[i],
				 (unsigned long long)rate_bps);
}

static void a_rate_is_written_in_five_characters(void **state)
{
	static const struct {
		uint64_t rate_bps;
		const char *text;
	} rows[] = {
		{ 0, "0" },
		{ 999, "999" },
		{ 9500, "9.50k" },
		{ 50000000, "50.0M" },
		{ 640000000, "640M" },
		{ 999600000, "1.00G" },
		{ 4210000000, "4.21G" },
		{ 99960000, "100M" },
	};
	char text[RATE_TEXT_SIZE];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(rate_format(rows[i].rate_bps, text), rows[i].text);
}

static void an_exact_rate_reads_back_as_itself(void **state)
{
	static const struct {
		uint64_t rate_bps;
		const char *text;
	} rows[] = {
		{ 0, "0" },
		{ 50000000, "50M" },
		{ 1500000000, "1.5G" },
		{ 1234567, "1234567" },
		{ 10000000, "10M" },
		{ 100000000000, "100G" },
		{ 2625000, "2.625M" },
	};
	char text[RATE_TEXT_SIZE + 16];
	uint64_t rate_bps;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		rate_format_exact(rows[i].rate_bps, text);
		assert_true(rate_parse(text, &rate_bps, NULL));
		if (rate_bps != rows[i].rate_bps)
			fail_msg("%llu is written %s", (unsigned long long)rows[i].rate_bps, text);
	}
	/* The ones with a short form use it. */
	for (size_t i = 0; i < 5; i++)
		if (i != 3)
			assert_string_equal(rate_format_exact(rows[i].rate_bps, text),
					    rows[i].text);
}

static void control_characters_of_others_are_not_obeyed(void **state)
{
	static const struct {
		const char *given, *shown;
	} rows[] = { { "Käthe Grün", "Käthe Grün" },
		     { "\033]0;mine\a", "?]0;mine?" },
		     { "one\ntwo\r\x7f", "one?two??" },
		     { "C1 \xc2\x9b"
		       "2J and \xc2\xa0",
		       "C1 ??2J and \xc2\xa0" },
		     { "cut \xc2", "cut \xc2" } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[40];

		print_message("%zu\n", i);
		copy_text(text, sizeof(text), rows[i].given);
		plain_make(text);
		assert_string_equal(text, rows[i].shown);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_prefix_is_read_and_written_back_canonically),
		cmocka_unit_test(a_wrong_prefix_is_refused_with_what_was_meant),
		cmocka_unit_test(a_prefix_contains_just_its_addresses),
		cmocka_unit_test(a_rate_is_read_as_people_type_it),
		cmocka_unit_test(a_rate_is_written_in_five_characters),
		cmocka_unit_test(an_exact_rate_reads_back_as_itself),
		cmocka_unit_test(control_characters_of_others_are_not_obeyed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
