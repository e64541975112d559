/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands at an interface's root: mq with an HTB for each queue, or one HTB. */
#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/kernel.h"
#include "engine/kernel_private.h"
#include "engine/netlink.h"
#include "engine/tc_encode.h"

static bool is_default_kind(const struct qdisc_seen *root)
{
	static const char *const kinds[] = { "noqueue", "pfifo_fast", "fq_codel", "fq", "mq" };

	if (TC_H_MAJ(root->handle)) /* the kernel's own have handle 0: */
		return false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(root->kind, kinds[i]))
			return true;
	return false;
}

static bool is_our_mq(const struct qdisc_seen *root)
{
	return !strcmp(root->kind, "mq") && root->handle >> 16 == HANDLE_MQ;
}

static void take_one_qdisc(void *data, const struct nlmsghdr *header)
{
	decode_qdisc(header, data);
}

/* The qdisc at a parent; with an empty kind when there is none but a built-in. Asked for by itself:
 * a list has those of all interfaces. */
static bool read_qdisc(struct kernel *kernel, int ifindex, uint32_t parent,
		       struct qdisc_seen *qdisc, struct error *err)
{
	int result;

	*qdisc = (struct qdisc_seen){ .kind = "" };
	result = netlink_get(kernel->netlink, encode_get_leaf(ifindex, parent), take_one_qdisc,
			     qdisc, err);
	return !result || result == -ENOENT || result == -EINVAL;
}

/* Others number theirs like us: an HTB of ours says so itself. An mq has no HTB yet when the engine
 * was killed between the two. */
static bool read_owner(struct kernel *kernel, const struct interface *interface,
		       const struct qdisc_seen *root, bool *ours, struct error *err)
{
	struct qdisc_seen first;

	*ours = root->is_marked && root->handle >> 16 == 1;
	if (!is_our_mq(root))
		return true;
	if (!read_qdisc(kernel, interface->ifindex, TC_H_MAKE((uint32_t)HANDLE_MQ << 16, 1), &first,
			err))
		return false;
	*ours = !*first.kind || is_default_kind(&first) || first.is_marked;
	return true;
}

bool kernel_read_root(struct kernel *kernel, const struct interface *interface,
		      enum root_kind *kind, char *foreign_kind, struct error *err)
{
	struct qdisc_seen root;
	bool ours;

	if (!read_qdisc(kernel, interface->ifindex, TC_H_ROOT, &root, err) ||
	    !read_owner(kernel, interface, &root, &ours, err))
		return false;
	*kind = !*root.kind || is_default_kind(&root) ? ROOT_ABSENT
		: ours				      ? ROOT_OURS
						      : ROOT_FOREIGN;
	if (*kind == ROOT_FOREIGN && foreign_kind)
		copy_text(foreign_kind, 16, root.kind);
	return true;
}

static bool make_qdisc(struct kernel *kernel, const struct interface *interface,
		       struct nl_msg *message, const char *what, struct error *err)
{
	int result = netlink_request(kernel->netlink, message, err);

	if (!result)
		return true;
	if (result == -EPERM)
		return error_set(err, ERROR_SYSTEM,
				 "not allowed to set queueing on %s: run as root (CAP_NET_ADMIN)",
				 interface->name);
	return error_prefix(err, "can't make %s on %s%s", what, interface->name,
			    result == -ENOENT ? " (this kernel lacks it)" : "");
}

/* Makes the HTB of that major at the parent, unless it is there. */
static bool make_htb(struct kernel *kernel, const struct interface *interface, uint32_t parent,
		     uint16_t major, struct error *err)
{
	struct qdisc_seen qdisc;

	if (!read_qdisc(kernel, interface->ifindex, parent, &qdisc, err))
		return false;
	if (!strcmp(qdisc.kind, "htb") && qdisc.handle == (uint32_t)major << 16)
		return true;
	return make_qdisc(kernel, interface, encode_htb(interface->ifindex, parent, major),
			  "an HTB", err);
}

bool kernel_make_root(struct kernel *kernel, const struct interface *interface, uint16_t queues,
		      struct error *err)
{
	struct qdisc_seen root;
	bool ok = true, has_mq;

	if (!read_qdisc(kernel, interface->ifindex, TC_H_ROOT, &root, err))
		return false;
	has_mq = is_our_mq(&root);
	/* An mq stays also where one queue is left: in its place all would be made anew. */
	if (queues == 1 && !interface->shared_queues && !has_mq)
		return make_htb(kernel, interface, TC_H_ROOT, 1, err);
	if (!has_mq)
		ok = make_qdisc(kernel, interface, encode_mq_root(interface->ifindex), "mq", err);
	for (uint16_t queue = 1; queue <= queues && ok; queue++) {
		uint16_t major = kernel_major(interface, queue);

		ok = make_htb(kernel, interface, TC_H_MAKE((uint32_t)HANDLE_MQ << 16, major), major,
			      err);
	}
	return ok;
}

bool kernel_remove_root(struct kernel *kernel, const struct interface *interface, struct error *err)
{
	enum root_kind kind;

	if (!kernel_read_root(kernel, interface, &kind, NULL, err))
		return false;
	if (kind != ROOT_OURS)
		return true;
	if (netlink_request(kernel->netlink, encode_qdisc_remove(interface->ifindex, TC_H_ROOT, 0),
			    err))
		return error_prefix(err, "can't remove the queues of %s", interface->name);
	return true;
}
