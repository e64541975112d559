/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last ten minutes of every slot, a point every SPAN_TICKS ticks: rates and round trips, and
 * for sites and the whole network how the round trips were spread. Points are rounded to 0.1 %.
 */
#ifndef LQOS_HISTORY_H
#define LQOS_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/direction.h"
#include "engine/datapath.h"

#define HISTORY_POINTS 60
#define HISTORY_ALL 0	   /* in place of a slot: the whole network */
#define HISTORY_OCTAVES 12 /* of round trips: below 2 ms, below 4 ms, ... */

struct history;

struct history_point {
	double rate_bps[DIRECTIONS];
	double rtt_p50_us, rtt_p95_us; /* 0: no samples */
	uint32_t rtt[HISTORY_OCTAVES]; /* samples; zeros where the spread is not kept */
};

struct history *history_new(void);
void history_free(struct history *history);

/* Begins the next point, of every slot. */
void history_advance(struct history *history);
/* What the slot did; another owner than before starts anew. spread: keep how round trips were
 * spread. */
void history_put(struct history *history, uint32_t slot, uint64_t owner,
		 const double rate_bps[DIRECTIONS], const uint32_t rtt[RTT_BUCKETS], bool spread);

/* The points of the slot, oldest first. Returns how many: none when it has another owner. */
size_t history_read(const struct history *history, uint32_t slot, uint64_t owner,
		    struct history_point points[HISTORY_POINTS]);

/* The upper end of an octave in microseconds. */
uint32_t history_octave_us(unsigned int octave);

#endif
