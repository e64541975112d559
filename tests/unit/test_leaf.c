/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/model/leaf: the words for a leaf. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <linux/pkt_sched.h>
#include <string.h>

#include "engine/model/leaf.h"

static void a_leaf_is_a_kind_and_options_of_cake(void **state)
{
	static const struct {
		const char *text;
		struct leaf leaf;
	} rows[] = {
		{ "", { .kind = LEAF_NONE } },
		{ "  ", { .kind = LEAF_NONE } },
		{ "pfifo", { .kind = LEAF_PFIFO } },
		{ " fq_codel ", { .kind = LEAF_FQ_CODEL } },
		{ "cake", { .kind = LEAF_CAKE } },
		{ "cake  nat\twash", { .kind = LEAF_CAKE, .cake = { .nat = 2, .wash = 2 } } },
		{ "cake nat nonat", { .kind = LEAF_CAKE, .cake = { .nat = 1 } } },
		{ "cake diffserv8 dual-dsthost ack-filter-aggressive rtt 2.5ms",
		  { .kind = LEAF_CAKE,
		    .cake = { .diffserv = CAKE_DIFFSERV_DIFFSERV8 + 1,
			      .flow_mode = CAKE_FLOW_DUAL_DST + 1,
			      .ack_filter = CAKE_ACK_AGGRESSIVE + 1 },
		    .rtt_us = 2500 } },
		{ "cake rtt 1s flowblind",
		  { .kind = LEAF_CAKE, .cake = { .flow_mode = 1 }, .rtt_us = 1000000 } },
	};
	struct leaf leaf;
	struct error err;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&leaf, 0xff, sizeof(leaf));
		if (!leaf_parse(rows[i].text, &leaf, &err))
			fail_msg("\"%s\": %s", rows[i].text, err.text);
		if (memcmp(&leaf, &rows[i].leaf, sizeof(leaf)))
			fail_msg("\"%s\" is read as something else", rows[i].text);
	}
}

static void what_is_no_leaf_is_refused_with_the_word(void **state)
{
	static const struct {
		const char *text, *word;
	} rows[] = {
		{ "codel", "\"codel\"" },
		{ "cake fast", "\"fast\"" },
		{ "cake rtt", "rtt \"\"" },
		{ "cake rtt 50", "rtt \"50\"" },
		{ "cake rtt 11s", "rtt \"11s\"" },
		{ "cake rtt -1ms", "rtt \"-1ms\"" },
		{ "cake rtt nanms", "rtt \"nanms\"" },
		{ "cake aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "\"aaaaaa" },
		{ "fq_codel ecn", "\"ecn\"" },
		{ "pfifo limit 9", "\"limit\"" },
	};
	struct leaf leaf = { .kind = LEAF_PFIFO }, before = leaf;
	struct error err;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (leaf_parse(rows[i].text, &leaf, &err))
			fail_msg("\"%s\" is taken", rows[i].text);
		if (!strstr(err.text, rows[i].word))
			fail_msg("\"%s\": said \"%s\"", rows[i].text, err.text);
		assert_memory_equal(&leaf, &before, sizeof(leaf));
	}
}

static void what_a_circuit_does_not_say_is_as_usual(void **state)
{
	struct leaf circuit = { 0 }, usual = { 0 };
	struct cake_modes modes, standard = cake_modes_standard();
	char text[CAKE_MODES_TEXT_SIZE];
	struct error err;

	assert_true(leaf_parse("cake nonat diffserv3", &circuit, &err));
	assert_true(leaf_parse_cake("nat wash", &usual, &err));
	modes = cake_modes_over(circuit.cake, cake_modes_over(usual.cake, standard));
	assert_string_equal(cake_modes_format_change(standard, modes, text),
			    "diffserv4 -> diffserv3, nowash -> wash");
	assert_string_equal(cake_modes_format_change(modes, modes, text), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_leaf_is_a_kind_and_options_of_cake),
		cmocka_unit_test(what_is_no_leaf_is_refused_with_the_word),
		cmocka_unit_test(what_a_circuit_does_not_say_is_as_usual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
