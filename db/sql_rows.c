/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See https://sqlite.org/vtab.html: a table that is read from its first row to its last. */
#include "db/sql_rows.h"

#include "db/sql.h"

struct table {
	sqlite3_vtab base;
	const struct sql_rows *rows;
};

struct cursor {
	sqlite3_vtab_cursor base;
	size_t row;
};

static const struct sql_rows *rows_of(sqlite3_vtab_cursor *cursor)
{
	return ((const struct table *)cursor->pVtab)->rows;
}

static int connect(sqlite3 *db, void *rows, int argc, const char *const *argv, sqlite3_vtab **out,
		   char **message)
{
	const struct sql_rows *offered = rows;
	char *schema = sqlite3_mprintf("CREATE TABLE offered (%s)", offered->columns);
	struct table *table = sqlite3_malloc(sizeof(*table));
	int result = SQLITE_NOMEM;

	if (schema && table)
		result = sqlite3_declare_vtab(db, schema);
	sqlite3_free(schema);
	if (result != SQLITE_OK) {
		sqlite3_free(table);
		return result;
	}
	*table = (struct table){ .rows = offered };
	*out = &table->base;
	return SQLITE_OK;
}

static int disconnect(sqlite3_vtab *table)
{
	sqlite3_free(table);
	return SQLITE_OK;
}

static int plan(sqlite3_vtab *table, sqlite3_index_info *info)
{
	info->estimatedRows = (sqlite3_int64)((const struct table *)table)->rows->count;
	info->estimatedCost = (double)info->estimatedRows;
	return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
	struct cursor *cursor = sqlite3_malloc(sizeof(*cursor));

	if (!cursor)
		return SQLITE_NOMEM;
	*cursor = (struct cursor){ 0 };
	*out = &cursor->base;
	return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *cursor)
{
	sqlite3_free(cursor);
	return SQLITE_OK;
}

static int go_to_first(sqlite3_vtab_cursor *cursor, int plan_number, const char *plan_text,
		       int argc, sqlite3_value **argv)
{
	((struct cursor *)cursor)->row = 0;
	return SQLITE_OK;
}

static int go_to_next(sqlite3_vtab_cursor *cursor)
{
	((struct cursor *)cursor)->row++;
	return SQLITE_OK;
}

static int is_at_end(sqlite3_vtab_cursor *cursor)
{
	return ((const struct cursor *)cursor)->row >= rows_of(cursor)->count;
}

static int give_column(sqlite3_vtab_cursor *cursor, sqlite3_context *result, int column)
{
	const struct sql_rows *rows = rows_of(cursor);

	rows->give(result, rows->rows, ((const struct cursor *)cursor)->row, column);
	return SQLITE_OK;
}

static int give_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *rowid)
{
	*rowid = (sqlite3_int64)((const struct cursor *)cursor)->row;
	return SQLITE_OK;
}

static const sqlite3_module module = { .xCreate = connect,
				       .xConnect = connect,
				       .xBestIndex = plan,
				       .xDisconnect = disconnect,
				       .xDestroy = disconnect,
				       .xOpen = open_cursor,
				       .xClose = close_cursor,
				       .xFilter = go_to_first,
				       .xNext = go_to_next,
				       .xEof = is_at_end,
				       .xColumn = give_column,
				       .xRowid = give_rowid };

bool sql_offer_rows(sqlite3 *db, struct sql_rows *rows, struct error *err)
{
	if (sqlite3_create_module(db, SQL_ROWS_NAME, &module, rows) != SQLITE_OK)
		return sql_failed(db, err);
	return sql_run(db, "CREATE VIRTUAL TABLE " SQL_ROWS " USING " SQL_ROWS_NAME, err);
}

void sql_withdraw_rows(sqlite3 *db)
{
	sqlite3_exec(db, "DROP TABLE IF EXISTS " SQL_ROWS, NULL, NULL, NULL);
	sqlite3_create_module(db, SQL_ROWS_NAME, NULL, NULL);
}
