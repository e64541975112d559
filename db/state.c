/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "db/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/sql.h"
#include "db/state.sql.h"
#include "db/state_loads.sql.h"
#include "engine/base/log.h"
#include "engine/base/memory.h"

#define STATE_VERSION 1

struct state_db {
	sqlite3 *sqlite;
};

/* --- opening ---------------------------------------------------------------------------------- */

/* Whether what SQLite said last is of what is in the file, and not of what can't be done to it
 * now. */
static bool is_of_content(sqlite3 *sqlite)
{
	switch (sqlite3_errcode(sqlite) & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_NOMEM:
	case SQLITE_PERM:
	case SQLITE_READONLY:
	case SQLITE_IOERR:
	case SQLITE_FULL:
	case SQLITE_CANTOPEN:
		return false;
	default:
		return true;
	}
}

static bool make_tables(sqlite3 *sqlite, bool *unsound, struct error *err)
{
	bool ok = sql_run(sqlite, "BEGIN IMMEDIATE", err) && sql_run(sqlite, state_sql, err);

	*unsound = !ok && is_of_content(sqlite);
	return sql_end(sqlite, ok, err);
}

/* Writes nothing to a sound file that has its tables. */
static bool look_into(sqlite3 *sqlite, const char *path, bool *unsound, struct error *err)
{
	int64_t version;

	if (!sql_use_wal(sqlite, err) ||
	    !sql_run(sqlite, "SELECT count(*) FROM sqlite_schema", err) ||
	    !sql_is_sound(sqlite, path, err)) {
		*unsound = is_of_content(sqlite);
		return false;
	}
	version = sql_integer(sqlite, "PRAGMA user_version", 0);
	if (version == STATE_VERSION)
		return true;
	if (version == 0)
		return make_tables(sqlite, unsound, err);
	*unsound = true;
	return error_set(err, ERROR_INVALID, "%s has version %lld, this program knows %d", path,
			 (long long)version, STATE_VERSION);
}

/* *unsound: it failed for what the file is, and not for what can't be done to it now. */
static sqlite3 *open_sound(const char *path, bool *unsound, struct error *err)
{
	sqlite3 *sqlite = sql_open_as_it_is(path, true, err);

	*unsound = false;
	if (!sqlite || look_into(sqlite, path, unsound, err))
		return sqlite;
	sqlite3_close(sqlite);
	return NULL;
}

/* The broken file and its WAL go out of the way under a name that is free. */
static bool set_aside(const char *path, struct error *err)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	char target[512];
	int number = 1;

	do {
		snprintf(target, sizeof(target), "%s.broken-%d", path, number++);
	} while (access(target, F_OK) == 0);
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		char from[512], to[540];

		snprintf(from, sizeof(from), "%s%s", path, suffixes[i]);
		snprintf(to, sizeof(to), "%s%s", target, suffixes[i]);
		if (rename(from, to) < 0 && i == 0)
			return error_set(err, ERROR_SYSTEM, "can't set the broken %s aside", path);
	}
	log_warning("%s could not be read and was set aside as %s", path, target);
	return true;
}

struct state_db *state_db_open(const char *path, struct error *err)
{
	bool unsound;
	sqlite3 *sqlite = open_sound(path, &unsound, err);
	struct state_db *db;

	if (unsound) {
		log_warning("%s", err->text);
		if (!set_aside(path, err))
			return NULL;
		sqlite = open_sound(path, &unsound, err);
	}
	if (!sqlite)
		return NULL;
	db = xcalloc(1, sizeof(*db));
	db->sqlite = sqlite;
	return db;
}

struct state_db *state_db_open_to_read(const char *path, struct error *err)
{
	sqlite3 *sqlite = sql_open_to_read(path, err);
	int64_t version = sqlite ? sql_integer(sqlite, "PRAGMA user_version", 0) : 0;
	struct state_db *db;

	if (!sqlite)
		return NULL;
	if (version != STATE_VERSION) {
		error_set(err, ERROR_INVALID, "%s has version %lld, this program knows %d", path,
			  (long long)version, STATE_VERSION);
		sqlite3_close(sqlite);
		return NULL;
	}
	db = xcalloc(1, sizeof(*db));
	db->sqlite = sqlite;
	return db;
}

void state_db_close(struct state_db *db)
{
	if (!db)
		return;
	sqlite3_close(db->sqlite);
	free(db);
}

/* --- loading ---------------------------------------------------------------------------------- */

