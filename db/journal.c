/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Closing revisions, what came of them, and reading it all again. */
#include <stdio.h>
#include <string.h>

#include "db/circuits.h"
#include "db/circuits_private.h"
#include "db/sql.h"
#include "engine/base/memory.h"

#define RESULTS_AT_ONCE 1000 /* some 2 ms, in which no class is made */

/* Rows of an import have their revision already: the next one. */
bool circuits_db_stamp_revision(struct circuits_db *db, uint64_t *revision, struct error *err)
{
	static const char current[] =
		"SELECT CAST(value AS INTEGER) FROM settings WHERE key = 'revision'";
	sqlite3 *sqlite = db->sqlite;

	if (sql_integer(sqlite,
			"SELECT EXISTS (SELECT 1 FROM journal WHERE revision IS NULL) OR "
			"(SELECT max(revision) FROM journal) > (SELECT CAST(value AS INTEGER) FROM "
			"settings WHERE key = 'revision')",
			0) &&
	    !sql_run(
		    sqlite,
		    "UPDATE settings SET value = CAST(value AS INTEGER) + 1 WHERE key = 'revision';"
		    "UPDATE journal SET revision = (SELECT CAST(value AS INTEGER) FROM settings "
		    "WHERE key = 'revision') WHERE revision IS NULL",
		    err))
		return false;
	*revision = (uint64_t)sql_integer(sqlite, current, 0);
	return true;
}

bool circuits_db_close_revision(struct circuits_db *db, uint64_t *revision, struct error *err)
{
	bool ok;

	/* Reading needs no lock: most looks find nothing open. */
	if (!sql_integer(db->sqlite, "SELECT EXISTS (SELECT 1 FROM journal WHERE revision IS NULL)",
			 0))
		return circuits_db_stamp_revision(db, revision, err);
	if (!circuits_db_begin_write(db, err))
		return false;
	ok = circuits_db_stamp_revision(db, revision, err);
	return circuits_db_end_write(db, ok, err);
}

uint64_t circuits_db_circuit_revision(struct circuits_db *db, const char *circuit_id)
{
	sqlite3_stmt *statement = db->last_revision;
	uint64_t revision = 0;

	if (!statement)
		return 0;
	sqlite3_bind_text(statement, 1, circuit_id, -1, SQLITE_STATIC);
	if (sqlite3_step(statement) == SQLITE_ROW)
		revision = (uint64_t)sqlite3_column_int64(statement, 0);
	sqlite3_reset(statement);
	return revision;
}

bool circuits_db_set_origin(struct circuits_db *db, const char *author, struct error *err)
{
	const char *texts[] = { author, NULL };
	sqlite3_stmt *insert;
	bool ok = sql_run(db->sqlite, "DELETE FROM origin", err);

	if (!ok || !author)
		return ok;
	insert = sql_prepare(db->sqlite, "INSERT INTO origin (author) VALUES (?1)", texts);
	ok = sql_step(insert, err);
	sqlite3_finalize(insert);
	return ok;
}

bool circuits_db_trim_journal(struct circuits_db *db, struct error *err)
{
	static const char is_old[] =
		"revision IS NOT NULL AND time_ms < 1000 * (unixepoch() - 86400 * (SELECT "
		"CAST(value AS INTEGER) FROM settings WHERE key = 'journal_days'))";
	char text[400];
	bool ok;

	snprintf(text, sizeof(text),
		 "SELECT EXISTS (SELECT 1 FROM journal WHERE id = "
		 "(SELECT min(id) FROM journal) AND %s)",
		 is_old);
	if (!sql_integer(db->sqlite, text, 0))
		return true;
	snprintf(text, sizeof(text), "DELETE FROM journal WHERE %s", is_old);
	if (!circuits_db_begin_write(db, err))
		return false;
	ok = sql_run(db->sqlite, text, err);
	return circuits_db_end_write(db, ok, err);
}

/* --- results ---------------------------------------------------------------------------------- */

struct recording {
	sqlite3_stmt *find, *update;
	int64_t rows_left; /* that may still be written in this transaction */
};

/* The last of the revision's next rows, and how many they are. */
static int64_t find_part(const struct recording *recording, uint64_t revision, int64_t behind,
			 int64_t *rows)
{
	sqlite3_stmt *find = recording->find;
	int64_t last = behind;

	*rows = 0;
	sqlite3_bind_int64(find, 1, (sqlite3_int64)revision);
	sqlite3_bind_int64(find, 2, behind);
	sqlite3_bind_int64(find, 3, recording->rows_left);
	if (sqlite3_step(find) == SQLITE_ROW) {
		last = sqlite3_column_int64(find, 0);
		*rows = sqlite3_column_int64(find, 1);
	}
	sqlite3_reset(find);
	return last;
}

/* *position: the last row that has it now. */
static bool record_part(struct recording *recording, const struct applied_result *result,
			int64_t *position, struct error *err)
{
	sqlite3_stmt *update = recording->update;
	int64_t rows, last = find_part(recording, result->revision, *position, &rows);
	bool ok;

	sqlite3_bind_int64(update, 1, (sqlite3_int64)result->revision);
	sqlite3_bind_double(update, 2, result->apply_ms);
	sqlite3_bind_int64(update, 3, result->epoch);
	sqlite3_bind_text(update, 4, result->text, -1, SQLITE_STATIC);
	sqlite3_bind_int64(update, 5, *position);
	sqlite3_bind_int64(update, 6, last);
	ok = sql_step(update, err);
	sqlite3_reset(update);
	recording->rows_left -= rows;
	*position = last;
	return ok;
}

