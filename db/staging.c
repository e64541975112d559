/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Merges imported rows of a ShapedDevices.csv into circuits, devices and prefixes, in one
 * transaction. Of the circuits that the import names, devices and addresses become what it says.
 * Those that it does not name stay (import_mode merge) or go (replace), but never more of them than
 * removal_limit_percent. A row that can't be taken goes to problems and leaves what was there
 * alone.
 *
 * Row by row only into memory; what they come to is written by staged_write.c.
 */
#include <stdio.h>
#include <string.h>

#include "db/circuits.h"
#include "db/circuits_private.h"
#include "db/import.h"
#include "db/import_rows.h"
#include "db/import_sites.h"
#include "db/shaped_row.h"
#include "db/sql.h"
#include "db/staged_write.h"

#define MERGE_CACHE "PRAGMA cache_size = -131072" /* KiB: pages must not be written twice */
#define USUAL_CACHE "PRAGMA cache_size = -2000"

static const char temporary_table[] =
	"PRAGMA temp_store = MEMORY;"
	"DROP TABLE IF EXISTS temp.named;"
	"CREATE TEMP TABLE named (circuit TEXT PRIMARY KEY) WITHOUT ROWID";

enum statement { FIND_SITE, ADD_NAMED, ADD_PROBLEM, STATEMENTS };

static const char *const statement_texts[STATEMENTS] = {
	/* An unknown site stays as it is written: that is the network's problem, in words. */
	[FIND_SITE] = "SELECT coalesce((SELECT id FROM sites WHERE name = ?1), "
		      "(SELECT id FROM sites WHERE id = ?1), ?1)",
	[ADD_NAMED] = "INSERT OR IGNORE INTO temp.named VALUES (?1)",
	[ADD_PROBLEM] = "INSERT INTO problems VALUES ('import', ?1, ?2, ?3)",
};

struct merge {
	struct circuits_db *db;
	const struct import *import; /* NULL: what is staged in the file */
	struct import_result result;
	sqlite3_stmt *statements[STATEMENTS];
	bool replaces; /* import_mode is replace */
	struct import_rows rows;
	const char *site_text, *site; /* the last row's: they come by site, mostly */
	struct error *err;
};

static bool run(struct merge *merge, enum statement which, const char *a, const char *b,
		const char *c)
{
	const char *texts[] = { a, b, c };
	sqlite3_stmt *statement = merge->statements[which];

	for (int i = 0; i < sqlite3_bind_parameter_count(statement) && i < 3; i++)
		sqlite3_bind_text(statement, i + 1, texts[i], -1, SQLITE_STATIC);
	return sql_step(statement, merge->err);
}

/* --- row by row ------------------------------------------------------------------------------- */

static bool report(struct merge *merge, int64_t row, const char *circuit, const char *reason,
		   const char *in_force)
{
	const char *subject =
		arena_format(merge->rows.arena, "ShapedDevices row %lld (circuit %.120s)",
			     (long long)row, *circuit ? circuit : "?");

	return run(merge, ADD_PROBLEM, subject, reason, in_force);
}

/* The id of the site by that name or id; NULL for "", also when *ok becomes false. */
static const char *find_site(struct merge *merge, const char *text, bool *ok)
{
	sqlite3_stmt *select = merge->statements[FIND_SITE];

	if (!*text)
		return NULL;
	if (merge->site_text && !strcmp(merge->site_text, text))
		return merge->site;
	sqlite3_bind_text(select, 1, text, -1, SQLITE_STATIC);
	*ok = sqlite3_step(select) == SQLITE_ROW || sql_failed(merge->db->sqlite, merge->err);
	merge->site = *ok ? arena_text(merge->rows.arena, sql_text(select, 0)) : NULL;
	merge->site_text = text;
	sqlite3_reset(select);
	return merge->site;
}

static void add_prefixes(struct import_rows *rows, const char *list)
{
	const char *prefix;

	while ((prefix = shaped_row_next_address(&list, rows->arena)))
		import_rows_add_prefix(rows, prefix);
}

static bool add_row(struct merge *merge, const struct shaped_row *shaped)
{
	const char *site = *shaped->text[PARENT_NODE] ? shaped->text[PARENT_NODE]
						      : shaped->text[PARENT_NODE_ID];
	struct import_rows *rows = &merge->rows;
	struct import_row *row = import_rows_add(rows, shaped->number);
	bool ok = true;

	row->circuit = shaped->text[CIRCUIT_ID];
	row->name = shaped->text[CIRCUIT_NAME];
	row->site = find_site(merge, site, &ok);
	memcpy(row->rate_bps, &shaped->rate_bps[DOWNLOAD_MIN], sizeof(row->rate_bps));
	row->leaf = shaped->leaf;
	row->comment = shaped->text[COMMENT];
	row->device = shaped_row_device(shaped, rows->arena);
	row->device_name = shaped->text[DEVICE_NAME];
	row->mac = shaped->text[MAC];
	add_prefixes(rows, shaped->text[IPV4]);
	add_prefixes(rows, shaped->text[IPV6]);
	return ok;
}

