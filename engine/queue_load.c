/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/queue_load.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/clock.h"
#include "engine/base/memory.h"

struct reading {
	uint64_t bytes, packets; /* of the link's class */
	uint32_t drops;		 /* of all leaves; wraps */
	bool seen;
};

struct queue_loads {
	struct reading readings[DIRECTIONS][QUEUES_MAX + 1];
	struct queue_load loads[DIRECTIONS][QUEUES_MAX + 1];
};

struct queue_loads *queue_loads_new(void)
{
	return xcalloc(1, sizeof(struct queue_loads));
}

void queue_loads_free(struct queue_loads *loads)
{
	free(loads);
}

static double per_second(double count, uint64_t elapsed_ns)
{
	return count * (double)NS_PER_SECOND / (double)elapsed_ns;
}

static void add(struct reading *reading, struct queue_load *load, const struct class_stats *stats)
{
	reading->seen = load->counted = true;
	reading->drops += stats->drops;
	load->backlog_bytes += stats->backlog_bytes;
	load->backlog_packets += stats->backlog_packets;
	if (stats->minor == MINOR_LINK) {
		reading->bytes = stats->bytes;
		reading->packets = stats->packets;
	}
}

/* Counters that went back were made anew: they say nothing this time. */
static void compare(const struct reading *before, const struct reading *now, uint64_t elapsed_ns,
		    struct queue_load *load)
{
	uint32_t drops = now->drops - before->drops;

	if (!before->seen || !now->seen || now->bytes < before->bytes ||
	    now->packets < before->packets)
		return;
	load->known = true;
	load->rate_bps =
		(uint64_t)per_second(8.0 * (double)(now->bytes - before->bytes), elapsed_ns);
	load->packets_per_s =
		(uint64_t)per_second((double)(now->packets - before->packets), elapsed_ns);
	if (drops < UINT32_MAX / 2)
		load->drops_per_s = per_second(drops, elapsed_ns);
}

void queue_loads_take(struct queue_loads *loads, enum direction direction,
		      const struct class_stats *stats, size_t count, uint64_t elapsed_ns)
{
	struct reading now[QUEUES_MAX + 1] = { 0 };
	struct queue_load *list = loads->loads[direction];

	memset(list, 0, sizeof(loads->loads[direction]));
	for (size_t i = 0; i < count; i++)
		if (stats[i].queue && stats[i].queue <= QUEUES_MAX)
			add(&now[stats[i].queue], &list[stats[i].queue], &stats[i]);
	for (int q = 1; q <= QUEUES_MAX; q++)
		compare(&loads->readings[direction][q], &now[q], elapsed_ns, &list[q]);
	memcpy(loads->readings[direction], now, sizeof(now));
}

const struct queue_load *queue_loads_get(const struct queue_loads *loads, enum direction direction,
					 uint16_t queue)
{
	return &loads->loads[direction][queue];
}
