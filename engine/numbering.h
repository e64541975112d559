/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The numbers of all nodes of a network, in two steps: who is at which slot and queue; then, once
 * it is known by slot who shall have a class, handles. Pure but for the table of handles. What
 * follows in a change: shape_network, plan_make, apply.
 */
#ifndef LQOS_NUMBERING_H
#define LQOS_NUMBERING_H

#include <stdbool.h>

#include "engine/balance.h"
#include "engine/base/error.h"
#include "engine/handles.h"
#include "engine/model/network.h"
#include "engine/shape.h"

/* False, in words, when there are not enough slots, or handles for sites. */
bool numbering_place(const struct network *network, const struct shape_settings *settings,
		     const struct shape *applied, const struct balance_hints *hints,
		     struct handles *handles, struct error *err);
/* False, in words, when too many sites move at once. */
bool numbering_classes(const struct network *network, const struct shape_settings *settings,
		       const struct shape *applied, struct handles *handles, struct error *err);

#endif
