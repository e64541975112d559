/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/tc_encode.h"

#include <linux/gen_stats.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/rates.h"

#define MESSAGE_BYTES 512

static struct nl_msg *new_message(uint16_t type, uint16_t flags, int ifindex, uint32_t parent,
				  uint32_t handle)
{
	struct tcmsg tc = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = ifindex,
		.tcm_parent = parent,
		.tcm_handle = handle,
	};
	struct nl_msg *message = nlmsg_alloc_size(MESSAGE_BYTES);
	struct nlmsghdr *header = nlmsg_put(message, 0, 0, type, sizeof(tc), flags);

	memcpy(nlmsg_data(header), &tc, sizeof(tc));
	return message;
}

static uint32_t class_id(uint16_t queue, uint16_t minor)
{
	return TC_H_MAKE((uint32_t)queue << 16, minor);
}

/* --- classes ---------------------------------------------------------------------------------- */

/* Ethernet as the link layer makes the kernel compute what rate tables (RTAB) would say. */
static struct tc_ratespec ratespec(const struct queue_class *class, uint64_t rate_bps)
{
	uint64_t bytes = rate_bps / 8;

	return (struct tc_ratespec){ .linklayer = TC_LINKLAYER_ETHERNET,
				     .overhead = class->overhead_bytes,
				     .mpu = class->mpu_bytes,
				     .rate = bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)bytes };
}

struct nl_msg *encode_class_set(int ifindex, const struct queue_class *class)
{
	struct nl_msg *message = new_message(RTM_NEWTCLASS, NLM_F_CREATE, ifindex,
					     class_id(class->queue, class->parent),
					     class_id(class->queue, class->minor));
	struct tc_htb_opt options = {
		.rate = ratespec(class, class->rate_bps),
		.ceil = ratespec(class, class->ceil_bps),
		.buffer = rates_ticks_of_bytes(class->rate_bps, class->burst_bytes),
		.cbuffer = rates_ticks_of_bytes(class->ceil_bps, class->cburst_bytes),
		.quantum = class->quantum_bytes,
		.prio = class->prio,
	};
	struct nlattr *nest;

	nla_put_string(message, TCA_KIND, "htb");
	nest = nla_nest_start(message, TCA_OPTIONS);
	nla_put(message, TCA_HTB_PARMS, sizeof(options), &options);
	if (class->rate_bps / 8 > UINT32_MAX)
		nla_put_u64(message, TCA_HTB_RATE64, class->rate_bps / 8);
	if (class->ceil_bps / 8 > UINT32_MAX)
		nla_put_u64(message, TCA_HTB_CEIL64, class->ceil_bps / 8);
	nla_nest_end(message, nest);
	return message;
}

struct nl_msg *encode_class_remove(int ifindex, uint16_t queue, uint16_t minor)
{
	return new_message(RTM_DELTCLASS, 0, ifindex, 0, class_id(queue, minor));
}

/* --- qdiscs ----------------------------------------------------------------------------------- */

/* Where the modes of struct cake_modes go: the kernel's value and 1. */
static const struct {
	int attribute;
	size_t offset;
} cake_attributes[] = {
	{ TCA_CAKE_DIFFSERV_MODE, offsetof(struct cake_modes, diffserv) },
	{ TCA_CAKE_FLOW_MODE, offsetof(struct cake_modes, flow_mode) },
	{ TCA_CAKE_NAT, offsetof(struct cake_modes, nat) },
	{ TCA_CAKE_WASH, offsetof(struct cake_modes, wash) },
	{ TCA_CAKE_ACK_FILTER, offsetof(struct cake_modes, ack_filter) },
};

_Static_assert((int)DIFFSERV_8 == CAKE_DIFFSERV_DIFFSERV8 &&
		       (int)DIFFSERV_PRECEDENCE == CAKE_DIFFSERV_PRECEDENCE &&
		       (int)FLOW_HOSTS == CAKE_FLOW_HOSTS &&
		       (int)FLOW_TRIPLE_ISOLATE == CAKE_FLOW_TRIPLE &&
		       (int)ACK_FILTER_AGGRESSIVE == CAKE_ACK_AGGRESSIVE,
	       "the modes have the kernel's values");
