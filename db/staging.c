/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Merges imported rows of a ShapedDevices.csv into circuits, devices and prefixes, in one
 * transaction. Of the circuits that the import names, devices and addresses become what it says.
 * Those that it does not name stay (import_mode merge) or go (replace), but never more of them than
 * removal_limit_percent. A row that can't be taken goes to problems and leaves what was there
 * alone.
 *
 * Row by row only into temporary tables; from there a statement a table (staged_write.c).
 */
#include <stdio.h>

#include "db/circuits.h"
#include "db/circuits_private.h"
#include "db/import.h"
#include "db/import_sites.h"
#include "db/shaped_row.h"
#include "db/sql.h"
#include "db/staged_write.h"
#include "engine/base/arena.h"

#define MERGE_CACHE "PRAGMA cache_size = -131072" /* KiB: pages must not be written twice */
#define USUAL_CACHE "PRAGMA cache_size = -2000"
#define ROWS_AN_ARENA 100

static const char temporary_tables[] =
	"PRAGMA temp_store = MEMORY;"
	"DROP TABLE IF EXISTS temp.rows; DROP TABLE IF EXISTS temp.row_prefixes;"
	"DROP TABLE IF EXISTS temp.named; DROP TABLE IF EXISTS temp.firsts;"
	"DROP TABLE IF EXISTS temp.shared;"
	"CREATE TEMP TABLE rows (row INTEGER PRIMARY KEY, circuit TEXT, name TEXT, site TEXT, "
	"download_min INTEGER, upload_min INTEGER, download_max INTEGER, upload_max INTEGER, "
	"comment TEXT, leaf TEXT, device TEXT, device_name TEXT, mac TEXT);"
	"CREATE TEMP TABLE row_prefixes (row INTEGER, prefix TEXT);"
	"CREATE TEMP TABLE named (circuit TEXT PRIMARY KEY) WITHOUT ROWID;"
	/* The first row of each circuit. */
	"CREATE TEMP TABLE firsts (circuit TEXT PRIMARY KEY, row INTEGER, rows INTEGER) "
	"WITHOUT ROWID;";

enum statement { ADD_ROW, ADD_PREFIX, ADD_NAMED, ADD_PROBLEM, STATEMENTS };

static const char *const statement_texts[STATEMENTS] = {
	/* An unknown site stays as it is written: that is the network's problem, in words. */
	[ADD_ROW] = "INSERT INTO temp.rows VALUES (?1, ?2, ?3, CASE WHEN ?4 <> '' THEN coalesce("
		    "(SELECT id FROM sites WHERE name = ?4), (SELECT id FROM sites WHERE id = ?4), "
		    "?4) END, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
	[ADD_PREFIX] = "INSERT INTO temp.row_prefixes VALUES (?1, ?2)",
	[ADD_NAMED] = "INSERT OR IGNORE INTO temp.named VALUES (?1)",
	[ADD_PROBLEM] = "INSERT INTO problems VALUES ('import', ?1, ?2, ?3)",
};

