/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sites of an import; used by staging.c within its transaction. */
#ifndef LQOS_DB_IMPORT_SITES_H
#define LQOS_DB_IMPORT_SITES_H

#include <sqlite3.h>
#include <stdbool.h>

#include "db/import.h"
#include "engine/base/error.h"

/* Adds and changes sites: known by their id, else by their name. What can't be done, and what was
 * found in reading, goes to problems. */
bool import_write_sites(sqlite3 *sqlite, const struct import *import, struct error *err);

/* Removes the sites that it did not name, unless something is below them. */
bool import_drop_sites(sqlite3 *sqlite, struct error *err);

#endif
