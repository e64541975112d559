/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "db/sql.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/log.h"

bool sql_failed(sqlite3 *db, struct error *err)
{
	const char *path = sqlite3_db_filename(db, "main");

	switch (sqlite3_errcode(db) & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return error_set(
			err, ERROR_BUSY,
			"another program holds %s for writing; nothing was changed, try again "
			"when its transaction has ended",
			path);
	case SQLITE_NOTADB:
		return error_set(err, ERROR_INVALID, "%s is not an SQLite database", path);
	case SQLITE_CORRUPT:
		return error_set(err, ERROR_SYSTEM,
				 "%s is damaged (%s); put a copy back, or see .recover of sqlite3",
				 path, sqlite3_errmsg(db));
	case SQLITE_FULL:
		return error_set(err, ERROR_SYSTEM,
				 "the disk of %s is full; nothing was changed, make room there",
				 path);
	case SQLITE_CANTOPEN:
		return error_set(err, ERROR_SYSTEM,
				 "can't open %s with its -wal and -shm beside it; give lqosd's "
				 "user the right to write them and their directory",
				 path);
	case SQLITE_READONLY:
		return error_set(err, ERROR_SYSTEM,
				 "%s can only be read; give lqosd's user the right to write it and "
				 "its directory",
				 path);
	default:
		return error_set(err, ERROR_SYSTEM, "%s: %s", path, sqlite3_errmsg(db));
	}
}

/* Who can write the file decides what every customer gets. */
static bool check_owner(const char *path, const struct stat *status, struct error *err)
{
	if (status->st_mode & S_IWOTH)
		return error_set(err, ERROR_INVALID,
				 "%s can be written by everybody (mode %03o); take that away: "
				 "chmod o-w %s",
				 path, (unsigned int)status->st_mode & 0777, path);
	if (status->st_uid != 0 && status->st_uid != geteuid())
		return error_set(err, ERROR_INVALID,
				 "%s belongs to uid %u, not to root or to the user that runs this "
				 "program; chown it, and let others write through its group",
				 path, (unsigned int)status->st_uid);
	return true;
}

static bool check_path(const char *path, bool create, bool to_write, struct error *err)
{
	struct stat status;

	if (lstat(path, &status) < 0) {
		if (create && errno == ENOENT)
			return true;
		if (errno == ENOENT)
			return error_set(err, ERROR_MISSING,
					 "there is no %s; lqosd --init makes an empty one", path);
		return error_set_errno(err, errno, "can't look at %s", path);
	}
	if (!S_ISREG(status.st_mode))
		return error_set(err, ERROR_INVALID, "%s is not a regular file", path);
	return !to_write || check_owner(path, &status, err);
}

/* `name` is the path, or a URI of it for the flags that say so. */
static sqlite3 *open_with(const char *name, int flags, const char *path, struct error *err)
{
	sqlite3 *db;

	/* No two threads ever use one connection: it needs no locks of its own. */
	flags |= SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX;
	if (sqlite3_open_v2(name, &db, flags, NULL) != SQLITE_OK) {
		error_set(err, ERROR_SYSTEM, "can't open %s: %s", path,
			  db ? sqlite3_errmsg(db) : "out of memory");
		sqlite3_close(db);
		return NULL;
	}
	sqlite3_extended_result_codes(db, 1);
	sqlite3_busy_timeout(db, SQL_BUSY_MS);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	return db;
}

sqlite3 *sql_open(const char *path, bool create, struct error *err)
{
	sqlite3 *db = sql_open_as_it_is(path, create, err);

	if (!db || sql_use_wal(db, err))
		return db;
	sqlite3_close(db);
	return NULL;
}

sqlite3 *sql_open_as_it_is(const char *path, bool create, struct error *err)
{
	int flags = SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0);

	return check_path(path, create, true, err) ? open_with(path, flags, path, err) : NULL;
}

