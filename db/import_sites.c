/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "db/import_sites.h"

#include <stdlib.h>

#include "db/sql.h"
#include "engine/base/arena.h"
#include "engine/base/memory.h"

enum statement { FIND, UPDATE, INSERT, ADD_NAMED, ADD_PROBLEM, STATEMENTS };

static const char *const statement_texts[STATEMENTS] = {
	[FIND] = "SELECT coalesce((SELECT id FROM sites WHERE id = ?1), "
		 "(SELECT id FROM sites WHERE name = ?2))",
	[UPDATE] = "UPDATE sites SET name = ?2, parent = ?3, kind = ?4, download_bps = ?5, "
		   "upload_bps = ?6, place = coalesce(?7, place) WHERE id = ?1 AND (name, parent, "
		   "kind, download_bps, upload_bps, place) IS NOT (?2, ?3, ?4, ?5, ?6, "
		   "coalesce(?7, place))",
	/* Without an id of its own its name is a good one, if it is free. */
	[INSERT] = "INSERT INTO sites (id, name, parent, kind, download_bps, upload_bps, place) "
		   "VALUES (coalesce(?1, iif(EXISTS (SELECT 1 FROM sites WHERE id = ?2), "
		   "lower(hex(randomblob(8))), ?2)), ?2, ?3, ?4, ?5, ?6, coalesce(?7, '')) "
		   "RETURNING id",
	[ADD_NAMED] = "INSERT OR IGNORE INTO temp.named_sites VALUES (?1)",
	[ADD_PROBLEM] = "INSERT INTO problems VALUES ('import', ?1, ?2, ?3)",
};

struct writing {
	sqlite3 *sqlite;
	sqlite3_stmt *statements[STATEMENTS];
	const struct import *import;
	const char **ids; /* by site of the import; NULL: it could not be written */
	struct arena *arena;
	struct error *err;
};

static sqlite3_stmt *bind(struct writing *writing, enum statement which, const char *a,
			  const char *b, const char *c)
{
	sqlite3_stmt *statement = writing->statements[which];
	const char *texts[] = { a, b, c };

	for (int i = 0; i < sqlite3_bind_parameter_count(statement) && i < 3; i++)
		sqlite3_bind_text(statement, i + 1, texts[i], -1, SQLITE_STATIC);
	return statement;
}

static bool add_problem(struct writing *writing, const char *subject, const char *reason,
			const char *in_force)
{
	return sql_step(bind(writing, ADD_PROBLEM, subject, reason, in_force), writing->err);
}

/* The id in the first column of the statement's row; NULL when there is none. */
static const char *take_id(struct writing *writing, sqlite3_stmt *statement)
{
	const char *id = NULL;

	if (sqlite3_step(statement) == SQLITE_ROW)
		id = arena_text(writing->arena, sql_text_or_null(statement, 0));
	return id;
}

/* One whose parent could not be written hangs below the next that could. */
static const char *parent_id(const struct writing *writing, size_t site)
{
	for (site = writing->import->sites[site].parent; site != IMPORT_TOP;
	     site = writing->import->sites[site].parent)
		if (writing->ids[site])
			return writing->ids[site];
	return NULL;
}

static void bind_capacity(sqlite3_stmt *statement, int parameter, uint64_t capacity_bps)
{
	if (capacity_bps)
		sqlite3_bind_int64(statement, parameter, (sqlite3_int64)capacity_bps);
	else
		sqlite3_bind_null(statement, parameter);
}

/* The only rule it can break: a name is one site's. */
static bool refuse(struct writing *writing, const struct import_site *site, bool is_there)
{
	const char *subject = arena_format(writing->arena, "site %s", site->name);

	if ((sqlite3_errcode(writing->sqlite) & 0xff) != SQLITE_CONSTRAINT)
		return sql_failed(writing->sqlite, writing->err);
	return add_problem(writing, subject, "another site has its name, under another id",
			   is_there ? "it stays as it was" : "it was not taken");
}

static bool write_site(struct writing *writing, size_t index)
{
	const struct import_site *site = &writing->import->sites[index];
	sqlite3_stmt *find = bind(writing, FIND, site->id, site->name, NULL), *write;
	const char *is_there = take_id(writing, find);
	int result;

	sqlite3_reset(find);
	write = bind(writing, is_there ? UPDATE : INSERT, is_there ? is_there : site->id,
		     site->name, parent_id(writing, index));
	sqlite3_bind_text(write, 4, site->kind, -1, SQLITE_STATIC);
	bind_capacity(write, 5, site->capacity_bps[DOWNLOAD]);
	bind_capacity(write, 6, site->capacity_bps[UPLOAD]);
	sqlite3_bind_text(write, 7, site->place, -1, SQLITE_STATIC);
	writing->ids[index] = is_there;
	if (!is_there)
		writing->ids[index] = take_id(writing, write);
	else
		sqlite3_step(write);
	result = sqlite3_reset(write);
	if (result != SQLITE_OK && !refuse(writing, site, is_there != NULL))
		return false;
	return !writing->ids[index] ||
	       sql_step(bind(writing, ADD_NAMED, writing->ids[index], NULL, NULL), writing->err);
}

bool import_write_sites(sqlite3 *sqlite, const struct import *import, struct error *err)
{
	struct writing writing = { .sqlite = sqlite, .import = import, .err = err };
	bool ok = sql_run(sqlite,
			  "DROP TABLE IF EXISTS temp.named_sites;"
			  "CREATE TEMP TABLE named_sites (id TEXT PRIMARY KEY) WITHOUT ROWID",
			  err);

	if (!ok)
		return false;
	writing.ids = xcalloc(import->site_count, sizeof(*writing.ids));
	writing.arena = arena_new();
	ok = sql_prepare_all(sqlite, statement_texts, STATEMENTS, writing.statements, err);
	for (size_t i = 0; i < import->problem_count && ok; i++)
		ok = add_problem(&writing, import->problems[i].subject, import->problems[i].reason,
				 import->problems[i].in_force);
	for (size_t i = 0; i < import->site_count && ok; i++)
		ok = write_site(&writing, i);
	sql_finalize_all(writing.statements, STATEMENTS);
	arena_free(writing.arena);
	free(writing.ids);
	return ok;
}

bool import_drop_sites(sqlite3 *sqlite, struct error *err)
{
	do {
		if (!sql_run(sqlite,
			     "DELETE FROM sites WHERE id NOT IN (SELECT id FROM temp.named_sites) "
			     "AND NOT EXISTS (SELECT 1 FROM sites s WHERE s.parent = sites.id) "
			     "AND NOT EXISTS (SELECT 1 FROM circuits WHERE site = sites.id)",
			     err))
			return false;
	} while (sqlite3_changes(sqlite));
	return true;
}
