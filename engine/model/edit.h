/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One change of one circuit's plan, as asked for by a console or an API client. Fields not asked
 * for stay as they are.
 */
#ifndef LQOS_MODEL_EDIT_H
#define LQOS_MODEL_EDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/base/direction.h"
#include "engine/base/error.h"
#include "engine/model/network.h"

struct circuit_edit {
	const char *circuit_id;
	bool set_min[DIRECTIONS], set_max[DIRECTIONS], set_suspended;
	uint64_t min_bps[DIRECTIONS], max_bps[DIRECTIONS];
	bool suspended;
	int64_t for_s; /* ends by itself after so many seconds; 0: for good */
};
#define EDIT_FOR_MOST_S (366 * 24 * 3600)

/* What the circuit would be after the edit, or a refusal: unknown circuit, max below 1k or above
 * 1T, min > max (a minimum that was not asked for is lowered to the new maximum), a minimum for a
 * while only. The text pointers of *after are those of the network. */
bool circuit_edit_preview(const struct network *network, const struct circuit_edit *edit,
			  struct circuit *after, struct error *err);

#endif
