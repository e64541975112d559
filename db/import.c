/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "db/import.h"

#include "db/circuits_private.h"
#include "db/sql.h"

struct circuits_db *circuits_db_open_copy(const char *path, struct error *err)
{
	struct circuits_db *db = circuits_db_open_to_check(path, err);
	sqlite3 *copy = db ? sql_open_nothing() : NULL;

	if (!copy || !circuits_file_copy_pages(db->sqlite, copy, err)) {
		sqlite3_close(copy);
		circuits_db_close(db);
		return NULL;
	}
	sqlite3_finalize(db->last_revision);
	sqlite3_close(db->sqlite);
	db->last_revision = NULL;
	db->sqlite = copy;
	return db;
}

bool circuits_db_each_change(struct circuits_db *db, uint64_t revision,
			     void (*take)(void *data, const struct change_row *row), void *data,
			     struct error *err)
{
	sqlite3_stmt *select = sql_prepare(db->sqlite,
					   "SELECT action, kind, subject, field, before, after "
					   "FROM journal WHERE revision = ?1 ORDER BY id",
					   NULL);
	int result;

	sqlite3_bind_int64(select, 1, (sqlite3_int64)revision);
	while ((result = sqlite3_step(select)) == SQLITE_ROW)
		take(data, &(struct change_row){ .action = sql_text(select, 0),
						 .kind = sql_text(select, 1),
						 .subject = sql_text(select, 2),
						 .field = sql_text(select, 3),
						 .before = sql_text(select, 4),
						 .after = sql_text(select, 5) });
	if (result != SQLITE_DONE)
		sql_failed(db->sqlite, err);
	sqlite3_finalize(select);
	return result == SQLITE_DONE;
}
