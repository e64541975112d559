/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who has which numbers: the table of assignments. Filled from state.db and from what the kernel
 * has (the kernel wins), then asked for new numbers as the network grows. Numbers of a node that
 * went stay reserved until handles_release, which apply calls when its classes are gone.
 */
#ifndef LQOS_HANDLES_H
#define LQOS_HANDLES_H

#include "engine/base/error.h"
#include "engine/model/assignment.h"
#include "engine/model/network.h"

struct handles;

struct handles *handles_new(uint32_t slots_max);
void handles_free(struct handles *handles);

/* Takes an assignment as it is. One with the same owner is replaced; if another owner holds the
 * slot or a handle, false is returned and nothing changes. */
bool handles_put(struct handles *handles, const struct assignment *assignment);

/* NULL when there is none. */
const struct assignment *handles_find(const struct handles *handles, enum node_kind kind,
				      const char *id);
const struct assignment *handles_find_slot(const struct handles *handles, uint32_t slot);

/* Gives every site and circuit of the network its numbers: kept where it has them, else the lowest
 * free ones; queues as `queue_of_site` / `queue_of_circuit` (arrays in the network's order, from
 * balance) say. A node whose queue changed gets new handles, its slot stays; its old handles stay
 * reserved. All or nothing: false when slots or handles run out (65,000 handles), in words. */
bool handles_assign(struct handles *handles, const struct network *network,
		    const uint16_t *queue_of_site, const uint16_t *queue_of_circuit,
		    struct error *err);

/* Forgets nodes that are not in the network; their numbers are reserved until released. */
void handles_retire_missing(struct handles *handles, const struct network *network);
/* A number is free again: apply saw its class gone (handle) or its row cleared (slot). */
void handles_release_handle(struct handles *handles, uint16_t handle);
void handles_release_slot(struct handles *handles, uint32_t slot);

/* All assignments in force, sorted by slot. Valid until the table is changed. */
const struct assignment *handles_list(const struct handles *handles, size_t *count);

#endif
