/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/metrics.h"

#include "engine/histogram.h"
#include "engine/quality.h"

struct rtt_summary rtt_summarise(const uint32_t buckets[RTT_BUCKETS])
{
	unsigned int samples = histogram_samples(buckets);

	if (!samples)
		return (struct rtt_summary){ 0 };
	return (struct rtt_summary){ .p50_us = histogram_percentile_us(buckets, 50),
				     .p90_us = histogram_percentile_us(buckets, 90),
				     .p95_us = histogram_percentile_us(buckets, 95),
				     .samples = samples };
}

void rtt_add(uint32_t sum[RTT_BUCKETS], const uint32_t part[RTT_BUCKETS])
{
	for (unsigned int i = 0; i < RTT_BUCKETS; i++)
		sum[i] += part[i];
}

void metrics_add(struct metrics *sum, const struct metrics *part)
{
	for (int d = 0; d < DIRECTIONS; d++)
		sum->rate_bps[d] += part->rate_bps[d];
	sum->tcp_packets += part->tcp_packets;
	sum->retransmits += part->retransmits;
	sum->drops_per_s += part->drops_per_s;
}

double metrics_quality(const struct metrics *metrics)
{
	static const struct quality_need browsing = { .latency_ms = { { 50, 150 } },
						      .points = 1,
						      .loss = { 0.01, 0.10 } };
	double latency_ms = metrics->rtt.p90_us / 1000.0, loss = 0;

	if (metrics->rtt.samples < QUALITY_MIN_SAMPLES)
		return -1;
	if (metrics->tcp_packets >= RETRANSMITS_MIN_PACKETS)
		loss = (double)metrics->retransmits / (double)metrics->tcp_packets;
	return quality_score(&browsing, &latency_ms, loss, 0);
}
