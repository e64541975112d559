/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a circuits file says, what of it could not be applied, and what applying it would do. */
#ifndef LQOS_CHECK_FILE_H
#define LQOS_CHECK_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "engine/base/error.h"
#include "engine/config.h"

/* Prints counts, problems and the plan as text, or as a JSON object; *problems: how many there are.
 * Without settings (NULL) there is no plan. Refused when the file can't be read, is damaged or no
 * circuits file. Needs no privileges but to read. */
bool check_file(const char *path, const struct config *config, bool as_json, FILE *out,
		size_t *problems, struct error *err);

#endif
