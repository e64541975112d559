/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What came of applying revisions, until it stands in the circuits file's journal. */
#include <string.h>

#include "engine/base/memory.h"
#include "engine/change.h"
#include "engine/change_private.h"

#define OUTCOMES_AT_ONCE 64

void change_note_outcome(struct engine *engine, const struct outcome *outcome)
{
	engine->unrecorded = grow(engine->unrecorded, engine->unrecorded_count,
				  &engine->unrecorded_capacity, sizeof(*engine->unrecorded));
	engine->unrecorded[engine->unrecorded_count++] = *outcome;
}

static bool record_outcomes(struct engine *engine, struct error *err)
{
	struct applied_result results[OUTCOMES_AT_ONCE];
	size_t count = 0, written;

	while (count < engine->unrecorded_count && count < OUTCOMES_AT_ONCE) {
		const struct outcome *outcome = &engine->unrecorded[count];

		results[count++] = (struct applied_result){ .revision = outcome->revision,
							    .apply_ms = outcome->apply_ms,
							    .epoch = outcome->epoch,
							    .text = outcome->text };
	}
	if (!circuits_db_record_applied(engine->circuits_db, results, count, &engine->recorded_to,
					&written, err))
		return false;
	engine->unrecorded_count -= written;
	memmove(engine->unrecorded, engine->unrecorded + written,
		engine->unrecorded_count * sizeof(*engine->unrecorded));
	return true;
}

bool change_record(struct engine *engine, struct error *err)
{
	bool ok = true;

	if (!engine->circuits_db)
		return true;
	if (engine->problems_unrecorded) {
		ok = circuits_db_record_problems(engine->circuits_db, engine->network, err);
		engine->problems_unrecorded = !ok;
	}
	return ok && (!engine->unrecorded_count || record_outcomes(engine, err));
}

void change_finish_records(struct engine *engine)
{
	struct error err;

	while (engine->circuits_db && engine->unrecorded_count && change_record(engine, &err))
		;
}