static bool take_row(struct merge *merge, struct shaped_row *row)
{
	struct arena *arena = merge->rows.arena;
	const char *circuit = row->text[CIRCUIT_ID];
	const char *fault = shaped_row_find_fault(row, arena);
	const char *doubt = fault ? NULL : shaped_row_find_doubt(row, arena);

	if (merge->replaces && *circuit && !run(merge, ADD_NAMED, circuit, NULL, NULL))
		return false;
	if (fault)
		return report(merge, row->number, circuit, fault, "the row was not taken");
	return (!doubt ||
		report(merge, row->number, circuit, doubt, "both directions get the first")) &&
	       add_row(merge, row);
}

/* The row is changed in the course of it. */
static bool clean_and_take(struct merge *merge, struct shaped_row *row)
{
	shaped_row_clean(row, merge->rows.arena);
	if (shaped_row_is_skipped(row))
		return true;
	merge->result.rows++;
	return take_row(merge, row);
}

static bool take_staged_rows(struct merge *merge)
{
	sqlite3_stmt *select = sql_prepare(
		merge->db->sqlite,
		"SELECT row, circuit_id, circuit_name, device_id, device_name, parent_node, "
		"parent_node_id, anchor_node_id, mac, ipv4, ipv6, download_min, upload_min, "
		"download_max, upload_max, comment, sqm FROM staged_devices ORDER BY row",
		NULL);
	bool ok = true;

	while (ok && sqlite3_step(select) == SQLITE_ROW) {
		struct shaped_row row = { .number = sqlite3_column_int64(select, 0) };

		for (int column = 0; column < SHAPED_COLUMNS; column++)
			row.text[column] = sql_text_or_null(select, column + 1);
		ok = clean_and_take(merge, &row);
	}
	sqlite3_finalize(select);
	return ok;
}

static bool take_rows(struct merge *merge)
{
	bool ok = true;

	if (!merge->import)
		return take_staged_rows(merge);
	for (size_t i = 0; i < merge->import->row_count && ok; i++) {
		struct shaped_row row = merge->import->rows[i];

		ok = clean_and_take(merge, &row);
	}
	return ok;
}

/* --- all of them together --------------------------------------------------------------------- */

static const char *describe_fault(struct arena *arena, const struct import_row *row)
{
	switch (row->fault) {
	case ROW_OF_ANOTHERS_DEVICE:
		return arena_format(arena, "its device is that of row %lld, of circuit %s",
				    (long long)row->other->number, row->other->circuit);
	case ROW_OF_ANOTHER_SITE:
		return arena_format(arena,
				    "its parent node \"%s\" is not that of the circuit's first row",
				    row->site ? row->site : "");
	default:
		return "its rates or sqm are not those of the circuit's first row";
	}
}

/* One kind after the other. */
static bool report_faults(struct merge *merge)
{
	const struct import_rows *rows = &merge->rows;

	for (enum row_fault fault = ROW_HOLDS + 1; fault < ROW_FAULTS; fault++)
		for (size_t i = 0; i < rows->count; i++) {
			const struct import_row *row = &rows->rows[i];

			if (row->fault == fault &&
			    !report(merge, row->number, row->circuit,
				    describe_fault(rows->arena, row),
				    fault == ROW_OF_ANOTHER_PLAN ? "the first row's hold"
								 : "the row was not taken"))
				return false;
		}
	return true;
}

/* --- what the import does not name ------------------------------------------------------------ */

/* Not even in a row that could not be taken. */
#define UNNAMED "circuits WHERE id NOT IN (SELECT circuit FROM temp.named)"

/* In replace mode those go, unless they are so many that the file must be empty or half: then the
 * whole import is refused. */
static bool drop_unnamed(struct merge *merge, bool *refused)
{
	sqlite3 *sqlite = merge->db->sqlite;
	int64_t all, unnamed, limit;

	if (!merge->replaces)
		return true;
	all = sql_integer(sqlite, "SELECT count(*) FROM circuits", 0);
	unnamed = sql_integer(sqlite, "SELECT count(*) FROM " UNNAMED, 0);
	limit = sql_integer(sqlite,
			    "SELECT CAST(value AS INTEGER) FROM settings WHERE key = "
			    "'removal_limit_percent'",
			    20);
	if (unnamed * 100 <= all * limit)
		return sql_run(sqlite, "DELETE FROM " UNNAMED, merge->err);
	*refused = true;
	return error_set(merge->err, ERROR_CONFLICT,
			 "it would remove %lld of %lld circuits, more than removal_limit_percent = "
			 "%lld allows",
			 (long long)unnamed, (long long)all, (long long)limit);
}

