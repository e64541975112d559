/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two trees on one interface: the engine numbers the queues of each direction from 1; here they
 * become the kernel's, and back.
 */
#include "engine/kernel_private.h"

/* Leaves' handles are an interface's: the upload's are the download's with this bit. */
#define SHARED_LEAF_BIT (HANDLE_SHARED_LAST + 1)

uint16_t kernel_major(const struct interface *interface, uint16_t queue)
{
	return (uint16_t)(interface->queue_base + queue);
}

struct queue_class kernel_number_class(const struct interface *interface,
				       const struct queue_class *class)
{
	struct queue_class numbered = *class;

	numbered.queue = kernel_major(interface, class->queue);
	if (interface->queue_base && numbered.leaf_handle)
		numbered.leaf_handle |= SHARED_LEAF_BIT;
	return numbered;
}

uint16_t kernel_queue_of(const struct interface *interface, uint16_t major)
{
	if (!interface->shared_queues)
		return major;
	if (major <= interface->queue_base ||
	    major > interface->queue_base + interface->shared_queues)
		return 0;
	return (uint16_t)(major - interface->queue_base);
}

uint16_t kernel_leaf_handle_of(const struct interface *interface, uint32_t handle)
{
	uint16_t major = (uint16_t)(handle >> 16);

	return interface->queue_base ? (uint16_t)(major & ~SHARED_LEAF_BIT) : major;
}
