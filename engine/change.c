/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/change.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/apply.h"
#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "engine/base/memory.h"
#include "engine/change_private.h"
#include "engine/control.h"
#include "engine/edit_plan.h"
#include "engine/merge.h"
#include "engine/lazy_queues.h"
#include "engine/numbering.h"
#include "engine/placement.h"
#include "engine/sampler.h"
#include "engine/state_saver.h"

void change_report_release(struct change_report *report)
{
	for (size_t i = 0; i < report->operation_count; i++)
		free(report->operations[i]);
	free(report->operations);
	for (size_t i = 0; i < report->warning_count; i++)
		free(report->warnings[i]);
	free(report->warnings);
	*report = (struct change_report){ 0 };
}

void change_describe(const struct plan *plan, struct change_report *report)
{
	char text[256];

	report->summary = plan_summarise(plan);
	report->operations = xcalloc(CHANGE_LINES_MAX, sizeof(*report->operations));
	for (size_t i = 0; i < plan->count && report->operation_count < CHANGE_LINES_MAX; i++)
		report->operations[report->operation_count++] =
			xstrdup(plan_format_op(&plan->ops[i], text, sizeof(text)));
}

/* --- from the network to a plan --------------------------------------------------------------- */

static bool assign_numbers(struct engine *engine, struct error *err)
{
	struct balance_hints hints = { .loads = placement_loads(engine->placement) };

	if (!numbering_place(engine->network, &engine->shaping, &engine->applied, &hints,
			     engine->handles, err))
		return false;
	/* A network planned off line has nobody who could have traffic. */
	if (engine->lazy_queues)
		lazy_queues_place(engine->lazy_queues);
	return numbering_classes(engine->network, &engine->shaping, &engine->applied,
				 engine->handles, err);
}

bool change_assign_numbers(struct engine *engine, struct error *err)
{
	engine->lacks_numbers = !assign_numbers(engine, err);
	sampler_numbers_changed(engine->sampler);
	return !engine->lacks_numbers;
}

void change_plan_network(struct engine *engine, const struct network *network,
			 struct network *notes, struct plan *plan)
{
	struct shape desired;

	engine->own_classes_are_current = false;
	if (notes)
		network_forget_notes(notes);
	shape_network(network, engine->handles, &engine->shaping, &desired, notes);
	plan_make(&engine->applied, &desired, plan);
	shape_release(&desired);
}

struct apply_target change_target(const struct engine *engine)
{
	return (struct apply_target){ .kernel = engine->kernel,
				      .datapath = engine->datapath,
				      .handles = engine->handles,
				      .interfaces = engine->interfaces,
				      .pfifo_limit = engine->shaping.pfifo_limit };
}

static bool run_plan(struct engine *engine, const struct plan *plan, bool force_removal,
		     struct apply_result *result, struct error *err)
{
	struct apply_target target = change_target(engine);

	if (!apply_plan(&target, plan, force_removal, &engine->applied, result, err)) {
		copy_text(engine->trouble, sizeof(engine->trouble), err->text);
		return false;
	}
	engine->trouble[0] = '\0';
	engine->deferred = result->deferred;
	engine->unsaved = true;
	engine->applied_revision = engine->revision;
	return true;
}

bool change_reconcile(struct engine *engine, bool force_removal, unsigned int *operations,
		      struct error *err)
{
	uint64_t notes = network_digest_notes(engine->network);
	struct apply_result result;
	struct plan plan;
	bool ok;

	if (!change_assign_numbers(engine, err)) {
		copy_text(engine->trouble, sizeof(engine->trouble), err->text);
		return false;
	}
	change_plan_network(engine, engine->network, engine->network, &plan);
	if (network_digest_notes(engine->network) != notes)
		engine->problems_unrecorded = true;
	ok = run_plan(engine, &plan, force_removal, &result, err);
	*operations = (unsigned int)plan.count;
	plan_release(&plan);
	return ok;
}

/* --- a revision ------------------------------------------------------------------------------- */

