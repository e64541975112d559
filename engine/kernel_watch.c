/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Being told when somebody else changes queueing or interfaces. */
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/kernel.h"
#include "engine/kernel_private.h"
#include "engine/netlink.h"

int kernel_watch_open(struct error *err)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK,
				       .nl_groups = RTMGRP_TC | RTMGRP_LINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	error_set_errno(err, errno, "can't watch for changes of queueing");
	if (fd >= 0)
		close(fd);
	return -1;
}

bool kernel_watch_read(const struct kernel *kernel, int fd)
{
	_Alignas(struct nlmsghdr) char buffer[16384];
	uint32_t own = netlink_port(kernel->netlink);
	bool foreign = false;
	ssize_t size;

	while ((size = recv(fd, buffer, sizeof(buffer), 0)) > 0 || errno == ENOBUFS ||
	       errno == EINTR) {
		const struct nlmsghdr *header = (const struct nlmsghdr *)buffer;

		if (size < 0) /* more than there was room for: whose, nobody knows */
			foreign |= errno == ENOBUFS;
		for (; size > 0 && NLMSG_OK(header, size); header = NLMSG_NEXT(header, size))
			foreign |= header->nlmsg_pid != own;
		errno = 0;
	}
	return foreign;
}

bool kernel_follow_interface(struct kernel *kernel, const struct interface *known,
			     struct interface *now)
{
	char name[IF_NAMESIZE];
	struct error ignored;

	if (!if_indextoname((unsigned int)known->ifindex, name) ||
	    !kernel_find_interface(kernel, name, now, &ignored))
		return false;
	now->shared_queues = known->shared_queues;
	now->queue_base = known->queue_base;
	return true;
}
