/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Table by table: first what is there becomes what the rows say, then what is new is written. That
 * is most of a first import, and is told to the journal here, with the triggers off, which takes
 * half of the time. Where the file has triggers that are not this program's, all of them run.
 */
#include "db/staged_write.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "db/rules.sql.h"
#include "db/sql.h"
#include "db/sql_rows.h"
#include "engine/base/memory.h"

enum statement {
	COMPARE_CIRCUIT,
	UPDATE_CIRCUIT,
	COMPARE_DEVICE,
	UPDATE_DEVICE,
	FIND_DEVICES,
	DELETE_DEVICE,
	FIND_PREFIXES,
	DELETE_PREFIX,
	STATEMENTS
};

/* Of a circuit: bind_circuit(); of a device: bind_device(). A comparison is 1 where they differ. */
static const char *const statement_texts[STATEMENTS] = {
	[COMPARE_CIRCUIT] =
		"SELECT (name, site, download_min_bps, upload_min_bps, download_max_bps, "
		"upload_max_bps, leaf, comment) IS NOT (?2, ?3, ?4, ?5, ?6, ?7, "
		"coalesce(?8, leaf), ?9) FROM circuits WHERE id = ?1",
	[UPDATE_CIRCUIT] = "UPDATE circuits SET name = ?2, site = ?3, download_min_bps = ?4, "
			   "upload_min_bps = ?5, download_max_bps = ?6, upload_max_bps = ?7, "
			   "leaf = coalesce(?8, leaf), comment = ?9 WHERE id = ?1",
	[COMPARE_DEVICE] = "SELECT (circuit, name, mac) IS NOT (?2, ?3, ?4) FROM devices "
			   "WHERE id = ?1",
	[UPDATE_DEVICE] = "UPDATE devices SET circuit = ?2, name = ?3, mac = ?4 WHERE id = ?1",
	[FIND_DEVICES] = "SELECT id FROM devices WHERE circuit = ?1 ORDER BY rowid",
	[DELETE_DEVICE] = "DELETE FROM devices WHERE id = ?1",
	[FIND_PREFIXES] = "SELECT prefix FROM prefixes WHERE device = ?1 ORDER BY prefix",
	[DELETE_PREFIX] = "DELETE FROM prefixes WHERE device = ?1 AND prefix = ?2",
};

/* A circuit, a device, or an address of a device, that is not there yet. */
struct arrival {
	const struct import_row *row;
	const char *prefix;
};

struct texts {
	const char **items;
	size_t count, capacity;
};

struct writing {
	sqlite3 *sqlite;
	const struct import_rows *rows;
	sqlite3_stmt *statements[STATEMENTS];
	struct texts there;	  /* what a query found */
	struct texts wanted;	  /* addresses of one device, sorted */
	struct arrival *arrivals; /* of the table at hand */
	size_t arrival_count, arrival_capacity;
	struct error *err;
};

static void bind_text(sqlite3_stmt *statement, int index, const char *text)
{
	sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC);
}

static void add_text(struct texts *texts, const char *text)
{
	texts->items = grow(texts->items, texts->count, &texts->capacity, sizeof(*texts->items));
	texts->items[texts->count++] = text;
}

/* --- what is there ---------------------------------------------------------------------------- */

enum found { MISSING, SAME, DIFFERENT };

static bool look_up(struct writing *writing, sqlite3_stmt *comparison, enum found *found)
{
	int result = sqlite3_step(comparison);

	if (result != SQLITE_ROW && result != SQLITE_DONE)
		return sql_failed(writing->sqlite, writing->err);
	*found = result == SQLITE_DONE		     ? MISSING
		 : sqlite3_column_int(comparison, 0) ? DIFFERENT
						     : SAME;
	sqlite3_reset(comparison);
	return true;
}

/* What the query finds for the key, a text a row, as writing->there. */
static bool read_there(struct writing *writing, enum statement which, const char *key)
{
	sqlite3_stmt *select = writing->statements[which];
	int result;

	writing->there.count = 0;
	bind_text(select, 1, key);
	while ((result = sqlite3_step(select)) == SQLITE_ROW)
		add_text(&writing->there, arena_text(writing->rows->arena, sql_text(select, 0)));
	if (result != SQLITE_DONE)
		return sql_failed(writing->sqlite, writing->err);
	sqlite3_reset(select);
	return true;
}

