/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of circuits.h share. */
#ifndef LQOS_DB_CIRCUITS_PRIVATE_H
#define LQOS_DB_CIRCUITS_PRIVATE_H

#include <sqlite3.h>
#include <stdint.h>
#include <sys/stat.h>

#include "db/circuits.h"
#include "db/mirror.h"
#include "db/wal.h"

struct circuits_db {
	sqlite3 *sqlite;
	char *path;
	bool unwatched; /* opened to be read once, or a copy in memory */
	struct stat file;
	struct wal *wal;      /* NULL while there is no file */
	bool overwritten;     /* what is in the -wal was meant for what was in the file before */
	struct stat judged;   /* what was last put there, */
	struct error verdict; /* and why it was not taken */
	int64_t data_version;
	bool impatient;
	struct mirror *mirror; /* NULL until it was asked for, and when there is another file */
	sqlite3_stmt *last_revision; /* of a circuit; asked for every row of a table */
};

/* Gives the database this connection, the old one is closed. NULL: it has no file. (notice.c) */
void circuits_db_use(struct circuits_db *db, sqlite3 *sqlite);
/* Whether the file is still what the connection opened; else ERROR_BUSY. */
bool circuits_db_is_in_place(struct circuits_db *db, struct error *err);
/* Begins to write, if it is. ERROR_BUSY also when another program writes. */
bool circuits_db_begin_write(struct circuits_db *db, struct error *err);
/* Commits when ok, else rolls back. ERROR_BUSY when the file was replaced meanwhile: then nothing
 * of it is in the new one. */
bool circuits_db_end_write(struct circuits_db *db, bool ok, struct error *err);
/* A circuits file that SQLite finds nothing wrong with. */
bool circuits_is_sound(sqlite3 *sqlite, const char *path, int64_t *version, struct error *err);

/* Makes the schema in an empty file; leaves any other alone. (upgrade.c) */
bool circuits_schema_create(sqlite3 *sqlite, struct error *err);
/* Refuses what is no circuits file, or of a version that this program does not know. */
bool circuits_schema_check(sqlite3 *sqlite, const char *path, int64_t *version, struct error *err);
bool circuits_schema_is_current(int64_t version);
/* From `version` to the current one in one transaction; a copy is kept as FILE.version-N. */
bool circuits_schema_upgrade(sqlite3 *sqlite, const char *path, int64_t version, struct error *err);

/* A consistent copy under a name that must be free. (backup.c) */
bool circuits_file_backup(sqlite3 *from, const char *target, struct error *err);
/* The same into an open, empty database. */
bool circuits_file_copy_pages(sqlite3 *from, sqlite3 *to, struct error *err);

/* Who makes the changes of the open transaction; NULL: nobody of ours any more. (journal.c) */
bool circuits_db_set_origin(struct circuits_db *db, const char *author, struct error *err);

/* What is set for good is overridden no more: `columns` of the circuit's override,
 * NULL-terminated. */
bool circuits_db_end_override(struct circuits_db *db, const char *circuit_id,
			      const char *const *columns, struct error *err);

/* Closes a revision over the open journal rows, within the caller's transaction. */
bool circuits_db_stamp_revision(struct circuits_db *db, uint64_t *revision, struct error *err);

#endif
