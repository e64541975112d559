/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/kernel_leaf.h"

#include <linux/gen_stats.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "engine/kernel_private.h"
#include "engine/netlink.h"
#include "engine/tc_encode.h"

/* --- what the kernel answers ------------------------------------------------------------------ */

static const int tin_attributes[TIN_FIGURES] = {
	[TIN_PACKETS] = TCA_CAKE_TIN_STATS_SENT_PACKETS,
	[TIN_BYTES] = TCA_CAKE_TIN_STATS_SENT_BYTES64,
	[TIN_DROPS] = TCA_CAKE_TIN_STATS_DROPPED_PACKETS,
	[TIN_ACK_DROPS] = TCA_CAKE_TIN_STATS_ACKS_DROPPED_PACKETS,
	[TIN_MARKS] = TCA_CAKE_TIN_STATS_ECN_MARKED_PACKETS,
	[TIN_BACKLOG_PACKETS] = TCA_CAKE_TIN_STATS_BACKLOG_PACKETS,
	[TIN_BACKLOG_BYTES] = TCA_CAKE_TIN_STATS_BACKLOG_BYTES,
	[TIN_THRESHOLD_BPS] = TCA_CAKE_TIN_STATS_THRESHOLD_RATE64,
	[TIN_TARGET_US] = TCA_CAKE_TIN_STATS_TARGET_US,
	[TIN_INTERVAL_US] = TCA_CAKE_TIN_STATS_INTERVAL_US,
	[TIN_PEAK_DELAY_US] = TCA_CAKE_TIN_STATS_PEAK_DELAY_US,
	[TIN_AVERAGE_DELAY_US] = TCA_CAKE_TIN_STATS_AVG_DELAY_US,
	[TIN_BASE_DELAY_US] = TCA_CAKE_TIN_STATS_BASE_DELAY_US,
	[TIN_SPARSE_FLOWS] = TCA_CAKE_TIN_STATS_SPARSE_FLOWS,
	[TIN_BULK_FLOWS] = TCA_CAKE_TIN_STATS_BULK_FLOWS,
	[TIN_UNRESPONSIVE_FLOWS] = TCA_CAKE_TIN_STATS_UNRESPONSIVE_FLOWS,
	[TIN_COLLISIONS] = TCA_CAKE_TIN_STATS_WAY_COLLISIONS,
	[TIN_LARGEST_PACKET] = TCA_CAKE_TIN_STATS_MAX_SKBLEN,
	[TIN_QUANTUM] = TCA_CAKE_TIN_STATS_FLOW_QUANTUM,
};

/* A number of 32 or 64 bits; 0 when it is not there. */
static uint64_t number(struct nlattr *attribute)
{
	if (!attribute)
		return 0;
	return (size_t)nla_len(attribute) >= sizeof(uint64_t) ? nla_get_u64(attribute)
							      : nla_get_u32(attribute);
}

static void read_tin(struct nlattr *nest, uint64_t tin[TIN_FIGURES])
{
	struct nlattr *attributes[TCA_CAKE_TIN_STATS_MAX + 1];

	if (nla_parse_nested(attributes, TCA_CAKE_TIN_STATS_MAX, nest, NULL))
		return;
	for (int i = 0; i < TIN_FIGURES; i++)
		tin[i] = number(attributes[tin_attributes[i]]);
	tin[TIN_THRESHOLD_BPS] *= 8;
}

static void read_cake_stats(struct nlattr *nest, struct leaf_stats *stats)
{
	struct nlattr *attributes[TCA_CAKE_STATS_MAX + 1], *tin;
	int left;

	if (nla_parse_nested(attributes, TCA_CAKE_STATS_MAX, nest, NULL))
		return;
	stats->memory_bytes = number(attributes[TCA_CAKE_STATS_MEMORY_USED]);
	stats->memory_limit_bytes = number(attributes[TCA_CAKE_STATS_MEMORY_LIMIT]);
	if (!attributes[TCA_CAKE_STATS_TIN_STATS])
		return;
	nla_for_each_nested(tin, attributes[TCA_CAKE_STATS_TIN_STATS], left)
	{
		if (stats->tin_count == TINS_MAX)
			return;
		read_tin(tin, stats->tins[stats->tin_count]);
		stats->marks += (uint32_t)stats->tins[stats->tin_count++][TIN_MARKS];
	}
}