static void add_arrival(struct writing *writing, const struct import_row *row, const char *prefix)
{
	writing->arrivals = grow(writing->arrivals, writing->arrival_count,
				 &writing->arrival_capacity, sizeof(*writing->arrivals));
	writing->arrivals[writing->arrival_count++] =
		(struct arrival){ .row = row, .prefix = prefix };
}

/* Brings a circuit or device to what the row says; one that is not there arrives. */
static bool change(struct writing *writing, const struct import_row *row, bool is_empty,
		   sqlite3_stmt *(*bind)(struct writing *writing, enum statement which,
					 const struct import_row *row),
		   enum statement comparison, enum statement update)
{
	enum found found = MISSING;

	if (!is_empty && !look_up(writing, bind(writing, comparison, row), &found))
		return false;
	if (found == MISSING)
		add_arrival(writing, row, NULL);
	return found != DIFFERENT || sql_step(bind(writing, update, row), writing->err);
}

/* --- circuits --------------------------------------------------------------------------------- */

static sqlite3_stmt *bind_circuit(struct writing *writing, enum statement which,
				  const struct import_row *row)
{
	sqlite3_stmt *statement = writing->statements[which];

	bind_text(statement, 1, row->circuit);
	bind_text(statement, 2, row->name);
	bind_text(statement, 3, row->site);
	for (int i = 0; i < 4; i++)
		sqlite3_bind_int64(statement, 4 + i, row->rate_bps[i]);
	bind_text(statement, 8, row->leaf);
	bind_text(statement, 9, row->comment);
	return statement;
}

static bool change_circuits(struct writing *writing, bool is_empty)
{
	const struct import_rows *rows = writing->rows;

	for (size_t i = 0; i < rows->circuit_count; i++)
		if (!change(writing, rows->circuits[i], is_empty, bind_circuit, COMPARE_CIRCUIT,
			    UPDATE_CIRCUIT))
			return false;
	return true;
}

static void give_circuit(sqlite3_context *result, const void *arrivals, size_t i, int column)
{
	const struct import_row *row = ((const struct arrival *)arrivals)[i].row;
	const char *texts[] = { row->circuit, row->name, row->site, row->comment,
				row->leaf ? row->leaf : "" };

	if (column < 5)
		sqlite3_result_text(result, texts[column], -1, SQLITE_STATIC);
	else
		sqlite3_result_int64(result, row->rate_bps[column - 5]);
}

/* --- devices ---------------------------------------------------------------------------------- */

/* A device named twice is what its last row says; its addresses are those of all. */
static bool is_last_of_device(const struct import_rows *rows, size_t i)
{
	return i + 1 == rows->holding_count ||
	       strcmp(rows->by_device[i]->device, rows->by_device[i + 1]->device) != 0;
}

static sqlite3_stmt *bind_device(struct writing *writing, enum statement which,
				 const struct import_row *row)
{
	sqlite3_stmt *statement = writing->statements[which];

	bind_text(statement, 1, row->device);
	bind_text(statement, 2, row->circuit);
	bind_text(statement, 3, row->device_name);
	bind_text(statement, 4, row->mac);
	return statement;
}

/* Of a circuit, those that the import does not name. */
static bool drop_devices(struct writing *writing, const char *circuit)
{
	sqlite3_stmt *drop = writing->statements[DELETE_DEVICE];

	if (!read_there(writing, FIND_DEVICES, circuit))
		return false;
	for (size_t i = 0; i < writing->there.count; i++) {
		const char *device = writing->there.items[i];

		bind_text(drop, 1, device);
		if (!import_rows_name_device(writing->rows, device) &&
		    !sql_step(drop, writing->err))
			return false;
	}
	return true;
}

