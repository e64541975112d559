/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The score of draft-ietf-ippm-qoo, by its own example and at its edges. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>

#include "engine/quality.h"

static const struct quality_need need = { .latency_ms = { { 200, 500 }, { 300, 600 } },
					  .points = 2,
					  .loss = { 0.01, 0.05 },
					  .rate_bps = 4e6 };

static void the_draft_s_example_scores_50(void **state)
{
	double latency_ms[] = { 350, 375 };

	assert_true(fabs(quality_score(&need, latency_ms, 0.02, 28e6) - 50) < 1e-9);
}

static void the_worst_of_the_three_decides(void **state)
{
	static const struct {
		double first_ms, second_ms, loss, rate_bps, expected;
	} rows[] = {
		{ 10, 20, 0, 28e6, 100 },     { 200, 300, 0.01, 4e6, 100 },
		{ 500, 300, 0, 28e6, 0 },     { 9999, 9999, 0, 28e6, 0 },
		{ 200, 450, 0.01, 28e6, 50 }, { 200, 300, 0.04, 28e6, 25 },
		{ 200, 300, 1, 28e6, 0 },     { 10, 20, 0, 3.9e6, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		double latency_ms[] = { rows[i].first_ms, rows[i].second_ms };
		double score = quality_score(&need, latency_ms, rows[i].loss, rows[i].rate_bps);

		if (fabs(score - rows[i].expected) > 1e-6)
			fail_msg("row %zu: %f, expected %f", i, score, rows[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_draft_s_example_scores_50),
		cmocka_unit_test(the_worst_of_the_three_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
