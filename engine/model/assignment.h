/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The numbers that a site or a circuit keeps for life: its slot in the data path, its queue, its
 * handle. They outlive restarts and imports: adding or removing one renumbers nobody.
 *
 * A handle is unique on the box and serves as the class minor and as the major of the leaf qdisc
 * that hangs on it: class 3:41 has leaf 41:. A site has a second handle for its waiting leaf.
 */
#ifndef LQOS_MODEL_ASSIGNMENT_H
#define LQOS_MODEL_ASSIGNMENT_H

#include <stddef.h>
#include <stdint.h>

enum node_kind { NODE_SITE, NODE_CIRCUIT };

struct assignment {
	enum node_kind kind;
	const char *id;	 /* the site's or circuit's id; "" while only the owner hash is known */
	uint64_t owner;	 /* assignment_owner(kind, id) */
	uint32_t slot;	 /* 1..; 0 is "no slot" */
	uint16_t queue;	 /* 1..queues; 0 = not placed */
	uint16_t handle; /* 0: a circuit that has, and is to have, no class of its own */
	uint16_t waiting_handle; /* sites only */
};

/* The 64-bit name of a node in the data path's rows, never 0. FNV-1a of kind and id. */
uint64_t assignment_owner(enum node_kind kind, const char *id);

/* A list with ids of its own, for assignments_free; its source may be a handles_list. */
struct assignment *assignments_copy(const struct assignment *list, size_t count);
void assignments_free(struct assignment *list, size_t count);

#endif
