/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/model/edit.h"

#include <time.h>

#include "engine/base/units.h"

static bool set_direction(const struct circuit_edit *edit, int direction, struct circuit *after,
			  struct error *err)
{
	static const char *const names[] = { "download", "upload" };
	char low[RATE_TEXT_SIZE], high[RATE_TEXT_SIZE];

	if (edit->set_max[direction]) {
		after->max_bps[direction] = edit->max_bps[direction];
		/* A minimum nobody spoke of goes down with the plan. */
		if (!edit->set_min[direction] &&
		    after->min_bps[direction] > after->max_bps[direction])
			after->min_bps[direction] = after->max_bps[direction];
	}
	if (edit->set_min[direction])
		after->min_bps[direction] = edit->min_bps[direction];
	if (after->max_bps[direction] < PLAN_LEAST_BPS || after->max_bps[direction] > PLAN_MOST_BPS)
		return error_set(err, ERROR_INVALID,
				 "circuit %.60s: %s maximum %s is not between 1k and 1T (to stop "
				 "a circuit, suspend it)",
				 edit->circuit_id, names[direction],
				 rate_format(after->max_bps[direction], high));
	if (after->min_bps[direction] > after->max_bps[direction])
		return error_set(err, ERROR_INVALID,
				 "circuit %.60s: %s minimum %s is above its maximum %s",
				 edit->circuit_id, names[direction],
				 rate_format(after->min_bps[direction], low),
				 rate_format(after->max_bps[direction], high));
	return true;
}

bool circuit_edit_preview(const struct network *network, const struct circuit_edit *edit,
			  struct circuit *after, struct error *err)
{
	uint32_t index = network_find_circuit(network, edit->circuit_id);

	if (index == NETWORK_NONE)
		return error_set(err, ERROR_MISSING, "there is no circuit \"%.60s\"",
				 edit->circuit_id);
	if (edit->for_s && (edit->set_min[DOWNLOAD] || edit->set_min[UPLOAD]))
		return error_set(err, ERROR_INVALID,
				 "circuit %.60s: a minimum can't be set for a while, only for good",
				 edit->circuit_id);
	*after = network->circuits[index];
	if (edit->for_s)
		after->until_s = time(NULL) + edit->for_s;
	for (int d = 0; d < DIRECTIONS; d++)
		if (!set_direction(edit, d, after, err))
			return false;
	if (edit->set_suspended)
		after->suspended = edit->suspended;
	return true;
}