/* Nothing of it is taken: the rows go, the reason stays. */
static bool note_refusal(struct merge *merge, const struct error *reason)
{
	sqlite3 *sqlite = merge->db->sqlite;
	bool ok;

	if (!circuits_db_begin_write(merge->db, merge->err))
		return false;
	ok = sql_run(sqlite,
		     "DELETE FROM staged_devices; DELETE FROM problems WHERE source = 'import'",
		     merge->err) &&
	     run(merge, ADD_PROBLEM, "import of ShapedDevices", reason->text,
		 "nothing of it was taken; if it is right, raise the setting and import again");
	return circuits_db_end_write(merge->db, ok, merge->err);
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool prepare(struct merge *merge)
{
	merge->replaces =
		sql_integer(merge->db->sqlite,
			    "SELECT value = 'replace' FROM settings WHERE key = 'import_mode'", 0);
	return sql_prepare_all(merge->db->sqlite, statement_texts, STATEMENTS, merge->statements,
			       merge->err);
}

static bool merge_rows(struct merge *merge, bool *refused)
{
	struct import_rows *rows = &merge->rows;

	if (!take_rows(merge))
		return false;
	import_rows_settle(rows);
	merge->result.rows_refused = merge->result.rows - rows->holding_count;
	return report_faults(merge) && drop_unnamed(merge, refused) &&
	       staged_write(merge->db->sqlite, rows, merge->err);
}

/* Within a transaction, as the next revision. */
static bool merge_all(struct merge *merge, bool *refused)
{
	const struct import *import = merge->import;
	sqlite3 *sqlite = merge->db->sqlite;
	uint64_t before, *after = &merge->result.revision;
	struct error *err = merge->err;
	bool ok;

	ok = circuits_db_stamp_revision(merge->db, &before, err) &&
	     circuits_db_set_origin(merge->db, "import", err) &&
	     sql_run(sqlite,
		     "UPDATE origin SET revision = 1 + (SELECT CAST(value AS INTEGER) FROM "
		     "settings WHERE key = 'revision');"
		     "DELETE FROM problems WHERE source = 'import'",
		     err) &&
	     (!import || import_write_sites(sqlite, import, err)) &&
	     ((import && !import->has_rows) || merge_rows(merge, refused)) &&
	     (!import || !import->has_sites || !merge->replaces ||
	      import_drop_sites(sqlite, err)) &&
	     (import || sql_run(sqlite, "DELETE FROM staged_devices", err)) &&
	     circuits_db_set_origin(merge->db, NULL, err) &&
	     circuits_db_stamp_revision(merge->db, after, err);
	if (ok && *after == before)
		*after = 0;
	return ok;
}

/* `ok` tells whether it is in the file now; *refused whether it would remove too much. */
static bool run_merge(struct merge *merge, bool *refused)
{
	struct circuits_db *db = merge->db;
	bool ok;

	if (!sql_run(db->sqlite, MERGE_CACHE, merge->err) ||
	    !sql_run(db->sqlite, temporary_table, merge->err) ||
	    !circuits_db_begin_write(db, merge->err))
		return false;
	import_rows_init(&merge->rows);
	ok = prepare(merge) && merge_all(merge, refused);
	return circuits_db_end_write(db, ok, merge->err);
}

static void clean_up(struct merge *merge)
{
	sqlite3 *sqlite = merge->db->sqlite;

	import_rows_release(&merge->rows);
	sql_finalize_all(merge->statements, STATEMENTS);
	sqlite3_exec(sqlite, USUAL_CACHE, NULL, NULL, NULL);
	sqlite3_exec(sqlite, temporary_table, NULL, NULL, NULL);
	sqlite3_db_release_memory(sqlite);
}

void circuits_db_skip_accounting(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

int64_t circuits_db_count_staged(struct circuits_db *db)
{
	return sql_integer(db->sqlite,
			   "SELECT 1 + (SELECT max(row) FROM staged_devices) - "
			   "(SELECT min(row) FROM staged_devices)",
			   0);
}

bool circuits_db_merge_staged(struct circuits_db *db, bool *merged, struct error *err)
{
	struct merge merge = { .db = db, .err = err };
	bool ok, refused = false;

	*merged = false;
	if (!sql_integer(db->sqlite, "SELECT EXISTS (SELECT 1 FROM staged_devices)", 0))
		return true;
	*merged = ok = run_merge(&merge, &refused);
	if (refused) {
		const struct error reason = *err;

		ok = note_refusal(&merge, &reason);
	}
	clean_up(&merge);
	return ok;
}

bool circuits_db_import(struct circuits_db *db, const struct import *import,
			struct import_result *result, struct error *err)
{
	struct merge merge = { .db = db, .import = import, .err = err };
	bool refused = false, ok = run_merge(&merge, &refused);

	clean_up(&merge);
	*result = merge.result;
	return ok;
}
