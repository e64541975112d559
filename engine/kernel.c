/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/kernel.h"

#include <assert.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/kernel_private.h"
#include "engine/netlink.h"
#include "engine/tc_encode.h"

struct kernel *kernel_open(struct error *err)
{
	struct netlink *netlink = netlink_open(err);
	struct kernel *kernel;

	if (!netlink)
		return NULL;
	kernel = xcalloc(1, sizeof(*kernel));
	kernel->netlink = netlink;
	return kernel;
}

void kernel_close(struct kernel *kernel)
{
	if (!kernel)
		return;
	netlink_close(kernel->netlink);
	free(kernel);
}

/* --- interfaces ------------------------------------------------------------------------------- */

struct link_search {
	int ifindex;
	struct interface *interface;
};

const char *link_state_name(enum link_state link)
{
	static const char *const names[] = { "down", "no carrier", "up" };

	return names[link];
}

/* Without the attribute nothing is known against the carrier. */
static enum link_state link_of(const struct ifinfomsg *info, struct nlattr *const *attributes)
{
	if (!(info->ifi_flags & IFF_UP))
		return LINK_DOWN;
	return attributes[IFLA_CARRIER] && !nla_get_u8(attributes[IFLA_CARRIER]) ? LINK_NO_CARRIER
										 : LINK_UP;
}

static void take_link(void *data, const struct nlmsghdr *header)
{
	struct link_search *search = data;
	const struct ifinfomsg *info = NLMSG_DATA(header);
	struct nlattr *attributes[IFLA_MAX + 1];

	if (header->nlmsg_type != RTM_NEWLINK || info->ifi_index != search->ifindex ||
	    nlmsg_parse((struct nlmsghdr *)header, sizeof(*info), attributes, IFLA_MAX, NULL))
		return;
	search->interface->ifindex = info->ifi_index;
	search->interface->link = link_of(info, attributes);
	if (attributes[IFLA_CARRIER_DOWN_COUNT])
		search->interface->carrier_losses =
			nla_get_u32(attributes[IFLA_CARRIER_DOWN_COUNT]);
	if (attributes[IFLA_NUM_TX_QUEUES])
		search->interface->tx_queues = nla_get_u32(attributes[IFLA_NUM_TX_QUEUES]);
	if (attributes[IFLA_NUM_RX_QUEUES])
		search->interface->rx_queues = nla_get_u32(attributes[IFLA_NUM_RX_QUEUES]);
	if (attributes[IFLA_MASTER])
		search->interface->master = nla_get_u32(attributes[IFLA_MASTER]);
	if (attributes[IFLA_MTU])
		search->interface->mtu = nla_get_u32(attributes[IFLA_MTU]);
}

bool kernel_find_interface(struct kernel *kernel, const char *name, struct interface *interface,
			   struct error *err)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	struct interface found = { 0 };
	struct link_search search = { .ifindex = (int)if_nametoindex(name), .interface = &found };
	struct nl_msg *request;
	struct nlmsghdr *header;

	if (!search.ifindex)
		return error_set(
			err, ERROR_MISSING,
			"there is no interface \"%s\" here; set [interfaces] in lqosd.conf "
			"(ip link shows what there is)",
			name);
	request = nlmsg_alloc_size(256);
	header = nlmsg_put(request, 0, 0, RTM_GETLINK, sizeof(info), 0);
	memcpy(nlmsg_data(header), &info, sizeof(info));
	if (!netlink_dump(kernel->netlink, request, take_link, &search, err))
		return false;
	if (!found.ifindex)
		return error_set(err, ERROR_MISSING, "the interface \"%s\" has just gone", name);
	copy_text(found.name, sizeof(found.name), name);
	*interface = found;
	return true;
}

/* --- lists ------------------------------------------------------------------------------------ */

struct qdisc_list {
	int ifindex;
	struct qdisc_seen *items;
	size_t count, capacity;
};

static void take_qdisc(void *data, const struct nlmsghdr *header)
{
	struct qdisc_list *list = data;
	struct qdisc_seen qdisc;

	if (!decode_qdisc(header, &qdisc) || qdisc.ifindex != list->ifindex)
		return;
	list->items = grow(list->items, list->count, &list->capacity, sizeof(*list->items));
	list->items[list->count++] = qdisc;
}

static int compare_parents(const void *left, const void *right)
{
	const struct qdisc_seen *a = left, *b = right;

	return (a->parent > b->parent) - (a->parent < b->parent);
}

