/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The measured loads from and to state.db, so that a new engine goes by what the one before
 * knew. */
#ifndef LQOS_SAVED_LOADS_H
#define LQOS_SAVED_LOADS_H

#include "db/state.h"
#include "engine/handles.h"
#include "engine/node_loads.h"

/* Puts those of nodes that have numbers into `loads`; what can't be read is measured anew, which is
 * logged. */
void saved_loads_read(struct state_db *db, const struct handles *handles, struct node_loads *loads);

/* Those of the nodes in `list`, whose ids they borrow; the caller frees them. */
struct measured_load *saved_loads_collect(const struct node_loads *loads,
					  const struct assignment *list, size_t count,
					  size_t *found);

#endif
