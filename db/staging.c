/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Merges imported rows of a ShapedDevices.csv into circuits, devices and prefixes, in one
 * transaction. Of the circuits that the import names, devices and addresses become what it says.
 * Those that it does not name stay (import_mode merge) or go (replace), but never more of them than
 * removal_limit_percent. A row that can't be taken goes to problems and leaves what was there alone.
 */
#include <stdio.h>
#include <string.h>

#include "db/circuits.h"
#include "db/circuits_private.h"
#include "db/shaped_row.h"
#include "db/sql.h"
#include "engine/base/arena.h"

enum statement {
	FIND_SITE,
	FIND_TAKEN,
	NOTE_TAKEN,
	NOTE_NAMED,
	ADD_CIRCUIT,
	UPDATE_CIRCUIT,
	ADD_DEVICE,
	UPDATE_DEVICE,
	NOTE_DEVICE,
	ADD_PREFIX,
	NOTE_PREFIX,
	ADD_PROBLEM,
	STATEMENTS,
};

static const char *const statement_texts[STATEMENTS] = {
	[FIND_SITE] = "SELECT id FROM sites WHERE name = ?1 OR id = ?1 ORDER BY name = ?1 DESC",
	[FIND_TAKEN] = "SELECT site, plan FROM temp.taken WHERE circuit = ?1",
	[NOTE_TAKEN] = "INSERT INTO temp.taken VALUES (?1, ?2, ?3)",
	[NOTE_NAMED] = "INSERT OR IGNORE INTO temp.named VALUES (?1)",
	[ADD_CIRCUIT] = "INSERT INTO circuits (id, name, site, download_min_bps, upload_min_bps, "
			"download_max_bps, upload_max_bps, comment, leaf) SELECT ?1, ?2, ?3, ?4, "
			"?5, ?6, ?7, ?8, coalesce(?9, '') "
			"WHERE NOT EXISTS (SELECT 1 FROM circuits WHERE id = ?1)",
	[UPDATE_CIRCUIT] = "UPDATE circuits SET name = ?2, site = ?3, download_min_bps = ?4, "
			   "upload_min_bps = ?5, download_max_bps = ?6, upload_max_bps = ?7, "
			   "comment = ?8, leaf = coalesce(?9, leaf) WHERE id = ?1 AND (name, site, "
			   "download_min_bps, upload_min_bps, download_max_bps, upload_max_bps, "
			   "comment, leaf) IS NOT (?2, ?3, ?4, ?5, ?6, ?7, ?8, coalesce(?9, leaf))",
	[ADD_DEVICE] = "INSERT INTO devices (id, circuit, name, mac) SELECT ?1, ?2, ?3, ?4 "
		       "WHERE NOT EXISTS (SELECT 1 FROM devices WHERE id = ?1)",
	[UPDATE_DEVICE] = "UPDATE devices SET circuit = ?2, name = ?3, mac = ?4 WHERE id = ?1 AND "
			  "(circuit, name, mac) IS NOT (?2, ?3, ?4)",
	[NOTE_DEVICE] = "INSERT OR IGNORE INTO temp.taken_devices VALUES (?1)",
	[ADD_PREFIX] = "INSERT INTO prefixes SELECT ?1, ?2 WHERE NOT EXISTS "
		       "(SELECT 1 FROM prefixes WHERE device = ?1 AND prefix = ?2)",
	[NOTE_PREFIX] = "INSERT OR IGNORE INTO temp.taken_prefixes VALUES (?1, ?2)",
	[ADD_PROBLEM] = "INSERT INTO problems VALUES ('import', ?1, ?2, ?3)",
};

struct merge {
	struct circuits_db *db;
	sqlite3_stmt *statements[STATEMENTS];
	struct arena *arena;
	struct error *err;
};

/* Runs a statement with texts; NULL binds NULL. */
static bool run(struct merge *merge, enum statement which, const char *a, const char *b,
		const char *c, const char *d)
{
	const char *texts[] = { a, b, c, d };
	sqlite3_stmt *statement = merge->statements[which];

	sqlite3_clear_bindings(statement);
	for (int i = 0; i < sqlite3_bind_parameter_count(statement) && i < 4; i++)
		if (texts[i])
			sqlite3_bind_text(statement, i + 1, texts[i], -1, SQLITE_STATIC);
	return sql_step(statement, merge->err);
}