#define CAKE_ATTRIBUTES (sizeof(cake_attributes) / sizeof(cake_attributes[0]))

static void put_cake(struct nl_msg *message, const struct queue_class *class)
{
	struct nlattr *nest = nla_nest_start(message, TCA_OPTIONS);
	const uint8_t *modes = (const uint8_t *)&class->cake;

	/* Unlimited: the HTB class above it shapes. */
	for (size_t i = 0; i < CAKE_ATTRIBUTES; i++)
		if (modes[cake_attributes[i].offset])
			nla_put_u32(message, cake_attributes[i].attribute,
				    modes[cake_attributes[i].offset] - 1u);
	nla_put_u32(message, TCA_CAKE_SPLIT_GSO, 1);
	nla_put_u32(message, TCA_CAKE_RTT, class->leaf_rtt_us);
	/* As tc-cake(8) does for an rtt: the target is a twentieth of the interval. */
	nla_put_u32(message, TCA_CAKE_TARGET, class->leaf_rtt_us / 20);
	nla_nest_end(message, nest);
}

struct nl_msg *encode_leaf_add(int ifindex, const struct queue_class *class, uint32_t pfifo_limit)
{
	struct tc_fifo_qopt fifo = { .limit = pfifo_limit };
	struct nl_msg *message = new_message(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, ifindex,
					     class_id(class->queue, class->minor),
					     (uint32_t) class->leaf_handle << 16);

	nla_put_string(message, TCA_KIND, leaf_kind_name((enum leaf_kind) class->leaf));
	if (class->leaf == LEAF_CAKE)
		put_cake(message, class);
	else if (class->leaf == LEAF_PFIFO)
		nla_put(message, TCA_OPTIONS, sizeof(fifo), &fifo);
	return message;
}

struct nl_msg *encode_leaf_change(int ifindex, const struct queue_class *class)
{
	struct nl_msg *message =
		new_message(RTM_NEWQDISC, 0, ifindex, class_id(class->queue, class->minor),
			    (uint32_t) class->leaf_handle << 16);

	nla_put_string(message, TCA_KIND, leaf_kind_name((enum leaf_kind) class->leaf));
	if (class->leaf == LEAF_CAKE)
		put_cake(message, class);
	return message;
}

struct nl_msg *encode_mq_root(int ifindex)
{
	struct nl_msg *message = new_message(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, ifindex,
					     TC_H_ROOT, (uint32_t)HANDLE_MQ << 16);

	nla_put_string(message, TCA_KIND, "mq");
	return message;
}

struct nl_msg *encode_htb(int ifindex, uint32_t parent, uint16_t queue)
{
	struct tc_htb_glob options = { .version = TC_HTB_PROTOVER,
				       .rate2quantum = HTB_MARK,
				       .defcls = MINOR_DEFAULT };
	struct nl_msg *message = new_message(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, ifindex,
					     parent, (uint32_t)queue << 16);
	struct nlattr *nest;

	nla_put_string(message, TCA_KIND, "htb");
	nest = nla_nest_start(message, TCA_OPTIONS);
	nla_put(message, TCA_HTB_INIT, sizeof(options), &options);
	nla_nest_end(message, nest);
	return message;
}

struct nl_msg *encode_qdisc_remove(int ifindex, uint32_t parent, uint32_t handle)
{
	return new_message(RTM_DELQDISC, 0, ifindex, parent, handle);
}

struct nl_msg *encode_list_classes(int ifindex, uint16_t queue)
{
	return new_message(RTM_GETTCLASS, 0, ifindex, (uint32_t)queue << 16, 0);
}

struct nl_msg *encode_list_qdiscs(int ifindex)
{
	return new_message(RTM_GETQDISC, 0, ifindex, 0, 0);
}

struct nl_msg *encode_get_class(int ifindex, uint32_t class_id)
{
	return new_message(RTM_GETTCLASS, 0, ifindex, 0, class_id);
}

struct nl_msg *encode_get_leaf(int ifindex, uint32_t class_id)
{
	return new_message(RTM_GETQDISC, 0, ifindex, class_id, 0);
}

