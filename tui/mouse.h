/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the mouse does to the model: its wheel, a click on a row or on the head of a column. A click on
 * anything else comes as the key that it stands for. */
#ifndef LQOS_TUI_MOUSE_H
#define LQOS_TUI_MOUSE_H

#include "tui/console.h"

/* Returns whether it was the mouse. */
bool mouse_act(struct console *console, uint32_t code, uint64_t now_ns);

#endif
