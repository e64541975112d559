/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which queue carries what: pure. What is placed is the highest site whose capacity is below the
 * link's (in either direction); a circuit above all such sites is placed by itself. Sites above
 * that level have queue 0: they have no class, as they could span queues and limit nothing.
 */
#ifndef LQOS_BALANCE_H
#define LQOS_BALANCE_H

#include <stdint.h>

#include "engine/handles.h"
#include "engine/model/network.h"

/* Fills queue_of_site[site_count] and queue_of_circuit[circuit_count]. Who has a valid queue in
 * `handles` keeps it; the rest go heaviest first (sum of plans, both directions) onto the least
 * loaded queue, ties by id. Deterministic. */
void balance_network(const struct network *network, const struct handles *handles,
		     const uint64_t link_bps[DIRECTIONS], uint16_t queues, uint16_t *queue_of_site,
		     uint16_t *queue_of_circuit);

#endif