struct nl_msg *encode_list_filters(int ifindex, uint32_t parent)
{
	return new_message(RTM_GETTFILTER, 0, ifindex, parent, 0);
}

/* --- answers ---------------------------------------------------------------------------------- */

static bool parse(const struct nlmsghdr *header, uint16_t type, struct nlattr *attributes[])
{
	return header->nlmsg_type == type &&
	       nlmsg_parse((struct nlmsghdr *)header, sizeof(struct tcmsg), attributes, TCA_MAX,
			   NULL) == 0;
}

const char *decode_kind(const struct nlmsghdr *header)
{
	struct nlattr *attributes[TCA_MAX + 1];

	if ((!parse(header, RTM_NEWQDISC, attributes) &&
	     !parse(header, RTM_NEWTCLASS, attributes)) ||
	    !attributes[TCA_KIND])
		return NULL;
	return nla_get_string(attributes[TCA_KIND]);
}

bool decode_has_size_table(const struct nlmsghdr *header)
{
	return nlmsg_find_attr((struct nlmsghdr *)header, sizeof(struct tcmsg), TCA_STAB);
}

/* HTB tells more of its version than it takes (net/sched/sch_htb.c, htb_init). */
static void set_htb_version(struct nl_msg *message)
{
	struct nlattr *options =
		nlmsg_find_attr(nlmsg_hdr(message), sizeof(struct tcmsg), TCA_OPTIONS);
	struct nlattr *init =
		options ? nla_find(nla_data(options), nla_len(options), TCA_HTB_INIT) : NULL;

	if (init && nla_len(init) >= (int)sizeof(struct tc_htb_glob))
		((struct tc_htb_glob *)nla_data(init))->version = TC_HTB_PROTOVER;
}

struct nl_msg *encode_again(const struct nlmsghdr *seen, int ifindex)
{
	const struct tcmsg *tc = NLMSG_DATA(seen);
	struct nl_msg *message = nlmsg_alloc_size(seen->nlmsg_len + MESSAGE_BYTES);
	struct tcmsg *again = NLMSG_DATA(
		nlmsg_put(message, 0, 0, seen->nlmsg_type, sizeof(*again), NLM_F_CREATE));
	struct nlattr *options = nlmsg_find_attr((struct nlmsghdr *)seen, sizeof(*tc), TCA_OPTIONS);

	*again = (struct tcmsg){ .tcm_ifindex = ifindex,
				 .tcm_parent = tc->tcm_parent,
				 .tcm_handle = tc->tcm_handle };
	nla_put_string(message, TCA_KIND, decode_kind(seen));
	if (options)
		nla_put(message, TCA_OPTIONS, nla_len(options), nla_data(options));
	if (seen->nlmsg_type == RTM_NEWQDISC && !strcmp(decode_kind(seen), "htb"))
		set_htb_version(message);
	return message;
}

static void read_stats(struct nlattr *nest, struct class_stats *stats)
{
	struct nlattr *attributes[TCA_STATS_MAX + 1];
	struct gnet_stats_basic basic;
	struct gnet_stats_queue queue;

	if (!nest || nla_parse_nested(attributes, TCA_STATS_MAX, nest, NULL))
		return;
	if (attributes[TCA_STATS_BASIC]) {
		nla_memcpy(&basic, attributes[TCA_STATS_BASIC], sizeof(basic));
		stats->bytes = basic.bytes;
		stats->packets = basic.packets;
	}
	if (attributes[TCA_STATS_PKT64])
		stats->packets = nla_get_u64(attributes[TCA_STATS_PKT64]);
	if (attributes[TCA_STATS_QUEUE]) {
		nla_memcpy(&queue, attributes[TCA_STATS_QUEUE], sizeof(queue));
		stats->drops = queue.drops;
		stats->overlimits = queue.overlimits;
		stats->backlog_bytes = queue.backlog;
		stats->backlog_packets = queue.qlen;
	}
}

