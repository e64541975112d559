// SPDX-License-Identifier: GPL-2.0-or-later
/* Noticing what became of the circuits file: commits of others, another file under its name,
 * another content in it; and taking up what was put there. */
#include <stdlib.h>
#include <string.h>

#include "db/circuits_private.h"
#include "db/sql.h"
#include "engine/base/clock.h"
#include "engine/base/log.h"

/* What waits in the -wal is copied to the file when it has waited so long, or there is so much. */
#define WAL_REST_S 2
#define WAL_WAITING_MOST_BYTES (16 << 20)

/* Two writes within so long of each other can give a file the same time: a kernel's clock tick, or
 * two. */
#define MTIME_GRAIN_MS 20

enum standing {
	STANDING_SAME,
	STANDING_MISSING,
	STANDING_MOVED_IN,    /* another file has the name (mv) */
	STANDING_OVERWRITTEN, /* not SQLite wrote into the file (cp) */
};

static bool same_content(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static bool has_moved(sqlite3 *sqlite)
{
	int moved = 0;

	sqlite3_file_control(sqlite, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
	return moved;
}

static enum standing look(struct circuits_db *db)
{
	struct stat now;
	bool checkpointed;

	if (stat(db->path, &now) < 0)
		return STANDING_MISSING;
	checkpointed = db->wal && wal_was_checkpointed(db->wal);
	if (db->overwritten)
		return STANDING_OVERWRITTEN;
	if (!db->wal || has_moved(db->sqlite))
		return STANDING_MOVED_IN;
	if (!same_content(&now, &db->file) && !checkpointed)
		return STANDING_OVERWRITTEN;
	db->file = now;
	return STANDING_SAME;
}

void circuits_db_use(struct circuits_db *db, sqlite3 *sqlite)
{
	sqlite3_finalize(db->last_revision);
	sql_abandon(db->sqlite);
	wal_free(db->wal);
	db->wal = NULL;
	mirror_free(db->mirror);
	db->mirror = NULL;
	db->overwritten = false;
	db->sqlite = sqlite ? sqlite : sql_open_nothing();
	circuits_db_set_patience(db, !db->impatient);
	db->last_revision = NULL;
	if (!sqlite)
		return;
	db->last_revision = sql_prepare(
		sqlite, "SELECT coalesce(max(revision), 0) FROM journal WHERE circuit = ?1", NULL);
	sqlite3_wal_autocheckpoint(sqlite, 0);
	db->data_version = sql_integer(sqlite, "PRAGMA data_version", 0);
	if (stat(db->path, &db->file) < 0 || has_moved(sqlite))
		db->file.st_ino = 0;
	db->wal = wal_new(db->path, &db->file);
}

bool circuits_is_sound(sqlite3 *sqlite, const char *path, int64_t *version, struct error *err)
{
	return circuits_schema_check(sqlite, path, version, err) && sql_is_sound(sqlite, path, err);
}

static bool is_settled(const struct stat *file)
{
	int64_t modified_ms =
		(int64_t)file->st_mtim.tv_sec * 1000 + file->st_mtim.tv_nsec / 1000000;

	return clock_wall_ms() - modified_ms >= MTIME_GRAIN_MS;
}

/* Looks at what was put there as it stands, without a -wal. What is not sound may still be on its
 * way: ERROR_BUSY until it is the same twice. */
static bool judge(struct circuits_db *db, struct error *err)
{
	const struct stat before = db->judged;
	sqlite3 *sqlite;
	int64_t version;
	bool sound;

	if (stat(db->path, &db->judged) < 0)
		return error_set(err, ERROR_MISSING, "%s was removed", db->path);
	if (same_content(&before, &db->judged) && db->verdict.code != ERROR_BUSY) {
		*err = db->verdict;
		return false;
	}
	error_set(&db->verdict, ERROR_BUSY, "%s is being written", db->path);
	if (is_settled(&db->judged)) {
		sqlite = sql_open_immutable(db->path, err);
		sound = sqlite && circuits_is_sound(sqlite, db->path, &version, err);
		sqlite3_close(sqlite);
		if (sound)
			return true;
		if (same_content(&before, &db->judged))
			db->verdict = *err;
	}
	*err = db->verdict;
	return false;
}

static bool is_as_judged(const struct circuits_db *db)
{
	struct stat now;

	return stat(db->path, &now) == 0 && now.st_ino == db->judged.st_ino &&
	       same_content(&now, &db->judged);
}

/* In the file itself: once more it is as if somebody had put it there. */
static bool bring_up(struct circuits_db *db, sqlite3 *sqlite, int64_t version, struct error *err)
{
	if (!sql_use_wal(sqlite, err) || !circuits_schema_upgrade(sqlite, db->path, version, err))
		return false;
	sql_checkpoint(sqlite);
	db->overwritten = false; /* what is in the -wal from now on is meant for it */
	return true;
}

/* Opens what was judged, and nothing else: the name may have changed hands again since. What has to
 * be brought up is opened when it was judged again: only a file that we did not write to tells by
 * its time whether others did. */
static sqlite3 *open_judged(struct circuits_db *db, struct error *err)
{
	sqlite3 *sqlite = sql_open_as_it_is(db->path, false, err);
	bool ok, ready = false;
	int64_t version;

	if (!sqlite)
		return NULL;
	ok = circuits_schema_check(sqlite, db->path, &version, err);
	if (ok && is_as_judged(db)) {
		ready = sql_is_wal(sqlite) && circuits_schema_is_current(version);
		ok = ready ? sql_use_wal(sqlite, err) : bring_up(db, sqlite, version, err);
	}
	if (ok && ready && is_as_judged(db))
		return sqlite;
	if (ok || !is_as_judged(db))
		error_set(err, ERROR_BUSY, "%s is being written", db->path);
	sql_abandon(sqlite);
	return NULL;
}

/* Never are two connections of ours open to the file: closing one would drop the locks of both. */
static bool take_replacement(struct circuits_db *db, enum standing standing, struct error *err)
{
	sqlite3 *sqlite;

	if (!judge(db, err))
		return false;
	if (standing == STANDING_MOVED_IN && db->wal)
		wal_part_from_name(db->wal);
	circuits_db_use(db, NULL);
	db->overwritten = standing == STANDING_OVERWRITTEN;
	if (db->overwritten && !wal_discard(db->path, err))
		return false;
	sqlite = open_judged(db, err);
	if (!sqlite)
		return false;
	circuits_db_use(db, sqlite);
	db->file = db->judged;
	log_info("%s was replaced; the new file is in force", db->path);
	return true;
}

bool circuits_db_is_in_place(struct circuits_db *db, struct error *err)
{
	if (db->unwatched || look(db) == STANDING_SAME)
		return true;
	return error_set(err, ERROR_BUSY, "%s was just replaced; nothing was changed, try again",
			 db->path);
}

bool circuits_db_begin_write(struct circuits_db *db, struct error *err)
{
	if (!circuits_db_is_in_place(db, err))
		return false;
	/* Once more: from here on no other program writes. */
	if (!sql_run(db->sqlite, "BEGIN IMMEDIATE", err) || !circuits_db_is_in_place(db, err))
		return circuits_db_end_write(db, false, err);
	return true;
}

bool circuits_db_end_write(struct circuits_db *db, bool ok, struct error *err)
{
	ok = sql_end(db->sqlite, ok, err);
	if (ok && db->wal)
		wal_note_own_commit(db->wal);
	return circuits_db_is_in_place(db, err) && ok;
}

bool circuits_db_changed(struct circuits_db *db, struct error *err)
{
	enum standing standing = look(db);
	int64_t version;

	if (standing == STANDING_MISSING)
		return error_set(err, ERROR_MISSING, "%s was removed", db->path);
	if (standing != STANDING_SAME)
		return take_replacement(db, standing, err);
	version = sql_integer(db->sqlite, "PRAGMA data_version", -1);
	if (version < 0)
		return sql_failed(db->sqlite, err);
	if (version == db->data_version)
		return false;
	db->data_version = version;
	return true;
}

void circuits_db_write_through_idly(struct circuits_db *db)
{
	if (db->wal && look(db) == STANDING_SAME)
		sqlite3_wal_checkpoint_v2(db->sqlite, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

void circuits_db_write_through(struct circuits_db *db)
{
	int64_t age_s, waiting_bytes = wal_waiting_bytes(db->path, &age_s);

	if (!waiting_bytes || (age_s < WAL_REST_S && waiting_bytes < WAL_WAITING_MOST_BYTES))
		return;
	if (!db->wal || look(db) != STANDING_SAME)
		return;
	sql_checkpoint(db->sqlite);
	stat(db->path, &db->file);
	wal_was_checkpointed(db->wal);
}
