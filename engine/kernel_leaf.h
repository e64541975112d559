/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one class and the leaf on it have counted, read from the kernel when somebody looks at it:
 * HTB's figures, the leaf's, and for CAKE those of each class of service ("tin").
 */
#ifndef LQOS_KERNEL_LEAF_H
#define LQOS_KERNEL_LEAF_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/base/error.h"
#include "engine/kernel.h"

enum tin_figure {
	TIN_PACKETS,
	TIN_BYTES,
	TIN_DROPS,
	TIN_ACK_DROPS,
	TIN_MARKS,
	TIN_BACKLOG_PACKETS,
	TIN_BACKLOG_BYTES,
	TIN_THRESHOLD_BPS,
	TIN_TARGET_US,
	TIN_INTERVAL_US,
	TIN_PEAK_DELAY_US,
	TIN_AVERAGE_DELAY_US,
	TIN_BASE_DELAY_US,
	TIN_SPARSE_FLOWS,
	TIN_BULK_FLOWS,
	TIN_UNRESPONSIVE_FLOWS,
	TIN_COLLISIONS,
	TIN_LARGEST_PACKET,
	TIN_QUANTUM,
	TIN_FIGURES
};
#define TINS_MAX 8

struct leaf_stats {
	enum leaf_kind kind;
	struct cake_modes cake;
	uint32_t rtt_us; /* cake */
	struct class_stats queue;
	uint32_t marks;				   /* cake and fq_codel: ECN */
	uint64_t memory_bytes, memory_limit_bytes; /* likewise, 0: not said */
	uint64_t tins[TINS_MAX][TIN_FIGURES];	   /* cake */
	unsigned int tin_count;
};

struct htb_stats {
	struct class_stats queue;
	uint32_t lends, borrows, giants;
};

/* The class `class_id` (as in a row: the kernel's numbers) of an interface and its leaf. False, in
 * words, when the kernel has no such class, or one without a leaf. */
bool kernel_read_leaf(struct kernel *kernel, const struct interface *interface, uint32_t class_id,
		      struct htb_stats *htb, struct leaf_stats *leaf, struct error *err);

/* From the kernel's answers; false when one is of another kind. For the one above, and tests. */
struct nlmsghdr;
bool decode_htb_stats(const struct nlmsghdr *header, struct htb_stats *stats);
bool decode_leaf_stats(const struct nlmsghdr *header, struct leaf_stats *stats);

#endif
