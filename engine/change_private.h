/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kinds of change share: the steps from a network to what is in force. */
#ifndef LQOS_CHANGE_PRIVATE_H
#define LQOS_CHANGE_PRIVATE_H

#include "engine/apply.h"
#include "engine/change.h"

/* Before somebody's change: takes up what others committed, against which it is judged, and has it
 * wait for other writers a little. On failure too, change_end() comes last. */
bool change_begin(struct engine *engine, struct error *err);
void change_end(struct engine *engine);

/* Gives every node of the network its numbers. */
bool change_assign_numbers(struct engine *engine, struct error *err);

/* The notes of `notes` become those of what had to be limited; may be NULL. */
void change_plan_network(struct engine *engine, const struct network *network,
			 struct network *notes, struct plan *plan);

/* What a plan is applied to. */
struct apply_target change_target(const struct engine *engine);

/* Puts a plan into the report. */
void change_describe(const struct plan *plan, struct change_report *report);

/* Keeps what came of a revision until change_record() has written it. */
void change_note_outcome(struct engine *engine, const struct outcome *outcome);

/* Applies a plan as the engine's current revision; records it and tells the consoles. */
bool change_apply_revision(struct engine *engine, const struct plan *plan, const char *author,
			   uint64_t began_ns, struct change_report *report, struct error *err);

#endif