bool change_apply_revision(struct engine *engine, const struct plan *plan, const char *author,
			   uint64_t began_ns, struct change_report *report, struct error *err)
{
	struct outcome outcome = { .revision = engine->revision };
	struct apply_result result;
	bool ok = run_plan(engine, plan, false, &result, err);

	outcome.apply_ms = (double)(clock_now_ns() - began_ns) / (double)NS_PER_MS;
	outcome.epoch = result.epoch ? result.epoch : datapath_epoch(engine->datapath);
	snprintf(outcome.text, sizeof(outcome.text), ok ? "applied" : "failed: %s", err->text);
	if (!engine->revision_open)
		change_note_outcome(engine, &outcome);
	engine->unfinished |= !ok;
	report->revision = engine->revision;
	report->epoch = outcome.epoch;
	report->ms = outcome.apply_ms;
	control_announce_applied(engine->control, &outcome, author, &report->summary);
	return ok;
}

bool change_begin(struct engine *engine, struct error *err)
{
	struct error ignored;

	if (!engine->circuits_db)
		return error_set(err, ERROR_SYSTEM, "%s can't be opened, so nothing can be changed",
				 engine->config.circuits_path);
	if (circuits_db_changed(engine->circuits_db, &ignored))
		change_take_up(engine, NULL, &ignored);
	merge_give_way(engine->merge);
	circuits_db_set_patience(engine->circuits_db, true);
	return true;
}

void change_end(struct engine *engine)
{
	if (engine->circuits_db)
		circuits_db_set_patience(engine->circuits_db, false);
}

/* Whether a plan that is applied now may bring more into force than what it was made for. */
static bool lags_behind(const struct engine *engine)
{
	return engine->unsaved || engine->trouble[0];
}

/* A plan was applied that gave nobody another number: state.db needs these circuits alone. */
static void keep_plans(struct engine *engine, bool unsaved_before, const char *const *circuits,
		       size_t count)
{
	engine->unsaved = unsaved_before;
	for (size_t i = 0; i < count; i++) {
		uint32_t index = network_find_circuit(engine->network, circuits[i]);

		state_saver_note_plan(engine->state_saver, &engine->network->circuits[index]);
	}
}

/* --- an edit from the control socket ---------------------------------------------------------- */

static const struct circuit *find_edited(const struct network *network,
					 const struct circuit_edit *edit)
{
	return &network->circuits[network_find_circuit(network, edit->circuit_id)];
}

static bool all_is_as_desired(const struct engine *engine)
{
	return !engine->trouble[0] && !engine->deferred;
}

/* For one circuit alone, where all else is as desired; false, without a plan, where that is too
 * narrow. */
static bool plan_circuit(struct engine *engine, const struct circuit *before,
			 const struct circuit *after, struct plan *plan)
{
	if (!edit_plan_make(&engine->applied,
			    handles_find(engine->handles, NODE_CIRCUIT, after->id), before, after,
			    plan))
		return false;
	engine->own_classes_are_current = false;
	return true;
}

/* The plan for the network with one circuit as in report->after. */
static void plan_edit(struct engine *engine, const struct circuit_edit *edit,
		      const struct circuit *after, struct plan *plan)
{
	struct network edited = *engine->network;
	size_t bytes = edited.circuit_count * sizeof(*edited.circuits);

	if (all_is_as_desired(engine) &&
	    plan_circuit(engine, find_edited(engine->network, edit), after, plan))
		return;
	edited.circuits = xcalloc(edited.circuit_count, sizeof(*edited.circuits));
	memcpy(edited.circuits, engine->network->circuits, bytes);
	edited.circuits[find_edited(engine->network, edit) - engine->network->circuits] = *after;
	change_plan_network(engine, &edited, NULL, plan);
	free(edited.circuits);
}

static bool preview(struct engine *engine, const struct circuit_edit *edit,
		    struct change_report *report, struct plan *plan, struct error *err)
{
	*report = (struct change_report){ .revision = engine->revision,
					  .epoch_before = datapath_epoch(engine->datapath) };
	report->epoch = report->epoch_before;
	if (!circuit_edit_preview(engine->network, edit, &report->after, err))
		return false;
	if (engine->lacks_numbers)
		return error_set(err, ERROR_CONFLICT, "nothing can be planned for %.120s yet: %s",
				 edit->circuit_id, engine->trouble);
	report->before = *find_edited(engine->network, edit);
	plan_edit(engine, edit, &report->after, plan);
	change_describe(plan, report);
	return true;
}

