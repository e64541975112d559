/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every struct that both the data path and the engine know. Included by BPF programs and by user
 * space; sizes are asserted, spare fields are named reserved and zero.
 */
#ifndef LQOS_BPF_SHARED_H
#define LQOS_BPF_SHARED_H

#include <linux/types.h>

#define LQOS_DIRECTIONS 2 /* 0 download, 1 upload: enum direction of the engine */

/* circuit_row.flags */
#define LQOS_ROW_IN_USE 1u
#define LQOS_ROW_SITE 2u      /* the row names a site: it only keeps its numbers for adoption */
#define LQOS_ROW_SUSPENDED 4u /* packets are dropped and counted */

/*
 * What a slot is: written by the engine in place, read for every packet. `owner` is written
 * before the class is made, so that after kill -9 it says whose class is whose.
 */
struct circuit_row {
	__u64 owner; /* assignment_owner(); 0 = free */
	__u64 ceil_bps[LQOS_DIRECTIONS];
	__u32 class_id[LQOS_DIRECTIONS]; /* queue << 16 | minor; 0 = not built: pass unshaped */
	__u32 epoch;			 /* the number of the last change of this row */
	__u32 flags;
	__u16 cpu[LQOS_DIRECTIONS];
	__u16 handle;
	__u16 waiting_handle; /* sites */
	__u8 reserved[16];
};
_Static_assert(sizeof(struct circuit_row) == 64, "circuit_row is a cache line");

#endif
