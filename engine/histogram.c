/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/histogram.h"

uint32_t rtt_bucket_low_us(unsigned int bucket)
{
	if (!bucket)
		return 0;
	return (4 + (bucket - 1) % 4) * 250u << (bucket - 1) / 4;
}

uint32_t histogram_samples(const uint32_t buckets[RTT_BUCKETS])
{
	uint32_t samples = 0;

	for (unsigned int i = 0; i < RTT_BUCKETS; i++)
		samples += buckets[i];
	return samples;
}

uint32_t histogram_percentile_us(const uint32_t buckets[RTT_BUCKETS], double percent)
{
	double wanted = histogram_samples(buckets) * percent / 100.0, below = 0;

	for (unsigned int i = 0; i < RTT_BUCKETS; i++) {
		double low = rtt_bucket_low_us(i), high;

		if (!buckets[i] || below + buckets[i] < wanted) {
			below += buckets[i];
			continue;
		}
		high = i + 1 < RTT_BUCKETS ? rtt_bucket_low_us(i + 1) : low;
		return (uint32_t)(low + (high - low) * (wanted - below) / buckets[i]);
	}
	return 0;
}
