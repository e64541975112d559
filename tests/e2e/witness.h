/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests/e2e/witness.c reads of what its program in the kernel writes. */
#ifndef TESTS_WITNESS_H
#define TESTS_WITNESS_H

#include <linux/types.h>

struct witness_event {
	__u64 at_ns;	 /* the monotonic clock, as HTB's */
	__be32 customer; /* download: the destination; upload: the source; 0: no IPv4 */
	__u32 class_id;	 /* what the packet was classified as */
	__u32 bytes;	 /* of the frame */
	__u32 upload;
};

#endif
