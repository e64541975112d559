/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Percentiles of the data path's log-scaled RTT histograms: pure. */
#ifndef LQOS_HISTOGRAM_H
#define LQOS_HISTOGRAM_H

#include <stdint.h>

#include "engine/datapath.h"

/* The lower end of a bucket: 0, then from 1 ms on four an octave. */
uint32_t rtt_bucket_low_us(unsigned int bucket);
/* The value below which `percent` of the samples lie, in microseconds, interpolated within its
 * bucket; 0 when there are no samples. */
uint32_t histogram_percentile_us(const uint32_t buckets[RTT_BUCKETS], double percent);
uint32_t histogram_samples(const uint32_t buckets[RTT_BUCKETS]);

#endif
