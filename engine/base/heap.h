/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What malloc(3) gives out. */
#ifndef LQOS_BASE_HEAP_H
#define LQOS_BASE_HEAP_H

#include <stddef.h>

/* Much work is about to come that needs so many bytes (of more than 256 MB, those): the kernel is
 * asked for them now, in huge pages where it has such, and a thread touches them while this one
 * goes on. The first touch of a page can cost more than all that is done with it, most of all on a
 * virtual machine. */
void heap_expect(size_t bytes);

#endif
