/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an engine would have to do for a circuits file: planned from what state.db says is in force, or
 * from nothing; unlike `lqosd --plan` without a look at the interfaces, so that anybody can. */
#ifndef LQOS_CHECK_PLAN_H
#define LQOS_CHECK_PLAN_H

#include "engine/config.h"
#include "engine/handles.h"
#include "engine/model/network.h"
#include "engine/plan.h"

struct check_plan {
	struct network *before; /* as last applied; empty when nothing was */
	struct handles *handles_before, *handles_after;
	struct shape applied;
	struct plan plan;
	bool from_nothing;
};

/* Reads what was last applied; that which can't be read is as if nothing was. */
void check_plan_begin(struct check_plan *check, const struct config *config);
/* The plan for a network that was resolved after check->before. False, in words, when numbers run
 * out. */
bool check_plan_make(struct check_plan *check, const struct config *config,
		     const struct network *network, struct error *err);
void check_plan_release(struct check_plan *check);

#endif
