/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The terminal: the only user of curses. Shows a canvas, gives keys, and waits for keys, the
 * engine's socket, a new size or the end, whichever comes first.
 */
#ifndef LQOS_TUI_TERMINAL_H
#define LQOS_TUI_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/base/error.h"
#include "tui/canvas.h"

struct terminal;

/* NULL with the reason when the terminal is unknown or none. Without colours of its own it is
 * mono. */
struct terminal *terminal_open(enum theme theme, struct error *err);
/* Leaves the terminal as it was. */
void terminal_close(struct terminal *terminal);

void terminal_size(const struct terminal *terminal, int *rows, int *columns);
void terminal_show(struct terminal *terminal, const struct canvas *canvas);
/* The next frame is sent whole. */
void terminal_redraw(struct terminal *terminal);

/* Waits for a key, for events on fd (-1: none), or until the time is over. False when the terminal
 * is gone or the program was told to end. */
bool terminal_wait(struct terminal *terminal, int fd, short events, uint64_t timeout_ns);
/* From now on the mouse is ours, in the terminal's way (SGR where terminfo knows it). */
void terminal_take_mouse(struct terminal *terminal);
/* The next key without waiting; CODE_NONE when there is none. After CODE_CLICK, *row and *column say
 * where. */
uint32_t terminal_key(struct terminal *terminal, int *row, int *column);

#endif