bool state_db_load_assignments(struct state_db *db, struct assignment **assignments, size_t *count,
			       struct error *err)
{
	sqlite3_stmt *row = sql_prepare(
		db->sqlite, "SELECT kind, id, slot, queue, handle, waiting_handle FROM assignments",
		NULL);
	size_t capacity = 0;
	int result;

	*assignments = NULL;
	*count = 0;
	while ((result = sqlite3_step(row)) == SQLITE_ROW) {
		struct assignment one = {
			.kind = sqlite3_column_int(row, 0) ? NODE_CIRCUIT : NODE_SITE,
			.slot = (uint32_t)sqlite3_column_int64(row, 2),
			.queue = (uint16_t)sqlite3_column_int(row, 3),
			.handle = (uint16_t)sqlite3_column_int(row, 4),
			.waiting_handle = (uint16_t)sqlite3_column_int(row, 5),
		};

		one.id = xstrdup(sql_text(row, 1));
		one.owner = assignment_owner(one.kind, one.id);
		*assignments = grow(*assignments, *count, &capacity, sizeof(**assignments));
		(*assignments)[(*count)++] = one;
	}
	if (result != SQLITE_DONE) {
		sql_failed(db->sqlite, err);
		assignments_free(*assignments, *count);
		*assignments = NULL;
		*count = 0;
	}
	sqlite3_finalize(row);
	return result == SQLITE_DONE;
}

static uint64_t rate_at(sqlite3_stmt *row, int column)
{
	return (uint64_t)sqlite3_column_int64(row, column);
}

static void load_site(sqlite3_stmt *row, struct network *network)
{
	network_add_site(network,
			 &(struct site){ .id = sql_text(row, 0),
					 .name = sql_text(row, 1),
					 .parent_id = sql_text_or_null(row, 2),
					 .kind = sql_text(row, 3),
					 .capacity_bps = { rate_at(row, 4), rate_at(row, 5) } });
}

static void load_circuit(sqlite3_stmt *row, struct network *network)
{
	network_add_circuit(network,
			    &(struct circuit){ .id = sql_text(row, 0),
					       .name = sql_text(row, 1),
					       .site_id = sql_text_or_null(row, 2),
					       .min_bps = { rate_at(row, 3), rate_at(row, 4) },
					       .max_bps = { rate_at(row, 5), rate_at(row, 6) },
					       .suspended = sqlite3_column_int(row, 7),
					       .leaf = sql_text(row, 8),
					       .comment = sql_text(row, 9) });
}

static void load_device(sqlite3_stmt *row, struct network *network)
{
	network_add_device(network, &(struct device){ .id = sql_text(row, 0),
						      .circuit_id = sql_text(row, 1),
						      .name = sql_text(row, 2),
						      .mac = sql_text(row, 3) });
}

static void load_prefix(sqlite3_stmt *row, struct network *network)
{
	network_add_prefix(network, &(struct device_prefix){ .text = sql_text(row, 0),
							     .device_id = sql_text(row, 1) });
}

static const struct {
	const char *query;
	void (*load)(sqlite3_stmt *row, struct network *network);
} tables[] = {
	{ "SELECT id, name, parent, kind, download_bps, upload_bps FROM sites", load_site },
	{ "SELECT id, name, site, download_min_bps, upload_min_bps, download_max_bps, "
	  "upload_max_bps, suspended, leaf, comment FROM circuits",
	  load_circuit },
	{ "SELECT id, circuit, name, mac FROM devices", load_device },
	{ "SELECT prefix, device FROM prefixes", load_prefix },
};

struct network *state_db_load_network(struct state_db *db, struct error *err)
{
	struct network *rows, *network = NULL;
	bool ok = true;

	error_set(err, ERROR_NONE, "%s", "");
	if (sql_integer(db->sqlite, "SELECT count(*) FROM applied", 0) == 0)
		return NULL;
	rows = network_new();
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && ok; i++) {
		sqlite3_stmt *row = sql_prepare(db->sqlite, tables[i].query, NULL);
		int result;

		while ((result = sqlite3_step(row)) == SQLITE_ROW)
			tables[i].load(row, rows);
		ok = result == SQLITE_DONE || sql_failed(db->sqlite, err);
		sqlite3_finalize(row);
	}
	rows->revision = (uint64_t)sql_integer(db->sqlite, "SELECT revision FROM applied", 0);
	if (ok)
		network = network_resolve(rows, NULL);
	network_free(rows);
	return network;
}

