/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `lqosd --plan`: what it would take to make a circuits file the network in force, against what the
 * state file says was last applied; without one, against a kernel that has nothing. Changes
 * nothing and needs no engine.
 */
#ifndef LQOS_PLAN_FILE_H
#define LQOS_PLAN_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "engine/config.h"

/* Prints counts, then a line for each operation with its reason. */
bool plan_file(const struct config *config, const char *path, FILE *out, struct error *err);

#endif
