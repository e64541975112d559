/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two clocks of the programs: one for durations, one for people. */
#ifndef LQOS_BASE_CLOCK_H
#define LQOS_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_US 1000ULL
#define NS_PER_MS 1000000ULL
#define NS_PER_SECOND 1000000000ULL

/* CLOCK_MONOTONIC in nanoseconds: the clock of bpf_ktime_get_ns. */
static inline uint64_t clock_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

/* Wall-clock time in milliseconds since 1970. */
static inline int64_t clock_wall_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#endif
