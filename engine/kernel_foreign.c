/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/kernel_foreign.h"

#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/kernel_private.h"
#include "engine/netlink.h"
#include "engine/tc_encode.h"

/* --- copying ---------------------------------------------------------------------------------- */

struct copying {
	int ifindex;
	struct foreign_root *copy;
	char unknown[16]; /* what can't be made again: a kind, or in words */
};

/* Kinds that take back what the kernel tells of them. */
static const struct {
	const char *kind;
	bool has_made_classes; /* those of the others come with the qdisc */
} kinds[] = {
	{ "bfifo" }, { "cake" },  { "fq" },   { "fq_codel" }, { "htb", true },
	{ "mq" },    { "pfifo" }, { "prio" }, { "sfq" },      { "tbf" },
};

/* -1: it can't be made again. */
static int find_kind(const char *kind)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kind, kinds[i].kind))
			return (int)i;
	return -1;
}

static void take(void *data, const struct nlmsghdr *header)
{
	const struct tcmsg *tc = NLMSG_DATA(header);
	struct copying *copying = data;
	struct foreign_root *copy = copying->copy;
	size_t size = NLMSG_ALIGN(header->nlmsg_len);
	const char *name = decode_kind(header);
	int kind;

	/* What has no handle the kernel makes by itself; TC_H_INGRESS is clsact's. */
	if (!name || tc->tcm_ifindex != copying->ifindex || !TC_H_MAJ(tc->tcm_handle) ||
	    tc->tcm_parent == TC_H_INGRESS)
		return;
	kind = find_kind(name);
	if (kind < 0)
		copy_text(copying->unknown, sizeof(copying->unknown), name);
	else if (decode_has_size_table(header))
		copy_text(copying->unknown, sizeof(copying->unknown), "its size table");
	if (kind < 0 || (header->nlmsg_type == RTM_NEWTCLASS && !kinds[kind].has_made_classes))
		return;
	copy->messages = xreallocarray(copy->messages, copy->size + size, 1);
	memset(copy->messages + copy->size, 0, size);
	memcpy(copy->messages + copy->size, header, header->nlmsg_len);
	copy->size += size;
}

static const struct nlmsghdr *next_message(const struct foreign_root *copy, size_t *offset)
{
	const struct nlmsghdr *header = (const struct nlmsghdr *)(copy->messages + *offset);

	if (copy->size - *offset < sizeof(*header) || !NLMSG_OK(header, copy->size - *offset))
		return NULL;
	*offset += NLMSG_ALIGN(header->nlmsg_len);
	return header;
}

static void count_filter(void *data, const struct nlmsghdr *header)
{
	*(size_t *)data += header->nlmsg_type == RTM_NEWTFILTER;
}

/* Filters hang on a qdisc or a class. */
static bool count_filters(struct kernel *kernel, const struct interface *interface,
			  const struct foreign_root *copy, size_t *filters, struct error *err)
{
	const struct nlmsghdr *header;
	size_t offset = 0;

	while ((header = next_message(copy, &offset))) {
		const struct tcmsg *tc = NLMSG_DATA(header);

		if (!netlink_dump(kernel->netlink,
				  encode_list_filters(interface->ifindex, tc->tcm_handle),
				  count_filter, filters, err))
			return false;
	}
	return true;
}

static bool copy_all(struct copying *copying, struct kernel *kernel,
		     const struct interface *interface, struct error *err)
{
	size_t filters = 0;

	if (!netlink_dump(kernel->netlink, encode_list_qdiscs(interface->ifindex), take, copying,
			  err) ||
	    !netlink_dump(kernel->netlink, encode_list_classes(interface->ifindex, 0), take,
			  copying, err) ||
	    !count_filters(kernel, interface, copying->copy, &filters, err))
		return false;
	if (filters || *copying->unknown)
		return error_set(
			err, ERROR_CONFLICT,
			"%s could not be given back; remove it with: tc qdisc del dev %s root",
			filters ? "its filters" : copying->unknown, interface->name);
	return true;
}

bool kernel_copy_foreign(struct kernel *kernel, const struct interface *interface,
			 struct foreign_root *copy, struct error *err)
{
	struct copying copying = { .ifindex = interface->ifindex, .copy = copy };

	*copy = (struct foreign_root){ 0 };
	if (copy_all(&copying, kernel, interface, err))
		return true;
	foreign_root_release(copy);
	return false;
}

void foreign_root_release(struct foreign_root *copy)
{
	free(copy->messages);
	*copy = (struct foreign_root){ 0 };
}

static bool has_place(const struct foreign_root *copy, const struct nlmsghdr *wanted)
{
	const struct tcmsg *of = NLMSG_DATA(wanted);
	const struct nlmsghdr *header;
	size_t offset = 0;

	while ((header = next_message(copy, &offset))) {
		const struct tcmsg *tc = NLMSG_DATA(header);

		if (header->nlmsg_type == wanted->nlmsg_type && tc->tcm_handle == of->tcm_handle &&
		    tc->tcm_parent == of->tcm_parent &&
		    !strcmp(decode_kind(header), decode_kind(wanted)))
			return true;
	}
	return false;
}

bool foreign_root_is_part(const struct foreign_root *part, const struct foreign_root *whole)
{
	const struct nlmsghdr *header;
	size_t offset = 0;

	while ((header = next_message(part, &offset)))
		if (!has_place(whole, header))
			return false;
	return true;
}

/* --- giving back ------------------------------------------------------------------------------ */

bool kernel_remove_foreign(struct kernel *kernel, const struct interface *interface,
			   struct error *err)
{
	if (netlink_request(kernel->netlink, encode_qdisc_remove(interface->ifindex, TC_H_ROOT, 0),
			    err))
		return error_prefix(err, "can't remove the root qdisc of %s", interface->name);
	return true;
}

/* HTB makes a class without a parent of one whose parent isn't there, and does not complain. */
static bool waits_for_parent(const struct foreign_root *copy, const bool *done, uint32_t parent)
{
	const struct nlmsghdr *header;
	size_t offset = 0;

	for (size_t i = 0; (header = next_message(copy, &offset)); i++) {
		const struct tcmsg *tc = NLMSG_DATA(header);

		if (tc->tcm_handle == parent)
			return !done[i];
	}
	return false; /* it comes with its qdisc */
}

/* Sends what is not `done` yet: how many of them were taken, and how many refused, with the first
 * reason. */
static size_t make_some(struct kernel *kernel, const struct interface *interface,
			const struct foreign_root *copy, bool *done, size_t *refused,
			struct error *err)
{
	const struct nlmsghdr *header;
	size_t offset = 0, made = 0;
	struct error reason;

	*refused = 0;
	for (size_t i = 0; (header = next_message(copy, &offset)); i++) {
		const struct tcmsg *tc = NLMSG_DATA(header);

		if (done[i] || !decode_kind(header) || waits_for_parent(copy, done, tc->tcm_parent))
			continue;
		done[i] = !netlink_request(kernel->netlink,
					   encode_again(header, interface->ifindex), &reason);
		made += done[i];
		if (!done[i] && !(*refused)++)
			*err = reason;
	}
	return made;
}

bool kernel_make_foreign(struct kernel *kernel, const struct interface *interface,
			 const struct foreign_root *copy, struct error *err)
{
	bool *done = xcalloc(copy->size / NLMSG_HDRLEN + 1, sizeof(*done));
	size_t refused;

	/* What stands before its parent has its turn in the next round. */
	while (make_some(kernel, interface, copy, done, &refused, err))
		;
	free(done);
	return !refused || error_prefix(err, "%zu of the former qdiscs and classes of %s", refused,
					interface->name);
}