bool change_preview(struct engine *engine, const struct circuit_edit *edit,
		    struct change_report *report, struct error *err)
{
	struct plan plan;

	if (!preview(engine, edit, report, &plan, err))
		return false;
	plan_release(&plan);
	return true;
}

static bool edit_and_apply(struct engine *engine, const struct circuit_edit *edit,
			   const char *author, uint64_t expect_revision, uint64_t began_ns,
			   struct change_report *report, struct error *err)
{
	bool unsaved = lags_behind(engine), ok;
	uint64_t revision;
	struct plan plan;
	uint32_t index;

	if (!preview(engine, edit, report, &plan, err))
		return false;
	ok = circuits_db_edit(engine->circuits_db, edit, author, expect_revision, &revision, err);
	if (ok) {
		index = network_find_circuit(engine->network, edit->circuit_id);
		report->after.until_s =
			circuits_db_override_until_s(engine->circuits_db, edit->circuit_id);
		engine->network->circuits[index] = report->after;
		engine->next_expiry_s = circuits_db_next_expiry_s(engine->circuits_db);
		engine->network->revision = engine->revision = revision;
		ok = change_apply_revision(engine, &plan, author, began_ns, report, err);
		if (ok)
			keep_plans(engine, unsaved, &edit->circuit_id, 1);
		else
			error_prefix(err, "committed as revision %llu, not applied yet",
				     (unsigned long long)revision);
	}
	plan_release(&plan);
	return ok;
}

bool change_edit(struct engine *engine, const struct circuit_edit *edit, const char *author,
		 uint64_t expect_revision, struct change_report *report, struct error *err)
{
	uint64_t began_ns = clock_now_ns();
	bool ok = change_begin(engine, err) &&
		  edit_and_apply(engine, edit, author, expect_revision, began_ns, report, err);

	change_end(engine);
	return ok;
}

/* --- what others wrote ------------------------------------------------------------------------ */

static void adopt_rows(struct engine *engine, const struct network *rows)
{
	struct network *resolved = network_resolve(rows, engine->network);

	sampler_finish(engine->sampler);
	network_free(engine->network);
	engine->network = resolved;
	sampler_network_changed(engine->sampler);
}

/* The common case, a plan here and there, without looking at everybody else. */
static bool patch_plans(struct engine *engine, const struct network *rows,
			const struct rows_read *read)
{
	if (!read->only_plans || engine->trouble[0] || engine->lacks_numbers)
		return false;
	for (size_t i = 0; i < read->circuit_count; i++) {
		uint32_t row = network_find_circuit(rows, read->circuits[i]);

		if (row == NETWORK_NONE ||
		    !network_patch_plan(engine->network, &rows->circuits[row]))
			return false;
	}
	return true;
}

/* The one circuit of which a plan was read again, as it is in force; its id is NULL: there is none,
 * or not all else is as desired. */
static struct circuit find_one_read(const struct engine *engine, const struct rows_read *read)
{
	uint32_t index = NETWORK_NONE;

	if (read->only_plans && read->circuit_count == 1 && all_is_as_desired(engine))
		index = network_find_circuit(engine->network, read->circuits[0]);
	return index == NETWORK_NONE ? (struct circuit){ .id = NULL }
				     : engine->network->circuits[index];
}

/* What the adopted rows ask for. */
static void plan_rows(struct engine *engine, const struct circuit *one_before, bool patched,
		      struct plan *plan)
{
	uint32_t index = NETWORK_NONE;

	if (patched && one_before->id)
		index = network_find_circuit(engine->network, one_before->id);
	if (index == NETWORK_NONE ||
	    !plan_circuit(engine, one_before, &engine->network->circuits[index], plan))
		change_plan_network(engine, engine->network, engine->network, plan);
}

/* Makes what the rows come to the network in force, and gives its nodes their numbers; *patched
 * when all have those they had. */
