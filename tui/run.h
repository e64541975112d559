/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two ways to run: screens on a terminal, tables on standard output. */
#ifndef LQOS_TUI_RUN_H
#define LQOS_TUI_RUN_H

#include <stdbool.h>

#include "engine/base/error.h"
#include "tui/options.h"

/* Until the operator quits (true) or the terminal is lost (false, nothing in err). */
/* warnings: of the settings; they are told at the beginning. */
bool run_console(const struct options *options, const struct warnings *warnings, struct error *err);

/* Prints the table every tick. False when there is no engine or it refuses. */
bool run_batch(const struct options *options, struct error *err);

/* The character set of the locale; without UTF-8 only ASCII is drawn. */
bool run_is_utf8(const struct options *options);

#endif
