/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What comes new is most of a first import: its journal rows are written by a statement a table,
 * with the triggers off, which takes half of the time. Where the file has triggers that are not
 * this program's, all of them run, row by row.
 */
#include "db/staged_write.h"

#include <stdint.h>
#include <string.h>

#include "db/rules.sql.h"
#include "db/sql.h"

/* A table's new rows: first found, then written, and told to the journal. */
struct table {
	const char *change, *find, *write, *journal, *finish;
};

#define INTO_JOURNAL                                                                               \
	"INSERT INTO journal (author, revision, action, kind, subject, circuit, after) "           \
	"SELECT (SELECT author FROM writer), (SELECT revision FROM writer), 'insert', "

static const struct table circuits = {
	.change =
		"UPDATE circuits SET name = r.name, site = r.site, download_min_bps = "
		"r.download_min, upload_min_bps = r.upload_min, download_max_bps = r.download_max, "
		"upload_max_bps = r.upload_max, comment = r.comment, "
		"leaf = coalesce(r.leaf, circuits.leaf) "
		"FROM temp.rows r JOIN temp.firsts f ON f.row = r.row WHERE circuits.id = "
		"f.circuit AND (circuits.name, circuits.site, download_min_bps, upload_min_bps, "
		"download_max_bps, upload_max_bps, circuits.comment, circuits.leaf) IS NOT "
		"(r.name, r.site, r.download_min, r.upload_min, r.download_max, r.upload_max, "
		"r.comment, coalesce(r.leaf, circuits.leaf))",
	.find = "CREATE TEMP TABLE fresh AS SELECT row FROM temp.firsts "
		"WHERE circuit NOT IN (SELECT id FROM circuits) ORDER BY circuit",
	.write = "INSERT INTO circuits (id, name, site, download_min_bps, upload_min_bps, "
		 "download_max_bps, upload_max_bps, comment, leaf) SELECT r.circuit, r.name, "
		 "r.site, r.download_min, r.upload_min, r.download_max, r.upload_max, r.comment, "
		 "coalesce(r.leaf, '') FROM temp.fresh f CROSS JOIN temp.rows r ON r.row = f.row "
		 "ORDER BY f.rowid",
	.journal = INTO_JOURNAL "'circuit', r.circuit, r.circuit, r.name FROM temp.fresh f "
				"CROSS JOIN temp.rows r ON r.row = f.row ORDER BY f.rowid",
	.finish = "DROP TABLE temp.fresh",
};

/* A device named twice is what its last row says; its addresses are those of all. */
static const struct table devices = {
	.change = "CREATE TEMP TABLE lasts (device TEXT PRIMARY KEY, row INTEGER) WITHOUT ROWID;"
		  "INSERT INTO temp.lasts SELECT device, max(row) FROM temp.rows GROUP BY device;"
		  "UPDATE devices SET circuit = r.circuit, name = r.device_name, mac = r.mac "
		  "FROM temp.lasts l JOIN temp.rows r ON r.row = l.row WHERE devices.id = l.device "
		  "AND (devices.circuit, devices.name, devices.mac) IS NOT (r.circuit, "
		  "r.device_name, r.mac);"
		  "DELETE FROM devices WHERE circuit IN (SELECT circuit FROM temp.firsts) "
		  "AND id NOT IN (SELECT device FROM temp.lasts)",
	.find = "CREATE TEMP TABLE fresh AS SELECT row FROM temp.lasts "
		"WHERE device NOT IN (SELECT id FROM devices) ORDER BY device",
	.write = "INSERT INTO devices (id, circuit, name, mac) SELECT r.device, r.circuit, "
		 "r.device_name, r.mac FROM temp.fresh f CROSS JOIN temp.rows r ON r.row = f.row "
		 "ORDER BY f.rowid",
	.journal = INTO_JOURNAL "'device', r.device, r.circuit, r.device_name FROM temp.fresh f "
				"CROSS JOIN temp.rows r ON r.row = f.row ORDER BY f.rowid",
	.finish = "DROP TABLE temp.fresh",
};

static const struct table prefixes = {
	.change = "CREATE TEMP TABLE wanted (device TEXT, prefix TEXT, circuit TEXT, "
		  "PRIMARY KEY (device, prefix)) WITHOUT ROWID;"
		  "INSERT OR IGNORE INTO temp.wanted SELECT r.device, p.prefix, r.circuit "
		  "FROM temp.row_prefixes p JOIN temp.rows r ON r.row = p.row ORDER BY 1, 2;"
		  "DELETE FROM prefixes WHERE device IN (SELECT device FROM temp.lasts) AND "
		  "(device, prefix) NOT IN (SELECT device, prefix FROM temp.wanted)",
	.find = "DELETE FROM temp.wanted WHERE (device, prefix) IN "
		"(SELECT device, prefix FROM prefixes)",
	.write = "INSERT INTO prefixes SELECT device, prefix FROM temp.wanted "
		 "ORDER BY device, prefix",
	.journal = INTO_JOURNAL "'prefix', device, circuit, prefix FROM temp.wanted "
				"ORDER BY device, prefix",
	.finish = "DROP TABLE temp.wanted; DROP TABLE temp.lasts",
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

static bool write_in_bulk(sqlite3 *sqlite, const struct table *table, struct error *err)
{
	bool ok;

	sqlite3_db_config(sqlite, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	ok = sql_run(sqlite, table->write, err) && sql_run(sqlite, table->journal, err);
	sqlite3_db_config(sqlite, SQLITE_DBCONFIG_ENABLE_TRIGGER, 1, NULL);
	return ok;
}

static bool write_table(sqlite3 *sqlite, const struct table *table, bool in_bulk, struct error *err)
{
	if (!sql_run(sqlite, table->change, err) || !sql_run(sqlite, table->find, err))
		return false;
	if (!(in_bulk ? write_in_bulk(sqlite, table, err) : sql_run(sqlite, table->write, err)))
		return false;
	return sql_run(sqlite, table->finish, err);
}

bool staged_write(sqlite3 *sqlite, struct error *err)
{
	bool in_bulk = has_own_triggers(sqlite);

	return write_table(sqlite, &circuits, in_bulk, err) &&
	       write_table(sqlite, &devices, in_bulk, err) &&
	       write_table(sqlite, &prefixes, in_bulk, err);
}
