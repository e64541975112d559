/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One row of a ShapedDevices.csv (LibreQoS's format, 13 to 16 columns): cleaning and judging it,
 * without a database.
 */
#ifndef LQOS_DB_SHAPED_ROW_H
#define LQOS_DB_SHAPED_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/base/arena.h"

enum shaped_column {
	CIRCUIT_ID,
	CIRCUIT_NAME,
	DEVICE_ID,
	DEVICE_NAME,
	PARENT_NODE,
	PARENT_NODE_ID,
	ANCHOR_NODE_ID,
	MAC,
	IPV4,
	IPV6,
	DOWNLOAD_MIN,
	UPLOAD_MIN,
	DOWNLOAD_MAX,
	UPLOAD_MAX,
	COMMENT,
	SQM,
	SHAPED_COLUMNS,
};

struct shaped_row {
	int64_t number;
	const char *fault;		  /* found where it was read; NULL: none */
	const char *text[SHAPED_COLUMNS]; /* NULL: the file has no such column */
	int64_t rate_bps[SHAPED_COLUMNS]; /* of the four rate columns; set by find_fault */
	const char *leaf; /* as in circuits.leaf; NULL: not said; set by find_fault */
};

/* The column's name in the file's first line. */
const char *shaped_column_name(enum shaped_column column);

/* Trims, makes UTF-8 of what is not, and recognises the older order of 13 columns. After it only
 * the text of SQM may be NULL. */
void shaped_row_clean(struct shaped_row *row, struct arena *arena);

/* A header that was not skipped, a comment, a line of nothing: no circuit. */
bool shaped_row_is_skipped(const struct shaped_row *row);

/* The reason, a sentence, why a row can't be taken; NULL when it can. */
const char *shaped_row_find_fault(struct shaped_row *row, struct arena *arena);

/* What was understood, but can't be done just so; NULL when there is nothing to say. */
const char *shaped_row_find_doubt(const struct shaped_row *row, struct arena *arena);

/* The device's id; one without is known by its circuit and name. */
const char *shaped_row_device(const struct shaped_row *row, struct arena *arena);

/* Takes the next address off a comma list; NULL at its end. */
const char *shaped_row_next_address(const char **list, struct arena *arena);

#endif
