/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Undoing a revision from what the journal kept: the newest row first, each only if what it wrote
 * still stands. All of it or nothing, as a new revision.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/circuits.h"
#include "db/circuits_private.h"
#include "db/sql.h"
#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/base/units.h"

#define FIELDS_MOST 16
#define STATEMENT_SIZE 1000

/* A kind of subject in the journal. The subject is the value of `key`; of a pair (a prefix, a tag)
 * the other half stands in `before` or `after` instead of a field's value. */
struct kind {
	const char *name, *table, *key;
	const char *pair;     /* the other half's column; NULL: not a pair */
	const char *nullable; /* columns in which "" stands for NULL */
};

static const struct kind kinds[] = {
	{ "site", "sites", "id", NULL, " parent download_bps upload_bps " },
	{ "circuit", "circuits", "id", NULL, " site " },
	{ "device", "devices", "id", NULL, "" },
	{ "prefix", "prefixes", "device", "prefix", "" },
	{ "tag", "tags", "circuit", "tag", "" },
	{ "override", "overrides", "circuit", NULL, " download_max_bps upload_max_bps suspended " },
};

/* What one statement did to one subject: one field of an update, all fields of a delete. */
struct event {
	const char *action, *subject;
	const struct kind *kind;
	const char *field[FIELDS_MOST], *before[FIELDS_MOST], *after;
	int fields;
	bool swallowed; /* an insert that a "replace" of the same subject stands before */
};

struct undoing {
	sqlite3 *sqlite;
	uint64_t revision;
	struct arena *arena;
	struct event *events; /* the newest first */
	size_t count, capacity;
	struct error *err;
};

/* --- reading ---------------------------------------------------------------------------------- */

static const struct kind *find_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

/* A column's name becomes part of a statement: a word, and none that somebody else made up as SQL. */
static bool is_column(const char *field)
{
	return field[strspn(field, "abcdefghijklmnopqrstuvwxyz_")] == '\0';
}

/* The rows of one delete or replace are one event. */
static bool continues(const struct event *event, const char *action, const char *subject,
		      const struct kind *kind, const char *field)
{
	if (strcmp(event->action, action) || strcmp(event->subject, subject) ||
	    event->kind != kind || kind->pair || event->fields == FIELDS_MOST ||
	    (strcmp(action, "delete") && strcmp(action, "replace")))
		return false;
	for (int i = 0; i < event->fields; i++)
		if (!strcmp(event->field[i], field))
			return false;
	return true;
}

static bool read_event(struct undoing *undoing, sqlite3_stmt *row)
{
	const char *action = sql_text(row, 0), *subject = sql_text(row, 2),
		   *field = sql_text(row, 3);
	const struct kind *kind = find_kind(sql_text(row, 1));
	struct event *event = undoing->count ? &undoing->events[undoing->count - 1] : NULL;

	if (!kind)
		return error_set(undoing->err, ERROR_INVALID,
				 "revision %llu changed a \"%.20s\", which this program can't undo",
				 (unsigned long long)undoing->revision, sql_text(row, 1));
	if (!is_column(field))
		return error_set(undoing->err, ERROR_INVALID,
				 "the journal says that revision %llu changed a field \"%.40s\", "
				 "which no %s has",
				 (unsigned long long)undoing->revision, field, kind->name);
	if (!event || !continues(event, action, subject, kind, field)) {
		undoing->events =
			grow(undoing->events, undoing->count, &undoing->capacity, sizeof(*event));
		event = &undoing->events[undoing->count++];
		*event = (struct event){ .action = arena_text(undoing->arena, action),
					 .subject = arena_text(undoing->arena, subject),
					 .kind = kind,
					 .after = arena_text(undoing->arena, sql_text(row, 5)) };
	}
	event->field[event->fields] = arena_text(undoing->arena, field);
	event->before[event->fields++] = arena_text(undoing->arena, sql_text(row, 4));
	return true;
}

/* INSERT OR REPLACE leaves a "replace" and then an "insert": the former has all to put back. */
static void mark_swallowed(struct undoing *undoing)
{
	for (size_t i = 1; i < undoing->count; i++) {
		const struct event *older = &undoing->events[i];
		struct event *newer = &undoing->events[i - 1];

		newer->swallowed = !strcmp(older->action, "replace") &&
				   !strcmp(newer->action, "insert") && older->kind == newer->kind &&
				   !strcmp(older->subject, newer->subject);
	}
}

