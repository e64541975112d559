/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rtnetlink as a carrier: messages go out in batches, answers come back by message, dumps are
 * handed over one by one. It knows nothing of what the messages mean.
 */
#ifndef LQOS_NETLINK_H
#define LQOS_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <netlink/msg.h>

#include "engine/base/error.h"

struct netlink;

struct netlink *netlink_open(struct error *err);
void netlink_close(struct netlink *netlink);
/* By which the kernel names this socket in what it tells others. */
uint32_t netlink_port(const struct netlink *netlink);

/* A batch of requests. Adding takes the message over. */
struct batch;
struct batch *batch_new(void);
void batch_free(struct batch *batch);
/* `tag` comes back with the answer. */
void batch_add(struct batch *batch, struct nl_msg *message, size_t tag);
size_t batch_count(const struct batch *batch);

/* Called for every message that was refused: its tag, the -errno, the kernel's own words or "". */
typedef void batch_refused(void *data, size_t tag, int error, const char *words);

/* Sends all messages in order and waits for their answers. False only when the socket fails. */
bool netlink_send(struct netlink *netlink, struct batch *batch, batch_refused *refused, void *data,
		  struct error *err);

/* Sends one message: 0 or -errno; the kernel's words, if any, go to *err. Takes the message
 * over. */
int netlink_request(struct netlink *netlink, struct nl_msg *message, struct error *err);

/* Calls `each` for every message of a dump. Takes the request over. */
typedef void dump_handler(void *data, const struct nlmsghdr *header);
bool netlink_dump(struct netlink *netlink, struct nl_msg *request, dump_handler *each, void *data,
		  struct error *err);

/* Calls `each` for what answers a request for one thing: 0 or -errno, in words too. Takes the
 * request over. */
int netlink_get(struct netlink *netlink, struct nl_msg *request, dump_handler *each, void *data,
		struct error *err);

#endif
