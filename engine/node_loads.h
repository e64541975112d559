/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the sites and circuits that are placed as a whole carry, measured over windows: each one's
 * busiest window of late, of which half is forgotten in NODE_LOADS_HALVED windows. Pure: told the
 * counters and the time. Filled by placement, read by balance.
 */
#ifndef LQOS_NODE_LOADS_H
#define LQOS_NODE_LOADS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/balance_items.h"

#define NODE_LOADS_HALVED 168 /* windows of an hour: a week */

struct node_loads;

struct node_loads *node_loads_new(uint32_t slots);
void node_loads_free(struct node_loads *loads);

/* A window ends and the next one begins: `bytes` are the counters of both directions, by slot of
 * a circuit. The first call only begins. */
void node_loads_take(struct node_loads *loads, const struct network *network,
		     const struct handles *handles, const struct balance_items *items,
		     const uint64_t *bytes, uint64_t now_ns);
/* How many windows have ended. */
uint32_t node_loads_windows(const struct node_loads *loads);

/* Both directions together. False when it has not been there for a whole window. numbers: of an
 * item, may be NULL. */
bool node_loads_get(const struct node_loads *loads, const struct assignment *numbers,
		    uint64_t *load_bps);

/* What an engine before had measured, in so many windows; what is restored counts as moved just
 * now. */
void node_loads_restore(struct node_loads *loads, const struct assignment *numbers,
			uint64_t load_bps, uint64_t now_ns);
void node_loads_restore_windows(struct node_loads *loads, uint32_t windows);

/* When it was moved to another queue; what was never moved, when it was first seen. */
void node_loads_note_move(struct node_loads *loads, const struct assignment *numbers,
			  uint64_t now_ns);
uint64_t node_loads_moved_ns(const struct node_loads *loads, const struct assignment *numbers);

#endif