/* The interface's qdiscs sorted by parent; the caller frees items. */
static bool list_qdiscs(struct kernel *kernel, int ifindex, struct qdisc_list *list,
			struct error *err)
{
	*list = (struct qdisc_list){ .ifindex = ifindex };
	if (!netlink_dump(kernel->netlink, encode_list_qdiscs(ifindex), take_qdisc, list, err)) {
		free(list->items);
		return false;
	}
	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items), compare_parents);
	return true;
}

static const struct qdisc_seen *find_by_parent(const struct qdisc_list *list, uint32_t parent)
{
	struct qdisc_seen key = { .parent = parent };

	if (!list->count)
		return NULL;
	return bsearch(&key, list->items, list->count, sizeof(key), compare_parents);
}

struct class_list {
	struct queue_class *classes;
	struct class_stats *stats;
	size_t count, class_capacity, stats_capacity;
};

static void take_class(void *data, const struct nlmsghdr *header)
{
	struct class_list *list = data;
	struct queue_class class;
	struct class_stats stats;

	if (!decode_class(header, &class, &stats))
		return;
	list->classes =
		grow(list->classes, list->count, &list->class_capacity, sizeof(*list->classes));
	list->stats = grow(list->stats, list->count, &list->stats_capacity, sizeof(*list->stats));
	list->classes[list->count] = class;
	list->stats[list->count++] = stats;
}

/* Leaves the direction's own in the list, as it numbers them. */
static void keep_own(const struct interface *interface, struct class_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		uint16_t queue = kernel_queue_of(interface, list->classes[i].queue);

		if (!queue)
			continue;
		list->classes[kept] = list->classes[i];
		list->stats[kept] = list->stats[i];
		list->classes[kept].queue = list->stats[kept].queue = queue;
		kept++;
	}
	list->count = kept;
}

static bool list_classes(struct kernel *kernel, const struct interface *interface, uint16_t queue,
			 struct class_list *list, struct error *err)
{
	uint16_t major = queue ? kernel_major(interface, queue) : 0;

	*list = (struct class_list){ 0 };
	if (netlink_dump(kernel->netlink, encode_list_classes(interface->ifindex, major),
			 take_class, list, err)) {
		keep_own(interface, list);
		return true;
	}
	free(list->classes);
	free(list->stats);
	return false;
}

/* The leaf qdisc of a class; NULL when it has none. */
static const struct qdisc_seen *find_leaf(const struct interface *interface,
					  const struct qdisc_list *qdiscs,
					  const struct queue_class *class)
{
	uint32_t major = kernel_major(interface, class->queue);

	return find_by_parent(qdiscs, TC_H_MAKE(major << 16, class->minor));
}

/* --- the tree --------------------------------------------------------------------------------- */

static uint32_t level_of(const struct queue_tree *tree, const struct queue_class *class)
{
	uint32_t level = 0;

	while (class && class->parent && level < 16) {
		class = queue_tree_find(tree, class->queue, class->parent);
		level++;
	}
	return level;
}

static void add_leaves(const struct interface *interface, struct queue_tree *tree,
		       const struct qdisc_list *qdiscs)
{
	for (size_t i = 0; i < tree->class_count; i++) {
		struct queue_class *class = &tree->classes[i];
		const struct qdisc_seen *leaf = find_leaf(interface, qdiscs, class);

		class->level = level_of(tree, class);
		if (!leaf)
			continue;
		class->leaf = (uint8_t)leaf_kind_parse(leaf->kind);
		class->leaf_rtt_us = leaf->leaf_rtt_us;
		class->cake = leaf->cake;
		class->leaf_handle = kernel_leaf_handle_of(interface, leaf->handle);
	}
}

bool kernel_read_tree(struct kernel *kernel, const struct interface *interface,
		      struct queue_tree *tree, struct error *err)
{
	struct qdisc_list qdiscs;
	struct class_list classes;

	*tree = (struct queue_tree){ 0 };
	if (!list_qdiscs(kernel, interface->ifindex, &qdiscs, err))
		return false;
	if (!list_classes(kernel, interface, 0, &classes, err)) {
		free(qdiscs.items);
		return false;
	}
	for (size_t i = 0; i < qdiscs.count; i++) {
		uint16_t queue = kernel_queue_of(interface, qdiscs.items[i].handle >> 16);

		if (!strcmp(qdiscs.items[i].kind, "htb") && queue > tree->queues)
			tree->queues = queue;
	}
	for (size_t i = 0; i < classes.count; i++)
		queue_tree_append(tree, &classes.classes[i]);
	queue_tree_sort(tree);
	add_leaves(interface, tree, &qdiscs);
	free(qdiscs.items);
	free(classes.classes);
	free(classes.stats);
	return true;
}

