/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The console's end of the control socket: connects, connects again with back-off when the engine
 * goes away, sends requests and hands on what comes. Never waits: the caller polls the descriptor.
 */
#ifndef LQOS_TUI_CLIENT_H
#define LQOS_TUI_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/base/error.h"

struct client;

/* What the client tells; data is the owner's. */
struct client_handler {
	void (*connected)(void *data);
	void (*message)(void *data, const json_t *message);
	void (*lost)(void *data); /* all requests under way are void */
};

struct client *client_new(const char *path, const struct client_handler *handler, void *data);
void client_free(struct client *client);

const char *client_path(const struct client *client);
bool client_is_connected(const struct client *client);
/* Why there is no connection, a sentence; NULL while there is one. */
const char *client_trouble(const struct client *client);

/* What to poll for; the descriptor is -1 without a connection. */
int client_fd(const struct client *client);
short client_events(const struct client *client);
/* When client_run has something to do even if the descriptor is silent (CLOCK_MONOTONIC);
 * UINT64_MAX if never. */
uint64_t client_due_ns(const struct client *client);

/* Connects when it is time to, writes and reads what can be written and read now. */
void client_run(struct client *client, uint64_t now_ns);

/* Queues a request and returns its number; takes the arguments. 0 when there is no connection. */
json_int_t client_request(struct client *client, const char *verb, json_t *arguments_take);

#endif
