/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket: connections, who they are, lines in, replies and events out. Requests are
 * carried out by verbs.c; here nothing is decided but who may connect and how much is buffered.
 */
#ifndef LQOS_CONTROL_H
#define LQOS_CONTROL_H

#include <jansson.h>
#include <stdbool.h>

#include "engine/base/error.h"
#include "engine/plan.h"
#include "engine/state.h"

#define CONTROL_LINE_MAX 65536 /* of a request */
#define CONTROL_CLIENTS_MAX 64
#define CONTROL_BACKLOG_MAX (4 << 20) /* unread bytes after which a connection is closed */

struct control;
struct client;

/* Binds the socket. Refused when another program answers on it; a stale one is replaced. */
struct control *control_new(struct engine *engine, struct error *err);
void control_free(struct control *control);

/* Sends every subscription that is due. Runs by itself while there are any. */
void control_push(struct control *control);

/* Tells every connection with a subscription that a revision was applied or failed to be. */
void control_announce_applied(struct control *control, const struct outcome *outcome,
			      const char *author, const struct plan_summary *summary);

/* One line to one client; takes the reference. */
void client_send(struct client *client, json_t *message);
/* Nothing waits to be read by the client: it may be sent another tick. */
bool client_is_idle(const struct client *client);
struct subscriptions *client_subscriptions(struct client *client);

#endif
