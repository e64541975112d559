/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The circuits file's schema: made, recognised, and brought up from older versions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/circuits_private.h"
#include "db/rules.sql.h"
#include "db/schema.sql.h"
#include "db/sql.h"
#include "db/upgrade_2.sql.h"
#include "db/upgrade_3.sql.h"
#include "db/upgrade_4.sql.h"
#include "db/upgrade_5.sql.h"
#include "engine/base/log.h"
#include "engine/base/memory.h"

#define APPLICATION_ID 1819373427 /* "lqos", as in schema.sql */
#define SCHEMA_VERSION 5
#define COPIES_MOST 99

/* steps[i] leads from version i + 1 to the next. */
static const char *const steps[SCHEMA_VERSION - 1] = { upgrade_2_sql, upgrade_3_sql, upgrade_4_sql,
						       upgrade_5_sql };

bool circuits_schema_create(sqlite3 *sqlite, struct error *err)
{
	if (sql_integer(sqlite, "SELECT count(*) FROM sqlite_schema", 1) > 0)
		return true;
	return sql_run(sqlite, "BEGIN IMMEDIATE", err) &&
	       sql_end(sqlite, sql_run(sqlite, schema_sql, err) && sql_run(sqlite, rules_sql, err),
		       err);
}

bool circuits_schema_check(sqlite3 *sqlite, const char *path, int64_t *version, struct error *err)
{
	int64_t application;

	/* Reads the first page: here it shows whether it is a database at all. */
	if (!sql_run(sqlite, "SELECT count(*) FROM sqlite_schema", err))
		return false;
	application = sql_integer(sqlite, "PRAGMA application_id", 0);
	*version = sql_integer(sqlite, "PRAGMA user_version", 0);
	if (application != APPLICATION_ID)
		return error_set(
			err, ERROR_INVALID,
			"%s is an SQLite database, but not a circuits file (application_id "
			"%lld, not %d)",
			path, (long long)application, APPLICATION_ID);
	if (*version > SCHEMA_VERSION)
		return error_set(err, ERROR_INVALID,
				 "%s has schema version %lld, newer than this program knows (%d); "
				 "upgrade lqosd",
				 path, (long long)*version, SCHEMA_VERSION);
	if (*version < 1)
		return error_set(err, ERROR_INVALID, "%s has schema version %lld, not 1 to %d",
				 path, (long long)*version, SCHEMA_VERSION);
	return true;
}

bool circuits_schema_is_current(int64_t version)
{
	return version == SCHEMA_VERSION;
}

/* FILE.version-1, or the first of FILE.version-1.2, ... that is free. */
static char *name_copy(const char *path, int64_t version)
{
	char *name = xasprintf("%s.version-%lld", path, (long long)version);

	for (int number = 2; access(name, F_OK) == 0 && number <= COPIES_MOST; number++) {
		free(name);
		name = xasprintf("%s.version-%lld.%d", path, (long long)version, number);
	}
	return name;
}

/* Triggers and views hold no data: they go before the tables change under them. */
static bool drop_rules(sqlite3 *sqlite, struct error *err)
{
	sqlite3_stmt *select = sql_prepare(
		sqlite,
		"SELECT group_concat('DROP ' || type || ' IF EXISTS \"' || name || '\"', ';') FROM "
		"(SELECT type, name FROM sqlite_schema WHERE type IN ('trigger', 'view') ORDER BY "
		"type)",
		NULL);
	char *text = NULL;
	bool ok;

	if (sqlite3_step(select) == SQLITE_ROW)
		text = xstrdup(sql_text(select, 0));
	sqlite3_finalize(select);
	ok = text && sql_run(sqlite, text, err);
	free(text);
	return ok;
}

static bool run_steps(sqlite3 *sqlite, int64_t version, struct error *err)
{
	bool ok = drop_rules(sqlite, err);

	for (int64_t step = version; ok && step < SCHEMA_VERSION; step++)
		ok = sql_run(sqlite, steps[step - 1], err);
	return ok && sql_run(sqlite, rules_sql, err);
}

bool circuits_schema_upgrade(sqlite3 *sqlite, const char *path, int64_t version, struct error *err)
{
	char *copy;
	bool ok;

	if (circuits_schema_is_current(version))
		return true;
	copy = name_copy(path, version);
	ok = circuits_file_backup(sqlite, copy, err) && sql_run(sqlite, "BEGIN IMMEDIATE", err) &&
	     sql_end(sqlite, run_steps(sqlite, version, err), err);
	if (ok)
		log_info("%s was upgraded from schema version %lld to %d; a copy is kept in %s",
			 path, (long long)version, SCHEMA_VERSION, copy);
	else
		error_prefix(err, "can't upgrade %s from schema version %lld to %d", path,
			     (long long)version, SCHEMA_VERSION);
	free(copy);
	return ok;
}
