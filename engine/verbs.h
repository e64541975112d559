/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verbs of the control protocol (lqos-control(7)): one table of name, least role, arguments
 * and handler. A handler computes a result or a refusal; it knows nothing of sockets.
 */
#ifndef LQOS_VERBS_H
#define LQOS_VERBS_H

#include <jansson.h>
#include <stdbool.h>

#include "engine/base/error.h"

struct engine;
struct client;

enum role { ROLE_NONE, ROLE_READ, ROLE_ADMIN };

struct request {
	struct engine *engine;
	struct client *client; /* for the verbs that change what a connection is sent */
	enum role role;
	const char *author; /* who asks, for the journal: "alice (console)" */
	const json_t *args;
};

typedef bool verb_handler(const struct request *request, json_t **result, struct error *err);

struct verb {
	const char *name;
	enum role role;
	const char *const *arguments; /* NULL-terminated */
	verb_handler *handler;
	bool subscribable; /* "subscribe" may repeat it */
};

/* NULL when there is no such verb. */
const struct verb *verb_find(const char *name);

/* Checks role and arguments, runs the handler. *result is a new reference. */
bool verb_run(const struct verb *verb, const struct request *request, json_t **result,
	      struct error *err);

/* Handlers that live in files of their own. */
verb_handler verb_tree, verb_circuits, verb_sites;		       /* verb_nodes.c */
verb_handler verb_unknown, verb_devices, verb_queues, verb_why;	       /* a file each */
verb_handler verb_history, verb_rtt;				       /* verb_history.c */
verb_handler verb_site;						       /* verb_site.c */
verb_handler verb_edit;						       /* verb_edit.c */
verb_handler verb_flows;					       /* verb_flows.c */
verb_handler verb_capture_start, verb_capture_stop, verb_capture_list; /* verb_capture.c */
verb_handler verb_status;					       /* verb_status.c */
verb_handler verb_subscribe, verb_unsubscribe;			       /* subscribe.c */
verb_handler verb_leaf, verb_samples;				       /* a file each */

#endif
