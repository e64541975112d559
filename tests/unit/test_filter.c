/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people type behind "/": what it finds and what it is refused with. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/filter.h"

static const char *const addresses[] = { "192.0.2.7", "2001:db8:7::/48" };

static const struct filter_row miller = {
	.name = "Miller, J.",
	.id = "1042",
	.site = "AP Alder-1",
	.texts = addresses,
	.text_count = 2,
	.rtt_ms = 120,
	.down_bps = 12e6,
	.up_bps = 3e6,
	.drops_per_s = 0,
	.retransmits_percent = NAN,
	.score = 42,
	.load_percent = NAN,
	.plan_bps = 50e6,
};

static void a_row_is_found_by_what_it_says_and_measures(void **state)
{
	static const struct {
		const char *text;
		bool matches;
	} rows[] = {
		{ "", true },
		{ "miller", true },
		{ "MILLER", true },
		{ "smith", false },
		{ "192.0.2.7", true },
		{ "2001:db8:7", true },
		{ "alder", true },
		{ "rtt>100", true },
		{ "rtt > 100", true },
		{ "rtt<100", false },
		{ "rtt>100 & down>10M", true },
		{ "rtt>100 & down>20M", false },
		{ "site=Alder", true },
		{ "site=Birch", false },
		{ "id=1042", true },
		{ "id=104", false },
		{ "name=mill", true },
		{ "up>2.5M", true },
		{ "retr>0", false },
		{ "retr<100", false },
		{ "qoo<50", true },
		{ "qoo>50", false },
		{ "load>90", false },
		{ "plan=50M & miller", true },
		{ "miller & & rtt>1", true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct filter filter;
		struct error err;

		if (!filter_parse(rows[i].text, &filter, &err))
			fail_msg("\"%s\" was refused: %s", rows[i].text, err.text);
		if (filter_matches(&filter, &miller) != rows[i].matches)
			fail_msg("\"%s\" should%s match", rows[i].text,
				 rows[i].matches ? "" : " not");
	}
}

static void a_wrong_filter_is_refused_in_words(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
		{ "speed>10", "can't compare \"speed\"" },
		{ "rtt>fast", "\"fast\" in the filter is not a number" },
		{ "name>5", "name in a filter takes =, not >" },
		{ "a&b&c&d&e&f&g&h&i", "at most 8 words" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct filter filter;
		struct error err;

		if (filter_parse(rows[i].text, &filter, &err))
			fail_msg("\"%s\" was taken", rows[i].text);
		if (!strstr(err.text, rows[i].words))
			fail_msg("\"%s\": \"%s\" lacks \"%s\"", rows[i].text, err.text,
				 rows[i].words);
		assert_int_equal(err.code, ERROR_INVALID);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_is_found_by_what_it_says_and_measures),
		cmocka_unit_test(a_wrong_filter_is_refused_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
