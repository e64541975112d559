/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A consistent copy of a circuits file, also while others write to it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "db/circuits.h"
#include "db/circuits_private.h"
#include "db/sql.h"
#include "engine/base/memory.h"

#define PAGES_A_STEP 1000
#define BUSY_STEPS_MOST 100
#define BUSY_PAUSE_MS 50

bool circuits_file_copy_pages(sqlite3 *from, sqlite3 *to, struct error *err)
{
	sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
	int result, busy = 0;

	if (!backup)
		return sql_failed(to, err);
	do {
		result = sqlite3_backup_step(backup, PAGES_A_STEP);
		if (result == SQLITE_BUSY || result == SQLITE_LOCKED) {
			if (++busy > BUSY_STEPS_MOST)
				break;
			sqlite3_sleep(BUSY_PAUSE_MS);
			result = SQLITE_OK;
		}
	} while (result == SQLITE_OK);
	sqlite3_backup_finish(backup);
	/* One file: the copy carries no WAL with it. */
	return result == SQLITE_DONE ? sql_run(to, "PRAGMA journal_mode = DELETE", err)
				     : sql_failed(to, err);
}

bool circuits_file_backup(sqlite3 *from, const char *target, struct error *err)
{
	char *aside = xasprintf("%s.part-%ld", target, (long)getpid());
	sqlite3 *to = NULL;
	bool ok;

	if (access(target, F_OK) == 0) {
		free(aside);
		return error_set(err, ERROR_CONFLICT,
				 "%s exists already; a copy never replaces a file", target);
	}
	ok = sqlite3_open_v2(aside, &to,
			     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXCLUSIVE |
				     SQLITE_OPEN_NOFOLLOW,
			     NULL) == SQLITE_OK ||
	     sql_failed(to, err);
	ok = ok && circuits_file_copy_pages(from, to, err);
	sqlite3_close(to);
	/* The name comes last and only if it is free: nobody sees half a copy. */
	if (ok && link(aside, target) < 0)
		ok = error_set_errno(err, errno, "can't make %s", target);
	unlink(aside);
	free(aside);
	return ok;
}

bool circuits_db_backup(const char *path, const char *target, struct error *err)
{
	sqlite3 *from = sql_open_to_read(path, err);
	int64_t version;
	bool ok;

	if (!from)
		return false;
	ok = circuits_schema_check(from, path, &version, err) &&
	     circuits_file_backup(from, target, err);
	sqlite3_close(from);
	return ok;
}
