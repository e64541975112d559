/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine's file: state.db, what was applied: assignments (slots, queues, handles) and every row
 * of the network as last applied, so that the network is shaped as it last was even when
 * circuits.db is gone. A broken state.db is set aside (renamed) and made anew; that is not an
 * error. One that can't be read or written just now is left where it is: that is one.
 */
#ifndef LQOS_DB_STATE_H
#define LQOS_DB_STATE_H

#include "engine/base/error.h"
#include "engine/model/assignment.h"
#include "engine/model/network.h"

struct state_db;

/* Makes it where there is none; writes nothing to one that is sound. */
struct state_db *state_db_open(const char *path, struct error *err);
/* Changes nothing, and leaves a file that can't be read where it is. */
struct state_db *state_db_open_to_read(const char *path, struct error *err);
void state_db_close(struct state_db *db);

/* The caller frees them with assignments_free; on failure there are none. */
bool state_db_load_assignments(struct state_db *db, struct assignment **assignments, size_t *count,
			       struct error *err);
/* NULL when none was ever saved (ERROR_NONE), or when it can't be read: never a part of it. */
struct network *state_db_load_network(struct state_db *db, struct error *err);

/* What a site or a circuit that is placed on a queue carried of late. */
struct measured_load {
	enum node_kind kind;
	const char *id;
	uint64_t load_bps;
};
/* Calls `take` for each, and says after how many windows they were saved. */
bool state_db_load_loads(struct state_db *db,
			 void (*take)(void *data, const struct measured_load *load), void *data,
			 uint32_t *windows, struct error *err);
/* These, and no others any more. */
bool state_db_save_loads(struct state_db *db, const struct measured_load *loads, size_t count,
			 uint32_t windows, struct error *err);

/* Saves both as they are now in one transaction, writing only rows that differ. */
bool state_db_save(struct state_db *db, const struct network *network,
		   const struct assignment *assignments, size_t count, struct error *err);
/* Saves the network's circuits beside what is there, and its revision: their plans changed
 * alone. */
bool state_db_save_plans(struct state_db *db, const struct network *network, struct error *err);

#endif
