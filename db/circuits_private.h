/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of circuits.h share. */
#ifndef LQOS_DB_CIRCUITS_PRIVATE_H
#define LQOS_DB_CIRCUITS_PRIVATE_H

#include <sqlite3.h>
#include <stdint.h>
#include <sys/types.h>

#include "db/circuits.h"

struct circuits_db {
	sqlite3 *sqlite;
	char *path;
	dev_t device;
	ino_t inode;
	int64_t data_version;
	sqlite3_stmt *last_revision; /* of a circuit; asked for every row of a table */
};

/* Closes a revision over the open journal rows, within the caller's transaction. */
bool circuits_db_stamp_revision(struct circuits_db *db, uint64_t *revision, struct error *err);

/* Says who writes, until the end of the caller's transaction. */
bool circuits_db_set_origin(struct circuits_db *db, const char *author, struct error *err);

#endif