static bool report(struct merge *merge, const struct shaped_row *row, const char *reason,
		   const char *in_force)
{
	const char *subject = arena_format(merge->arena, "ShapedDevices row %lld (circuit %s)",
					   (long long)row->number,
					   *row->text[CIRCUIT_ID] ? row->text[CIRCUIT_ID] : "?");

	return run(merge, ADD_PROBLEM, subject, reason, in_force, NULL);
}

/* --- reading ---------------------------------------------------------------------------------------- */

static void read_row(struct merge *merge, sqlite3_stmt *select, struct shaped_row *row)
{
	*row = (struct shaped_row){ .number = sqlite3_column_int64(select, 0) };
	for (int column = 0; column < SHAPED_COLUMNS; column++)
		row->text[column] = sql_text_or_null(select, column + 1);
	shaped_row_clean(row, merge->arena);
}

/* sites.id; the text as written where there is no such site (that is the network's problem, in
 * words); NULL below no site. */
static const char *find_site(struct merge *merge, const struct shaped_row *row)
{
	const char *written =
		*row->text[PARENT_NODE] ? row->text[PARENT_NODE] : row->text[PARENT_NODE_ID];
	sqlite3_stmt *select = merge->statements[FIND_SITE];
	const char *site = written;

	if (!*written)
		return NULL;
	sqlite3_bind_text(select, 1, written, -1, SQLITE_STATIC);
	if (sqlite3_step(select) == SQLITE_ROW)
		site = arena_text(merge->arena, sql_text(select, 0));
	sqlite3_reset(select);
	return site;
}

/* What the circuit's first row said of rates and leaf, as a text to compare. */
static const char *describe_plan(struct merge *merge, const struct shaped_row *row)
{
	return arena_format(
		merge->arena, "%lld/%lld/%lld/%lld/%s", (long long)row->rate_bps[DOWNLOAD_MIN],
		(long long)row->rate_bps[UPLOAD_MIN], (long long)row->rate_bps[DOWNLOAD_MAX],
		(long long)row->rate_bps[UPLOAD_MAX], row->leaf ? row->leaf : "");
}

/* What an earlier row of the circuit said; false: this is its first. */
static bool find_taken(struct merge *merge, const char *circuit, const char **site,
		       const char **plan)
{
	sqlite3_stmt *select = merge->statements[FIND_TAKEN];
	bool found;

	sqlite3_bind_text(select, 1, circuit, -1, SQLITE_STATIC);
	found = sqlite3_step(select) == SQLITE_ROW;
	if (found) {
		*site = arena_text(merge->arena, sql_text_or_null(select, 0));
		*plan = arena_text(merge->arena, sql_text(select, 1));
	}
	sqlite3_reset(select);
	return found;
}

/* --- writing -------------------------------------------------------------------------------------------- */

static bool write_circuit(struct merge *merge, const struct shaped_row *row, const char *site)
{
	static const enum statement both[] = { ADD_CIRCUIT, UPDATE_CIRCUIT };

	for (size_t i = 0; i < 2; i++) {
		sqlite3_stmt *statement = merge->statements[both[i]];

		sqlite3_clear_bindings(statement);
		sqlite3_bind_text(statement, 1, row->text[CIRCUIT_ID], -1, SQLITE_STATIC);
		sqlite3_bind_text(statement, 2, row->text[CIRCUIT_NAME], -1, SQLITE_STATIC);
		if (site)
			sqlite3_bind_text(statement, 3, site, -1, SQLITE_STATIC);
		for (int column = DOWNLOAD_MIN; column <= UPLOAD_MAX; column++)
			sqlite3_bind_int64(statement, 4 + column - DOWNLOAD_MIN,
					   row->rate_bps[column]);
		sqlite3_bind_text(statement, 8, row->text[COMMENT], -1, SQLITE_STATIC);
		if (row->leaf)
			sqlite3_bind_text(statement, 9, row->leaf, -1, SQLITE_STATIC);
		if (!sql_step(statement, merge->err))
			return false;
	}
	return run(merge, NOTE_TAKEN, row->text[CIRCUIT_ID], site, describe_plan(merge, row), NULL);
}

