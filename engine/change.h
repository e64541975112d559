/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A change, whoever makes it, takes one way: desired in the file, resolved network, plan, apply,
 * recorded result, event to the consoles.
 */
#ifndef LQOS_CHANGE_H
#define LQOS_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/balance.h"
#include "engine/model/edit.h"
#include "engine/plan.h"
#include "engine/state.h"

/* What a change did, or would do. */
struct change_report {
	struct circuit before, after; /* of an edit; texts are the network's */
	struct plan_summary summary;
	char **operations; /* a line each; at most CHANGE_LINES_MAX of them */
	size_t operation_count;
	char **warnings; /* of a change of rows: what to think of before it takes effect */
	size_t warning_count;
	size_t plan_count; /* how many operations there are in all */
	uint64_t revision;
	uint32_t epoch_before, epoch;
	double ms;
};
#define CHANGE_LINES_MAX 20
void change_report_release(struct change_report *report);

/* Computes what an edit would do; nothing is changed anywhere. */
bool change_preview(struct engine *engine, const struct circuit_edit *edit,
		    struct change_report *report, struct error *err);

/* Commits an edit as `author` and applies it. Refused when the edit is wrong, when the circuit was
 * changed after expect_revision (0: don't care), or when the file is locked. False with
 * ERROR_SYSTEM also when it was committed but could not be applied (it is retried). */
bool change_edit(struct engine *engine, const struct circuit_edit *edit, const char *author,
		 uint64_t expect_revision, struct change_report *report, struct error *err);

/* Undoes a revision as a new one of `author`, and applies it. Refused as circuits_db_undo. */
bool change_undo(struct engine *engine, uint64_t undone, const char *author,
		 struct change_report *report, struct error *err);
/* What that would do, line by line. Changes nothing. */
bool change_preview_undo(struct engine *engine, uint64_t undone, undo_teller *tell, void *data,
			 struct error *err);

/* Ends the overrides whose time has come. */
bool change_expire(struct engine *engine, struct error *err);

/* Takes up what others committed to the file: what is to be undone, staged rows, the rest; closes
 * the revision, reads, resolves and applies. False when it has to be tried again (locked, refused
 * by the kernel). The number of operations it took goes to *operations (may be NULL). */
bool change_take_up(struct engine *engine, unsigned int *operations, struct error *err);

/* Makes applied what the network in force asks for: at the start, on a retry, after a drain. */
bool change_reconcile(struct engine *engine, bool force_removal, unsigned int *operations,
		      struct error *err);

/* Sees to it that a circuit (by slot, of the network in force) has a handle for a class of its own.
 * False when there is none for it. */
bool change_give_handle(struct engine *engine, uint32_t slot);
/* Gives circuits that have handles classes of their own, and points them there. */
bool change_make_classes(struct engine *engine, const uint32_t *slots, size_t count,
			 struct error *err);
/* Takes the classes of those that are to have none any more. */
bool change_drop_classes(struct engine *engine, struct error *err);

/* Moves what the hints say to other queues, each with all below it, while it carries traffic. False
 * when nothing moves, or (then engine->trouble says so) when it is not wholly done yet. */
bool change_move_queues(struct engine *engine, const struct balance_hints *hints,
			struct error *err);

/* Writes results and problems that are not written yet; of a huge revision, a part at a time. */
bool change_record(struct engine *engine, struct error *err);
/* All of them, before the engine stops; a file that is locked or gone is left as it is. */
void change_finish_records(struct engine *engine);

#endif