static bool change_devices(struct writing *writing, bool is_empty)
{
	const struct import_rows *rows = writing->rows;

	for (size_t i = 0; i < rows->holding_count; i++)
		if (is_last_of_device(rows, i) &&
		    !change(writing, rows->by_device[i], is_empty, bind_device, COMPARE_DEVICE,
			    UPDATE_DEVICE))
			return false;
	for (size_t i = 0; !is_empty && i < rows->circuit_count; i++)
		if (!drop_devices(writing, rows->circuits[i]->circuit))
			return false;
	return true;
}

static void give_device(sqlite3_context *result, const void *arrivals, size_t i, int column)
{
	const struct import_row *row = ((const struct arrival *)arrivals)[i].row;
	const char *texts[] = { row->device, row->circuit, row->device_name, row->mac };

	sqlite3_result_text(result, texts[column], -1, SQLITE_STATIC);
}

/* --- prefixes --------------------------------------------------------------------------------- */

static int compare_texts(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The addresses of a device, each once: of by_device's rows from `first` to `last`. */
static void want_prefixes(struct writing *writing, size_t first, size_t last)
{
	const struct import_rows *rows = writing->rows;
	struct texts *wanted = &writing->wanted;
	size_t kept = 0;

	wanted->count = 0;
	for (size_t i = first; i <= last; i++)
		for (size_t k = 0; k < rows->by_device[i]->prefix_count; k++)
			add_text(wanted, rows->prefixes[rows->by_device[i]->first_prefix + k]);
	if (wanted->count < 2)
		return;
	qsort(wanted->items, wanted->count, sizeof(*wanted->items), compare_texts);
	for (size_t i = 0; i < wanted->count; i++)
		if (!kept || strcmp(wanted->items[kept - 1], wanted->items[i]) != 0)
			wanted->items[kept++] = wanted->items[i];
	wanted->count = kept;
}

static bool drop_prefix(struct writing *writing, const char *device, const char *prefix)
{
	sqlite3_stmt *drop = writing->statements[DELETE_PREFIX];

	bind_text(drop, 1, device);
	bind_text(drop, 2, prefix);
	return sql_step(drop, writing->err);
}

/* Drops what is there and not wanted, keeps what is wanted and not there for later. Both are
 * sorted. */
static bool compare_prefixes(struct writing *writing, const struct import_row *row)
{
	const struct texts *there = &writing->there, *wanted = &writing->wanted;
	size_t t = 0, w = 0;

	while (t < there->count || w < wanted->count) {
		int order = t == there->count	 ? 1
			    : w == wanted->count ? -1
						 : strcmp(there->items[t], wanted->items[w]);

		if (order < 0 && !drop_prefix(writing, row->device, there->items[t]))
			return false;
		if (order > 0)
			add_arrival(writing, row, wanted->items[w]);
		t += order <= 0;
		w += order >= 0;
	}
	return true;
}

static bool change_prefixes(struct writing *writing, bool is_empty)
{
	const struct import_rows *rows = writing->rows;
	size_t first = 0;

	writing->there.count = 0;
	for (size_t i = 0; i < rows->holding_count; i++) {
		if (!is_last_of_device(rows, i))
			continue;
		want_prefixes(writing, first, i);
		first = i + 1;
		if ((!is_empty &&
		     !read_there(writing, FIND_PREFIXES, rows->by_device[i]->device)) ||
		    !compare_prefixes(writing, rows->by_device[i]))
			return false;
	}
	return true;
}

static void give_prefix(sqlite3_context *result, const void *arrivals, size_t i, int column)
{
	const struct arrival *arrival = &((const struct arrival *)arrivals)[i];
	const char *texts[] = { arrival->row->device, arrival->prefix, arrival->row->circuit };

	sqlite3_result_text(result, texts[column], -1, SQLITE_STATIC);
}

/* --- the whole -------------------------------------------------------------------------------- */

#define CIRCUIT_COLUMNS                                                                            \
	"id, name, site, comment, leaf, download_min_bps, upload_min_bps, download_max_bps, "      \
	"upload_max_bps"
/* The time is the column's default, but once for all rows. */
#define INTO_JOURNAL                                                                               \
	"INSERT INTO journal (time_ms, author, revision, action, kind, subject, circuit, after) "  \
	"SELECT (SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)), "             \
	"(SELECT author FROM writer), (SELECT revision FROM writer), 'insert', "

/* Brings what is there to what the rows say, and finds the arrivals; these are offered with
 * `columns`, written, and told to the journal. */
static const struct table {
	const char *has_rows;
	bool (*change)(struct writing *writing, bool is_empty);
	void (*give)(sqlite3_context *result, const void *arrivals, size_t i, int column);
	const char *columns, *write, *journal;
} tables[] = {
	{ "SELECT EXISTS (SELECT 1 FROM circuits)", change_circuits, give_circuit, CIRCUIT_COLUMNS,
	  "INSERT INTO circuits (" CIRCUIT_COLUMNS ") SELECT * FROM " SQL_ROWS,
	  INTO_JOURNAL "'circuit', id, id, name FROM " SQL_ROWS },
	{ "SELECT EXISTS (SELECT 1 FROM devices)", change_devices, give_device,
	  "id, circuit, name, mac",
	  "INSERT INTO devices (id, circuit, name, mac) SELECT * FROM " SQL_ROWS,
	  INTO_JOURNAL "'device', id, circuit, name FROM " SQL_ROWS },
	{ "SELECT EXISTS (SELECT 1 FROM prefixes)", change_prefixes, give_prefix,
	  "device, prefix, circuit", "INSERT INTO prefixes SELECT device, prefix FROM " SQL_ROWS,
	  INTO_JOURNAL "'prefix', device, circuit, prefix FROM " SQL_ROWS },
};

/* Whether each trigger is one of rules.sql, and none is missing. */
static bool has_own_triggers(sqlite3 *sqlite)
{
	const char *texts[] = { rules_sql, NULL };
	sqlite3_stmt *select = sql_prepare(
		sqlite,
		"SELECT count(*), sum(instr(?1, sql) = 0) FROM sqlite_schema WHERE type = "
		"'trigger'",
		texts);
	int64_t count = -1, others = -1, own = 0;

	for (const char *at = rules_sql; (at = strstr(at, "CREATE TRIGGER")); at++)
		own++;
	if (sqlite3_step(select) == SQLITE_ROW) {
		count = sqlite3_column_int64(select, 0);
		others = sqlite3_column_int64(select, 1);
	}
	sqlite3_finalize(select);
	return count == own && !others;
}

static bool write_arrivals(sqlite3 *sqlite, const struct table *table, bool in_bulk,
			   struct error *err)
{
	bool ok;

	if (!in_bulk)
		return sql_run(sqlite, table->write, err);
	sqlite3_db_config(sqlite, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	ok = sql_run(sqlite, table->write, err) && sql_run(sqlite, table->journal, err);
	sqlite3_db_config(sqlite, SQLITE_DBCONFIG_ENABLE_TRIGGER, 1, NULL);
	return ok;
}

static bool write_table(struct writing *writing, const struct table *table, bool in_bulk)
{
	sqlite3 *sqlite = writing->sqlite;
	struct sql_rows offered = { .columns = table->columns, .give = table->give };
	bool ok;

	writing->arrival_count = 0;
	if (!table->change(writing, !sql_integer(sqlite, table->has_rows, 1)))
		return false;
	offered.rows = writing->arrivals;
	offered.count = writing->arrival_count;
	ok = sql_offer_rows(sqlite, &offered, writing->err) &&
	     write_arrivals(sqlite, table, in_bulk, writing->err);
	sql_withdraw_rows(sqlite);
	return ok;
}

bool staged_write(sqlite3 *sqlite, const struct import_rows *rows, struct error *err)
{
	struct writing writing = { .sqlite = sqlite, .rows = rows, .err = err };
	bool ok = sql_prepare_all(sqlite, statement_texts, STATEMENTS, writing.statements, err);
	bool in_bulk = has_own_triggers(sqlite);

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && ok; i++)
		ok = write_table(&writing, &tables[i], in_bulk);
	sql_finalize_all(writing.statements, STATEMENTS);
	free(writing.there.items);
	free(writing.wanted.items);
	free(writing.arrivals);
	return ok;
}
