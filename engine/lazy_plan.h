/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan for classes of single circuits that waited for them, without comparing whole shapes:
 * pure. */
#ifndef LQOS_LAZY_PLAN_H
#define LQOS_LAZY_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/plan.h"

/* Gives the circuits at these slots their own classes, whose handles they have, then points their
 * rows there. False, without a plan, when there is more to it, as while one of them moves: then
 * shapes have to be compared. The caller releases the plan. */
bool lazy_plan_make(const struct shape *applied, const struct own_classes *own,
		    const struct handles *handles, const uint32_t *slots, size_t count,
		    struct plan *plan);

#endif
