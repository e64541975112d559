/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is looked up in a large network again and again: whose prefixes are whose, what is below
 * which site, and the order of names. Made when first asked for; kept with the network until a name
 * in it changes. Nodes are numbered: first the sites by index, then the circuits (index +
 * site_count).
 */
#ifndef LQOS_MODEL_NETWORK_INDEX_H
#define LQOS_MODEL_NETWORK_INDEX_H

#include "engine/model/network.h"

struct network_index {
	/* Prefixes of circuit c: prefixes[first_prefix[c]], up to before first_prefix[c + 1]. */
	uint32_t *first_prefix, *prefixes;
	/* Nodes right below site s, or at the top (s = site_count): the same way; the sites first,
	 * each by name. */
	uint32_t *first_child, *children;
	uint32_t *circuits_below; /* by site, however deep */
	uint32_t *rank;		  /* by node: its place among the names, then ids */
	uint32_t *id_rank; /* by circuit: among the ids, numbers in them by value; NULL: not made */
};

/* Borrowed; until the network changes. */
const struct network_index *network_index_get(struct network *network);
/* The same with id_rank. */
const struct network_index *network_index_with_ids(struct network *network);

void network_index_drop(struct network *network);

#endif
