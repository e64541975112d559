/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/change_rows.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/clock.h"
#include "engine/base/memory.h"
#include "engine/base/units.h"
#include "engine/change_private.h"
#include "engine/sampler.h"

#define WARNINGS_MAX 5

/* --- trying it in the file -------------------------------------------------------------------- */

static bool check_expected(struct engine *engine, const struct rows_change *change,
			   struct error *err)
{
	for (size_t i = 0; change->expect_revision && i < change->count; i++) {
		const struct row_edit *edit = &change->edits[i];
		uint64_t changed;

		if (edit->action == ROW_ADD)
			continue;
		changed = circuits_db_row_revision(engine->circuits_db, edit->kind, edit->id);
		if (changed > change->expect_revision)
			return error_set(err, ERROR_CONFLICT,
					 "%s %.60s was changed meanwhile, in revision %llu (you "
					 "saw %llu); look at it again",
					 row_kind_name(edit->kind), edit->id,
					 (unsigned long long)changed,
					 (unsigned long long)change->expect_revision);
	}
	return true;
}

static bool has_problem(const struct network *network, const struct problem *problem)
{
	for (size_t i = 0; i < network->problem_count; i++)
		if (!strcmp(network->problems[i].subject, problem->subject) &&
		    !strcmp(network->problems[i].reason, problem->reason))
			return true;
	return false;
}

/* What this change would make a problem is refused; problems that were there before stay. */
static bool check_problems(const struct network *before, const struct network *after,
			   struct error *err)
{
	for (size_t i = 0; i < after->problem_count; i++)
		if (!has_problem(before, &after->problems[i]))
			return error_set(err, ERROR_INVALID, "%s: %s", after->problems[i].subject,
					 after->problems[i].reason);
	return true;
}

/* The network as it would be, or NULL. Leaves the file's transaction open. */
static struct network *try_rows(struct engine *engine, const struct rows_change *change,
				struct error *err)
{
	struct network *rows, *resolved;

	for (size_t i = 0; i < change->count; i++)
		if (!circuits_db_write_row(engine->circuits_db, &change->edits[i], err))
			return NULL;
	rows = circuits_db_load(engine->circuits_db, err);
	if (!rows)
		return NULL;
	resolved = network_resolve(rows, engine->network);
	network_free(rows);
	if (check_problems(engine->network, resolved, err))
		return resolved;
	network_free(resolved);
	return NULL;
}

/* --- what to think of it ---------------------------------------------------------------------- */

static void warn(struct change_report *report, const char *text)
{
	if (!report->warnings)
		report->warnings = xcalloc(WARNINGS_MAX, sizeof(*report->warnings));
	if (report->warning_count < WARNINGS_MAX)
		report->warnings[report->warning_count++] = xstrdup(text);
}

/* A plan above the capacity of a site it hangs below. */
static void warn_of_plan(const struct network *network, const struct circuit *circuit,
			 struct change_report *report)
{
	static const char *const names[] = { "download", "upload" };

	for (uint32_t s = circuit->site; s != NETWORK_NONE; s = network->sites[s].parent) {
		const struct site *site = &network->sites[s];

		for (int d = 0; d < DIRECTIONS; d++) {
			char rate[RATE_TEXT_SIZE], text[300];

			if (!site->capacity_bps[d] || circuit->max_bps[d] <= site->capacity_bps[d])
				continue;
			snprintf(text, sizeof(text), "%.60s: %s is more than %.80s has (%s)",
				 circuit->id, names[d], site->name,
				 rate_format(site->capacity_bps[d], rate));
			warn(report, text);
		}
	}
}

static void warn_of_plans(const struct network *after, const struct rows_change *change,
			  struct change_report *report)
{
	for (size_t i = 0; i < change->count; i++) {
		uint32_t circuit = NETWORK_NONE;

		if (change->edits[i].kind == ROW_CIRCUIT)
			circuit = network_find_circuit(after, change->edits[i].id);
		if (circuit != NETWORK_NONE)
			warn_of_plan(after, &after->circuits[circuit], report);
	}
}

/* Guarantees that do not fit any more, and the like: notes of the plan that were not there
 * before. */
static void warn_of_notes(const struct network *before, const struct network *after,
			  size_t resolved_problems, struct change_report *report)
{
	for (size_t i = resolved_problems; i < after->problem_count; i++) {
		char text[400];

		if (has_problem(before, &after->problems[i]))
			continue;
		snprintf(text, sizeof(text), "%.120s: %.250s", after->problems[i].subject,
			 after->problems[i].reason);
		warn(report, text);
	}
}

/* --- doing it --------------------------------------------------------------------------------- */

static bool commit(struct engine *engine, const struct rows_change *change, const struct plan *plan,
		   uint64_t began_ns, struct change_report *report, struct error *err)
{
	uint64_t revision;

	if (!circuits_db_commit(engine->circuits_db, &revision, err))
		return false;
	engine->network->revision = engine->revision = revision;
	engine->problems_unrecorded = true;
	if (change_apply_revision(engine, plan, change->author, began_ns, report, err))
		return true;
	return error_prefix(err, "committed as revision %llu, not applied yet",
			    (unsigned long long)revision);
}

/* Plans for `after`, which the caller keeps; on a dry run or a refusal the engine is as before. */
static bool plan_and_commit(struct engine *engine, const struct rows_change *change,
			    struct network *after, uint64_t began_ns, struct change_report *report,
			    struct error *err)
{
	struct network *before = engine->network;
	struct handles *handles = handles_copy(engine->handles);
	size_t resolved_problems = after->problem_count;
	uint64_t revision = engine->revision;
	bool lacked_numbers = engine->lacks_numbers, ok;
	struct plan plan = { 0 };

	sampler_finish(engine->sampler);
	engine->network = after;
	ok = change_assign_numbers(engine, err);
	if (ok) {
		change_plan_network(engine, after, after, &plan);
		change_describe(&plan, report);
		warn_of_plans(after, change, report);
		warn_of_notes(before, after, resolved_problems, report);
		if (change->dry_run)
			circuits_db_rollback(engine->circuits_db);
		else
			ok = commit(engine, change, &plan, began_ns, report, err);
	} else {
		circuits_db_rollback(engine->circuits_db);
	}
	plan_release(&plan);
	if (engine->revision == revision) {
		handles_swap(engine->handles, handles);
		engine->lacks_numbers = lacked_numbers;
		engine->network = before;
		network_free(after);
	} else {
		network_free(before);
		sampler_network_changed(engine->sampler);
	}
	handles_free(handles);
	return ok;
}

static bool try_and_commit(struct engine *engine, const struct rows_change *change,
			   uint64_t began_ns, struct change_report *report, struct error *err)
{
	struct network *after = NULL;

	report->revision = engine->revision;
	report->epoch = report->epoch_before = datapath_epoch(engine->datapath);
	if (!circuits_db_begin(engine->circuits_db, change->author, err))
		return false;
	if (check_expected(engine, change, err))
		after = try_rows(engine, change, err);
	if (after)
		return plan_and_commit(engine, change, after, began_ns, report, err);
	circuits_db_rollback(engine->circuits_db);
	return false;
}

bool change_rows(struct engine *engine, const struct rows_change *change,
		 struct change_report *report, struct error *err)
{
	uint64_t began_ns = clock_now_ns();
	bool ok;

	*report = (struct change_report){ 0 };
	ok = change_begin(engine, err) && try_and_commit(engine, change, began_ns, report, err);
	change_end(engine);
	return ok;
}
