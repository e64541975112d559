/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of kernel.h share. */
#ifndef LQOS_KERNEL_PRIVATE_H
#define LQOS_KERNEL_PRIVATE_H

#include "engine/kernel.h"

struct kernel {
	struct netlink *netlink;
};

/* The kernel's numbers for a direction's queue and class, and a class as the kernel knows it. */
uint16_t kernel_major(const struct interface *interface, uint16_t queue);
struct queue_class kernel_number_class(const struct interface *interface,
				       const struct queue_class *class);
/* And back: the direction's queue, 0 for one of the other direction's; a leaf's handle. */
uint16_t kernel_queue_of(const struct interface *interface, uint16_t major);
uint16_t kernel_leaf_handle_of(const struct interface *interface, uint32_t handle);

#endif
