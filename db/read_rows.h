/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading rows of the circuits file as they stand: all of a table, or those of one key. */
#ifndef LQOS_DB_READ_ROWS_H
#define LQOS_DB_READ_ROWS_H

#include <sqlite3.h>
#include <stdbool.h>

#include "engine/base/error.h"
#include "engine/model/network.h"

enum row_table {
	TABLE_SITES,
	TABLE_CIRCUITS,
	TABLE_DEVICES,
	TABLE_PREFIXES,
	TABLE_PROBLEMS, /* not the network's, which are found anew */
	ROW_TABLES,
};

/* Appends the table's rows to the network, sorted: all (key NULL), or those of an id, for prefixes
 * of a device. */
bool read_rows(sqlite3 *sqlite, enum row_table table, const char *key, struct network *network,
	       struct error *err);
uint64_t read_revision(sqlite3 *sqlite);

/* All tables, within the caller's transaction. */
struct network *read_network(sqlite3 *sqlite, struct error *err);

#endif