bool state_db_load_loads(struct state_db *db,
			 void (*take)(void *data, const struct measured_load *load), void *data,
			 uint32_t *windows, struct error *err)
{
	sqlite3_stmt *row;
	int result;

	*windows = 0;
	if (!sql_integer(db->sqlite, "SELECT count(*) FROM sqlite_schema WHERE name = 'loads'", 0))
		return true;
	*windows = (uint32_t)sql_integer(db->sqlite, "SELECT windows FROM measured", 0);
	row = sql_prepare(db->sqlite, "SELECT kind, id, load_bps FROM loads", NULL);
	while ((result = sqlite3_step(row)) == SQLITE_ROW) {
		const struct measured_load load = {
			.kind = sqlite3_column_int(row, 0) ? NODE_CIRCUIT : NODE_SITE,
			.id = sql_text(row, 1),
			.load_bps = rate_at(row, 2),
		};

		take(data, &load);
	}
	if (result != SQLITE_DONE)
		sql_failed(db->sqlite, err);
	sqlite3_finalize(row);
	return result == SQLITE_DONE;
}

/* --- saving ----------------------------------------------------------------------------------- */

/* Binds values by a format: t a text (may be NULL), i an int64_t. */
static bool write_row(sqlite3_stmt *statement, const char *format, const void *const *values,
		      struct error *err)
{
	sqlite3_clear_bindings(statement);
	for (int i = 0; format[i]; i++) {
		if (format[i] == 'i')
			sqlite3_bind_int64(statement, i + 1, *(const int64_t *)values[i]);
		else if (values[i])
			sqlite3_bind_text(statement, i + 1, values[i], -1, SQLITE_STATIC);
	}
	return sql_step(statement, err);
}

struct saving {
	sqlite3 *sqlite;
	const struct network *network;
	const struct assignment *assignments;
	size_t count;
	struct error *err;
};

static bool save_assignment(const struct saving *saving, sqlite3_stmt *statement, size_t i)
{
	const struct assignment *one = &saving->assignments[i];
	int64_t kind = one->kind == NODE_CIRCUIT, slot = one->slot, queue = one->queue,
		handle = one->handle, waiting = one->waiting_handle;
	const void *values[] = { &kind, one->id, &slot, &queue, &handle, &waiting };

	return write_row(statement, "itiiii", values, saving->err);
}

static bool save_site(const struct saving *saving, sqlite3_stmt *statement, size_t i)
{
	const struct site *site = &saving->network->sites[i];
	int64_t down = (int64_t)site->capacity_bps[DOWNLOAD],
		up = (int64_t)site->capacity_bps[UPLOAD];
	const void *values[] = { site->id, site->name, site->parent_id, site->kind, &down, &up };

	return write_row(statement, "ttttii", values, saving->err);
}

static bool save_circuit(const struct saving *saving, sqlite3_stmt *statement, size_t i)
{
	const struct circuit *circuit = &saving->network->circuits[i];
	int64_t rates[] = { (int64_t)circuit->min_bps[DOWNLOAD], (int64_t)circuit->min_bps[UPLOAD],
			    (int64_t)circuit->max_bps[DOWNLOAD],
			    (int64_t)circuit->max_bps[UPLOAD] },
		suspended = circuit->suspended;
	const void *values[] = { circuit->id,	circuit->name,	 circuit->site_id, &rates[0],
				 &rates[1],	&rates[2],	 &rates[3],	   &suspended,
				 circuit->leaf, circuit->comment };

	return write_row(statement, "tttiiiiitt", values, saving->err);
}

static bool save_device(const struct saving *saving, sqlite3_stmt *statement, size_t i)
{
	const struct device *device = &saving->network->devices[i];
	const void *values[] = { device->id, device->circuit_id, device->name, device->mac };

	return write_row(statement, "tttt", values, saving->err);
}

static bool save_prefix(const struct saving *saving, sqlite3_stmt *statement, size_t i)
{
	const struct device_prefix *prefix = &saving->network->prefixes[i];
	char text[PREFIX_TEXT_SIZE];
	const void *values[] = { prefix_format(&prefix->prefix, text),
				 saving->network->devices[prefix->device].id };

	return write_row(statement, "tt", values, saving->err);
}

/* Each table is written into a scratch copy first; then only rows that differ are touched. */
static const struct {
	const char *name, *places, *key;
	bool (*save)(const struct saving *saving, sqlite3_stmt *statement, size_t i);
} saved[] = {
	{ "assignments", "?1, ?2, ?3, ?4, ?5, ?6", "(kind, id)", save_assignment },
	{ "sites", "?1, ?2, ?3, ?4, ?5, ?6", "id", save_site },
	{ "circuits", "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10", "id", save_circuit },
	{ "devices", "?1, ?2, ?3, ?4", "id", save_device },
	{ "prefixes", "?1, ?2", "prefix", save_prefix },
};
#define SAVED_TABLES (sizeof(saved) / sizeof(saved[0]))

