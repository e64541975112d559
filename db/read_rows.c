/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading rows of the circuits file as they stand. */
#include "db/read_rows.h"

#include "db/circuits_private.h"

#include "db/sql.h"

static void load_site(sqlite3_stmt *row, struct network *network)
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

static void load_circuit(sqlite3_stmt *row, struct network *network)
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

static void load_device(sqlite3_stmt *row, struct network *network)
{
	network_add_device(network, &(struct device){ .id = sql_text(row, 0),
						      .circuit_id = sql_text(row, 1),
						      .name = sql_text(row, 2),
						      .mac = sql_text(row, 3) });
}

static void load_prefix(sqlite3_stmt *row, struct network *network)
{
	network_add_prefix(network, &(struct device_prefix){ .device_id = sql_text(row, 0),
							     .text = sql_text(row, 1) });
}

static void load_problem(sqlite3_stmt *row, struct network *network)
{
	network_add_problem(network, sql_text(row, 0), sql_text(row, 1), sql_text(row, 2));
}

static const struct {
	const char *query, *of_one, *order;
	void (*load)(sqlite3_stmt *row, struct network *network);
} tables[ROW_TABLES] = {
	[TABLE_SITES] = { "SELECT id, name, parent, kind, download_bps, upload_bps FROM sites",
			  "WHERE id = ?1", "ORDER BY id", load_site },
	/* An override holds in place of the plan; a minimum goes no higher than that. */
	[TABLE_CIRCUITS] = { "SELECT id, name, nullif(site, ''), "
			     "min(download_min_bps, coalesce(o.download_max_bps, "
			     "download_min_bps)), "
			     "min(upload_min_bps, coalesce(o.upload_max_bps, upload_min_bps)), "
			     "coalesce(o.download_max_bps, c.download_max_bps), "
			     "coalesce(o.upload_max_bps, c.upload_max_bps), "
			     "coalesce(o.suspended, c.suspended), "
			     "leaf, comment, unixepoch(o.until) FROM circuits c "
			     "LEFT JOIN overrides o "
			     "ON o.circuit = c.id AND o.until > datetime('now')",
			     "WHERE id = ?1", "ORDER BY id", load_circuit },
	[TABLE_DEVICES] = { "SELECT id, circuit, name, mac FROM devices", "WHERE id = ?1",
			    "ORDER BY id", load_device },
	[TABLE_PREFIXES] = { "SELECT device, prefix FROM prefixes", "WHERE device = ?1",
			     "ORDER BY device, prefix", load_prefix },
	[TABLE_PROBLEMS] = { "SELECT subject, reason, in_force FROM problems "
			     "WHERE source <> 'network' UNION ALL "
			     "SELECT 'override of circuit ' || circuit, 'its circuit does not "
			     "exist', 'it has no effect' "
			     "FROM overrides WHERE circuit NOT IN (SELECT id FROM circuits)",
			     "", "", load_problem },
};

bool read_rows(sqlite3 *sqlite, enum row_table table, const char *key, struct network *network,
	       struct error *err)
{
	char *query = sqlite3_mprintf("%s %s %s", tables[table].query,
				      key ? tables[table].of_one : "", tables[table].order);
	const char *texts[] = { key, NULL };
	sqlite3_stmt *row = sql_prepare(sqlite, query, texts);
	int result;

	sqlite3_free(query);
	while ((result = sqlite3_step(row)) == SQLITE_ROW)
		tables[table].load(row, network);
	if (result != SQLITE_DONE)
		sql_failed(sqlite, err);
	sqlite3_finalize(row);
	return result == SQLITE_DONE;
}

uint64_t read_revision(sqlite3 *sqlite)
{
	return (uint64_t)sql_integer(
		sqlite, "SELECT CAST(value AS INTEGER) FROM settings WHERE key = 'revision'", 0);
}

struct network *read_network(sqlite3 *sqlite, struct error *err)
{
	struct network *network = network_new();
	bool ok = true;

	for (int table = 0; table < ROW_TABLES && ok; table++)
		ok = read_rows(sqlite, (enum row_table)table, NULL, network, err);
	network->revision = read_revision(sqlite);
	if (ok)
		return network;
	network_free(network);
	return NULL;
}

struct network *circuits_db_load(struct circuits_db *db, struct error *err)
{
	bool own = sqlite3_get_autocommit(db->sqlite);
	struct network *network = NULL;

	if (!own || sql_run(db->sqlite, "BEGIN", err))
		network = read_network(db->sqlite, err);
	if (own)
		sql_end(db->sqlite, network != NULL, err);
	if (!network || !own || circuits_db_is_in_place(db, err))
		return network;
	network_free(network);
	return NULL;
}