static void read_fq_codel_stats(struct nlattr *attribute, struct leaf_stats *stats)
{
	struct tc_fq_codel_xstats codel = { 0 };

	nla_memcpy(&codel, attribute, sizeof(codel));
	if (codel.type != TCA_FQ_CODEL_XSTATS_QDISC)
		return;
	stats->marks = codel.qdisc_stats.ecn_mark;
	stats->memory_bytes = codel.qdisc_stats.memory_usage;
}

/* TCA_STATS_APP of an answer; NULL when it has none. */
static struct nlattr *find_own_stats(const struct nlmsghdr *header)
{
	struct nlattr *attributes[TCA_MAX + 1], *stats[TCA_STATS_MAX + 1];

	if (nlmsg_parse((struct nlmsghdr *)header, sizeof(struct tcmsg), attributes, TCA_MAX,
			NULL) ||
	    !attributes[TCA_STATS2] ||
	    nla_parse_nested(stats, TCA_STATS_MAX, attributes[TCA_STATS2], NULL))
		return NULL;
	return stats[TCA_STATS_APP];
}

bool decode_htb_stats(const struct nlmsghdr *header, struct htb_stats *stats)
{
	struct tc_htb_xstats own = { 0 };
	struct queue_class class;
	struct nlattr *attribute;

	*stats = (struct htb_stats){ 0 };
	if (!decode_class(header, &class, &stats->queue))
		return false;
	attribute = find_own_stats(header);
	if (attribute)
		nla_memcpy(&own, attribute, sizeof(own));
	stats->lends = own.lends;
	stats->borrows = own.borrows;
	stats->giants = own.giants;
	return true;
}

bool decode_leaf_stats(const struct nlmsghdr *header, struct leaf_stats *stats)
{
	struct qdisc_seen qdisc;
	struct nlattr *own;

	*stats = (struct leaf_stats){ 0 };
	if (!decode_qdisc(header, &qdisc))
		return false;
	stats->kind = leaf_kind_parse(qdisc.kind);
	stats->cake = qdisc.cake;
	stats->rtt_us = qdisc.leaf_rtt_us;
	stats->queue = qdisc.stats;
	own = find_own_stats(header);
	if (own && stats->kind == LEAF_CAKE)
		read_cake_stats(own, stats);
	else if (own && stats->kind == LEAF_FQ_CODEL)
		read_fq_codel_stats(own, stats);
	return true;
}

/* --- asking it -------------------------------------------------------------------------------- */

struct reading {
	struct htb_stats *htb;
	struct leaf_stats *leaf;
	bool found;
};

static void take_class(void *data, const struct nlmsghdr *header)
{
	struct reading *reading = data;

	reading->found |= decode_htb_stats(header, reading->htb);
}

static void take_leaf(void *data, const struct nlmsghdr *header)
{
	struct reading *reading = data;

	reading->found |= decode_leaf_stats(header, reading->leaf);
}

bool kernel_read_leaf(struct kernel *kernel, const struct interface *interface, uint32_t class_id,
		      struct htb_stats *htb, struct leaf_stats *leaf, struct error *err)
{
	struct reading reading = { .htb = htb, .leaf = leaf };
	bool ok = !netlink_get(kernel->netlink, encode_get_class(interface->ifindex, class_id),
			       take_class, &reading, err) &&
		  reading.found;

	reading.found = false;
	ok = ok &&
	     !netlink_get(kernel->netlink, encode_get_leaf(interface->ifindex, class_id), take_leaf,
			  &reading, err) &&
	     reading.found;
	return ok || error_set(err, ERROR_MISSING, "%s has no class %x:%x with a leaf",
			       interface->name, class_id >> 16, class_id & 0xffff);
}
