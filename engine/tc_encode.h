/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Traffic control as netlink messages, both ways: the only place that knows how HTB, CAKE,
 * fq_codel, pfifo, mq and their statistics are laid out (linux/pkt_sched.h, net/sched/ of the
 * kernel).
 */
#ifndef LQOS_TC_ENCODE_H
#define LQOS_TC_ENCODE_H

#include <stdbool.h>
#include <stdint.h>

#include <netlink/msg.h>

#include "engine/kernel.h"
#include "engine/queue_tree.h"

/* The r2q of our HTBs, by which they are told from anybody else's. It is for nothing else: every
 * class brings its quantum. */
#define HTB_MARK 0x6c71 /* "lq" */

/* Messages, ready for a batch. */
struct nl_msg *encode_class_set(int ifindex, const struct queue_class *class);
struct nl_msg *encode_class_remove(int ifindex, uint16_t queue, uint16_t minor);
struct nl_msg *encode_leaf_add(int ifindex, const struct queue_class *class, uint32_t pfifo_limit);
struct nl_msg *encode_leaf_change(int ifindex, const struct queue_class *class);
struct nl_msg *encode_mq_root(int ifindex);
struct nl_msg *encode_htb(int ifindex, uint32_t parent, uint16_t queue);
struct nl_msg *encode_qdisc_remove(int ifindex, uint32_t parent, uint32_t handle);

/* Requests for lists. queue 0: the classes of all HTBs. Qdiscs come for all interfaces. */
struct nl_msg *encode_list_classes(int ifindex, uint16_t queue);
struct nl_msg *encode_list_qdiscs(int ifindex);
struct nl_msg *encode_list_filters(int ifindex, uint32_t parent);
/* And for one: a class, or the leaf on it, by the class's id. */
struct nl_msg *encode_get_class(int ifindex, uint32_t class_id);
struct nl_msg *encode_get_leaf(int ifindex, uint32_t class_id);

/* Of a qdisc or class as the kernel tells it: what makes it again. */
struct nl_msg *encode_again(const struct nlmsghdr *seen, int ifindex);

/* What stands in an answer. */
struct qdisc_seen {
	char kind[16];
	int ifindex;
	uint32_t handle, parent;
	bool is_marked;	      /* htb: with HTB_MARK */
	uint32_t leaf_rtt_us; /* cake */
	struct cake_modes cake;
	struct class_stats stats; /* backlog and drops */
};

/* The kind of a qdisc or class, which lives as long as the message; NULL when it tells of
 * neither. */
const char *decode_kind(const struct nlmsghdr *header);
/* tc-stab(8): how packets are counted on the link below. */
bool decode_has_size_table(const struct nlmsghdr *header);
/* False when the message is of another type. */
bool decode_qdisc(const struct nlmsghdr *header, struct qdisc_seen *qdisc);
/* False when it is no HTB class. `leaf_handle` is what hangs on it (0: nothing). */
bool decode_class(const struct nlmsghdr *header, struct queue_class *class,
		  struct class_stats *stats);

#endif
