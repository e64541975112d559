/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A ShapedDevices.csv as a file: columns in any order, known by the names in its first line. */
#ifndef LQOS_DB_SHAPED_FILE_H
#define LQOS_DB_SHAPED_FILE_H

#include <stddef.h>

#include "db/shaped_row.h"
#include "engine/base/arena.h"
#include "engine/base/error.h"

struct shaped_file {
	struct shaped_row
		*rows; /* as they stand, not cleaned; numbered from the first line on, 0 */
	size_t count;
	struct arena *arena;
	char *text;
};

/* Refused when it can't be read, when its first line lacks a column that is needed or names one
 * twice, when a quote is never closed. A row with more fields than the first line has its fault
 * set. The caller releases it. */
bool shaped_file_read(const char *path, struct shaped_file *file, struct error *err);
void shaped_file_release(struct shaped_file *file);

#endif
