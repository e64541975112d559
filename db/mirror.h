/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rows of the circuits file, kept from one look to the next: what the journal names is read
 * again, everything where the journal does not tell the whole story.
 */
#ifndef LQOS_DB_MIRROR_H
#define LQOS_DB_MIRROR_H

#include <sqlite3.h>
#include <stdbool.h>

#include "engine/base/error.h"
#include "engine/model/network.h"

struct mirror;
struct rows_read;

struct mirror *mirror_new(void);
void mirror_free(struct mirror *mirror);

/* Brings it up to date, within the caller's read transaction; on failure all is read next time. */
bool mirror_update(struct mirror *mirror, sqlite3 *sqlite, struct error *err);

/* What it holds, and what the last update read. */
const struct network *mirror_rows(const struct mirror *mirror, struct rows_read *read);

#endif
