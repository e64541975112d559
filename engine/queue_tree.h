/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The queue tree of one interface as a value: what hangs below its root, the desired one (made by
 * shape) or the applied one (read from the kernel, then kept by apply). DESIGN words: under queue
 * i hangs HTB i:, in it i:1 the link, i:2 the default class, i:3 the control-protocol class.
 */
#ifndef LQOS_QUEUE_TREE_H
#define LQOS_QUEUE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/model/leaf.h"

#define MINOR_LINK 1
#define MINOR_DEFAULT 2
#define MINOR_CONTROL 3
#define MINOR_WAITING 4	   /* of circuits below no site, where classes are made lazily */
#define HANDLE_FIRST 0x100 /* below it: HTB roots and fixed minors */
#define HANDLE_LAST 0xfffe
#define HANDLE_MQ 0x7fff
#define HANDLE_WAITING_LEAF (HANDLE_MQ - 1 - QUEUES_MAX) /* + queue: of MINOR_WAITING */
#define HANDLE_SHARED_LAST 0x7fff /* of one direction's, where two share an interface */
#define QUEUES_MAX 64

/* A class of one HTB and, if it has no children, the leaf qdisc on it. */
struct queue_class {
	uint16_t queue; /* the HTB's major */
	uint16_t minor;
	uint16_t parent; /* minor of the parent class; 0 = the HTB itself (only for i:1) */
	uint8_t prio;
	uint8_t leaf;	      /* enum leaf_kind; LEAF_NONE on inner classes */
	uint16_t leaf_handle; /* major of the leaf qdisc; 0 without one */
	/* What a frame takes of the link beside its own bytes, as in the kernel's ratespec. */
	uint8_t overhead_bytes, mpu_bytes;
	uint32_t leaf_rtt_us;	/* cake only: its rtt; else 0 */
	struct cake_modes cake; /* cake only; else 0 */
	uint64_t rate_bps, ceil_bps;
	uint32_t burst_bytes, cburst_bytes; /* as given to the kernel in 64 ns ticks, rounded */
	uint32_t quantum_bytes;
	uint32_t level; /* distance from the link class; for ordering, not compared */
};

struct queue_tree {
	uint16_t queues;	     /* HTBs 1..queues */
	struct queue_class *classes; /* sorted by queue, minor */
	size_t class_count;
};

/* Binary search; NULL when there is none. */
struct queue_class *queue_tree_find(const struct queue_tree *tree, uint16_t queue, uint16_t minor);
/* Keeps the order; a class that is there already is overwritten. */
/* Linear; for many, append and sort. */
void queue_tree_put(struct queue_tree *tree, const struct queue_class *class);
void queue_tree_remove(struct queue_tree *tree, uint16_t queue, uint16_t minor);
/* For filling without order, then sorting once. */
void queue_tree_append(struct queue_tree *tree, const struct queue_class *class);
void queue_tree_sort(struct queue_tree *tree);
/* Whether two trees hold the same classes and leaves; levels are not compared. */
bool queue_tree_equal(const struct queue_tree *a, const struct queue_tree *b);
void queue_tree_release(struct queue_tree *tree);

#endif
