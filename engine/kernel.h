/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's queueing as the engine sees it, over rtnetlink: read a tree, send operations in
 * batches, set a root up, take it down. It interprets nothing; encoders (tc_encode.h) decide
 * nothing.
 */
#ifndef LQOS_KERNEL_H
#define LQOS_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/base/error.h"
#include "engine/plan.h"
#include "engine/queue_tree.h"

struct kernel; /* an rtnetlink socket of the calling thread's network namespace */

enum link_state {
	LINK_DOWN,	 /* by whoever administers it */
	LINK_NO_CARRIER, /* no cable, or nobody at its other end */
	LINK_UP,
};

struct interface {
	char name[16];
	int ifindex;
	unsigned int tx_queues, rx_queues;
	enum link_state link;
	uint32_t carrier_losses; /* so far */
	uint32_t mtu;
	uint32_t master; /* ifindex of the bridge it is a port of; 0 when of none */
	/* Where both directions share an interface: how many queues each has, and behind how many
	 * of the interface's this direction's stand. All numbers in this header are the
	 * direction's. */
	uint16_t shared_queues, queue_base;
};

enum root_kind {
	ROOT_ABSENT,  /* a default qdisc or none: free to take */
	ROOT_OURS,    /* 7fff: mq with HTBs 1..n, or HTB 1: as the root, marked as ours */
	ROOT_FOREIGN, /* somebody else's: refuse with words */
};

struct kernel *kernel_open(struct error *err);
void kernel_close(struct kernel *kernel);

/* "down", "no carrier", "up" */
const char *link_state_name(enum link_state link);

bool kernel_find_interface(struct kernel *kernel, const char *name, struct interface *interface,
			   struct error *err);

/* The best leaf this kernel has: cake, else fq_codel, else pfifo; found by trying it on a
 * throw-away class of `interface`'s tree, or on a scratch veth pair when there is none yet. */
bool kernel_probe_leaf(struct kernel *kernel, enum leaf_kind *kind, struct error *err);

/* What is at the interface's root; `foreign_kind` (16 bytes, may be NULL) names a foreign one. */
bool kernel_read_root(struct kernel *kernel, const struct interface *interface,
		      enum root_kind *kind, char *foreign_kind, struct error *err);

/* Makes what of mq and HTBs 1..queues is missing (default minor 2). Idempotent. `queues` 1 means a
 * single HTB 1: as the root, without mq. */
bool kernel_make_root(struct kernel *kernel, const struct interface *interface, uint16_t queues,
		      struct error *err);
bool kernel_remove_root(struct kernel *kernel, const struct interface *interface,
			struct error *err);

/* Reads every class and leaf of our root into tree (rates and all fields of queue_class but
 * level, which is computed). Empty when the root is absent. */
bool kernel_read_tree(struct kernel *kernel, const struct interface *interface,
		      struct queue_tree *tree, struct error *err);

/* Sends the class and leaf operations ops[0..count) (all of OP_CLASS_ADD, OP_CLASS_CHANGE,
 * OP_LEAF_CHANGE, OP_CLASS_REMOVE; others are refused by assert), in order, in batches.
 * results[i] becomes 0 or a -errno for each. `interfaces` is indexed by direction. pfifo leaves
 * get `pfifo_limit` packets. Returns false (with the first refusal in words, naming the class)
 * when any failed. */
bool kernel_send(struct kernel *kernel, const struct interface interfaces[DIRECTIONS],
		 const struct op *const *ops, size_t count, uint32_t pfifo_limit, int *results,
		 struct error *err);

/* A descriptor that is readable when queueing or interfaces change, by anybody, in this namespace;
 * -1 with the reason. The caller closes it. */
int kernel_watch_open(struct error *err);
/* What has become of an interface: its name, state and size as they are now. False when it is
 * gone. */
bool kernel_follow_interface(struct kernel *kernel, const struct interface *known,
			     struct interface *now);
/* Reads all there is to read; whether any of it was not `kernel`'s own doing. */
bool kernel_watch_read(const struct kernel *kernel, int fd);

/* Statistics of one class with its leaf. */
struct class_stats {
	uint16_t queue, minor;
	uint64_t bytes, packets;
	uint32_t drops, overlimits;
	uint32_t backlog_bytes, backlog_packets;
};

/* Appends a row for every class of queue `queue` (0 = all queues): drops and backlog are those
 * of its leaf qdisc where it has one. *stats is grown by realloc; the caller frees it. */
bool kernel_read_stats(struct kernel *kernel, const struct interface *interface, uint16_t queue,
		       struct class_stats **stats, size_t *count, struct error *err);

#endif