static bool read_events(struct undoing *undoing)
{
	sqlite3_stmt *rows = sql_prepare(undoing->sqlite,
					 "SELECT action, kind, subject, field, before, after FROM "
					 "journal WHERE revision = ?1 ORDER BY id DESC",
					 NULL);
	bool ok = true;

	sqlite3_bind_int64(rows, 1, (sqlite3_int64)undoing->revision);
	while (ok && sqlite3_step(rows) == SQLITE_ROW)
		ok = read_event(undoing, rows);
	sqlite3_finalize(rows);
	if (ok && !undoing->count)
		ok = error_set(undoing->err, ERROR_MISSING,
			       "there is no revision %llu in the journal",
			       (unsigned long long)undoing->revision);
	mark_swallowed(undoing);
	return ok;
}

/* --- putting back ----------------------------------------------------------------------------- */

/* The first later revision that touched the subject; 0: none, or the journal does not know. */
static uint64_t find_later(const struct undoing *undoing, const struct event *event)
{
	const char *texts[] = { event->kind->name, event->subject, NULL };
	sqlite3_stmt *select = sql_prepare(undoing->sqlite,
					   "SELECT coalesce(min(revision), 0) FROM journal WHERE "
					   "kind = ?1 AND revision > ?3 AND (subject = ?2 OR "
					   "(field = 'id' AND before = ?2))",
					   texts);
	uint64_t later = 0;

	sqlite3_bind_int64(select, 3, (sqlite3_int64)undoing->revision);
	if (sqlite3_step(select) == SQLITE_ROW)
		later = (uint64_t)sqlite3_column_int64(select, 0);
	sqlite3_finalize(select);
	return later;
}

static bool refuse(const struct undoing *undoing, const struct event *event)
{
	uint64_t later = find_later(undoing, event);

	if (later)
		return error_set(undoing->err, ERROR_CONFLICT,
				 "revision %llu can't be undone: %s %.60s was changed again in "
				 "revision %llu; undo that one first",
				 (unsigned long long)undoing->revision, event->kind->name,
				 event->subject, (unsigned long long)later);
	return error_set(undoing->err, ERROR_CONFLICT,
			 "revision %llu can't be undone: %s %.60s was changed since by something "
			 "the journal does not know",
			 (unsigned long long)undoing->revision, event->kind->name, event->subject);
}

/* Runs a statement made of our own words, with texts bound; *changes: rows it changed. */
static bool run(const struct undoing *undoing, const char *text, const char *const *texts,
		int *changes)
{
	sqlite3_stmt *statement = sql_prepare(undoing->sqlite, text, texts);
	bool ok = sql_step(statement, undoing->err);

	*changes = sqlite3_changes(undoing->sqlite);
	sqlite3_finalize(statement);
	return ok;
}

/* "?N", or what makes NULL of "" where the column means that. */
static const char *place(const struct undoing *undoing, const struct event *event,
			 const char *field, int number)
{
	bool nullable =
		strstr(event->kind->nullable, arena_format(undoing->arena, " %s ", field)) != NULL;

	return arena_format(undoing->arena, nullable ? "nullif(?%d, '')" : "?%d", number);
}

/* It went back already, along with what it belongs to, within this undoing. */
static bool went_along(const struct undoing *undoing, const struct event *event)
{
	const char *was = event->kind->pair ? event->after : event->before[0];
	const char *texts[] = { event->kind->name, event->subject, event->field[0], was, NULL };
	sqlite3_stmt *select = sql_prepare(
		undoing->sqlite,
		strcmp(event->action, "update")
			? "SELECT 1 FROM journal WHERE revision IS NULL AND action = 'delete' AND "
			  "kind = ?1 AND subject = ?2 AND (?4 = '' OR before = ?4)"
			: "SELECT 1 FROM journal WHERE revision IS NULL AND action = 'update' AND "
			  "kind = ?1 AND subject = ?2 AND field = ?3 AND after = ?4",
		texts);
	bool found = sqlite3_step(select) == SQLITE_ROW;

	sqlite3_finalize(select);
	return found;
}

static bool undo_update(const struct undoing *undoing, const struct event *event)
{
	const char *texts[] = { event->subject, event->before[0], event->after, NULL };
	const char *field = event->field[0];
	char text[STATEMENT_SIZE];
	int changes;

	snprintf(text, sizeof(text),
		 "UPDATE %s SET %s = %s WHERE %s = ?1 AND coalesce(CAST(%s AS TEXT), '') = ?3",
		 event->kind->table, field, place(undoing, event, field, 2), event->kind->key,
		 field);
	return run(undoing, text, texts, &changes) &&
	       (changes || went_along(undoing, event) || refuse(undoing, event));
}

