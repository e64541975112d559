/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Classes made when traffic is first seen: from the data path's calls to a plan, and back when a
 * circuit was silent for long. What is decided is lazy.h's.
 */
#ifndef LQOS_LAZY_QUEUES_H
#define LQOS_LAZY_QUEUES_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/base/error.h"

struct engine;
struct lazy_queues;

/* `applied` must have been read already. */
struct lazy_queues *lazy_queues_new(struct engine *engine, struct error *err);
void lazy_queues_free(struct lazy_queues *queues);

/* Before a plan is made for the network in force, its numbers given: says who gets a class. */
void lazy_queues_place(struct lazy_queues *queues);

struct lazy_counts {
	bool lazy;
	uint32_t with_class; /* circuits */
	uint64_t builds, removals;
	/* From a circuit's first packet to its class, of the last calls: half, 99 of 100. */
	uint64_t build_p50_ns, build_p99_ns;
};
void lazy_queues_count(const struct lazy_queues *queues, struct lazy_counts *counts);

#endif
