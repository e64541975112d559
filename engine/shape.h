/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the network to what the kernel should have: pure. A struct shape holds the queue trees of
 * both interfaces, the data path's rows and the prefixes; the desired one is made here, the
 * applied one is read from the kernel (adoption) and then kept up to date by apply. The plan is
 * the difference of two shapes.
 */
#ifndef LQOS_SHAPE_H
#define LQOS_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/shared.h"
#include "engine/base/direction.h"
#include "engine/base/prefix.h"
#include "engine/handles.h"
#include "engine/model/network.h"
#include "engine/queue_tree.h"

struct shape_row {
	uint32_t slot;
	struct circuit_row row; /* epoch is the data path's and not compared */
};

struct shape_prefix {
	struct prefix prefix;
	uint32_t slot;
};

struct shape {
	struct queue_tree tree[DIRECTIONS];
	struct shape_row *rows; /* sorted by slot; sites and circuits */
	size_t row_count;
	struct shape_prefix *prefixes; /* sorted by prefix_compare */
	size_t prefix_count;
};

struct shape_settings {
	uint64_t link_bps[DIRECTIONS];
	uint16_t queues;		 /* 1..QUEUES_MAX */
	uint16_t usable_queues;		 /* the first so many: nodes are placed on these */
	uint16_t queue_base[DIRECTIONS]; /* what the kernel calls queue 1, less 1; see kernel.h */
	uint16_t cpus;			 /* CPUs that packets are steered to, 1.. */
	enum leaf_kind leaf;		 /* the default leaf, probed */
	enum leaf_kind best_leaf;	 /* that the kernel has */
	struct cake_modes cake;		 /* of CAKE leaves whose circuit doesn't say otherwise */
	uint32_t cake_rtt_us;		 /* likewise; 0: by their rate */
	uint8_t overhead_bytes, mpu_bytes;
	uint32_t pfifo_limit; /* packets */
	/* By slot: circuits that have a class of their own; the others wait in their site's waiting
	 * class. NULL: all have one. Guarantees are those of all circuits in either case, so that a
	 * class that comes or goes changes no other. */
	const bool *has_class;
};

/* Whether a circuit with these numbers has a class: it shall, and there was a handle for it. */
bool shape_has_own_class(const struct shape_settings *settings, const struct assignment *numbers);

/* Makes the desired shape. Every site and circuit of the network must have an assignment (see
 * handles_assign). Rates follow rates.h (rule R at every class); guarantees that had to be halved
 * and circuits without a handle, are listed in `notes` (network_add_note; may be NULL). The caller
 * releases the shape. */
void shape_network(const struct network *network, const struct handles *handles,
		   const struct shape_settings *settings, struct shape *shape,
		   struct network *notes);
void shape_release(struct shape *shape);

/* What each circuit would have, were its class made now, whether it is there or not; the minor of
 * the class, and what follows from it, is 0 where the circuit has no handle yet. */
struct own_class {
	struct shape_row row;
	struct queue_class class[DIRECTIONS];
};
struct own_classes {
	struct own_class *list; /* sorted by slot */
	size_t count;
};

/* The caller releases them. */
void own_classes_make(const struct network *network, const struct handles *handles,
		      const struct shape_settings *settings, struct own_classes *own);
/* NULL when no circuit is at this slot. */
const struct own_class *own_classes_find(const struct own_classes *own, uint32_t slot);
void own_classes_release(struct own_classes *own);

#endif
