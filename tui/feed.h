/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One subscription and what it should be: says what it wants, and asks again only when that is not
 * what was asked for last. One request at a time, so holding a key down does not flood the engine.
 */
#ifndef LQOS_TUI_FEED_H
#define LQOS_TUI_FEED_H

#include <jansson.h>
#include <stdbool.h>

#include "tui/client.h"

struct feed {
	const char *verb;  /* wanted; NULL: nothing */
	json_t *arguments; /* wanted */
	const char *sent_verb;
	json_t *sent;
	json_int_t number;  /* the engine's, 0: none */
	json_int_t request; /* under way, 0: none */
};

void feed_release(struct feed *feed);
/* The connection is gone and the subscription with it. */
void feed_forget(struct feed *feed);

/* Says what is wanted from now on; takes the arguments. */
void feed_want(struct feed *feed, const char *verb, json_t *arguments_take);
/* Sends what there is to send. */
void feed_sync(struct feed *feed, struct client *client, int interval_ms);

/* Takes the reply if it is for this feed. *refusal: the engine's words, NULL if it went well. */
bool feed_reply(struct feed *feed, const json_t *message, const char **refusal);
/* True for an update of this feed. *current: it answers what is wanted now. */
bool feed_is_update(const struct feed *feed, const json_t *message, bool *current);

#endif
