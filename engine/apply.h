/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Carries a plan out against the kernel and the data path, in the plan's order, keeping the
 * applied shape in step with every operation that went through.
 */
#ifndef LQOS_APPLY_H
#define LQOS_APPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/datapath.h"
#include "engine/handles.h"
#include "engine/kernel.h"
#include "engine/plan.h"
#include "engine/shape.h"

struct apply_target {
	struct kernel *kernel;
	struct datapath *datapath;
	struct handles *handles; /* numbers of what went are released here */
	const struct interface *interfaces;
	uint32_t pfifo_limit;
};

struct apply_result {
	unsigned int done;     /* operations that went through */
	unsigned int deferred; /* left for later: packets still wait in a class that goes */
	uint32_t epoch;	       /* of the last bump; 0 when nothing was bumped */
};

/* Carries out the plan. On a refusal what was done is undone (removals excepted: they come last
 * and are simply left for the next plan) and false is returned with the reason. A class that goes
 * is removed only once its leaf is empty, or when `force_removal`, and what waits for that (see
 * handover.h) only then. */
bool apply_plan(const struct apply_target *target, const struct plan *plan, bool force_removal,
		struct shape *applied, struct apply_result *result, struct error *err);

#endif