static bool undo_insert(const struct undoing *undoing, const struct event *event)
{
	const char *texts[] = { event->subject, event->kind->pair ? event->after : NULL, NULL };
	char text[STATEMENT_SIZE];
	int changes;

	if (event->swallowed)
		return true;
	if (!event->kind->pair && find_later(undoing, event))
		return refuse(undoing, event);
	snprintf(text, sizeof(text), "DELETE FROM %s WHERE %s = ?1%s%s%s", event->kind->table,
		 event->kind->key, event->kind->pair ? " AND " : "",
		 event->kind->pair ? event->kind->pair : "", event->kind->pair ? " = ?2" : "");
	return run(undoing, text, texts, &changes) &&
	       (changes || went_along(undoing, event) || refuse(undoing, event));
}

static bool put_pair_back(const struct undoing *undoing, const struct event *event)
{
	const char *texts[] = { event->subject, event->before[0], NULL };
	char text[STATEMENT_SIZE];
	int changes;

	snprintf(text, sizeof(text),
		 "INSERT INTO %s (%s, %s) SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM %s WHERE "
		 "%s = ?1 AND %s = ?2)",
		 event->kind->table, event->kind->key, event->kind->pair, event->kind->table,
		 event->kind->key, event->kind->pair);
	return run(undoing, text, texts, &changes);
}

/* Puts a deleted or swallowed row back: over the one that took its place, or as a new one. */
static bool put_back(const struct undoing *undoing, const struct event *event)
{
	const char *texts[FIELDS_MOST + 2] = { event->subject };
	char sets[STATEMENT_SIZE] = "", columns[STATEMENT_SIZE] = "", places[STATEMENT_SIZE] = "";
	char text[3 * STATEMENT_SIZE];
	int changes;

	for (int i = 0; i < event->fields; i++) {
		const char *value = place(undoing, event, event->field[i], i + 2);
		const char *set = arena_format(undoing->arena, "%s%s = %s", i ? ", " : "",
					       event->field[i], value);

		texts[i + 1] = event->before[i];
		strncat(sets, set, sizeof(sets) - strlen(sets) - 1);
		strncat(columns, arena_format(undoing->arena, ", %s", event->field[i]),
			sizeof(columns) - strlen(columns) - 1);
		strncat(places, arena_format(undoing->arena, ", %s", value),
			sizeof(places) - strlen(places) - 1);
	}
	snprintf(text, sizeof(text), "UPDATE %s SET %s WHERE %s = ?1", event->kind->table, sets,
		 event->kind->key);
	if (!run(undoing, text, texts, &changes))
		return false;
	if (changes)
		return true;
	snprintf(text, sizeof(text), "INSERT INTO %s (%s%s) VALUES (?1%s)", event->kind->table,
		 event->kind->key, columns, places);
	return run(undoing, text, texts, &changes);
}

static bool undo_delete(const struct undoing *undoing, const struct event *event)
{
	if (event->kind->pair)
		return put_pair_back(undoing, event);
	if (find_later(undoing, event))
		return refuse(undoing, event);
	return put_back(undoing, event);
}

static bool undo_event(const struct undoing *undoing, const struct event *event)
{
	static const struct {
		const char *action;
		bool (*undo)(const struct undoing *undoing, const struct event *event);
	} actions[] = { { "insert", undo_insert },
			{ "update", undo_update },
			{ "replace", undo_delete },
			{ "delete", undo_delete } };

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (!strcmp(actions[i].action, event->action))
			return actions[i].undo(undoing, event);
	return refuse(undoing, event);
}

static bool undo_events(struct circuits_db *db, const struct undoing *undoing, const char *author)
{
	char origin[160];

	snprintf(origin, sizeof(origin), "%.100s, undo of %llu", author,
		 (unsigned long long)undoing->revision);
	if (!circuits_db_set_origin(db, origin, undoing->err))
		return false;
	for (size_t i = 0; i < undoing->count; i++)
		if (!undo_event(undoing, &undoing->events[i]))
			return false;
	/* A prefix that came back before its device did not know its circuit. */
	return sql_run(db->sqlite,
		       "UPDATE journal SET circuit = (SELECT circuit FROM devices WHERE id = "
		       "subject) WHERE revision IS NULL AND kind = 'prefix' AND circuit IS NULL",
		       undoing->err) &&
	       circuits_db_set_origin(db, NULL, undoing->err);
}

/* Within the caller's transaction; its journal rows are open then. */
static bool undo(struct circuits_db *db, uint64_t undone, const char *author, struct error *err)
{
	struct undoing undoing = {
		.sqlite = db->sqlite, .revision = undone, .arena = arena_new(), .err = err
	};
	uint64_t earlier;
	bool ok = circuits_db_stamp_revision(db, &earlier, err) && read_events(&undoing) &&
		  undo_events(db, &undoing, author);

	free(undoing.events);
	arena_free(undoing.arena);
	return ok;
}

