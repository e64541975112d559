/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which leaf qdiscs this kernel has: tried on a veth pair made for it. */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/kernel.h"
#include "engine/kernel_private.h"
#include "engine/netlink.h"
#include "engine/tc_encode.h"

static struct nl_msg *encode_scratch_link(const char *name, const char *peer)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	struct nl_msg *message = nlmsg_alloc_size(512);
	struct nlmsghdr *header =
		nlmsg_put(message, 0, 0, RTM_NEWLINK, sizeof(info), NLM_F_CREATE | NLM_F_EXCL);
	struct nlattr *link, *data, *other;

	memcpy(nlmsg_data(header), &info, sizeof(info));
	nla_put_string(message, IFLA_IFNAME, name);
	link = nla_nest_start(message, IFLA_LINKINFO);
	nla_put_string(message, IFLA_INFO_KIND, "veth");
	data = nla_nest_start(message, IFLA_INFO_DATA);
	other = nla_nest_start(message, VETH_INFO_PEER);
	nlmsg_append(message, &info, sizeof(info), NLMSG_ALIGNTO);
	nla_put_string(message, IFLA_IFNAME, peer);
	nla_nest_end(message, other);
	nla_nest_end(message, data);
	nla_nest_end(message, link);
	return message;
}

static struct nl_msg *encode_link_remove(int ifindex)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC, .ifi_index = ifindex };
	struct nl_msg *message = nlmsg_alloc_size(128);
	struct nlmsghdr *header = nlmsg_put(message, 0, 0, RTM_DELLINK, sizeof(info), 0);

	memcpy(nlmsg_data(header), &info, sizeof(info));
	return message;
}

static bool try_leaf(struct kernel *kernel, int ifindex, enum leaf_kind kind)
{
	struct queue_class class = { .queue = 0xffff,
				     .minor = 0xffff, /* together: TC_H_ROOT */
				     .leaf = (uint8_t)kind,
				     .leaf_handle = 1,
				     .leaf_rtt_us = 100000 };
	struct error ignored;

	return netlink_request(kernel->netlink, encode_leaf_add(ifindex, &class, 1000), &ignored) ==
	       0;
}

bool kernel_probe_leaf(struct kernel *kernel, enum leaf_kind *kind, struct error *err)
{
	char name[16], peer[16];
	struct error ignored;
	int result, ifindex;

	snprintf(name, sizeof(name), "lqp%u", (unsigned int)getpid());
	snprintf(peer, sizeof(peer), "lqq%u", (unsigned int)getpid());
	result = netlink_request(kernel->netlink, encode_scratch_link(name, peer), err);
	if (result == -EPERM)
		return error_set(err, ERROR_SYSTEM,
				 "not allowed to make interfaces: run as root (CAP_NET_ADMIN)");
	if (result)
		return error_prefix(err, "can't make a veth pair to try queueing on");
	ifindex = (int)if_nametoindex(name);
	*kind = LEAF_CAKE;
	while (*kind < LEAF_PFIFO && !try_leaf(kernel, ifindex, *kind))
		(*kind)++;
	netlink_request(kernel->netlink, encode_link_remove(ifindex), &ignored);
	return true;
}