bool sql_use_wal(sqlite3 *db, struct error *err)
{
	return sql_run(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL", err);
}

bool sql_is_wal(sqlite3 *db)
{
	sqlite3_stmt *select = sql_prepare(db, "PRAGMA journal_mode", NULL);
	bool is_wal = sqlite3_step(select) == SQLITE_ROW &&
		      !strcmp((const char *)sqlite3_column_text(select, 0), "wal");

	sqlite3_finalize(select);
	return is_wal;
}

void sql_abandon(sqlite3 *db)
{
	int persist = 1;

	if (db) {
		sqlite3_file_control(db, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
		sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	}
	sqlite3_close(db);
}

sqlite3 *sql_open_nothing(void)
{
	sqlite3 *db;

	if (sqlite3_open(":memory:", &db) != SQLITE_OK)
		log_error("can't open a database in memory: %s", sqlite3_errmsg(db));
	return db;
}

sqlite3 *sql_open_immutable(const char *path, struct error *err)
{
	char *uri = sqlite3_mprintf("file:%s?immutable=1", path);
	sqlite3 *db = open_with(uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, path, err);

	sqlite3_free(uri);
	return db;
}

static bool has_wal(const char *path)
{
	char *wal = sqlite3_mprintf("%s-wal", path);
	struct stat status;
	bool found = stat(wal, &status) == 0 && status.st_size > 0;

	sqlite3_free(wal);
	return found;
}

sqlite3 *sql_open_to_read(const char *path, struct error *err)
{
	sqlite3 *db;
	int result;

	if (!check_path(path, false, false, err))
		return NULL;
	db = open_with(path, SQLITE_OPEN_READONLY, path, err);
	if (!db || sql_run(db, "SELECT count(*) FROM sqlite_schema", err))
		return db;
	/* In WAL mode reading needs the right to make files beside it. */
	result = sqlite3_errcode(db) & 0xff;
	if ((result == SQLITE_CANTOPEN || result == SQLITE_READONLY) && !has_wal(path) &&
	    !strpbrk(path, "?#%")) {
		sqlite3_close(db);
		return sql_open_immutable(path, err);
	}
	sqlite3_close(db);
	return NULL;
}

bool sql_is_sound(sqlite3 *db, const char *path, struct error *err)
{
	sqlite3_stmt *check = sql_prepare(db, "PRAGMA quick_check(1)", NULL);
	bool checked = sqlite3_step(check) == SQLITE_ROW;
	bool sound = checked && !strcmp(sql_text(check, 0), "ok");

	if (!checked)
		sql_failed(db, err);
	else if (!sound)
		error_set(err, ERROR_SYSTEM, "%s is a damaged file (%s)", path, sql_text(check, 0));
	sqlite3_finalize(check);
	return sound;
}

bool sql_run(sqlite3 *db, const char *text, struct error *err)
{
	if (sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK)
		return true;
	return sql_failed(db, err);
}

bool sql_end(sqlite3 *db, bool ok, struct error *err)
{
	if (ok && sql_run(db, "COMMIT", err))
		return true;
	if (!sqlite3_get_autocommit(db))
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

sqlite3_stmt *sql_prepare(sqlite3 *db, const char *text, const char *const *texts)
{
	sqlite3_stmt *statement;

	if (sqlite3_prepare_v2(db, text, -1, &statement, NULL) != SQLITE_OK) {
		/* A file that lost a table under us; every step on NULL fails. */
		log_error("%s: %s", sqlite3_errmsg(db), text);
		return NULL;
	}
	for (int i = 1; texts && *texts; i++, texts++)
		sqlite3_bind_text(statement, i, *texts, -1, SQLITE_TRANSIENT);
	return statement;
}

bool sql_prepare_all(sqlite3 *db, const char *const *texts, size_t count, sqlite3_stmt **statements,
		     struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		statements[i] = sql_prepare(db, texts[i], NULL);
		if (!statements[i])
			return sql_failed(db, err);
	}
	return true;
}

void sql_finalize_all(sqlite3_stmt **statements, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sqlite3_finalize(statements[i]);
}

bool sql_step(sqlite3_stmt *statement, struct error *err)
{
	int result = sqlite3_step(statement);

	if (result != SQLITE_DONE && result != SQLITE_ROW) {
		if (!statement)
			return error_set(err, ERROR_SYSTEM,
					 "the circuits file lacks a table of its schema");
		sql_failed(sqlite3_db_handle(statement), err);
		sqlite3_reset(statement);
		return false;
	}
	sqlite3_reset(statement);
	return true;
}

int64_t sql_integer(sqlite3 *db, const char *text, int64_t fallback)
{
	sqlite3_stmt *statement;
	int64_t value = fallback;

	if (sqlite3_prepare_v2(db, text, -1, &statement, NULL) != SQLITE_OK)
		return fallback;
	if (sqlite3_step(statement) == SQLITE_ROW)
		value = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return value;
}

const char *sql_text(sqlite3_stmt *statement, int column)
{
	const char *text = sql_text_or_null(statement, column);

	return text ? text : "";
}

const char *sql_text_or_null(sqlite3_stmt *statement, int column)
{
	return (const char *)sqlite3_column_text(statement, column);
}

void sql_checkpoint(sqlite3 *db)
{
	int patience_ms = (int)sql_integer(db, "PRAGMA busy_timeout", SQL_BUSY_MS);

	sqlite3_busy_timeout(db, 0);
	sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	sqlite3_busy_timeout(db, patience_ms);
}
