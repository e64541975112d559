/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each queue of the interfaces carries: class statistics of a tick, summed by queue. Pure. */
#ifndef LQOS_QUEUE_LOAD_H
#define LQOS_QUEUE_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/direction.h"
#include "engine/kernel.h"

struct queue_loads;

struct queue_load {
	bool counted,
		known; /* the queue was there; also the time before, so that rates are known */
	uint64_t rate_bps, packets_per_s;
	double drops_per_s;
	uint64_t backlog_bytes, backlog_packets;
};

struct queue_loads *queue_loads_new(void);
void queue_loads_free(struct queue_loads *loads);

/* The statistics of all classes of an interface, elapsed_ns after those before. */
void queue_loads_take(struct queue_loads *loads, enum direction direction,
		      const struct class_stats *stats, size_t count, uint64_t elapsed_ns);
/* queue: 1..QUEUES_MAX */
const struct queue_load *queue_loads_get(const struct queue_loads *loads, enum direction direction,
					 uint16_t queue);

#endif
