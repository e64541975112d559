/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of changed rows, within one transaction of the circuits file. */
#include <stdio.h>
#include <string.h>

#include "db/circuits.h"
#include "db/circuits_private.h"
#include "db/sql.h"
#include "engine/base/memory.h"

static const struct {
	const char *table, *key;
} tables[] = {
	[ROW_SITE] = { "sites", "id" },
	[ROW_CIRCUIT] = { "circuits", "id" },
	[ROW_DEVICE] = { "devices", "id" },
	[ROW_PREFIX] = { "prefixes", "prefix" },
};

bool circuits_db_begin(struct circuits_db *db, const char *author, struct error *err)
{
	uint64_t earlier;

	if (!circuits_db_begin_write(db, err))
		return false;
	if (circuits_db_stamp_revision(db, &earlier, err) &&
	    circuits_db_set_origin(db, author, err))
		return true;
	circuits_db_rollback(db);
	return false;
}

void circuits_db_rollback(struct circuits_db *db)
{
	circuits_db_end_write(db, false, NULL);
}

bool circuits_db_commit(struct circuits_db *db, uint64_t *revision, struct error *err)
{
	bool ok = sql_run(db->sqlite, "DELETE FROM origin", err) &&
		  circuits_db_stamp_revision(db, revision, err);

	return circuits_db_end_write(db, ok, err);
}

/* --- a row ------------------------------------------------------------------------------------ */

static void append(char *text, size_t size, const char *piece)
{
	size_t used = strlen(text);

	snprintf(text + used, size - used, "%s", piece);
}

/* ?1 is the id, ?2 the device, fields from ?3 on. */
static void bind_all(sqlite3_stmt *statement, const struct row_edit *edit)
{
	sqlite3_bind_text(statement, 1, edit->id, -1, SQLITE_STATIC);
	if (edit->device)
		sqlite3_bind_text(statement, 2, edit->device, -1, SQLITE_STATIC);
	for (size_t i = 0; i < edit->field_count; i++) {
		const struct row_field *field = &edit->fields[i];
		int place = (int)i + 3;

		if (field->value == VALUE_INTEGER)
			sqlite3_bind_int64(statement, place, field->integer);
		else if (field->value == VALUE_TEXT)
			sqlite3_bind_text(statement, place, field->text, -1, SQLITE_STATIC);
		else if (field->value == VALUE_FACTOR)
			sqlite3_bind_double(statement, place, field->factor);
	}
}

static void write_insert(const struct row_edit *edit, char *text, size_t size)
{
	char piece[80];

	snprintf(text, size, "INSERT INTO %s (%s%s", tables[edit->kind].table,
		 tables[edit->kind].key, edit->kind == ROW_PREFIX ? ", device" : "");
	for (size_t i = 0; i < edit->field_count; i++) {
		snprintf(piece, sizeof(piece), ", %s", edit->fields[i].column);
		append(text, size, piece);
	}
	append(text, size, edit->kind == ROW_PREFIX ? ") VALUES (?1, ?2" : ") VALUES (?1");
	for (size_t i = 0; i < edit->field_count; i++) {
		snprintf(piece, sizeof(piece), ", ?%zu", i + 3);
		append(text, size, piece);
	}
	append(text, size, ")");
}

static void write_update(const struct row_edit *edit, char *text, size_t size)
{
	char piece[160];

	snprintf(text, size, "UPDATE %s SET ", tables[edit->kind].table);
	for (size_t i = 0; i < edit->field_count; i++) {
		const struct row_field *field = &edit->fields[i];

		snprintf(piece, sizeof(piece),
			 field->value == VALUE_FACTOR ? "%s%s = CAST(round(%s * ?%zu) AS INTEGER)"
						      : "%s%s = %.0s?%zu",
			 i ? ", " : "", field->column, field->column, i + 3);
		append(text, size, piece);
	}
	snprintf(piece, sizeof(piece), " WHERE %s = ?1", tables[edit->kind].key);
	append(text, size, piece);
}

