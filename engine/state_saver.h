/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes state.db in a thread, from copies: for 10,000 circuits SQLite takes 70 ms, in which the
 * loop goes on. Where only plans changed, those circuits are written, else whatever differs; what
 * was measured goes by itself. A network that could not be given its numbers is never written.
 */
#ifndef LQOS_STATE_SAVER_H
#define LQOS_STATE_SAVER_H

#include "engine/state.h"

struct state_saver;

struct state_saver *state_saver_new(struct engine *engine);
/* Waits for a thread that writes; what is not written yet is forgotten. */
void state_saver_free(struct state_saver *saver);

/* A circuit was given this plan and no other number: unless all is to be saved anyway, it alone. */
void state_saver_note_plan(struct state_saver *saver, const struct circuit *circuit);

/* Begins to write what has lagged behind for half a second; failures are logged and tried again. */
void state_saver_tick(struct state_saver *saver);
/* Writes what lags behind, and waits for it. */
void state_saver_finish(struct state_saver *saver);

#endif