static bool write_prefixes(struct merge *merge, const char *device, const char *list)
{
	const char *prefix;

	while ((prefix = shaped_row_next_address(&list, merge->arena)))
		if (!run(merge, ADD_PREFIX, device, prefix, NULL, NULL) ||
		    !run(merge, NOTE_PREFIX, device, prefix, NULL, NULL))
			return false;
	return true;
}

static bool write_device(struct merge *merge, const struct shaped_row *row)
{
	const char *id = shaped_row_device(row, merge->arena);

	return run(merge, ADD_DEVICE, id, row->text[CIRCUIT_ID], row->text[DEVICE_NAME],
		   row->text[MAC]) &&
	       run(merge, UPDATE_DEVICE, id, row->text[CIRCUIT_ID], row->text[DEVICE_NAME],
		   row->text[MAC]) &&
	       run(merge, NOTE_DEVICE, id, NULL, NULL, NULL) &&
	       write_prefixes(merge, id, row->text[IPV4]) &&
	       write_prefixes(merge, id, row->text[IPV6]);
}

static bool is_same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* The first row's rates and leaf are the circuit's. */
static bool report_other_plan(struct merge *merge, const struct shaped_row *row,
			      const char *first_plan)
{
	return !strcmp(first_plan, describe_plan(merge, row)) ||
	       report(merge, row, "its rates or sqm are not those of the circuit's first row",
		      "the first row's hold");
}

static bool merge_row(struct merge *merge, struct shaped_row *row)
{
	const char *fault = shaped_row_find_fault(row, merge->arena), *doubt, *site;
	const char *first_site = NULL, *first_plan = "";
	bool taken;

	if (*row->text[CIRCUIT_ID] &&
	    !run(merge, NOTE_NAMED, row->text[CIRCUIT_ID], NULL, NULL, NULL))
		return false;
	if (fault)
		return report(merge, row, fault, "the row was not taken");
	site = find_site(merge, row);
	taken = find_taken(merge, row->text[CIRCUIT_ID], &first_site, &first_plan);
	if (taken && !is_same(site, first_site))
		return report(
			merge, row,
			arena_format(merge->arena,
				     "its parent node \"%s\" is not that of the circuit's first "
				     "row",
				     row->text[PARENT_NODE]),
			"the row was not taken");
	doubt = shaped_row_find_doubt(row, merge->arena);
	if (doubt && !report(merge, row, doubt, "both directions get the first"))
		return false;
	return (taken ? report_other_plan(merge, row, first_plan)
		      : write_circuit(merge, row, site)) &&
	       write_device(merge, row);
}

static bool merge_rows(struct merge *merge)
{
	sqlite3_stmt *select = sql_prepare(
		merge->db->sqlite,
		"SELECT row, circuit_id, circuit_name, device_id, device_name, parent_node, "
		"parent_node_id, anchor_node_id, mac, ipv4, ipv6, download_min, upload_min, "
		"download_max, upload_max, comment, sqm FROM staged_devices ORDER BY row",
		NULL);
	bool ok = true;

	while (ok && sqlite3_step(select) == SQLITE_ROW) {
		struct shaped_row row;

		merge->arena = arena_new();
		read_row(merge, select, &row);
		ok = shaped_row_is_skipped(&row) || merge_row(merge, &row);
		arena_free(merge->arena);
	}
	sqlite3_finalize(select);
	return ok;
}

/* --- what the import does not say ------------------------------------------------------------------- */

/* Of the circuits it names. */
static const char drop_rest[] =
	"DELETE FROM devices WHERE circuit IN (SELECT circuit FROM temp.taken) "
	"AND id NOT IN (SELECT id FROM temp.taken_devices);"
	"DELETE FROM prefixes WHERE device IN (SELECT id FROM temp.taken_devices) "
	"AND NOT EXISTS (SELECT 1 FROM temp.taken_prefixes t "
	"WHERE t.device = prefixes.device AND t.prefix = prefixes.prefix)";

/* Circuits that it does not name, not even in a row that could not be taken. */
#define UNNAMED "circuits WHERE id NOT IN (SELECT circuit FROM temp.named)"

/* In replace mode those go, unless they are so many that the file must be empty or half: then the
 * whole import is refused. */
