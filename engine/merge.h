/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows of an import wait in the file until the engine merges them: a few at once, many by a process
 * of its own, `lqosd --merge`, which is a writer like any other, so that the loop goes on
 * meanwhile.
 */
#ifndef LQOS_MERGE_H
#define LQOS_MERGE_H

#include <stdbool.h>

#include "engine/base/error.h"

struct engine;
struct merge;

struct merge *merge_new(struct engine *engine);
/* Ends the process too; what it has not committed waits in the file. */
void merge_free(struct merge *merge);

/* Merges what waits, or sees to it that it is merged. False when it has to be tried again. */
bool merge_staged(struct merge *merge, struct error *err);

/* Before a write that somebody waits for: a merge that runs is ended and begun again a little
 * later. After having given way often it goes first. */
void merge_give_way(struct merge *merge);

#endif
