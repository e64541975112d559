/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a plan has an operation: whose class, slot or prefix it is, and what is another there.
 * Pure. */
#ifndef LQOS_PLAN_REASON_H
#define LQOS_PLAN_REASON_H

#include "engine/handles.h"
#include "engine/model/network.h"
#include "engine/plan.h"

struct plan_reasons;

/* From one network with its numbers to another; all are borrowed. `before` may be NULL. */
struct plan_reasons *plan_reasons_new(const struct network *before,
				      const struct handles *handles_before,
				      const struct network *after,
				      const struct handles *handles_after);
void plan_reasons_free(struct plan_reasons *reasons);

/* "circuit 1042 moves from AP 1 to AP 2", "site North: what is guaranteed below it". Returns
 * text. */
const char *plan_reason(const struct plan_reasons *reasons, const struct op *op, char *text,
			size_t size);

#endif
