/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is placed on a queue as a whole: the highest sites whose capacity is below the link's (in
 * either direction), each with all below it, and every circuit above all such sites. Pure; used by
 * balance, which places, and by node_loads, which measures.
 */
#ifndef LQOS_BALANCE_ITEMS_H
#define LQOS_BALANCE_ITEMS_H

#include <stddef.h>
#include <stdint.h>

#include "engine/handles.h"
#include "engine/model/network.h"

struct balance_item {
	enum node_kind kind;
	uint32_t index; /* into the network's sites or circuits */
	const char *id;
	const struct assignment *numbers; /* NULL: it has none yet */
	uint64_t plan_bps;		  /* the plans of its circuits, both directions */
};

struct balance_items {
	struct balance_item *list; /* sites first, each kind in the network's order */
	size_t count;
	/* The item that a site or circuit is placed with; NETWORK_NONE: a site above all items. */
	uint32_t *of_site, *of_circuit;
};

/* Texts and numbers are borrowed. The caller releases the items. */
void balance_items_find(const struct network *network, const struct handles *handles,
			const uint64_t link_bps[DIRECTIONS], struct balance_items *items);
void balance_items_release(struct balance_items *items);

#endif
