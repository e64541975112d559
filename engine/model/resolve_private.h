/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files that resolve a network share. */
#ifndef LQOS_MODEL_RESOLVE_PRIVATE_H
#define LQOS_MODEL_RESOLVE_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/model/network.h"

struct resolution {
	const struct network *rows, *last;
	struct network *out;
	uint32_t *site_order;  /* rows' sites sorted by id */
	bool *prefixes_faulty; /* by circuit of out */
};

void resolve_add_problem(struct resolution *r, const char *kind, const char *id, const char *reason,
			 const char *in_force);
/* A device of what is resolved so far, by its id; NETWORK_NONE when there is none. */
uint32_t resolve_find_device(const struct network *network, const char *id);
/* A circuit as it was last good; NULL when it is new. */
const struct circuit *resolve_find_last(const struct resolution *r, const char *id);

/* Gives the prefixes of sites, circuits and devices already resolved. */
void resolve_prefixes(struct resolution *r);

#endif
