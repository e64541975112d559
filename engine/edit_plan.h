/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan for a circuit whose speed is edited, without comparing whole shapes: pure. */
#ifndef LQOS_EDIT_PLAN_H
#define LQOS_EDIT_PLAN_H

#include <stdbool.h>

#include "engine/model/assignment.h"
#include "engine/model/network.h"
#include "engine/plan.h"

/* What plan_make() would give where all else is as desired. False, without a plan, where the edit
 * reaches further than the circuit's ceilings and its row: what it is guaranteed, its leaf, a class
 * that is not yet as `before` wants it. The caller releases the plan. */
bool edit_plan_make(const struct shape *applied, const struct assignment *numbers,
		    const struct circuit *before, const struct circuit *after, struct plan *plan);

#endif
