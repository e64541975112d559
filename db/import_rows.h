/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rows of an import that can be taken, one by one; and what they come to together: circuits,
 * their devices and addresses, and rows at odds with others. Without a database.
 */
#ifndef LQOS_DB_IMPORT_ROWS_H
#define LQOS_DB_IMPORT_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/arena.h"

enum row_fault {
	ROW_HOLDS,
	ROW_OF_ANOTHERS_DEVICE, /* a device is one circuit's: that of its first row */
	ROW_OF_ANOTHER_SITE,	/* not its circuit's first row's */
	ROW_OF_ANOTHER_PLAN,	/* holds, but of rates and leaf what the circuit's first row says */
	ROW_FAULTS,
};

struct import_row {
	int64_t number;
	const char *circuit, *name;
	const char *site;    /* NULL: below none */
	int64_t rate_bps[4]; /* least and most, each down and up */
	const char *leaf;    /* as in circuits.leaf; NULL: not said */
	const char *comment;
	const char *device, *device_name, *mac;
	size_t first_prefix, prefix_count; /* of import_rows' */
	enum row_fault fault;
	const struct import_row *other; /* which it is at odds with */
};

struct import_rows {
	struct arena *arena;	 /* of all texts */
	struct import_row *rows; /* as they came */
	size_t count, capacity;
	const char **prefixes;
	size_t prefix_count, prefix_capacity;
	/* By import_rows_settle, of rows that hold: */
	struct import_row **circuits; /* each circuit's first row; by id */
	size_t circuit_count;
	struct import_row **by_device; /* all; by device, then as they came */
	size_t holding_count;
};

void import_rows_init(struct import_rows *rows);
void import_rows_release(struct import_rows *rows);

/* Adds an empty row; valid until the next. Its prefixes are those added before the next row. */
struct import_row *import_rows_add(struct import_rows *rows, int64_t number);
void import_rows_add_prefix(struct import_rows *rows, const char *prefix);

/* Looks at all of them together, once. Sets faults; fills circuits and by_device. */
void import_rows_settle(struct import_rows *rows);

/* Whether a row that holds names the device. */
bool import_rows_name_device(const struct import_rows *rows, const char *device);

#endif
