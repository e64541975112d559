/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes into the circuits file from files of another program, as one revision. */
#ifndef LQOS_DB_IMPORT_H
#define LQOS_DB_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/circuits.h"
#include "db/shaped_row.h"
#include "engine/base/direction.h"
#include "engine/base/error.h"
#include "engine/model/network.h"

#define IMPORT_TOP SIZE_MAX

struct import_site {
	const char *id; /* NULL: not said */
	const char *name, *kind;
	const char *place;		   /* NULL: not said; what is there stays */
	uint64_t capacity_bps[DIRECTIONS]; /* 0: as much as the parent */
	size_t parent;			   /* an index lower than its own, or IMPORT_TOP */
};

struct import {
	bool has_rows, has_sites; /* without: nothing is said about circuits, or sites */
	const struct shaped_row *rows;
	size_t row_count;
	const struct import_site *sites;
	size_t site_count;
	const struct problem *problems; /* found in reading */
	size_t problem_count;
};

struct import_result {
	uint64_t revision; /* 0: it changed nothing */
	size_t rows, rows_refused;
};

/* Sites first, then the rows as circuits_db_merge_staged would take them; in import_mode replace,
 * sites that are not named and have nothing below them go. All in one transaction. */
bool circuits_db_import(struct circuits_db *db, const struct import *import,
			struct import_result *result, struct error *err);

/* A copy of the file in memory, to try things in; what is written to it is lost. Refused as by
 * circuits_db_open_to_check. */
struct circuits_db *circuits_db_open_copy(const char *path, struct error *err);

/* A row of the journal; texts live until the callback returns. */
struct change_row {
	const char *action, *kind, *subject, *field, *before, *after;
};
/* Calls `take` for each row of a revision, in their order. */
bool circuits_db_each_change(struct circuits_db *db, uint64_t revision,
			     void (*take)(void *data, const struct change_row *row), void *data,
			     struct error *err);

#endif
