/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a site or a circuit does, as people look at it, and how that of several adds up. Pure. */
#ifndef LQOS_METRICS_H
#define LQOS_METRICS_H

#include <stdint.h>

#include "engine/base/direction.h"
#include "engine/datapath.h"

#define QUALITY_MIN_SAMPLES 10
#define RETRANSMITS_MIN_PACKETS 100 /* below it a share of retransmits says nothing */

struct rtt_summary {
	uint32_t p50_us, p90_us, p95_us, samples; /* samples 0: no data */
};

/* One site or circuit over the last tick (rates, drops) and the last 10 to 20 s (the rest). */
struct metrics {
	uint64_t rate_bps[DIRECTIONS];
	uint64_t tcp_packets, retransmits;
	double drops_per_s;
	struct rtt_summary rtt; /* customer side */
	double score;		/* Quality of Outcome, 0..100; negative: no data */
};

struct rtt_summary rtt_summarise(const uint32_t buckets[RTT_BUCKETS]);
void rtt_add(uint32_t sum[RTT_BUCKETS], const uint32_t part[RTT_BUCKETS]);

/* Rates, packets and drops: round trips and score are made of what they add up to. */
void metrics_add(struct metrics *sum, const struct metrics *part);

/* Browsing the web: p90 of 50 to 150 ms. Retransmits stand for loss, by what is healthy (1 %) and
 * what is ruinous (10 %). Negative: too few samples. */
double metrics_quality(const struct metrics *metrics);

#endif