bool circuits_db_record_applied(struct circuits_db *db, const struct applied_result *results,
				size_t count, int64_t *position, size_t *written, struct error *err)
{
	struct recording recording = { .rows_left = RESULTS_AT_ONCE };
	int64_t at = *position;
	size_t done = 0;
	bool ok = true;

	*written = 0;
	if (!circuits_db_begin_write(db, err))
		return false;
	recording.find = sql_prepare(
		db->sqlite,
		"SELECT max(id), count(*) FROM (SELECT id FROM journal WHERE revision = ?1 AND "
		"id > ?2 ORDER BY id LIMIT ?3)",
		NULL);
	recording.update = sql_prepare(db->sqlite,
				       "UPDATE journal SET apply_ms = ?2, epoch = ?3, result = ?4 "
				       "WHERE revision = ?1 AND id > ?5 AND id <= ?6",
				       NULL);
	while (ok && done < count && recording.rows_left > 0) {
		ok = record_part(&recording, &results[done], &at, err);
		if (recording.rows_left > 0) { /* that was all of it */
			done++;
			at = 0;
		}
	}
	sqlite3_finalize(recording.find);
	sqlite3_finalize(recording.update);
	ok = circuits_db_end_write(db, ok, err);
	if (ok) {
		*written = done;
		*position = at;
	}
	return ok;
}

bool circuits_db_record_events(struct circuits_db *db, const struct host_event *events,
			       size_t count, struct error *err)
{
	bool ok = circuits_db_begin_write(db, err);

	if (!ok)
		return false;
	/* Of no revision: nothing that could be undone. */
	for (size_t i = 0; i < count && ok; i++) {
		const char *texts[] = { events[i].subject, events[i].field,  events[i].before,
					events[i].after,   events[i].result, NULL };
		sqlite3_stmt *insert = sql_prepare(
			db->sqlite,
			"INSERT INTO journal (revision, author, action, kind, subject, field, "
			"before, after, result, time_ms) VALUES (0, 'lqosd', 'host', 'host', ?1, "
			"?2, ?3, ?4, ?5, ?6)",
			texts);

		sqlite3_bind_int64(insert, 6, events[i].time_ms);
		ok = sql_step(insert, err);
		sqlite3_finalize(insert);
	}
	return circuits_db_end_write(db, ok, err);
}

bool circuits_db_record_problems(struct circuits_db *db, const struct network *network,
				 struct error *err)
{
	sqlite3_stmt *insert;
	bool ok;

	if (!network->problem_count &&
	    !sql_integer(db->sqlite, "SELECT EXISTS (SELECT 1 FROM problems)", 0))
		return true;
	if (!circuits_db_begin_write(db, err))
		return false;
	ok = sql_run(db->sqlite, "DELETE FROM problems WHERE source = 'network'", err);
	/* Those of an import came out of this very table and stay in it. */
	insert = sql_prepare(db->sqlite,
			     "INSERT INTO problems SELECT 'network', ?1, ?2, ?3 WHERE NOT EXISTS "
			     "(SELECT 1 FROM problems WHERE subject = ?1 AND reason = ?2)",
			     NULL);
	for (size_t i = 0; i < network->problem_count && ok; i++) {
		sqlite3_bind_text(insert, 1, network->problems[i].subject, -1, SQLITE_STATIC);
		sqlite3_bind_text(insert, 2, network->problems[i].reason, -1, SQLITE_STATIC);
		sqlite3_bind_text(insert, 3, network->problems[i].in_force, -1, SQLITE_STATIC);
		ok = sql_step(insert, err);
	}
	sqlite3_finalize(insert);
	return circuits_db_end_write(db, ok, err);
}

/* --- reading the journal ---------------------------------------------------------------------- */

static void read_row(sqlite3_stmt *statement, struct journal_row *row)
{
	row->id = sqlite3_column_int64(statement, 0);
	row->time_ms = sqlite3_column_int64(statement, 1);
	row->revision = (uint64_t)sqlite3_column_int64(statement, 2);
	copy_text(row->author, sizeof(row->author), sql_text(statement, 3));
	copy_text(row->action, sizeof(row->action), sql_text(statement, 4));
	snprintf(row->subject, sizeof(row->subject), "%s %s", sql_text(statement, 5),
		 sql_text(statement, 6));
	copy_text(row->field, sizeof(row->field), sql_text(statement, 7));
	copy_text(row->before, sizeof(row->before), sql_text(statement, 8));
	copy_text(row->after, sizeof(row->after), sql_text(statement, 9));
	copy_text(row->result, sizeof(row->result), sql_text(statement, 10));
	row->apply_ms = sqlite3_column_type(statement, 11) == SQLITE_NULL
				? -1
				: sqlite3_column_double(statement, 11);
}

int circuits_db_read_journal(struct circuits_db *db, int64_t before_id, const char *subject,
			     struct journal_row *rows, int limit)
{
	sqlite3_stmt *statement = sql_prepare(
		db->sqlite,
		"SELECT id, time_ms, revision, author, action, kind, subject, field, before, "
		"after, "
		"result, apply_ms FROM journal WHERE (?1 = 0 OR id < ?1) AND (?2 IS NULL OR "
		"circuit = ?2) ORDER BY id DESC LIMIT ?3",
		NULL);
	int count = 0;

	sqlite3_bind_int64(statement, 1, before_id);
	if (subject)
		sqlite3_bind_text(statement, 2, subject, -1, SQLITE_STATIC);
	sqlite3_bind_int(statement, 3, limit);
	while (count < limit && sqlite3_step(statement) == SQLITE_ROW)
		read_row(statement, &rows[count++]);
	sqlite3_finalize(statement);
	return count;
}
