/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `lqosd --import`: what a ShapedDevices.csv and a network.json would change, and changing it. */
#ifndef LQOS_IMPORT_FILE_H
#define LQOS_IMPORT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "engine/base/error.h"

struct import_files {
	const char *csv_path, *network_path; /* NULL: none */
	const char *db_path;
	bool apply;
};

/* Prints what is added, changed, removed and refused. The circuits file is written only to apply
 * it, else all happens in a copy in memory; then the file need only be readable. */
bool import_files(const struct import_files *files, FILE *out, size_t *problems, struct error *err);

#endif
