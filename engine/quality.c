/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/quality.h"

static double score_of(const struct quality_range *range, double measured)
{
	double score = 1 - (measured - range->optimal) / (range->unusable - range->optimal);

	return score < 0 ? 0 : score > 1 ? 1 : score;
}

double quality_score(const struct quality_need *need, const double *latency_ms, double loss,
		     double rate_bps)
{
	double least = score_of(&need->loss, loss);

	if (rate_bps < need->rate_bps)
		return 0;
	for (size_t i = 0; i < need->points; i++) {
		double score = score_of(&need->latency_ms[i], latency_ms[i]);

		if (score < least)
			least = score;
	}
	return 100 * least;
}