static bool exists(struct circuits_db *db, const struct row_edit *edit)
{
	sqlite3_stmt *select;
	char text[200];
	bool found;

	snprintf(text, sizeof(text), "SELECT 1 FROM %s WHERE %s = ?1%s", tables[edit->kind].table,
		 tables[edit->kind].key,
		 edit->kind == ROW_PREFIX && edit->device ? " AND device = ?2" : "");
	select = sql_prepare(db->sqlite, text, NULL);
	bind_all(select, &(struct row_edit){ .id = edit->id, .device = edit->device });
	found = sqlite3_step(select) == SQLITE_ROW;
	sqlite3_finalize(select);
	return found;
}

static bool check_existence(struct circuits_db *db, const struct row_edit *edit, struct error *err)
{
	const char *kind = row_kind_name(edit->kind);
	bool found = exists(db, edit);

	if (edit->action == ROW_ADD && found)
		return error_set(err, ERROR_CONFLICT, "there is a %s \"%.80s\" already", kind,
				 edit->id);
	if (edit->action != ROW_ADD && !found)
		return error_set(err, ERROR_MISSING, "there is no %s \"%.80s\"", kind, edit->id);
	return true;
}

/* A minimum nobody spoke of goes down with the plan. */
static bool lower_minima(struct circuits_db *db, const struct row_edit *edit, struct error *err)
{
	const char *id[] = { edit->id, NULL };
	sqlite3_stmt *update;
	bool ok;

	for (size_t i = 0; i < edit->field_count; i++)
		if (strstr(edit->fields[i].column, "_min_bps"))
			return true;
	update = sql_prepare(db->sqlite,
			     "UPDATE circuits SET "
			     "download_min_bps = min(download_min_bps, download_max_bps), "
			     "upload_min_bps = min(upload_min_bps, upload_max_bps) WHERE id = ?1 "
			     "AND (download_min_bps > download_max_bps "
			     "OR upload_min_bps > upload_max_bps)",
			     id);
	ok = sql_step(update, err);
	sqlite3_finalize(update);
	return ok;
}

/* What a plan's new value is to hold for good. */
static bool end_override(struct circuits_db *db, const struct row_edit *edit, struct error *err)
{
	static const char *const overridable[] = { "download_max_bps", "upload_max_bps",
						   "suspended" };
	const char *ended[4] = { NULL };
	int count = 0;

	for (size_t i = 0; i < edit->field_count; i++)
		for (size_t o = 0; o < 3; o++)
			if (!strcmp(edit->fields[i].column, overridable[o]))
				ended[count++] = overridable[o];
	return !count || circuits_db_end_override(db, edit->id, ended, err);
}

bool circuits_db_write_row(struct circuits_db *db, const struct row_edit *edit, struct error *err)
{
	sqlite3_stmt *statement;
	char text[1200];
	bool ok;

	if (!check_existence(db, edit, err))
		return false;
	if (edit->action == ROW_ADD)
		write_insert(edit, text, sizeof(text));
	else if (edit->action == ROW_SET)
		write_update(edit, text, sizeof(text));
	else
		snprintf(text, sizeof(text), "DELETE FROM %s WHERE %s = ?1%s",
			 tables[edit->kind].table, tables[edit->kind].key,
			 edit->kind == ROW_PREFIX && edit->device ? " AND device = ?2" : "");
	statement = sql_prepare(db->sqlite, text, NULL);
	bind_all(statement, edit);
	ok = sql_step(statement, err);
	sqlite3_finalize(statement);
	if (!ok)
		return error_prefix(err, "%s %.80s", row_kind_name(edit->kind), edit->id);
	return edit->kind != ROW_CIRCUIT || edit->action != ROW_SET ||
	       (lower_minima(db, edit, err) && end_override(db, edit, err));
}

uint64_t circuits_db_row_revision(struct circuits_db *db, enum row_kind kind, const char *id)
{
	const char *texts[] = { row_kind_name(kind), id, NULL };
	sqlite3_stmt *select;
	uint64_t revision = 0;

	/* What changed a device or a prefix changed its circuit. */
	if (kind == ROW_CIRCUIT)
		return circuits_db_circuit_revision(db, id);
	select = sql_prepare(db->sqlite,
			     "SELECT coalesce(max(revision), 0) FROM journal "
			     "WHERE kind = ?1 AND subject = ?2",
			     texts);
	if (sqlite3_step(select) == SQLITE_ROW)
		revision = (uint64_t)sqlite3_column_int64(select, 0);
	sqlite3_finalize(select);
	return revision;
}
