/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Quality of Outcome (draft-ietf-ippm-qoo): how close what was measured is to what an application
 * needs, 0 to 100. Pure.
 */
#ifndef LQOS_QUALITY_H
#define LQOS_QUALITY_H

#include <stddef.h>

#define QUALITY_POINTS_MAX 4

/* From `optimal` on it gets no better, from `unusable` on no worse. */
struct quality_range {
	double optimal, unusable;
};

struct quality_need {
	struct quality_range latency_ms[QUALITY_POINTS_MAX]; /* a percentile each */
	size_t points;
	struct quality_range loss; /* 0..1 */
	double rate_bps;	   /* needed; 0: not asked for */
};

/* The least of latency (its worst percentile), loss and throughput, times 100. latency_ms has
 * need->points values. */
double quality_score(const struct quality_need *need, const double *latency_ms, double loss,
		     double rate_bps);

#endif