static void read_cake(struct nlattr *nest, struct qdisc_seen *qdisc)
{
	struct nlattr *attributes[TCA_CAKE_MAX + 1];
	uint8_t *modes = (uint8_t *)&qdisc->cake;

	if (!nest || nla_parse_nested(attributes, TCA_CAKE_MAX, nest, NULL))
		return;
	if (attributes[TCA_CAKE_RTT])
		qdisc->leaf_rtt_us = nla_get_u32(attributes[TCA_CAKE_RTT]);
	for (size_t i = 0; i < CAKE_ATTRIBUTES; i++)
		if (attributes[cake_attributes[i].attribute])
			modes[cake_attributes[i].offset] =
				(uint8_t)(nla_get_u32(attributes[cake_attributes[i].attribute]) +
					  1);
}

static bool is_marked(struct nlattr *nest)
{
	struct nlattr *attributes[TCA_HTB_MAX + 1];
	struct tc_htb_glob options;

	if (!nest || nla_parse_nested(attributes, TCA_HTB_MAX, nest, NULL) ||
	    !attributes[TCA_HTB_INIT])
		return false;
	nla_memcpy(&options, attributes[TCA_HTB_INIT], sizeof(options));
	return options.rate2quantum == HTB_MARK;
}

bool decode_qdisc(const struct nlmsghdr *header, struct qdisc_seen *qdisc)
{
	const struct tcmsg *tc = NLMSG_DATA(header);
	struct nlattr *attributes[TCA_MAX + 1];

	if (!parse(header, RTM_NEWQDISC, attributes) || !attributes[TCA_KIND])
		return false;
	*qdisc = (struct qdisc_seen){ .ifindex = tc->tcm_ifindex,
				      .handle = tc->tcm_handle,
				      .parent = tc->tcm_parent };
	copy_text(qdisc->kind, sizeof(qdisc->kind), nla_get_string(attributes[TCA_KIND]));
	if (!strcmp(qdisc->kind, "cake"))
		read_cake(attributes[TCA_OPTIONS], qdisc);
	qdisc->is_marked = !strcmp(qdisc->kind, "htb") && is_marked(attributes[TCA_OPTIONS]);
	read_stats(attributes[TCA_STATS2], &qdisc->stats);
	return true;
}

static uint64_t read_rate(const struct tc_ratespec *spec, struct nlattr *wide)
{
	return 8 * (wide ? nla_get_u64(wide) : spec->rate);
}

bool decode_class(const struct nlmsghdr *header, struct queue_class *class,
		  struct class_stats *stats)
{
	const struct tcmsg *tc = NLMSG_DATA(header);
	struct nlattr *attributes[TCA_MAX + 1], *htb[TCA_HTB_MAX + 1];
	struct tc_htb_opt options;

	if (!parse(header, RTM_NEWTCLASS, attributes) || !attributes[TCA_KIND] ||
	    strcmp(nla_get_string(attributes[TCA_KIND]), "htb") || !attributes[TCA_OPTIONS] ||
	    nla_parse_nested(htb, TCA_HTB_MAX, attributes[TCA_OPTIONS], NULL) ||
	    !htb[TCA_HTB_PARMS])
		return false;
	nla_memcpy(&options, htb[TCA_HTB_PARMS], sizeof(options));
	*class = (struct queue_class){
		.queue = (uint16_t)(tc->tcm_handle >> 16),
		.minor = (uint16_t)TC_H_MIN(tc->tcm_handle),
		.parent = tc->tcm_parent == TC_H_ROOT ? 0 : (uint16_t)TC_H_MIN(tc->tcm_parent),
		.prio = (uint8_t)options.prio,
		.leaf_handle = (uint16_t)(tc->tcm_info >> 16),
		.overhead_bytes = (uint8_t)options.ceil.overhead,
		.mpu_bytes = (uint8_t)options.ceil.mpu,
		.rate_bps = read_rate(&options.rate, htb[TCA_HTB_RATE64]),
		.ceil_bps = read_rate(&options.ceil, htb[TCA_HTB_CEIL64]),
		.quantum_bytes = options.quantum,
	};
	class->burst_bytes = rates_bytes_of_ticks(class->rate_bps, options.buffer);
	class->cburst_bytes = rates_bytes_of_ticks(class->ceil_bps, options.cbuffer);
	*stats = (struct class_stats){ .queue = class->queue, .minor = class->minor };
	read_stats(attributes[TCA_STATS2], stats);
	return true;
}
