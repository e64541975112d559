/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an engine would have to do for a circuits file: planned from what state.db says is in force,
 * or from nothing. Where classes are made when there is traffic, those stand that stood when
 * state.db was written, and nobody has traffic.
 */
#ifndef LQOS_CHECK_PLAN_H
#define LQOS_CHECK_PLAN_H

#include "engine/config.h"
#include "engine/handles.h"
#include "engine/model/network.h"
#include "engine/node_loads.h"
#include "engine/plan.h"

struct check_plan {
	struct shape_settings settings;
	struct network *before; /* as last applied; empty when nothing was */
	struct handles *handles_before, *handles_after;
	struct shape applied;
	struct plan plan;
	bool from_nothing;
	bool *has_class; /* by slot, when state.db was written */
	bool lazy_before, lazy_after;
	struct node_loads *loads; /* measured before */
	size_t with_class;	  /* circuits of the new network that have one of their own */
};

/* What is said of them: how many, of how many circuits. */
#define CHECK_PLAN_LAZY                                                                            \
	"classes are made when there is traffic: %zu of %zu circuits have one of their own\n"

/* Reads what was last applied; that which can't be read is as if nothing was, and `why_nothing`
 * says why (ERROR_NONE: there is no state.db). `settings` are an engine's on these interfaces;
 * NULL: as far as the configuration and the numbers in state.db tell, so that anybody can look. */
void check_plan_begin(struct check_plan *check, const struct config *config,
		      const struct shape_settings *settings, struct error *why_nothing);
/* The plan for a network that was resolved after check->before; what had to be limited is noted in
 * it. False, in words, when numbers run out. */
bool check_plan_make(struct check_plan *check, const struct config *config, struct network *network,
		     struct error *err);
void check_plan_release(struct check_plan *check);

#endif
