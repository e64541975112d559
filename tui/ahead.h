/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys typed ahead: those whose rows (or whose form) the engine has been asked for and not given yet
 * wait for them, and all that is typed behind them waits its turn. Between the terminal and
 * console_key(). Pure.
 */
#ifndef LQOS_TUI_AHEAD_H
#define LQOS_TUI_AHEAD_H

#include <stdint.h>

#include "tui/console.h"

/* Longer than any engine that works takes. */
#define AHEAD_MOST_MS 5000

/* A key was pressed: acts on it, or keeps it until it can be. */
void ahead_key(struct console *console, uint32_t code, uint64_t now_ns);

/* Acts on what can be acted on now. What has waited for AHEAD_MOST_MS, whose engine went or which the
 * engine refused is given up with all behind it but Esc and the keys that quit, and that is said. A
 * form that waited then takes nothing any more: what was typed is not in it. */
void ahead_run(struct console *console, uint64_t now_ns);

#endif
