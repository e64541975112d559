/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Three days of 20,000 circuits in simulated time: classes made and taken, sites moved. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/lib/day.h"

static struct day day;

static int live_three_days(void **state)
{
	day_open(&day, 7);
	day_run(&day);
	print_message("# in three days of %d circuits, %.1f Gbit/s at the peak: %llu sessions, "
		      "%llu builds, %llu removals, %llu with a class at most, %llu operations\n",
		      DAY_CIRCUITS, day.load_bps[20] / 1e9, (unsigned long long)day.sessions,
		      (unsigned long long)day.builds, (unsigned long long)day.removals,
		      (unsigned long long)day.most_with_class,
		      (unsigned long long)day.plan_operations);
	print_message("# %llu moves; the fullest queue, of what the best placement could have: "
		      "first day %.2f, second %.2f, third %.2f\n",
		      (unsigned long long)day.moves, day_worst(&day, 0, 24),
		      day_worst(&day, 24, 48), day_worst(&day, 48, 72));
	return 0;
}

static int end(void **state)
{
	day_close(&day);
	return 0;
}

static void who_talks_once_a_minute_keeps_its_class(void **state)
{
	assert_int_equal(day.meters_without_class, 0);
}

/* A class goes with ten minutes of silence only: there can't be more of them than sessions. */
static void classes_are_made_no_oftener_than_people_begin(void **state)
{
	assert_true(day.builds <= day.sessions + DAY_CIRCUITS / 8);
	assert_true(day.removals <= day.builds);
	assert_true(day.most_with_class < DAY_CIRCUITS / 2);
}

static void of_ten_sites_one_moves_at_most(void **state)
{
	assert_in_range(day.moves, 1, DAY_SITES / 10);
}

static void moves_make_the_queues_of_busy_hours_more_even(void **state)
{
	assert_true(day_worst(&day, 48, 72) < day_worst(&day, 0, 24));
	assert_true(day_worst(&day, 48, 72) <= 1.3);
}

static void every_hours_plan_leads_to_a_tree_that_obeys_the_rules(void **state)
{
	assert_int_equal(day.faults, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_talks_once_a_minute_keeps_its_class),
		cmocka_unit_test(classes_are_made_no_oftener_than_people_begin),
		cmocka_unit_test(of_ten_sites_one_moves_at_most),
		cmocka_unit_test(moves_make_the_queues_of_busy_hours_more_even),
		cmocka_unit_test(every_hours_plan_leads_to_a_tree_that_obeys_the_rules),
	};

	return cmocka_run_group_tests(tests, live_three_days, end);
}