bool kernel_read_stats(struct kernel *kernel, const struct interface *interface, uint16_t queue,
		       struct class_stats **stats, size_t *count, struct error *err)
{
	struct qdisc_list qdiscs;
	struct class_list classes;

	if (!list_classes(kernel, interface, queue, &classes, err))
		return false;
	if (!list_qdiscs(kernel, interface->ifindex, &qdiscs, err)) {
		free(classes.classes);
		free(classes.stats);
		return false;
	}
	for (size_t i = 0; i < classes.count; i++) {
		const struct qdisc_seen *leaf = find_leaf(interface, &qdiscs, &classes.classes[i]);

		if (!leaf)
			continue;
		classes.stats[i].drops = leaf->stats.drops;
		classes.stats[i].backlog_bytes = leaf->stats.backlog_bytes;
		classes.stats[i].backlog_packets = leaf->stats.backlog_packets;
	}
	free(*stats);
	*stats = classes.stats;
	*count = classes.count;
	free(classes.classes);
	free(qdiscs.items);
	return true;
}

/* --- operations ------------------------------------------------------------------------------- */

struct sending {
	const struct op *const *ops;
	int *results;
	size_t first_refused;
	bool refused;
	char words[160];
};

static void note_refusal(void *data, size_t tag, int error, const char *words)
{
	struct sending *sending = data;

	sending->results[tag] = error;
	if (sending->refused && tag >= sending->first_refused)
		return;
	sending->refused = true;
	sending->first_refused = tag;
	copy_text(sending->words, sizeof(sending->words), words);
}

static void add_op(struct batch *batch, const struct op *op, const struct interface *interface,
		   uint32_t pfifo_limit, size_t tag)
{
	const struct queue_class class = kernel_number_class(interface, &op->class);
	int ifindex = interface->ifindex;

	switch (op->kind) {
	case OP_CLASS_ADD:
		batch_add(batch, encode_class_set(ifindex, &class), tag);
		if (class.leaf != LEAF_NONE)
			batch_add(batch, encode_leaf_add(ifindex, &class, pfifo_limit), tag);
		break;
	case OP_CLASS_CHANGE:
		batch_add(batch, encode_class_set(ifindex, &class), tag);
		break;
	case OP_LEAF_CHANGE:
		batch_add(batch, encode_leaf_change(ifindex, &class), tag);
		break;
	case OP_CLASS_REMOVE:
		batch_add(batch, encode_class_remove(ifindex, class.queue, class.minor), tag);
		break;
	default:
		assert(!"not a class operation");
	}
}

/* A class whose leaf was refused is taken away again: its packets would go unqueued. */
static void remove_halves(struct kernel *kernel, const struct interface interfaces[DIRECTIONS],
			  const struct sending *sending, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct op *op = sending->ops[i];
		const struct interface *interface = &interfaces[op->direction];
		struct error ignored;

		if (sending->results[i] && op->kind == OP_CLASS_ADD)
			netlink_request(
				kernel->netlink,
				encode_class_remove(interface->ifindex,
						    kernel_major(interface, op->class.queue),
						    op->class.minor),
				&ignored);
	}
}

bool kernel_send(struct kernel *kernel, const struct interface interfaces[DIRECTIONS],
		 const struct op *const *ops, size_t count, uint32_t pfifo_limit, int *results,
		 struct error *err)
{
	struct sending sending = { .ops = ops, .results = results };
	struct batch *batch = batch_new();
	char text[200];
	bool ok;

	memset(results, 0, count * sizeof(*results));
	for (size_t i = 0; i < count; i++)
		add_op(batch, ops[i], &interfaces[ops[i]->direction], pfifo_limit, i);
	ok = !count || netlink_send(kernel->netlink, batch, note_refusal, &sending, err);
	batch_free(batch);
	if (!ok)
		for (size_t i = 0; i < count; i++)
			results[i] = -EIO;
	if (!sending.refused)
		return ok;
	remove_halves(kernel, interfaces, &sending, count);
	return error_set(err, ERROR_SYSTEM, "the kernel refused to %s on %s: %s%s%s",
			 plan_format_op(ops[sending.first_refused], text, sizeof(text)),
			 interfaces[ops[sending.first_refused]->direction].name,
			 strerror(-results[sending.first_refused]), *sending.words ? ": " : "",
			 sending.words);
}
