/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changing a circuit, closing revisions, and what came of them. */
#include <stdio.h>
#include <string.h>

#include "db/circuits.h"
#include "db/circuits_private.h"
#include "db/sql.h"
#include "engine/base/memory.h"

bool circuits_db_stamp_revision(struct circuits_db *db, uint64_t *revision, struct error *err)
{
	sqlite3 *sqlite = db->sqlite;
	int64_t open = sql_integer(
		sqlite, "SELECT EXISTS (SELECT 1 FROM journal WHERE revision IS NULL)", 0);

	if (open &&
	    !sql_run(
		    sqlite,
		    "UPDATE settings SET value = CAST(value AS INTEGER) + 1 WHERE key = 'revision';"
		    "UPDATE journal SET revision = (SELECT CAST(value AS INTEGER) FROM settings "
		    "WHERE key = 'revision') WHERE revision IS NULL",
		    err))
		return false;
	*revision = (uint64_t)sql_integer(
		sqlite, "SELECT CAST(value AS INTEGER) FROM settings WHERE key = 'revision'", 0);
	return true;
}

bool circuits_db_close_revision(struct circuits_db *db, uint64_t *revision, struct error *err)
{
	bool ok;

	/* Reading needs no lock: most looks find nothing open. */
	if (!sql_integer(db->sqlite, "SELECT EXISTS (SELECT 1 FROM journal WHERE revision IS NULL)",
			 0))
		return circuits_db_stamp_revision(db, revision, err);
	if (!sql_run(db->sqlite, "BEGIN IMMEDIATE", err))
		return false;
	ok = circuits_db_stamp_revision(db, revision, err);
	if (!sql_end(db->sqlite, ok, err))
		return false;
	sql_checkpoint(db->sqlite);
	return true;
}

uint64_t circuits_db_circuit_revision(struct circuits_db *db, const char *circuit_id)
{
	sqlite3_stmt *statement = db->last_revision;
	uint64_t revision = 0;

	sqlite3_bind_text(statement, 1, circuit_id, -1, SQLITE_STATIC);
	if (sqlite3_step(statement) == SQLITE_ROW)
		revision = (uint64_t)sqlite3_column_int64(statement, 0);
	sqlite3_reset(statement);
	return revision;
}

/* --- an edit ------------------------------------------------------------------------------------------ */

static bool check_revision(struct circuits_db *db, const struct circuit_edit *edit,
			   uint64_t expect_revision, struct error *err)
{
	uint64_t changed = circuits_db_circuit_revision(db, edit->circuit_id);

	if (!expect_revision || changed <= expect_revision)
		return true;
	return error_set(
		err, ERROR_CONFLICT,
		"circuit %.60s was changed meanwhile, in revision %llu (you saw %llu); look "
		"at it again",
		edit->circuit_id, (unsigned long long)changed, (unsigned long long)expect_revision);
}

static void bind_rate(sqlite3_stmt *statement, int place, bool set, uint64_t rate_bps)
{
	if (set)
		sqlite3_bind_int64(statement, place, (sqlite3_int64)rate_bps);
}

/* What is not set is bound to NULL and stays as it is; a minimum nobody spoke of stays within its
 * maximum, as circuit_edit_preview promised. */
static bool update_circuit(struct circuits_db *db, const struct circuit_edit *edit,
			   struct error *err)
{
	const char *id[] = { edit->circuit_id, NULL };
	sqlite3_stmt *update = sql_prepare(
		db->sqlite,
		"UPDATE circuits SET "
		"download_max_bps = coalesce(?2, download_max_bps), "
		"upload_max_bps = coalesce(?3, upload_max_bps), "
		"download_min_bps = coalesce(?4, min(download_min_bps, coalesce(?2, "
		"download_min_bps))), "
		"upload_min_bps = coalesce(?5, min(upload_min_bps, coalesce(?3, upload_min_bps))), "
		"suspended = coalesce(?6, suspended) WHERE id = ?1",
		id);
	bool ok;

	bind_rate(update, 2, edit->set_max[DOWNLOAD], edit->max_bps[DOWNLOAD]);
	bind_rate(update, 3, edit->set_max[UPLOAD], edit->max_bps[UPLOAD]);
	bind_rate(update, 4, edit->set_min[DOWNLOAD], edit->min_bps[DOWNLOAD]);
	bind_rate(update, 5, edit->set_min[UPLOAD], edit->min_bps[UPLOAD]);
	bind_rate(update, 6, edit->set_suspended, edit->suspended);
	ok = sql_step(update, err);
	if (ok && sqlite3_changes(db->sqlite) == 0)
		ok = error_set(err, ERROR_MISSING, "circuit \"%.60s\" is not in %s any more",
			       edit->circuit_id, db->path);
	sqlite3_finalize(update);
	return ok;
}

bool circuits_db_set_origin(struct circuits_db *db, const char *author, struct error *err)
{
	const char *texts[] = { author, NULL };
	sqlite3_stmt *insert = sql_prepare(db->sqlite, "INSERT INTO origin VALUES (?1)", texts);
	bool ok = sql_run(db->sqlite, "DELETE FROM origin", err) && sql_step(insert, err);

	sqlite3_finalize(insert);
	return ok;
}

bool circuits_db_edit(struct circuits_db *db, const struct circuit_edit *edit, const char *author,
		      uint64_t expect_revision, uint64_t *revision, struct error *err)
{
	uint64_t earlier;
	bool ok;

	if (!sql_run(db->sqlite, "BEGIN IMMEDIATE", err))
		return false;
	ok = circuits_db_stamp_revision(db, &earlier, err) &&
	     check_revision(db, edit, expect_revision, err) &&
	     circuits_db_set_origin(db, author, err) && update_circuit(db, edit, err) &&
	     sql_run(db->sqlite, "DELETE FROM origin", err) &&
	     circuits_db_stamp_revision(db, revision, err);
	if (!sql_end(db->sqlite, ok, err))
		return false;
	sql_checkpoint(db->sqlite);
	return true;
}

/* --- results ------------------------------------------------------------------------------------------- */

bool circuits_db_record_applied(struct circuits_db *db, uint64_t revision, double apply_ms,
				uint32_t epoch, const char *result, struct error *err)
{
	sqlite3_stmt *update;
	bool ok;

	if (!sql_run(db->sqlite, "BEGIN IMMEDIATE", err))
		return false;
	update = sql_prepare(db->sqlite,
			     "UPDATE journal SET apply_ms = ?2, epoch = ?3, result = ?4 "
			     "WHERE revision = ?1",
			     NULL);
	sqlite3_bind_int64(update, 1, (sqlite3_int64)revision);
	sqlite3_bind_double(update, 2, apply_ms);
	sqlite3_bind_int64(update, 3, epoch);
	sqlite3_bind_text(update, 4, result, -1, SQLITE_STATIC);
	ok = sql_step(update, err);
	sqlite3_finalize(update);
	if (!sql_end(db->sqlite, ok, err))
		return false;
	sql_checkpoint(db->sqlite);
	return true;
}

bool circuits_db_record_problems(struct circuits_db *db, const struct network *network,
				 struct error *err)
{
	sqlite3_stmt *insert;
	bool ok;

	if (!network->problem_count &&
	    !sql_integer(db->sqlite, "SELECT EXISTS (SELECT 1 FROM problems)", 0))
		return true;
	if (!sql_run(db->sqlite, "BEGIN IMMEDIATE", err))
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
	return sql_end(db->sqlite, ok, err);
}

/* --- reading the journal -------------------------------------------------------------------------------- */

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
