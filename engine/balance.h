/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which queue carries what: pure. Placed are the items of balance_items.h, by load: measured where
 * it is, else by plan, in proportion. Sites above all items have queue 0: they have no class, as
 * they could span queues and limit nothing.
 */
#ifndef LQOS_BALANCE_H
#define LQOS_BALANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/handles.h"
#include "engine/model/network.h"
#include "engine/node_loads.h"

#define BALANCE_MOVES_MOST 32

/* An item goes from one queue to another. */
struct balance_move {
	enum node_kind kind;
	uint32_t index; /* into the network's sites or circuits */
	uint16_t from, to;
	uint64_t load_bps;
};

/* What else than the network there is to go by; zero: nothing. */
struct balance_hints {
	const struct node_loads *loads;
	const struct balance_move *moves; /* to carry out now */
	size_t move_count;
};

/* Fills queue_of_site[site_count] and queue_of_circuit[circuit_count]. Who has a valid queue in
 * `handles` keeps it, unless a move says otherwise; the rest go heaviest first onto the least
 * loaded queue, ties by id. Deterministic. */
void balance_network(const struct network *network, const struct handles *handles,
		     const uint64_t link_bps[DIRECTIONS], uint16_t queues,
		     const struct balance_hints *hints, uint16_t *queue_of_site,
		     uint16_t *queue_of_circuit);

/* The next moves that even out what is measured, at most BALANCE_MOVES_MOST and one of a hundred
 * items. None unless, in a day of such moves, the load that stands above the queues' mean would
 * shrink by more than 3 % of all load, or the fullest queue's by more than a tenth of the mean.
 * None either while no queue carries a hundredth of the link. Only what has been where it is for
 * cooldown_ns moves. Each move lessens the sum of the squares of the queues' loads: on constant
 * load they come to an end. */
size_t balance_find_moves(const struct network *network, const struct handles *handles,
			  const uint64_t link_bps[DIRECTIONS], uint16_t queues,
			  const struct node_loads *loads, uint64_t cooldown_ns, uint64_t now_ns,
			  struct balance_move moves[BALANCE_MOVES_MOST]);

/* More than a queue carries when the link is full and all carry the same: no placement helps. */
bool balance_is_too_big(uint64_t load_bps, const uint64_t link_bps[DIRECTIONS], uint16_t queues);

#endif
