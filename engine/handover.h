/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel does not re-parent a class: a node that moves gets a new class beside its old one.
 * While both exist each runs at half of the rates, so that together they stay within the plan; the
 * node's row remembers the old class, also for the next engine. Pure; used by plan.
 */
#ifndef LQOS_HANDOVER_H
#define LQOS_HANDOVER_H

#include <stddef.h>
#include <stdint.h>

#include "engine/shape.h"

/* Class ids as in a row: queue << 16 | minor. */
struct handover {
	uint32_t slot;
	uint32_t from, to;
	uint32_t older; /* of the move before, when it lasts still; else 0 */
};

struct handovers {
	struct handover *list; /* sorted by slot */
	size_t count;
	/* What is desired while they last: old classes kept, both at half, the rows say so. Empty
	 * when there are none. */
	struct shape during;
};

/* Finds the nodes that have, or shall get, another class while their old one is there. The caller
 * releases what was found. */
void handovers_find(const struct shape *applied, const struct shape *desired,
		    struct handovers *handovers);
void handovers_release(struct handovers *handovers);

#endif