static bool drop_unnamed(struct merge *merge, bool *refused)
{
	sqlite3 *sqlite = merge->db->sqlite;
	int64_t all, unnamed, limit;
	char text[200];

	*refused = false;
	if (!sql_integer(sqlite, "SELECT value = 'replace' FROM settings WHERE key = 'import_mode'",
			 0))
		return true;
	/* Those the import brought are no measure of what was there. */
	all = sql_integer(sqlite,
			  "SELECT count(*) FROM circuits WHERE id NOT IN (SELECT subject FROM "
			  "journal WHERE revision IS NULL AND kind = 'circuit' AND action = "
			  "'insert' AND author = 'import')",
			  0);
	unnamed = sql_integer(sqlite, "SELECT count(*) FROM " UNNAMED, 0);
	limit = sql_integer(sqlite,
			    "SELECT CAST(value AS INTEGER) FROM settings WHERE key = "
			    "'removal_limit_percent'",
			    20);
	if (unnamed * 100 <= all * limit)
		return sql_run(sqlite, "DELETE FROM " UNNAMED, merge->err);
	*refused = true;
	snprintf(text, sizeof(text),
		 "it would remove %lld of %lld circuits, more than removal_limit_percent = %lld "
		 "allows",
		 (long long)unnamed, (long long)all, (long long)limit);
	return error_set(merge->err, ERROR_CONFLICT, "%s", text);
}

/* --- the whole --------------------------------------------------------------------------------------------- */

static const char temporary_tables[] =
	"CREATE TEMP TABLE IF NOT EXISTS taken (circuit TEXT PRIMARY KEY, site TEXT, plan TEXT);"
	"CREATE TEMP TABLE IF NOT EXISTS named (circuit TEXT PRIMARY KEY);"
	"CREATE TEMP TABLE IF NOT EXISTS taken_devices (id TEXT PRIMARY KEY);"
	"CREATE TEMP TABLE IF NOT EXISTS taken_prefixes (device TEXT, prefix TEXT, "
	"PRIMARY KEY (device, prefix));"
	"DELETE FROM temp.taken; DELETE FROM temp.named; DELETE FROM temp.taken_devices; "
	"DELETE FROM temp.taken_prefixes;";

static bool prepare(struct merge *merge)
{
	for (int i = 0; i < STATEMENTS; i++) {
		merge->statements[i] = sql_prepare(merge->db->sqlite, statement_texts[i], NULL);
		if (!merge->statements[i])
			return sql_failed(merge->db->sqlite, merge->err);
	}
	return true;
}

/* Nothing of it is taken: the rows go, the reason stays. */
static bool note_refusal(struct merge *merge, const char *reason)
{
	sqlite3 *sqlite = merge->db->sqlite;
	bool ok = sql_run(sqlite,
			  "BEGIN IMMEDIATE; DELETE FROM staged_devices;"
			  "DELETE FROM problems WHERE source = 'import'",
			  merge->err);

	if (!ok)
		return sql_end(sqlite, false, merge->err);
	ok = run(merge, ADD_PROBLEM, "import of ShapedDevices", reason,
		 "nothing of it was taken; if it is right, raise the setting and import again",
		 NULL);
	return sql_end(sqlite, ok, merge->err);
}

bool circuits_db_merge_staged(struct circuits_db *db, bool *merged, struct error *err)
{
	struct merge merge = { .db = db, .err = err };
	bool ok, refused = false;

	*merged = false;
	if (!sql_integer(db->sqlite, "SELECT EXISTS (SELECT 1 FROM staged_devices)", 0))
		return true;
	if (!sql_run(db->sqlite, temporary_tables, err) ||
	    !sql_run(db->sqlite, "BEGIN IMMEDIATE", err))
		return false;
	ok = prepare(&merge) && circuits_db_set_origin(db, "import", err) &&
	     sql_run(db->sqlite, "DELETE FROM problems WHERE source = 'import'", err) &&
	     merge_rows(&merge) && sql_run(db->sqlite, drop_rest, err) &&
	     drop_unnamed(&merge, &refused) &&
	     sql_run(db->sqlite, "DELETE FROM staged_devices", err) &&
	     circuits_db_set_origin(db, NULL, err);
	*merged = ok = sql_end(db->sqlite, ok, err);
	if (refused) {
		const struct error reason = *err;

		ok = note_refusal(&merge, reason.text);
	}
	for (int i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(merge.statements[i]);
	sql_checkpoint(db->sqlite);
	return ok;
}
