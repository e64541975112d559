/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a circuits file says and what of it could not be applied, without applying it. */
#ifndef LQOS_CHECK_FILE_H
#define LQOS_CHECK_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "engine/base/error.h"

/* Prints counts and problems as text, or as a JSON object; *problems: how many there are. Refused
 * when the file can't be read, is damaged or no circuits file. Needs no privileges. */
bool check_file(const char *path, bool as_json, FILE *out, size_t *problems, struct error *err);

#endif
