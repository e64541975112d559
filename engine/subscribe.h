/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a connection wants to be sent again and again. */
#ifndef LQOS_SUBSCRIBE_H
#define LQOS_SUBSCRIBE_H

#include <stdint.h>

#include "engine/verbs.h"

#define SUBSCRIPTIONS_MAX 8 /* of a connection */

struct subscription {
	int64_t number; /* 0: free */
	const struct verb *verb;
	json_t *args;
	uint32_t interval_ms;
	uint64_t due_ns;
};

struct subscriptions {
	struct subscription list[SUBSCRIPTIONS_MAX];
	int64_t last_number;
};

unsigned int subscriptions_count(const struct subscriptions *subscriptions);
void subscriptions_release(struct subscriptions *subscriptions);

/* Sends those that are due at now_ns by client_send; request carries engine, client and role. A
 * client that has not read what it was sent before loses this tick. */
void subscriptions_push(struct subscriptions *subscriptions, const struct request *request,
			uint64_t now_ns);

#endif
