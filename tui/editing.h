/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the operator changes: the form over a screen, the marked circuits, taking back. Part of the
 * console's model.
 */
#ifndef LQOS_TUI_EDITING_H
#define LQOS_TUI_EDITING_H

#include "tui/console.h"
#include "tui/screen.h"

/* Opens the form that is meant, or says why not. */
void editing_open(struct console *console, const struct intent *intent, uint64_t now_ns);
/* Opens a form that would take back this console's last edit. */
void editing_undo(struct console *console, uint64_t now_ns);
/* A key while the form is open. */
void editing_key(struct console *console, uint32_t code);

/* The actions of marking. */
void editing_mark(struct console *console, enum action action, uint64_t now_ns);
bool editing_is_marked(const struct console *console, const json_t *row);
/* The circuits that were to be marked. */
void editing_take_marks(struct console *console, const json_t *result, uint64_t now_ns);

/* Asks the engine for something that changes, and takes the arguments over; what it answered. */
void editing_request(struct console *console, const char *verb, json_t *arguments, uint64_t now_ns);
void editing_take_answer(struct console *console, const json_t *result, uint64_t now_ns);

/* What came of an edit. */
void editing_take_result(struct console *console, const json_t *result, uint64_t now_ns);

#endif
