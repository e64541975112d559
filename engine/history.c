/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/history.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/histogram.h"

/* Numbers are kept as logarithms: 16 bits reach to 10^13. */
#define STEPS_AN_OCTAVE 1480.0

struct packed_point {
	uint16_t rate[DIRECTIONS], rtt_p50, rtt_p95;
};

struct slot_points {
	uint64_t owner;
	uint64_t begun, last; /* the numbers of its first and last point */
	struct packed_point points[HISTORY_POINTS];
	uint32_t (*spread)[HISTORY_OCTAVES]; /* HISTORY_POINTS of them; NULL: not kept */
};

struct history {
	struct slot_points **slots;
	uint32_t capacity;
	uint64_t number; /* of the current point; 0: none yet */
};

static uint16_t pack(double value)
{
	return (uint16_t)fmin(lround(log2(1 + fmax(value, 0)) * STEPS_AN_OCTAVE), UINT16_MAX);
}

static double unpack(uint16_t packed)
{
	return packed ? exp2(packed / STEPS_AN_OCTAVE) - 1 : 0;
}

struct history *history_new(void)
{
	return xcalloc(1, sizeof(struct history));
}

void history_free(struct history *history)
{
	if (!history)
		return;
	for (uint32_t i = 0; i < history->capacity; i++) {
		if (history->slots[i])
			free(history->slots[i]->spread);
		free(history->slots[i]);
	}
	free(history->slots);
	free(history);
}

void history_advance(struct history *history)
{
	history->number++;
}

static struct slot_points *points_of(struct history *history, uint32_t slot)
{
	if (slot >= history->capacity) {
		uint32_t capacity = (slot + 1) * 2;

		history->slots =
			xreallocarray(history->slots, capacity, sizeof(struct slot_points *));
		memset(history->slots + history->capacity, 0,
		       (capacity - history->capacity) * sizeof(struct slot_points *));
		history->capacity = capacity;
	}
	if (!history->slots[slot])
		history->slots[slot] = xcalloc(1, sizeof(struct slot_points));
	return history->slots[slot];
}

/* Bucket 0 is below 1 ms, then four an octave: the first octave has five. */
static void sum_octaves(const uint32_t rtt[RTT_BUCKETS], uint32_t spread[HISTORY_OCTAVES])
{
	memset(spread, 0, HISTORY_OCTAVES * sizeof(*spread));
	for (unsigned int i = 0; i < RTT_BUCKETS; i++) {
		unsigned int octave = 0;

		while (octave < HISTORY_OCTAVES - 1 &&
		       rtt_bucket_low_us(i) >= history_octave_us(octave))
			octave++;
		spread[octave] += rtt[i];
	}
}

void history_put(struct history *history, uint32_t slot, uint64_t owner,
		 const double rate_bps[DIRECTIONS], const uint32_t rtt[RTT_BUCKETS], bool spread)
{
	struct slot_points *points = points_of(history, slot);
	struct packed_point *point = &points->points[history->number % HISTORY_POINTS];

	if (points->owner != owner || !points->begun || points->last + 1 != history->number) {
		points->owner = owner;
		points->begun = history->number;
	}
	points->last = history->number;
	for (int d = 0; d < DIRECTIONS; d++)
		point->rate[d] = pack(rate_bps[d]);
	point->rtt_p50 = pack(histogram_percentile_us(rtt, 50));
	point->rtt_p95 = pack(histogram_percentile_us(rtt, 95));
	if (!spread)
		return;
	if (!points->spread)
		points->spread = xcalloc(HISTORY_POINTS, sizeof(*points->spread));
	sum_octaves(rtt, points->spread[history->number % HISTORY_POINTS]);
}

size_t history_read(const struct history *history, uint32_t slot, uint64_t owner,
		    struct history_point points[HISTORY_POINTS])
{
	const struct slot_points *kept = slot < history->capacity ? history->slots[slot] : NULL;
	uint64_t first;
	size_t count = 0;

	if (!kept || kept->owner != owner || kept->last + 1 < history->number)
		return 0;
	first = kept->last >= HISTORY_POINTS ? kept->last - HISTORY_POINTS + 1 : 1;
	for (uint64_t n = first > kept->begun ? first : kept->begun; n <= kept->last; n++) {
		const struct packed_point *packed = &kept->points[n % HISTORY_POINTS];
		struct history_point *point = &points[count++];

		*point = (struct history_point){ .rtt_p50_us = unpack(packed->rtt_p50),
						 .rtt_p95_us = unpack(packed->rtt_p95) };
		for (int d = 0; d < DIRECTIONS; d++)
			point->rate_bps[d] = unpack(packed->rate[d]);
		if (kept->spread)
			memcpy(point->rtt, kept->spread[n % HISTORY_POINTS], sizeof(point->rtt));
	}
	return count;
}

uint32_t history_octave_us(unsigned int octave)
{
	return 2000u << octave;
}
