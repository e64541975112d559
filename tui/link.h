/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between console and engine: turns what the screens want into subscriptions and requests, and what
 * comes back into changes of the console's model.
 */
#ifndef LQOS_TUI_LINK_H
#define LQOS_TUI_LINK_H

#include <stdint.h>

#include "tui/client.h"
#include "tui/console.h"

struct link;

struct link *link_new(struct console *console);
void link_free(struct link *link);

/* Reads what came, asks for what is wanted now, sends it. Never waits. Returns whether anything came
 * that the picture may have to show. */
bool link_run(struct link *link, uint64_t now_ns);
const struct client *link_client(const struct link *link);

#endif
