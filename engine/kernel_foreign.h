/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Queueing of another tool on an interface: what the kernel tells of its qdiscs and classes is all
 * that it takes to make them again, counters and waiting packets aside.
 */
#ifndef LQOS_KERNEL_FOREIGN_H
#define LQOS_KERNEL_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/error.h"
#include "engine/kernel.h"

/* Messages of the kernel (struct nlmsghdr, RTM_NEWQDISC and RTM_NEWTCLASS), one behind the
 * other. */
struct foreign_root {
	char *messages;
	size_t size;
};

/* Copies what stands below the interface's root; the caller releases it. Refused, in words, when
 * there are filters, size tables or kinds that could not be made again. */
bool kernel_copy_foreign(struct kernel *kernel, const struct interface *interface,
			 struct foreign_root *copy, struct error *err);
void foreign_root_release(struct foreign_root *copy);
/* Whether all that stands in `part` has its place in `whole`, too. */
bool foreign_root_is_part(const struct foreign_root *part, const struct foreign_root *whole);

/* Takes it away: the interface is left with the kernel's default. */
bool kernel_remove_foreign(struct kernel *kernel, const struct interface *interface,
			   struct error *err);

/* Makes it again on an interface that has a default root. What is refused is left out, and said. */
bool kernel_make_foreign(struct kernel *kernel, const struct interface *interface,
			 const struct foreign_root *copy, struct error *err);

#endif
