/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes a file that is there whole or not at all, whenever the machine stops: beside it first,
 * then in its place. What was there before stays until then.
 */
#ifndef LQOS_BASE_WHOLE_FILE_H
#define LQOS_BASE_WHOLE_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "engine/base/error.h"

struct whole_file {
	FILE *stream; /* to write to; NULL when it can't be opened, which commit says */
	char path[320];
};

/* `path` is of at most 300 bytes. */
void whole_file_begin(struct whole_file *file, const char *path);
/* Puts it in place when all was written, else leaves what was there. */
bool whole_file_commit(struct whole_file *file, bool written, struct error *err);

#endif