bool circuits_db_undo(struct circuits_db *db, uint64_t undone, const char *author,
		      uint64_t *revision, struct error *err)
{
	bool ok;

	if (!circuits_db_begin_write(db, err))
		return false;
	ok = undo(db, undone, author, err) && circuits_db_stamp_revision(db, revision, err);
	return circuits_db_end_write(db, ok, err);
}

/* --- looking before --------------------------------------------------------------------------- */

/* "40M" of a rate's "40000000". */
static const char *describe_value(const char *field, const char *value,
				  char text[RATE_TEXT_SIZE + 16])
{
	size_t length = strlen(field);

	if (length > 4 && !strcmp(field + length - 4, "_bps") && *value)
		return rate_format_exact(strtoull(value, NULL, 10), text);
	return *value ? value : "none";
}

static void tell_change(sqlite3_stmt *row, undo_teller *tell, void *data)
{
	const char *action = (const char *)sqlite3_column_text(row, 0);
	const char *kind = (const char *)sqlite3_column_text(row, 1);
	const char *subject = (const char *)sqlite3_column_text(row, 2);
	const char *field = (const char *)sqlite3_column_text(row, 3);
	char before[RATE_TEXT_SIZE + 16], after[RATE_TEXT_SIZE + 16], *line;

	if (!strcmp(action, "update"))
		line = xasprintf(
			"%s %s: %s %s -> %s", kind, subject, field,
			describe_value(field, (const char *)sqlite3_column_text(row, 4), before),
			describe_value(field, (const char *)sqlite3_column_text(row, 5), after));
	else
		line = xasprintf("%s %s %s", strcmp(action, "insert") ? "remove" : "add", kind,
				 subject);
	tell(data, line);
	free(line);
}

/* What the open rows of the journal say, a line for each field that changes. */
static void tell_changes(sqlite3 *sqlite, undo_teller *tell, void *data)
{
	sqlite3_stmt *select = sql_prepare(
		sqlite,
		"SELECT action, kind, subject, field, before, after FROM journal WHERE revision IS "
		"NULL GROUP BY iif(action = 'update', id, action || kind || subject) "
		"ORDER BY min(id)",
		NULL);

	while (sqlite3_step(select) == SQLITE_ROW)
		tell_change(select, tell, data);
	sqlite3_finalize(select);
}

bool circuits_db_preview_undo(struct circuits_db *db, uint64_t undone, undo_teller *tell,
			      void *data, struct error *err)
{
	bool ok;

	if (!circuits_db_begin_write(db, err))
		return false;
	ok = undo(db, undone, "preview", err);
	if (ok)
		tell_changes(db->sqlite, tell, data);
	circuits_db_rollback(db);
	return ok;
}

/* --- asked for in the file -------------------------------------------------------------------- */

static bool note_refusal(struct circuits_db *db, uint64_t revision, const char *reason,
			 struct error *err)
{
	char subject[60];
	const char *texts[] = { subject, reason, NULL };
	sqlite3_stmt *insert;
	bool ok;

	snprintf(subject, sizeof(subject), "undo of revision %llu", (unsigned long long)revision);
	insert = sql_prepare(db->sqlite,
			     "INSERT INTO problems VALUES ('undo', ?1, ?2, 'nothing was changed')",
			     texts);
	ok = sql_step(insert, err);
	sqlite3_finalize(insert);
	return ok;
}

/* The oldest of them; a refusal is a problem, and done with. */
static bool take_request(struct circuits_db *db, struct error *err)
{
	static const char oldest[] = "SELECT revision FROM undo ORDER BY rowid";
	uint64_t asked = (uint64_t)sql_integer(db->sqlite, oldest, 0), revision;
	struct error reason;
	bool ok = circuits_db_undo(db, asked, "file", &revision, &reason);

	if (!ok && reason.code == ERROR_BUSY) {
		*err = reason;
		return false;
	}
	if ((!ok && !note_refusal(db, asked, reason.text, err)) ||
	    !sql_run(db->sqlite, "DELETE FROM undo WHERE rowid = (SELECT min(rowid) FROM undo)",
		     err))
		return false;
	/* A trigger of somebody's, or a damaged file. */
	if (sqlite3_changes(db->sqlite) != 1)
		return error_set(err, ERROR_SYSTEM,
				 "the row that asks for an undo of revision %llu can't be removed "
				 "from the table undo",
				 (unsigned long long)asked);
	return true;
}

bool circuits_db_take_undo_requests(struct circuits_db *db, struct error *err)
{
	int64_t requests = sql_integer(db->sqlite, "SELECT count(*) FROM undo", 0);

	if (!requests)
		return true;
	if (!sql_run(db->sqlite, "DELETE FROM problems WHERE source = 'undo'", err))
		return false;
	/* What is asked for meanwhile has its own turn. */
	for (; requests > 0; requests--)
		if (!take_request(db, err))
			return false;
	return true;
}
