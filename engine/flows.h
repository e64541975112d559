/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The flow table as people look at it: once a second every live entry is read, its rates computed,
 * and kept as a list that requests sort and filter.
 */
#ifndef LQOS_FLOWS_H
#define LQOS_FLOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/datapath.h"

struct flows;

/* A flow that had a packet within the last FLOW_IDLE_S seconds. */
struct flow_sample {
	uint32_t entry; /* of the data path's table */
	uint32_t slot;
	uint64_t rate_bps[DIRECTIONS];
	uint64_t bytes; /* both directions */
	uint32_t rtt_us, retransmits;
};
#define FLOW_IDLE_S 30

struct flows *flows_new(const struct datapath *datapath);
void flows_free(struct flows *flows);

/* A round through the table, in steps of some milliseconds at most. */
void flows_begin(struct flows *flows); /* not while one is under way */
bool flows_step(struct flows *flows);  /* false: nothing is left to do */

/* Of the last round that was finished; valid until the next is. */
const struct flow_sample *flows_list(const struct flows *flows, size_t *count);

#endif
