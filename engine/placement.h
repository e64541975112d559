/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who stands on which queue, looked after while the engine runs: measures what sites carry, moves a
 * few where that evens out the queues, and says which is too big for any. What is decided is
 * balance.h's.
 */
#ifndef LQOS_PLACEMENT_H
#define LQOS_PLACEMENT_H

#include <stdint.h>

#include "engine/node_loads.h"

/* What sites carry at the busiest hour is known after a day; nobody moves before. */
#define PLACEMENT_FIRST_WINDOWS 24

struct engine;
struct placement;

struct placement *placement_new(struct engine *engine);
void placement_free(struct placement *placement);

/* What has been measured; NULL: nothing. placement may be NULL. */
const struct node_loads *placement_loads(const struct placement *placement);

struct placement_counts {
	uint32_t windows; /* measured */
	uint64_t moves;
	uint32_t too_big; /* sites that no queue could carry beside its share of a full link */
};
void placement_count(const struct placement *placement, struct placement_counts *counts);

#endif