static bool adopt_changes(struct engine *engine, const struct network *rows,
			  const struct rows_read *read, bool *patched, struct error *err)
{
	engine->problems_unrecorded = true;
	*patched = patch_plans(engine, rows, read);
	if (*patched)
		return true;
	adopt_rows(engine, rows);
	if (change_assign_numbers(engine, err))
		return true;
	copy_text(engine->trouble, sizeof(engine->trouble), err->text);
	return false;
}

/* Locked out of the file, the change is taken up all the same: reading never waits. */
static void close_revision(struct engine *engine)
{
	struct error err;
	uint64_t revision;
	bool closed = circuits_db_close_revision(engine->circuits_db, &revision, &err);

	if (closed)
		engine->revision = revision;
	else if (!engine->revision_open)
		log_warning("revision not closed yet: %s", err.text);
	engine->revision_open = !closed;
}

/* Reads what the file says now and applies it; `author` is told to the consoles. */
static bool take_up_rows(struct engine *engine, uint64_t before, uint64_t began_ns,
			 const char *author, struct change_report *report, struct error *err)
{
	struct rows_read read;
	const struct network *rows = circuits_db_rows(engine->circuits_db, &read, err);
	bool unsaved = lags_behind(engine), patched, ok;
	struct circuit one_before;
	struct plan plan;

	if (!rows)
		return false;
	one_before = find_one_read(engine, &read);
	ok = adopt_changes(engine, rows, &read, &patched, err);
	engine->network->revision = report->revision = engine->revision;
	engine->next_expiry_s = circuits_db_next_expiry_s(engine->circuits_db);
	report->epoch = report->epoch_before = datapath_epoch(engine->datapath);
	if (!ok)
		return false;
	plan_rows(engine, &one_before, patched, &plan);
	change_describe(&plan, report);
	report->plan_count = plan.count;
	if (plan.count || engine->revision != before)
		ok = change_apply_revision(engine, &plan, author, began_ns, report, err);
	if (ok && patched)
		keep_plans(engine, unsaved, read.circuits, read.circuit_count);
	if (plan.count)
		log_info("revision %llu: %zu operations in %.1f ms, epoch %u",
			 (unsigned long long)engine->revision, plan.count, report->ms,
			 report->epoch);
	plan_release(&plan);
	return ok;
}

bool change_take_up(struct engine *engine, unsigned int *operations, struct error *err)
{
	uint64_t began_ns = clock_now_ns(), before = engine->revision;
	struct change_report report = { 0 };
	bool ready, ok;

	/* Nobody waits for this: what is locked is tried again. */
	circuits_db_set_patience(engine->circuits_db, false);
	ready = circuits_db_take_undo_requests(engine->circuits_db, err) &&
		merge_staged(engine->merge, err);
	close_revision(engine);
	ok = take_up_rows(engine, before, began_ns, "file", &report, err);
	if (operations)
		*operations = (unsigned int)report.plan_count;
	change_report_release(&report);
	engine->unfinished = !ok || !ready || engine->revision_open;
	return ok && ready;
}

static bool undo_and_apply(struct engine *engine, uint64_t undone, const char *author,
			   uint64_t began_ns, struct change_report *report, struct error *err)
{
	uint64_t before = engine->revision;

	if (!circuits_db_undo(engine->circuits_db, undone, author, &engine->revision, err))
		return false;
	if (take_up_rows(engine, before, began_ns, author, report, err))
		return true;
	return error_prefix(err, "committed as revision %llu, not applied yet",
			    (unsigned long long)engine->revision);
}

bool change_undo(struct engine *engine, uint64_t undone, const char *author,
		 struct change_report *report, struct error *err)
{
	uint64_t began_ns = clock_now_ns();
	bool ok;

	*report = (struct change_report){ 0 };
	ok = change_begin(engine, err) &&
	     undo_and_apply(engine, undone, author, began_ns, report, err);
	change_end(engine);
	return ok;
}

bool change_preview_undo(struct engine *engine, uint64_t undone, undo_teller *tell, void *data,
			 struct error *err)
{
	bool ok = change_begin(engine, err) &&
		  circuits_db_preview_undo(engine->circuits_db, undone, tell, data, err);

	change_end(engine);
	return ok;
}

bool change_expire(struct engine *engine, struct error *err)
{
	return circuits_db_expire(engine->circuits_db, err) && change_take_up(engine, NULL, err);
}
