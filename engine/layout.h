/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where each site and circuit hangs in the queue trees, before any rates: pure. Shared by shape,
 * which makes classes of it, and by renumber, which looks for what would hang elsewhere.
 */
#ifndef LQOS_LAYOUT_H
#define LQOS_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/base/direction.h"
#include "engine/handles.h"
#include "engine/model/network.h"
#include "engine/shape.h"

/* HTB takes 8 levels of classes: the link's, a leaf's, and this many sites' in between. */
#define LAYOUT_SITE_LEVELS 6

struct layout_site {
	const struct assignment *numbers;
	uint32_t parent; /* the site whose class is the parent; NETWORK_NONE: the link */
	uint32_t level;	 /* of its class: 1 right below the link; 0 without a class */
	bool flattened;	 /* it hangs higher than it stands in the network */
	uint64_t ceil_bps[DIRECTIONS]; /* its own capacity or an ancestor's, whichever is less */
};

struct layout_circuit {
	const struct assignment *numbers;
	uint32_t parent;  /* as above */
	struct leaf leaf; /* what its circuit says of it, and the kind in any case */
};

struct layout {
	struct layout_site *sites; /* in the network's order */
	struct layout_circuit *circuits;
};

/* Every site and circuit must have its numbers. They are borrowed from `handles`: valid until a
 * node is retired. The caller releases the layout. */
void layout_make(const struct network *network, const struct handles *handles,
		 const struct shape_settings *settings, struct layout *layout);
void layout_release(struct layout *layout);

/* The minor of a parent's class. */
uint16_t layout_parent_minor(const struct layout *layout, uint32_t parent);
/* The level of a class below that parent. */
uint32_t layout_level_below(const struct layout *layout, uint32_t parent);

#endif
