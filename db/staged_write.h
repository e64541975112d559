/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last step of a merge (staging.c): settled rows become circuits, devices and prefixes. */
#ifndef LQOS_DB_STAGED_WRITE_H
#define LQOS_DB_STAGED_WRITE_H

#include <sqlite3.h>
#include <stdbool.h>

#include "db/import_rows.h"
#include "engine/base/error.h"

/* Within the caller's transaction, whose `origin` is set. The journal tells what the triggers would
 * have told, in the same order. */
bool staged_write(sqlite3 *sqlite, const struct import_rows *rows, struct error *err);

#endif
