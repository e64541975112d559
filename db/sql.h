/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The little that both files' code needs around sqlite3: opening, running, errors in words. */
#ifndef LQOS_DB_SQL_H
#define LQOS_DB_SQL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/error.h"

#define SQL_BUSY_MS 250 /* how long another writer is waited for */

/* Opens a file with the settings that all connections share: extended errors, defensive, schema not
 * trusted, a busy time-out, WAL. `create` makes the file. Refused: a symbolic link, a file that
 * everybody can write, or that belongs to somebody but root and us. */
sqlite3 *sql_open(const char *path, bool create, struct error *err);
/* The same in two steps: nothing is written before the second. */
sqlite3 *sql_open_as_it_is(const char *path, bool create, struct error *err);
bool sql_use_wal(sqlite3 *db, struct error *err);
bool sql_is_wal(sqlite3 *db);
/* Closes a connection and leaves the -wal as it is, uncopied, under its name. */
void sql_abandon(sqlite3 *db);
/* Opens a file of anybody's without ever writing to it. */
sqlite3 *sql_open_to_read(const char *path, struct error *err);

/* Opens the file alone, as it stands: what is in its -wal does not count. */
sqlite3 *sql_open_immutable(const char *path, struct error *err);
/* An empty database in memory, for the time without a file: every query of a table fails. */
sqlite3 *sql_open_nothing(void);

/* Whether SQLite finds nothing wrong with the file (quick_check: each page is read). */
bool sql_is_sound(sqlite3 *db, const char *path, struct error *err);

/* Runs statements without results. False with ERROR_BUSY when another writer holds the file. */
bool sql_run(sqlite3 *db, const char *text, struct error *err);

/* Ends the open transaction: commits when ok, else rolls back; false when it was not committed. */
bool sql_end(sqlite3 *db, bool ok, struct error *err);

/* A prepared statement with the texts bound to ?1, ?2, ... (NULL ends the list); the caller
 * finalizes it. NULL, and told in the log, where the file lacks what it names. */
sqlite3_stmt *sql_prepare(sqlite3 *db, const char *text, const char *const *texts);

/* Several at once. Also after a failed call sql_finalize_all is called; `statements` are NULL at
 * first. */
bool sql_prepare_all(sqlite3 *db, const char *const *texts, size_t count, sqlite3_stmt **statements,
		     struct error *err);
void sql_finalize_all(sqlite3_stmt **statements, size_t count);

/* Runs a statement that changes rows, and resets it. */
bool sql_step(sqlite3_stmt *statement, struct error *err);

/* The first column of the first row; `fallback` when there is none. */
int64_t sql_integer(sqlite3 *db, const char *text, int64_t fallback);

/* A column as text, "" for NULL. */
const char *sql_text(sqlite3_stmt *statement, int column);
/* The same, but NULL for NULL. */
const char *sql_text_or_null(sqlite3_stmt *statement, int column);

/* Puts what sqlite3 says of the connection's last error into words; false. */
bool sql_failed(sqlite3 *db, struct error *err);

/* Writes the WAL back into the file, if nobody reads it just now. */
void sql_checkpoint(sqlite3 *db);

#endif
