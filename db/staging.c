/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Merges imported rows of a ShapedDevices.csv (LibreQoS's format) into circuits, devices and
 * prefixes. "Only these": circuits that the import does not name stay as they are; of those it
 * names, devices and addresses become what the import says. A row that can't be taken goes to
 * problems and leaves what was there alone.
 */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/circuits.h"
#include "db/circuits_private.h"
#include "db/sql.h"
#include "engine/base/arena.h"
#include "engine/base/memory.h"

#define RATE_MOST_MBPS 1000000.0

enum column {
	CIRCUIT_ID,
	CIRCUIT_NAME,
	DEVICE_ID,
	DEVICE_NAME,
	PARENT_NODE,
	PARENT_NODE_ID,
	ANCHOR_NODE_ID,
	MAC,
	IPV4,
	IPV6,
	DOWNLOAD_MIN,
	UPLOAD_MIN,
	DOWNLOAD_MAX,
	UPLOAD_MAX,
	COMMENT,
	COLUMNS,
};

static const char *const column_names[COLUMNS] = {
	[CIRCUIT_ID] = "Circuit ID",	      [DEVICE_ID] = "Device ID",
	[DOWNLOAD_MIN] = "Download Min Mbps", [UPLOAD_MIN] = "Upload Min Mbps",
	[DOWNLOAD_MAX] = "Download Max Mbps", [UPLOAD_MAX] = "Upload Max Mbps",
};

struct staged_row {
	int64_t number;
	const char *text[COLUMNS]; /* trimmed; NULL: the file had no such column */
	int64_t rate_bps[COLUMNS];
	const char *site; /* sites.id, or the text as written; NULL: none */
};

enum statement {
	FIND_SITE,
	FIND_TAKEN,
	NOTE_TAKEN,
	ADD_CIRCUIT,
	UPDATE_CIRCUIT,
	ADD_DEVICE,
	UPDATE_DEVICE,
	NOTE_DEVICE,
	ADD_PREFIX,
	NOTE_PREFIX,
	ADD_PROBLEM,
	STATEMENTS,
};

static const char *const statement_texts[STATEMENTS] = {
	[FIND_SITE] = "SELECT id FROM sites WHERE name = ?1 OR id = ?1 ORDER BY name = ?1 DESC",
	[FIND_TAKEN] = "SELECT site FROM temp.taken WHERE circuit = ?1",
	[NOTE_TAKEN] = "INSERT INTO temp.taken VALUES (?1, ?2)",
	[ADD_CIRCUIT] = "INSERT INTO circuits (id, name, site, download_min_bps, upload_min_bps, "
			"download_max_bps, upload_max_bps, comment) SELECT ?1, ?2, ?3, ?4, ?5, ?6, "
			"?7, ?8 WHERE NOT EXISTS (SELECT 1 FROM circuits WHERE id = ?1)",
	[UPDATE_CIRCUIT] = "UPDATE circuits SET name = ?2, site = ?3, download_min_bps = ?4, "
			   "upload_min_bps = ?5, download_max_bps = ?6, upload_max_bps = ?7, "
			   "comment = ?8 WHERE id = ?1 AND (name, site, download_min_bps, "
			   "upload_min_bps, download_max_bps, upload_max_bps, comment) IS NOT "
			   "(?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[ADD_DEVICE] = "INSERT INTO devices (id, circuit, name, mac) SELECT ?1, ?2, ?3, ?4 "
		       "WHERE NOT EXISTS (SELECT 1 FROM devices WHERE id = ?1)",
	[UPDATE_DEVICE] = "UPDATE devices SET circuit = ?2, name = ?3, mac = ?4 WHERE id = ?1 AND "
			  "(circuit, name, mac) IS NOT (?2, ?3, ?4)",
	[NOTE_DEVICE] = "INSERT OR IGNORE INTO temp.taken_devices VALUES (?1)",
	[ADD_PREFIX] = "INSERT INTO prefixes SELECT ?1, ?2 WHERE NOT EXISTS "
		       "(SELECT 1 FROM prefixes WHERE device = ?1 AND prefix = ?2)",
	[NOTE_PREFIX] = "INSERT OR IGNORE INTO temp.taken_prefixes VALUES (?1, ?2)",
	[ADD_PROBLEM] = "INSERT INTO problems VALUES ('import', ?1, ?2, ?3)",
};

struct merge {
	struct circuits_db *db;
	sqlite3_stmt *statements[STATEMENTS];
	struct arena *arena;
	struct error *err;
};

/* Runs a statement with texts; NULL binds NULL. */
static bool run(struct merge *merge, enum statement which, const char *a, const char *b,
		const char *c, const char *d)
{
	const char *texts[] = { a, b, c, d };
	sqlite3_stmt *statement = merge->statements[which];

	sqlite3_clear_bindings(statement);
	for (int i = 0; i < sqlite3_bind_parameter_count(statement) && i < 4; i++)
		if (texts[i])
			sqlite3_bind_text(statement, i + 1, texts[i], -1, SQLITE_STATIC);
	return sql_step(statement, merge->err);
}

/* The first column of the first row, copied; NULL without one or for NULL; *found tells which. */
static const char *look_up(struct merge *merge, enum statement which, const char *key, bool *found)
{
	sqlite3_stmt *statement = merge->statements[which];
	const char *text = NULL;

	sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
	*found = sqlite3_step(statement) == SQLITE_ROW;
	if (*found)
		text = arena_text(merge->arena, sql_text_or_null(statement, 0));
	sqlite3_reset(statement);
	return text;
}

static bool report(struct merge *merge, const struct staged_row *row, const char *reason,
		   const char *in_force)
{
	const char *subject = arena_format(
		merge->arena, "ShapedDevices row %lld (circuit %s)", (long long)row->number,
		row->text[CIRCUIT_ID] && *row->text[CIRCUIT_ID] ? row->text[CIRCUIT_ID] : "?");

	return run(merge, ADD_PROBLEM, subject, reason, in_force, NULL);
}

/* --- cleaning ---------------------------------------------------------------------------------------- */

static const char *trim(struct arena *arena, const char *text)
{
	size_t length;

	if (!strncmp(text, "\xef\xbb\xbf", 3))
		text += 3; /* Excel's byte order mark */
	while (isspace((unsigned char)*text))
		text++;
	for (length = strlen(text); length && isspace((unsigned char)text[length - 1]);)
		length--;
	return arena_format(arena, "%.*s", (int)length, text);
}

static bool parse_mbps(const char *text, int64_t *rate_bps)
{
	char *end;
	double value = strtod(text, &end);

	if (!*text || *end || !isfinite(value) || value < 0 || value > RATE_MOST_MBPS)
		return false;
	*rate_bps = llround(value * 1e6);
	return true;
}

/* The older order has no "Parent Node ID" and "Anchor Node ID": 13 columns, so that the last two
 * are missing and rates stand where addresses should. */
static bool is_old_order(const struct staged_row *row)
{
	int64_t ignored;

	return !row->text[UPLOAD_MAX] && !row->text[COMMENT] && row->text[DOWNLOAD_MAX] &&
	       row->text[IPV4] && parse_mbps(row->text[IPV4], &ignored) &&
	       row->text[DOWNLOAD_MIN] && parse_mbps(row->text[DOWNLOAD_MIN], &ignored);
}

static void shift_old_order(struct staged_row *row)
{
	for (int column = COMMENT; column >= MAC; column--)
		row->text[column] = row->text[column - 2];
	row->text[PARENT_NODE_ID] = row->text[ANCHOR_NODE_ID] = "";
}

static void read_row(struct merge *merge, sqlite3_stmt *select, struct staged_row *row)
{
	*row = (struct staged_row){ .number = sqlite3_column_int64(select, 0) };
	for (int column = 0; column < COLUMNS; column++) {
		const char *text = sql_text_or_null(select, column + 1);

		row->text[column] = text ? trim(merge->arena, text) : NULL;
	}
	if (is_old_order(row))
		shift_old_order(row);
	for (int column = 0; column < COLUMNS; column++)
		if (!row->text[column])
			row->text[column] = "";
}

/* --- checking ------------------------------------------------------------------------------------------ */

/* The reason why a row can't be taken; NULL when it can. */
static const char *find_fault(struct merge *merge, struct staged_row *row)
{
	static const enum column rates[] = { DOWNLOAD_MIN, UPLOAD_MIN, DOWNLOAD_MAX, UPLOAD_MAX };

	if (!*row->text[CIRCUIT_ID])
		return "it has no Circuit ID";
	if (strlen(row->text[CIRCUIT_ID]) > 120 || strlen(row->text[DEVICE_ID]) > 120)
		return "an id is longer than 120 characters";
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
		if (!parse_mbps(row->text[rates[i]], &row->rate_bps[rates[i]]))
			return arena_format(merge->arena,
					    "%s is \"%.40s\", not a number of Mbit/s from 0 to "
					    "1000000",
					    column_names[rates[i]], row->text[rates[i]]);
	if (!*row->text[IPV4] && !*row->text[IPV6])
		return "it has neither an IPv4 nor an IPv6 address";
	return NULL;
}

static void find_site(struct merge *merge, struct staged_row *row)
{
	const char *written =
		*row->text[PARENT_NODE] ? row->text[PARENT_NODE] : row->text[PARENT_NODE_ID];
	const char *id;
	bool found;

	if (!*written)
		return;
	id = look_up(merge, FIND_SITE, written, &found);
	row->site = found ? id : written; /* an unknown one is the network's problem, in words */
}

static bool is_same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* --- writing -------------------------------------------------------------------------------------------- */

static bool write_circuit(struct merge *merge, const struct staged_row *row)
{
	static const enum statement both[] = { ADD_CIRCUIT, UPDATE_CIRCUIT };

	for (size_t i = 0; i < 2; i++) {
		sqlite3_stmt *statement = merge->statements[both[i]];

		sqlite3_clear_bindings(statement);
		sqlite3_bind_text(statement, 1, row->text[CIRCUIT_ID], -1, SQLITE_STATIC);
		sqlite3_bind_text(statement, 2, row->text[CIRCUIT_NAME], -1, SQLITE_STATIC);
		if (row->site)
			sqlite3_bind_text(statement, 3, row->site, -1, SQLITE_STATIC);
		for (int column = DOWNLOAD_MIN; column <= UPLOAD_MAX; column++)
			sqlite3_bind_int64(statement, 4 + column - DOWNLOAD_MIN,
					   row->rate_bps[column]);
		sqlite3_bind_text(statement, 8, row->text[COMMENT], -1, SQLITE_STATIC);
		if (!sql_step(statement, merge->err))
			return false;
	}
	return run(merge, NOTE_TAKEN, row->text[CIRCUIT_ID], row->site, NULL, NULL);
}

/* A comma list; blanks and repeated commas don't count. */
static bool write_prefixes(struct merge *merge, const char *device, const char *list)
{
	while (*list) {
		size_t length = strcspn(list, ",;");
		const char *prefix =
			trim(merge->arena, arena_format(merge->arena, "%.*s", (int)length, list));

		if (*prefix && (!run(merge, ADD_PREFIX, device, prefix, NULL, NULL) ||
				!run(merge, NOTE_PREFIX, device, prefix, NULL, NULL)))
			return false;
		list += length;
		list += *list != '\0';
	}
	return true;
}

static bool write_device(struct merge *merge, const struct staged_row *row)
{
	/* Without an id of its own the device is known by its circuit and name. */
	const char *id = *row->text[DEVICE_ID]
				 ? row->text[DEVICE_ID]
				 : arena_format(merge->arena, "%s/%s", row->text[CIRCUIT_ID],
						row->text[DEVICE_NAME]);

	return run(merge, ADD_DEVICE, id, row->text[CIRCUIT_ID], row->text[DEVICE_NAME],
		   row->text[MAC]) &&
	       run(merge, UPDATE_DEVICE, id, row->text[CIRCUIT_ID], row->text[DEVICE_NAME],
		   row->text[MAC]) &&
	       run(merge, NOTE_DEVICE, id, NULL, NULL, NULL) &&
	       write_prefixes(merge, id, row->text[IPV4]) &&
	       write_prefixes(merge, id, row->text[IPV6]);
}

static bool merge_row(struct merge *merge, struct staged_row *row)
{
	const char *fault, *site;
	bool taken;

	/* A header that was not skipped, and comments, are no circuits. */
	if (!strcasecmp(row->text[CIRCUIT_ID], "Circuit ID") || row->text[CIRCUIT_ID][0] == '#')
		return true;
	fault = find_fault(merge, row);
	if (fault)
		return report(merge, row, fault, "the row was not taken");
	find_site(merge, row);
	site = look_up(merge, FIND_TAKEN, row->text[CIRCUIT_ID], &taken);
	if (taken && !is_same(site, row->site))
		return report(
			merge, row,
			arena_format(merge->arena,
				     "its parent node \"%s\" is not that of the circuit's first "
				     "row",
				     row->text[PARENT_NODE]),
			"the row was not taken");
	return (taken || write_circuit(merge, row)) && write_device(merge, row);
}

/* --- the whole --------------------------------------------------------------------------------------------- */

static const char temporary_tables[] =
	"CREATE TEMP TABLE IF NOT EXISTS taken (circuit TEXT PRIMARY KEY, site TEXT);"
	"CREATE TEMP TABLE IF NOT EXISTS taken_devices (id TEXT PRIMARY KEY);"
	"CREATE TEMP TABLE IF NOT EXISTS taken_prefixes (device TEXT, prefix TEXT, "
	"PRIMARY KEY (device, prefix));"
	"DELETE FROM temp.taken; DELETE FROM temp.taken_devices; DELETE FROM temp.taken_prefixes;";

/* What the import no longer says of the circuits it names. */
static const char drop_rest[] =
	"DELETE FROM devices WHERE circuit IN (SELECT circuit FROM temp.taken) "
	"AND id NOT IN (SELECT id FROM temp.taken_devices);"
	"DELETE FROM prefixes WHERE device IN (SELECT id FROM temp.taken_devices) "
	"AND NOT EXISTS (SELECT 1 FROM temp.taken_prefixes t "
	"WHERE t.device = prefixes.device AND t.prefix = prefixes.prefix);"
	"DELETE FROM staged_devices; DELETE FROM origin;";

static bool merge_rows(struct merge *merge)
{
	sqlite3_stmt *select = sql_prepare(
		merge->db->sqlite,
		"SELECT row, circuit_id, circuit_name, device_id, device_name, parent_node, "
		"parent_node_id, anchor_node_id, mac, ipv4, ipv6, download_min, upload_min, "
		"download_max, upload_max, comment FROM staged_devices ORDER BY row",
		NULL);
	bool ok = true;

	while (ok && sqlite3_step(select) == SQLITE_ROW) {
		struct staged_row row;

		read_row(merge, select, &row);
		ok = merge_row(merge, &row);
	}
	sqlite3_finalize(select);
	return ok;
}

bool circuits_db_merge_staged(struct circuits_db *db, bool *merged, struct error *err)
{
	struct merge merge = { .db = db, .err = err };
	bool ok;

	*merged = false;
	if (!sql_integer(db->sqlite, "SELECT EXISTS (SELECT 1 FROM staged_devices)", 0))
		return true;
	if (!sql_run(db->sqlite, temporary_tables, err) ||
	    !sql_run(db->sqlite, "BEGIN IMMEDIATE", err))
		return false;
	merge.arena = arena_new();
	ok = true;
	for (int i = 0; i < STATEMENTS; i++) {
		merge.statements[i] = sql_prepare(db->sqlite, statement_texts[i], NULL);
		if (!merge.statements[i])
			ok = sql_failed(db->sqlite, err);
	}
	ok = ok &&
	     sql_run(db->sqlite,
		     "DELETE FROM origin; INSERT INTO origin VALUES ('import');"
		     "DELETE FROM problems WHERE source = 'import'",
		     err) &&
	     merge_rows(&merge) && sql_run(db->sqlite, drop_rest, err);
	for (int i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(merge.statements[i]);
	arena_free(merge.arena);
	*merged = sql_end(db->sqlite, ok, err);
	if (*merged)
		sql_checkpoint(db->sqlite);
	return *merged;
}
