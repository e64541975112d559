/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows in memory as a table that SQL selects from (a virtual table of sqlite3): one statement writes
 * thousands of rows in half of the time that a statement a row takes.
 */
#ifndef LQOS_DB_SQL_ROWS_H
#define LQOS_DB_SQL_ROWS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#include "engine/base/error.h"

struct sql_rows {
	const char *columns; /* their names, with commas between them */
	const void *rows;
	size_t count;
	/* Sets the result to a column of a row, counted from 0. */
	void (*give)(sqlite3_context *result, const void *rows, size_t row, int column);
};

#define SQL_ROWS_NAME "offered_rows"
#define SQL_ROWS "temp." SQL_ROWS_NAME /* no table of the file's, whatever it is called */

/* The table is there, read as `rows` are at the time, until they are withdrawn. */
bool sql_offer_rows(sqlite3 *db, struct sql_rows *rows, struct error *err);
void sql_withdraw_rows(sqlite3 *db);

#endif
