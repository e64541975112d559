/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of kernel.h share. */
#ifndef LQOS_KERNEL_PRIVATE_H
#define LQOS_KERNEL_PRIVATE_H

struct kernel {
	struct netlink *netlink;
};

#endif
