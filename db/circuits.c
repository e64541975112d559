/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening, noticing and reading the circuits file. */
#include "db/circuits.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "db/circuits_private.h"
#include "db/sql.h"
#include "engine/base/log.h"
#include "engine/base/memory.h"

static bool remember_file(struct circuits_db *db)
{
	struct stat status;

	if (stat(db->path, &status) < 0)
		return false;
	db->device = status.st_dev;
	db->inode = status.st_ino;
	return true;
}

static void use_connection(struct circuits_db *db, sqlite3 *sqlite)
{
	int persist = 1;

	sqlite3_finalize(db->last_revision);
	if (db->sqlite)
		sqlite3_file_control(db->sqlite, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
	sqlite3_close(db->sqlite);
	db->sqlite = sqlite;
	db->last_revision = sql_prepare(
		sqlite, "SELECT coalesce(max(revision), 0) FROM journal WHERE circuit = ?1", NULL);
}

/* A circuits file that SQLite finds nothing wrong with. */
static bool is_sound(sqlite3 *sqlite, const char *path, int64_t *version, struct error *err)
{
	sqlite3_stmt *check;
	bool sound;

	if (!circuits_schema_check(sqlite, path, version, err))
		return false;
	check = sql_prepare(sqlite, "PRAGMA quick_check(1)", NULL);
	sound = sqlite3_step(check) == SQLITE_ROW && !strcmp(sql_text(check, 0), "ok");
	if (!sound)
		error_set(err, ERROR_SYSTEM, "%s is a damaged file (%s)", path, sql_text(check, 0));
	sqlite3_finalize(check);
	return sound;
}

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
	/* Nothing may stay in the WAL: it would be replayed over whatever is put in the file's place. */
	sql_checkpoint(sqlite);
	db = xcalloc(1, sizeof(*db));
	db->path = xstrdup(path);
	use_connection(db, sqlite);
	remember_file(db);
	return db;
}

struct circuits_db *circuits_db_open_to_check(const char *path, struct error *err)
{
	sqlite3 *sqlite = sql_open_to_read(path, err);
	struct circuits_db *db;
	int64_t version;

	if (!sqlite)
		return NULL;
	if (!is_sound(sqlite, path, &version, err)) {
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
	use_connection(db, sqlite);
	return db;
}

void circuits_db_close(struct circuits_db *db)
{
	if (!db)
		return;
	sqlite3_finalize(db->last_revision);
	sqlite3_close(db->sqlite);
	free(db->path);
	free(db);
}

/* --- noticing -------------------------------------------------------------------------------------- */

/* Another file stands under the name. SQLite's -wal and -shm belong to the name, not to the file: two
 * connections of ours must never have them open at once (closing one drops the locks of both, and
 * another program then cuts the memory we share with it), and closing must not delete them (another
 * program may have written there by now). So the new file is looked at without them first. */
static bool take_replacement(struct circuits_db *db, struct error *err)
{
	sqlite3 *sqlite = sql_open_immutable(db->path, err);
	int64_t version;
	bool sound;

	if (!sqlite)
		return false;
	sound = is_sound(sqlite, db->path, &version, err);
	sqlite3_close(sqlite);
	if (!sound)
		return false;
	use_connection(db, sql_open_nothing());
	db->inode = 0;
	sqlite = sql_open(db->path, false, err);
	if (!sqlite)
		return false;
	if (!circuits_schema_upgrade(sqlite, db->path, version, err)) {
		sqlite3_close(sqlite);
		return false;
	}
	use_connection(db, sqlite);
	remember_file(db);
	db->data_version = sql_integer(sqlite, "PRAGMA data_version", 0);
	log_info("%s was replaced; the new file is in force", db->path);
	return true;
}

bool circuits_db_begin_write(struct circuits_db *db, struct error *err)
{
	struct stat status;

	if (stat(db->path, &status) < 0 || status.st_dev != db->device ||
	    status.st_ino != db->inode)
		return error_set(err, ERROR_BUSY,
				 "%s was just replaced; nothing was changed, try again", db->path);
	return sql_run(db->sqlite, "BEGIN IMMEDIATE", err);
}

bool circuits_db_changed(struct circuits_db *db, struct error *err)
{
	struct stat status;
	int64_t version;

	if (stat(db->path, &status) < 0)
		return error_set(err, ERROR_MISSING, "%s was removed", db->path);
	if (status.st_dev != db->device || status.st_ino != db->inode)
		return take_replacement(db, err);
	version = sql_integer(db->sqlite, "PRAGMA data_version", -1);
	if (version < 0)
		return sql_failed(db->sqlite, err);
	if (version == db->data_version)
		return false;
	db->data_version = version;
	return true;
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
	if (ok)
		return network;
	network_free(network);
	return NULL;
}
