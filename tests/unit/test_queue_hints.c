/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a queue carries more than its share; and what of a CPU's time goes into softirqs. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "engine/cpu_loads.h"
#include "engine/queue_hints.h"

#define ITEMS_MAX 8

/* Items named a, b, ...: the queue that each stands on, and its load in Mbit/s. */
struct stand {
	const char *name;
	uint16_t queues;
	uint16_t queue[ITEMS_MAX];
	uint64_t load[ITEMS_MAX];
	const char *hints[3]; /* of queues 1 to 3 */
};

static void hint_of(const struct stand *stand, uint16_t queue, char text[QUEUE_HINT_TEXT_SIZE])
{
	struct assignment numbers[ITEMS_MAX] = { 0 };
	struct balance_item list[ITEMS_MAX] = { 0 };
	struct balance_items items = { .list = list };
	struct queue_hint hints[QUEUES_MAX + 1];
	uint64_t load_bps[ITEMS_MAX];
	char name[2] = "";

	for (; items.count < ITEMS_MAX && stand->load[items.count]; items.count++) {
		numbers[items.count].queue = stand->queue[items.count];
		list[items.count].kind = NODE_SITE;
		list[items.count].numbers = &numbers[items.count];
		load_bps[items.count] = stand->load[items.count] * 1000000;
	}
	queue_hints_find(&items, load_bps, stand->queues, 20000000, hints);
	name[0] = (char)('a' + hints[queue].item);
	queue_hint_format(&hints[queue], NODE_SITE, name, stand->queues, text);
}

static void a_queue_that_carries_too_much_says_why(void **state)
{
	static const struct stand rows[] = {
		{ "even", 2, { 1, 2 }, { 100, 110 }, { "", "" } },
		{ "one queue", 1, { 1, 1 }, { 900, 1 }, { "" } },
		{ "next to nothing", 2, { 1, 1 }, { 10, 5 }, { "", "" } },
		{ "a site alone is too big",
		  2,
		  { 1, 2, 2 },
		  { 710, 200, 90 },
		  { "71 % of all traffic (a share is 50 %): site a alone is 71 %, and is not "
		    "divided",
		    "" } },
		{ "one that could stand elsewhere",
		  2,
		  { 1, 1, 2 },
		  { 400, 300, 300 },
		  { "70 % of all traffic (a share is 50 %): site b on queue 2 would leave 40 %",
		    "" } },
		{ "a big one and a small one that could go",
		  2,
		  { 1, 1, 2 },
		  { 600, 200, 200 },
		  { "80 % of all traffic (a share is 50 %): site b on queue 2 would leave 60 %",
		    "" } },
		{ "three queues: to the emptiest",
		  3,
		  { 1, 1, 2, 3 },
		  { 300, 300, 250, 150 },
		  { "60 % of all traffic (a share is 33 %): site a on queue 3 would leave 30 %", "",
		    "" } },
		{ "no single one helps",
		  2,
		  { 1, 1, 1, 1, 1, 1, 1, 2 },
		  { 4, 4, 4, 4, 4, 4, 40, 30 },
		  { "68 % of all traffic (a share is 50 %): no single move evens it out", "" } },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (uint16_t q = 1; q <= rows[i].queues; q++) {
			char text[QUEUE_HINT_TEXT_SIZE];

			hint_of(&rows[i], q, text);
			print_message("# %s, queue %u: %s\n", rows[i].name, q, text);
			assert_string_equal(text, rows[i].hints[q - 1]);
		}
}

static void what_has_no_queue_counts_nowhere(void **state)
{
	static const struct stand stand = { "", 2, { 0, 1, 2 }, { 900, 50, 50 }, { NULL } };
	char text[QUEUE_HINT_TEXT_SIZE];

	hint_of(&stand, 1, text);
	assert_string_equal(text, "");
}

static void the_share_of_softirqs_is_that_between_two_readings(void **state)
{
	struct cpu_loads *loads = cpu_loads_new();

	cpu_loads_take(loads, "cpu  9 9 9 9 9 9 9 9 9 9\n"
			      "cpu0 100 0 50 800 0 0 50 0 0 0\n"
			      "cpu3 100 0 50 800 0 0 50 0 0 0\nintr 1 2 3\ncpu1 1 1 1 1 1 1 1 1\n");
	assert_true(cpu_loads_softirq(loads, 0) < 0);
	/* All CPUs have had 9 ticks, which is no CPU's number. */
	cpu_loads_take(loads, "cpu  9 10 10 10 10 10 10 10 10 10\n"
			      "cpu0 110 0 50 865 0 0 75 0 0 0\n"
			      "cpu3 100 0 50 700 0 0 50 0 0 0\nintr 1 2 3\n");
	assert_true(cpu_loads_softirq(loads, 0) > 0.2499 && cpu_loads_softirq(loads, 0) < 0.2501);
	assert_true(cpu_loads_softirq(loads, 3) < 0); /* its times went back */
	assert_true(cpu_loads_softirq(loads, 1) < 0);
	assert_true(cpu_loads_softirq(loads, 9) < 0);
	assert_true(cpu_loads_softirq(loads, 1000000) < 0);
	cpu_loads_take(loads, "nonsense");
	assert_true(cpu_loads_softirq(loads, 0) < 0);
	cpu_loads_free(loads);
}

static void the_kernel_s_own_text_is_read(void **state)
{
	struct cpu_loads *loads = cpu_loads_new();
	double share;

	cpu_loads_tick(loads, 1000000);
	do { /* until time has passed on CPU 0 */
		cpu_loads_tick(loads, 1000000);
		share = cpu_loads_softirq(loads, 0);
	} while (share < 0);
	assert_true(share <= 1);
	cpu_loads_free(loads);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_queue_that_carries_too_much_says_why),
		cmocka_unit_test(what_has_no_queue_counts_nowhere),
		cmocka_unit_test(the_share_of_softirqs_is_that_between_two_readings),
		cmocka_unit_test(the_kernel_s_own_text_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
