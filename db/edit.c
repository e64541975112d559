/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changing a circuit, for good or for a while. */
#include <stdio.h>

#include "db/circuits.h"
#include "db/circuits_private.h"
#include "db/sql.h"

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

/* Runs a statement with ?1 the circuit, ?2 and ?3 the maxima, ?4 and ?5 the minima, ?6 suspended
 * and ?7 the seconds; what is not set is bound to NULL. */
static bool run_edit(struct circuits_db *db, const char *text, const struct circuit_edit *edit,
		     struct error *err)
{
	const char *id[] = { edit->circuit_id, NULL };
	sqlite3_stmt *statement = sql_prepare(db->sqlite, text, id);
	bool ok;

	for (int d = 0; d < DIRECTIONS; d++) {
		if (edit->set_max[d])
			sqlite3_bind_int64(statement, 2 + d, (sqlite3_int64)edit->max_bps[d]);
		if (edit->set_min[d])
			sqlite3_bind_int64(statement, 4 + d, (sqlite3_int64)edit->min_bps[d]);
	}
	if (edit->set_suspended)
		sqlite3_bind_int(statement, 6, edit->suspended);
	sqlite3_bind_int64(statement, 7, edit->for_s);
	ok = sql_step(statement, err);
	sqlite3_finalize(statement);
	return ok;
}

bool circuits_db_end_override(struct circuits_db *db, const char *circuit_id,
			      const char *const *columns, struct error *err)
{
	const char *id[] = { circuit_id, NULL };
	sqlite3_stmt *statement;
	char text[100];
	bool ok = true;

	for (; ok && *columns; columns++) {
		snprintf(text, sizeof(text), "UPDATE overrides SET %s = NULL WHERE circuit = ?1",
			 *columns);
		statement = sql_prepare(db->sqlite, text, id);
		ok = sql_step(statement, err);
		sqlite3_finalize(statement);
	}
	statement = sql_prepare(db->sqlite,
				"DELETE FROM overrides WHERE circuit = ?1 AND "
				"coalesce(download_max_bps, upload_max_bps, suspended) IS NULL",
				id);
	ok = ok && sql_step(statement, err);
	sqlite3_finalize(statement);
	return ok;
}

/* A minimum nobody spoke of stays within its maximum, as circuit_edit_preview promised. */
static bool edit_for_good(struct circuits_db *db, const struct circuit_edit *edit,
			  struct error *err)
{
	const char *ended[4] = { NULL };
	int count = 0;

	if (!run_edit(db,
		      "UPDATE circuits SET "
		      "download_max_bps = coalesce(?2, download_max_bps), "
		      "upload_max_bps = coalesce(?3, upload_max_bps), "
		      "download_min_bps = coalesce(?4, min(download_min_bps, coalesce(?2, "
		      "download_min_bps))), "
		      "upload_min_bps = coalesce(?5, min(upload_min_bps, coalesce(?3, "
		      "upload_min_bps))), "
		      "suspended = coalesce(?6, suspended) WHERE id = ?1",
		      edit, err))
		return false;
	if (sqlite3_changes(db->sqlite) == 0)
		return error_set(err, ERROR_MISSING, "circuit \"%.60s\" is not in %s any more",
				 edit->circuit_id, db->path);
	if (edit->set_max[DOWNLOAD])
		ended[count++] = "download_max_bps";
	if (edit->set_max[UPLOAD])
		ended[count++] = "upload_max_bps";
	if (edit->set_suspended)
		ended[count++] = "suspended";
	return circuits_db_end_override(db, edit->circuit_id, ended, err);
}

static bool edit_for_a_while(struct circuits_db *db, const struct circuit_edit *edit,
			     struct error *err)
{
	if (!run_edit(db,
		      "UPDATE overrides SET download_max_bps = coalesce(?2, download_max_bps), "
		      "upload_max_bps = coalesce(?3, upload_max_bps), "
		      "suspended = coalesce(?6, suspended), "
		      "until = datetime('now', '+' || ?7 || ' seconds') WHERE circuit = ?1",
		      edit, err))
		return false;
	return sqlite3_changes(db->sqlite) > 0 ||
	       run_edit(db,
			"INSERT INTO overrides (circuit, download_max_bps, upload_max_bps, "
			"suspended, until) "
			"VALUES (?1, ?2, ?3, ?6, datetime('now', '+' || ?7 || ' seconds'))",
			edit, err);
}

bool circuits_db_edit(struct circuits_db *db, const struct circuit_edit *edit, const char *author,
		      uint64_t expect_revision, uint64_t *revision, struct error *err)
{
	uint64_t earlier;
	bool ok;

	if (!circuits_db_begin_write(db, err))
		return false;
	ok = circuits_db_stamp_revision(db, &earlier, err) &&
	     check_revision(db, edit, expect_revision, err) &&
	     circuits_db_set_origin(db, author, err) &&
	     (edit->for_s ? edit_for_a_while(db, edit, err) : edit_for_good(db, edit, err)) &&
	     circuits_db_set_origin(db, NULL, err) && circuits_db_stamp_revision(db, revision, err);
	return circuits_db_end_write(db, ok, err);
}

int64_t circuits_db_next_expiry_s(struct circuits_db *db)
{
	return sql_integer(db->sqlite, "SELECT unixepoch(min(until)) FROM overrides", 0);
}

int64_t circuits_db_override_until_s(struct circuits_db *db, const char *circuit_id)
{
	const char *texts[] = { circuit_id, NULL };
	sqlite3_stmt *select = sql_prepare(
		db->sqlite, "SELECT unixepoch(until) FROM overrides WHERE circuit = ?1", texts);
	int64_t until_s = 0;

	if (sqlite3_step(select) == SQLITE_ROW)
		until_s = sqlite3_column_int64(select, 0);
	sqlite3_finalize(select);
	return until_s;
}

bool circuits_db_expire(struct circuits_db *db, struct error *err)
{
	uint64_t revision;
	bool ok;

	if (!circuits_db_begin_write(db, err))
		return false;
	ok = circuits_db_stamp_revision(db, &revision, err) &&
	     circuits_db_set_origin(db, "expiry", err) &&
	     sql_run(db->sqlite, "DELETE FROM overrides WHERE until <= datetime('now')", err) &&
	     circuits_db_set_origin(db, NULL, err) &&
	     circuits_db_stamp_revision(db, &revision, err);
	return circuits_db_end_write(db, ok, err);
}