struct merge {
	struct circuits_db *db;
	const struct import *import; /* NULL: what is staged in the file */
	struct import_result result;
	sqlite3_stmt *statements[STATEMENTS];
	bool replaces;	     /* import_mode is replace */
	struct arena *arena; /* of some rows */
	size_t arena_rows;
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

static bool report(struct merge *merge, const struct shaped_row *row, const char *reason,
		   const char *in_force)
{
	const char *subject = arena_format(merge->arena, "ShapedDevices row %lld (circuit %.120s)",
					   (long long)row->number,
					   *row->text[CIRCUIT_ID] ? row->text[CIRCUIT_ID] : "?");

	return run(merge, ADD_PROBLEM, subject, reason, in_force);
}

static bool add_prefixes(struct merge *merge, const struct shaped_row *row, const char *list)
{
	sqlite3_stmt *insert = merge->statements[ADD_PREFIX];
	const char *prefix;

	while ((prefix = shaped_row_next_address(&list, merge->arena))) {
		sqlite3_bind_int64(insert, 1, row->number);
		sqlite3_bind_text(insert, 2, prefix, -1, SQLITE_STATIC);
		if (!sql_step(insert, merge->err))
			return false;
	}
	return true;
}

static bool add_row(struct merge *merge, const struct shaped_row *row)
{
	const char *site =
		*row->text[PARENT_NODE] ? row->text[PARENT_NODE] : row->text[PARENT_NODE_ID];
	const char *texts[] = { row->text[COMMENT], row->leaf, shaped_row_device(row, merge->arena),
				row->text[DEVICE_NAME], row->text[MAC] };
	sqlite3_stmt *insert = merge->statements[ADD_ROW];

	sqlite3_bind_int64(insert, 1, row->number);
	sqlite3_bind_text(insert, 2, row->text[CIRCUIT_ID], -1, SQLITE_STATIC);
	sqlite3_bind_text(insert, 3, row->text[CIRCUIT_NAME], -1, SQLITE_STATIC);
	sqlite3_bind_text(insert, 4, site, -1, SQLITE_STATIC);
	for (int column = DOWNLOAD_MIN; column <= UPLOAD_MAX; column++)
		sqlite3_bind_int64(insert, 5 + column - DOWNLOAD_MIN, row->rate_bps[column]);
	for (int i = 0; i < 5; i++)
		sqlite3_bind_text(insert, 9 + i, texts[i], -1, SQLITE_STATIC);
	return sql_step(insert, merge->err) && add_prefixes(merge, row, row->text[IPV4]) &&
	       add_prefixes(merge, row, row->text[IPV6]);
}

static bool take_row(struct merge *merge, struct shaped_row *row)
{
	const char *fault = shaped_row_find_fault(row, merge->arena);
	const char *doubt = fault ? NULL : shaped_row_find_doubt(row, merge->arena);

	if (merge->replaces && *row->text[CIRCUIT_ID] &&
	    !run(merge, ADD_NAMED, row->text[CIRCUIT_ID], NULL, NULL))
		return false;
	if (fault)
		return report(merge, row, fault, "the row was not taken");
	return (!doubt || report(merge, row, doubt, "both directions get the first")) &&
	       add_row(merge, row);
}

/* The row is changed in the course of it. */
static bool clean_and_take(struct merge *merge, struct shaped_row *row)
{
	if (merge->arena_rows++ % ROWS_AN_ARENA == 0) {
		arena_free(merge->arena);
		merge->arena = arena_new();
	}
	shaped_row_clean(row, merge->arena);
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

/* --- table by table --------------------------------------------------------------------------- */

#define PROBLEM_OF_ROW                                                                             \
	"INSERT INTO problems SELECT 'import', 'ShapedDevices row ' || r.row || ' (circuit ' || "  \
	"r.circuit || ')', "

/* A device is one circuit's: that of its first row. */
#define WITH_OWNER                                                                                 \
	"FROM temp.shared s CROSS JOIN temp.rows o ON o.row = s.row "                              \
	"CROSS JOIN temp.rows r ON r.device = s.device WHERE o.circuit <> r.circuit"

/* The rows of a circuit behind its first, with that. */
#define WITH_FIRST                                                                                 \
	"FROM temp.firsts f CROSS JOIN temp.rows first ON first.row = f.row "                      \
	"CROSS JOIN temp.rows r ON r.circuit = f.circuit AND r.row > f.row WHERE f.rows > 1 "

/* Several rows of a circuit must agree on its site; of what else they say, the first's holds. */
static const char settle_rows[] =
	"CREATE INDEX temp.rows_by_device ON rows (device, row);"
	"CREATE TEMP TABLE shared AS SELECT device, min(row) AS row FROM temp.rows "
	"GROUP BY device HAVING count(*) > 1;" PROBLEM_OF_ROW
	"'its device is that of row ' || o.row || ', of circuit ' || o.circuit, "
	"'the row was not taken' " WITH_OWNER " ORDER BY r.row;"
	"DELETE FROM temp.rows WHERE row IN (SELECT r.row " WITH_OWNER ");"
	"CREATE INDEX temp.rows_by_circuit ON rows (circuit, row);"
	"INSERT INTO temp.firsts SELECT circuit, min(row), count(*) FROM temp.rows "
	"GROUP BY circuit;" PROBLEM_OF_ROW
	"'its parent node \"' || ifnull(r.site, '') || '\" is not that of the "
	"circuit''s first row', 'the row was not taken' " WITH_FIRST
	"AND r.site IS NOT first.site ORDER BY r.row;"
	"DELETE FROM temp.rows WHERE row IN (SELECT r.row " WITH_FIRST
	"AND r.site IS NOT first.site);" PROBLEM_OF_ROW
	"'its rates or sqm are not those of the circuit''s first row', "
	"'the first row''s hold' " WITH_FIRST
	"AND (r.download_min, r.upload_min, r.download_max, r.upload_max, r.leaf) IS NOT "
	"(first.download_min, first.upload_min, first.download_max, first.upload_max, first.leaf) "
	"ORDER BY r.row";

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
	for (int i = 0; i < STATEMENTS; i++) {
		merge->statements[i] = sql_prepare(merge->db->sqlite, statement_texts[i], NULL);
		if (!merge->statements[i])
			return sql_failed(merge->db->sqlite, merge->err);
	}
	return true;
}

static bool merge_rows(struct merge *merge, bool *refused)
{
	sqlite3 *sqlite = merge->db->sqlite;
	struct error *err = merge->err;

	if (!take_rows(merge) || !sql_run(sqlite, settle_rows, err))
		return false;
	merge->result.rows_refused =
		merge->result.rows -
		(size_t)sql_integer(sqlite, "SELECT count(*) FROM temp.rows", 0);
	return drop_unnamed(merge, refused) && staged_write(sqlite, err);
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
	    !sql_run(db->sqlite, temporary_tables, merge->err) ||
	    !circuits_db_begin_write(db, merge->err))
		return false;
	ok = prepare(merge) && merge_all(merge, refused);
	return circuits_db_end_write(db, ok, merge->err);
}

static void clean_up(struct merge *merge)
{
	sqlite3 *sqlite = merge->db->sqlite;

	arena_free(merge->arena);
	for (int i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(merge->statements[i]);
	sqlite3_exec(sqlite, USUAL_CACHE, NULL, NULL, NULL);
	sqlite3_exec(sqlite, temporary_tables, NULL, NULL, NULL);
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
