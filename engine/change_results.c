/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What came of applying revisions, until it stands in the circuits file's journal. */
#include <string.h>

#include "engine/base/memory.h"
#include "engine/change.h"
#include "engine/change_private.h"

void change_note_outcome(struct engine *engine, const struct outcome *outcome)
{
	engine->unrecorded = grow(engine->unrecorded, engine->unrecorded_count,
				  &engine->unrecorded_capacity, sizeof(*engine->unrecorded));
	engine->unrecorded[engine->unrecorded_count++] = *outcome;
}

static bool record_outcome(struct engine *engine, struct outcome *outcome, bool *more,
			   struct error *err)
{
	const struct applied_result result = { .revision = outcome->revision,
					       .apply_ms = outcome->apply_ms,
					       .epoch = outcome->epoch,
					       .text = outcome->text };

	return circuits_db_record_applied(engine->circuits_db, &result, &outcome->recorded_to, more,
					  err);
}

bool change_record(struct engine *engine, struct error *err)
{
	size_t written = 0;
	bool ok = true, more = false;

	if (!engine->circuits_db)
		return true;
	if (engine->problems_unrecorded) {
		ok = circuits_db_record_problems(engine->circuits_db, engine->network, err);
		engine->problems_unrecorded = !ok;
	}
	while (ok && !more && written < engine->unrecorded_count) {
		ok = record_outcome(engine, &engine->unrecorded[written], &more, err);
		written += ok && !more;
	}
	engine->unrecorded_count -= written;
	memmove(engine->unrecorded, engine->unrecorded + written,
		engine->unrecorded_count * sizeof(*engine->unrecorded));
	return ok;
}

void change_finish_records(struct engine *engine)
{
	struct error err;

	while (engine->circuits_db && engine->unrecorded_count && change_record(engine, &err))
		;
}