static bool save_table(const struct saving *saving, size_t table, size_t rows)
{
	char text[512];
	sqlite3_stmt *insert;
	bool ok;

	snprintf(text, sizeof(text), "CREATE TEMP TABLE scratch AS SELECT * FROM main.%s WHERE 0",
		 saved[table].name);
	if (!sql_run(saving->sqlite, text, saving->err))
		return false;
	snprintf(text, sizeof(text), "INSERT INTO temp.scratch VALUES (%s)", saved[table].places);
	insert = sql_prepare(saving->sqlite, text, NULL);
	ok = insert != NULL;
	for (size_t i = 0; i < rows && ok; i++)
		ok = saved[table].save(saving, insert, i);
	sqlite3_finalize(insert);
	snprintf(text, sizeof(text),
		 "DELETE FROM main.%1$s WHERE %2$s NOT IN (SELECT %3$s FROM temp.scratch);"
		 "INSERT OR REPLACE INTO main.%1$s SELECT * FROM temp.scratch EXCEPT "
		 "SELECT * FROM main.%1$s; DROP TABLE temp.scratch",
		 saved[table].name, saved[table].key, table == 0 ? "kind, id" : saved[table].key);
	return sql_run(saving->sqlite, text, saving->err) && ok;
}

static bool save_revision(const struct saving *saving)
{
	char text[96];

	snprintf(text, sizeof(text), "DELETE FROM applied; INSERT INTO applied VALUES (%llu)",
		 (unsigned long long)saving->network->revision);
	return sql_run(saving->sqlite, text, saving->err);
}

bool state_db_save(struct state_db *db, const struct network *network,
		   const struct assignment *assignments, size_t count, struct error *err)
{
	const struct saving saving = { .sqlite = db->sqlite,
				       .network = network,
				       .assignments = assignments,
				       .count = count,
				       .err = err };
	const size_t rows[SAVED_TABLES] = { count, network->site_count, network->circuit_count,
					    network->device_count, network->prefix_count };
	bool ok;

	if (!sql_run(db->sqlite, "BEGIN IMMEDIATE", err))
		return false;
	ok = save_revision(&saving);
	for (size_t i = 0; i < SAVED_TABLES && ok; i++)
		ok = save_table(&saving, i, rows[i]);
	if (!sql_end(db->sqlite, ok, err)) {
		sqlite3_exec(db->sqlite, "DROP TABLE IF EXISTS temp.scratch", NULL, NULL, NULL);
		return false;
	}
	sql_checkpoint(db->sqlite);
	return true;
}

bool state_db_save_plans(struct state_db *db, const struct network *network, struct error *err)
{
	const struct saving saving = { .sqlite = db->sqlite, .network = network, .err = err };
	sqlite3_stmt *insert;
	bool ok;

	if (!sql_run(db->sqlite, "BEGIN IMMEDIATE", err))
		return false;
	insert = sql_prepare(db->sqlite,
			     "INSERT OR REPLACE INTO circuits VALUES "
			     "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
			     NULL);
	ok = save_revision(&saving);
	for (size_t i = 0; i < network->circuit_count && ok; i++)
		ok = save_circuit(&saving, insert, i);
	sqlite3_finalize(insert);
	return sql_end(db->sqlite, ok, err);
}

bool state_db_save_loads(struct state_db *db, const struct measured_load *loads, size_t count,
			 uint32_t windows, struct error *err)
{
	sqlite3_stmt *insert = NULL;
	char text[96];
	bool ok;

	snprintf(text, sizeof(text),
		 "DELETE FROM loads; DELETE FROM measured; INSERT INTO measured VALUES (%u)",
		 windows);
	if (!sql_run(db->sqlite, "BEGIN IMMEDIATE", err))
		return false;
	/* A state.db of before there were loads gets its tables here. */
	ok = sql_run(db->sqlite, state_loads_sql, err) && sql_run(db->sqlite, text, err);
	if (ok)
		insert = sql_prepare(db->sqlite, "INSERT INTO loads VALUES (?1, ?2, ?3)", NULL);
	for (size_t i = 0; i < count && ok; i++) {
		int64_t kind = loads[i].kind == NODE_CIRCUIT, load = (int64_t)loads[i].load_bps;
		const void *values[] = { &kind, loads[i].id, &load };

		ok = write_row(insert, "iti", values, err);
	}
	sqlite3_finalize(insert);
	return sql_end(db->sqlite, ok, err);
}
