/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening the circuits file. */
#include "db/circuits.h"

#include <stdlib.h>

#include "db/circuits_private.h"
#include "db/sql.h"
#include "db/wal.h"
#include "engine/base/memory.h"

struct circuits_db *circuits_db_open(const char *path, bool create, struct error *err)
{
	sqlite3 *sqlite = sql_open(path, create, err);
	struct circuits_db *db;
	int64_t version;

	if (!sqlite)
		return NULL;
	if ((create && !circuits_schema_create(sqlite, err)) ||
	    !circuits_schema_check(sqlite, path, &version, err) ||
	    !circuits_schema_upgrade(sqlite, path, version, err)) {
		sqlite3_close(sqlite);
		return NULL;
	}
	db = xcalloc(1, sizeof(*db));
	db->path = xstrdup(path);
	circuits_db_use(db, sqlite);
	return db;
}

struct circuits_db *circuits_db_open_to_check(const char *path, struct error *err)
{
	sqlite3 *sqlite = sql_open_to_read(path, err);
	struct circuits_db *db;
	int64_t version;

	if (!sqlite)
		return NULL;
	if (!circuits_is_sound(sqlite, path, &version, err)) {
		sqlite3_close(sqlite);
		return NULL;
	}
	if (!circuits_schema_is_current(version)) {
		sqlite3_close(sqlite);
		error_set(err, ERROR_INVALID,
			  "%s has schema version %lld; lqosd upgrades it when it opens it", path,
			  (long long)version);
		return NULL;
	}
	db = xcalloc(1, sizeof(*db));
	db->path = xstrdup(path);
	db->sqlite = sqlite;
	db->unwatched = true;
	return db;
}

void circuits_db_close(struct circuits_db *db)
{
	if (!db)
		return;
	sqlite3_finalize(db->last_revision);
	sqlite3_close(db->sqlite);
	mirror_free(db->mirror);
	wal_free(db->wal);
	free(db->path);
	free(db);
}

void circuits_db_set_patience(struct circuits_db *db, bool patient)
{
	db->impatient = !patient;
	sqlite3_busy_timeout(db->sqlite, patient ? SQL_BUSY_MS : 0);
}
