/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last ten minutes of a slot: in order, bounded, and nobody else's. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>

#include "engine/histogram.h"
#include "engine/history.h"

static void put(struct history *history, uint32_t slot, uint64_t owner, double rate_bps)
{
	double rates[DIRECTIONS] = { rate_bps, rate_bps / 10 };
	uint32_t rtt[RTT_BUCKETS] = { [9] = 7 };

	history_put(history, slot, owner, rates, rtt, slot == HISTORY_ALL);
}

static void the_newest_points_are_kept_in_order(void **state)
{
	struct history *history = history_new();
	struct history_point points[HISTORY_POINTS];

	for (int i = 1; i <= 100; i++) {
		history_advance(history);
		put(history, 5, 77, i * 1e6);
		assert_int_equal(history_read(history, 5, 77, points),
				 i < HISTORY_POINTS ? i : HISTORY_POINTS);
	}
	for (int i = 0; i < HISTORY_POINTS; i++) {
		double expected = (41 + i) * 1e6;

		assert_true(fabs(points[i].rate_bps[DOWNLOAD] - expected) < expected * 0.001);
		assert_true(fabs(points[i].rate_bps[UPLOAD] - expected / 10) < expected * 0.0001);
	}
	history_free(history);
}

static void another_owner_starts_anew(void **state)
{
	struct history *history = history_new();
	struct history_point points[HISTORY_POINTS];

	history_advance(history);
	put(history, 5, 77, 1e6);
	history_advance(history);
	put(history, 5, 78, 2e6);
	assert_int_equal(history_read(history, 5, 77, points), 0);
	assert_int_equal(history_read(history, 5, 78, points), 1);
	assert_int_equal(history_read(history, 6, 78, points), 0);
	assert_int_equal(history_read(history, 600, 78, points), 0);
	/* A slot that was silent is not shown as if it had gone on. */
	history_advance(history);
	history_advance(history);
	assert_int_equal(history_read(history, 5, 78, points), 0);
	history_free(history);
}

static void round_trips_are_spread_over_octaves(void **state)
{
	struct history *history = history_new();
	struct history_point points[HISTORY_POINTS];
	double none[DIRECTIONS] = { 0 };

	for (unsigned int bucket = 0; bucket < RTT_BUCKETS; bucket++) {
		uint32_t rtt[RTT_BUCKETS] = { 0 }, low = rtt_bucket_low_us(bucket);
		size_t count;

		rtt[bucket] = 3;
		history_advance(history);
		history_put(history, HISTORY_ALL, HISTORY_ALL, none, rtt, true);
		count = history_read(history, HISTORY_ALL, HISTORY_ALL, points);
		for (unsigned int i = 0; i < HISTORY_OCTAVES; i++) {
			bool above = i == 0 || low >= history_octave_us(i - 1);
			bool below = i == HISTORY_OCTAVES - 1 || low < history_octave_us(i);

			assert_int_equal(points[count - 1].rtt[i], above && below ? 3 : 0);
		}
	}
	history_free(history);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_points_are_kept_in_order),
		cmocka_unit_test(another_owner_starts_anew),
		cmocka_unit_test(round_trips_are_spread_over_octaves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
