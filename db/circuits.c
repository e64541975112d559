/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening and reading the circuits file. */
#include "db/circuits.h"

#include <stdlib.h>

#include "db/circuits_private.h"
#include "db/sql.h"
#include "db/wal.h"
#include "engine/base/memory.h"

struct circuits_db *circuits_db_open(const char *path, bool create, struct error *err)
{
	sqlite3 *sqlite = sql_open(path, create, err);
	struct circuits_db *db;
	int64_t version;

	if (!sqlite)
		return NULL;
	if ((create && !circuits_schema_create(sqlite, err)) ||
	    !circuits_schema_check(sqlite, path, &version, err) ||
	    !circuits_schema_upgrade(sqlite, path, version, err)) {
		sqlite3_close(sqlite);
		return NULL;
	}
	db = xcalloc(1, sizeof(*db));
	db->path = xstrdup(path);
	circuits_db_use(db, sqlite);
	return db;
}

struct circuits_db *circuits_db_open_to_check(const char *path, struct error *err)
{
	sqlite3 *sqlite = sql_open_to_read(path, err);
	struct circuits_db *db;
	int64_t version;

	if (!sqlite)
		return NULL;
	if (!circuits_is_sound(sqlite, path, &version, err)) {
		sqlite3_close(sqlite);
		return NULL;
	}
	if (!circuits_schema_is_current(version)) {
		sqlite3_close(sqlite);
		error_set(err, ERROR_INVALID,
			  "%s has schema version %lld; lqosd upgrades it when it opens it", path,
			  (long long)version);
		return NULL;
	}
	db = xcalloc(1, sizeof(*db));
	db->path = xstrdup(path);
	db->sqlite = sqlite;
	db->unwatched = true;
	return db;
}

void circuits_db_close(struct circuits_db *db)
{
	if (!db)
		return;
	sqlite3_finalize(db->last_revision);
	sqlite3_close(db->sqlite);
	wal_free(db->wal);
	free(db->path);
	free(db);
}

/* --- reading ---------------------------------------------------------------------------------------- */

static void load_sites(sqlite3_stmt *row, struct network *network)
{
	network_add_site(network,
			 &(struct site){
				 .id = sql_text(row, 0),
				 .name = sql_text(row, 1),
				 .parent_id = sql_text_or_null(row, 2),
				 .kind = sql_text(row, 3),
				 .capacity_bps = { (uint64_t)sqlite3_column_int64(row, 4),
						   (uint64_t)sqlite3_column_int64(row, 5) },
			 });
}

static void load_circuits(sqlite3_stmt *row, struct network *network)
{
	network_add_circuit(network, &(struct circuit){
					     .id = sql_text(row, 0),
					     .name = sql_text(row, 1),
					     .site_id = sql_text_or_null(row, 2),
					     .min_bps = { (uint64_t)sqlite3_column_int64(row, 3),
							  (uint64_t)sqlite3_column_int64(row, 4) },
					     .max_bps = { (uint64_t)sqlite3_column_int64(row, 5),
							  (uint64_t)sqlite3_column_int64(row, 6) },
					     .suspended = sqlite3_column_int(row, 7),
					     .leaf = sql_text(row, 8),
					     .comment = sql_text(row, 9),
					     .until_s = sqlite3_column_int64(row, 10),
				     });
}

static void load_devices(sqlite3_stmt *row, struct network *network)
{
	network_add_device(network, &(struct device){ .id = sql_text(row, 0),
						      .circuit_id = sql_text(row, 1),
						      .name = sql_text(row, 2),
						      .mac = sql_text(row, 3) });
}

static void load_prefixes(sqlite3_stmt *row, struct network *network)
{
	network_add_prefix(network, &(struct device_prefix){ .device_id = sql_text(row, 0),
							     .text = sql_text(row, 1) });
}

static void load_problems(sqlite3_stmt *row, struct network *network)
{
	network_add_problem(network, sql_text(row, 0), sql_text(row, 1), sql_text(row, 2));
}

static const struct {
	const char *query;
	void (*load)(sqlite3_stmt *row, struct network *network);
} tables[] = {
	{ "SELECT id, name, parent, kind, download_bps, upload_bps FROM sites ORDER BY id",
	  load_sites },
	/* An override holds in place of the plan; a minimum goes no higher than that. */
	{ "SELECT id, name, nullif(site, ''), "
	  "min(download_min_bps, coalesce(o.download_max_bps, download_min_bps)), "
	  "min(upload_min_bps, coalesce(o.upload_max_bps, upload_min_bps)), "
	  "coalesce(o.download_max_bps, c.download_max_bps), "
	  "coalesce(o.upload_max_bps, c.upload_max_bps), coalesce(o.suspended, c.suspended), "
	  "leaf, comment, unixepoch(o.until) FROM circuits c LEFT JOIN overrides o "
	  "ON o.circuit = c.id AND o.until > datetime('now') ORDER BY id",
	  load_circuits },
	{ "SELECT id, circuit, name, mac FROM devices ORDER BY id", load_devices },
	{ "SELECT device, prefix FROM prefixes ORDER BY device, prefix", load_prefixes },
	{ "SELECT subject, reason, in_force FROM problems WHERE source <> 'network'",
	  load_problems },
	{ "SELECT 'override of circuit ' || circuit, 'its circuit does not exist', 'it has no "
	  "effect' "
	  "FROM overrides WHERE circuit NOT IN (SELECT id FROM circuits)",
	  load_problems },
};

static bool load_table(struct circuits_db *db, size_t table, struct network *network,
		       struct error *err)
{
	sqlite3_stmt *row = sql_prepare(db->sqlite, tables[table].query, NULL);
	int result;

	while ((result = sqlite3_step(row)) == SQLITE_ROW)
		tables[table].load(row, network);
	if (result != SQLITE_DONE)
		sql_failed(db->sqlite, err);
	sqlite3_finalize(row);
	return result == SQLITE_DONE;
}

struct network *circuits_db_load(struct circuits_db *db, struct error *err)
{
	struct network *network = network_new();
	bool own = sqlite3_get_autocommit(db->sqlite);
	bool ok = !own || sql_run(db->sqlite, "BEGIN", err);

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && ok; i++)
		ok = load_table(db, i, network, err);
	network->revision = (uint64_t)sql_integer(
		db->sqlite, "SELECT CAST(value AS INTEGER) FROM settings WHERE key = 'revision'",
		0);
	if (own)
		sql_end(db->sqlite, ok, err);
	if (ok && (!own || circuits_db_is_in_place(db, err)))
		return network;
	network_free(network);
	return NULL;
}
