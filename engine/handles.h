/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who has which numbers: the table of assignments. Filled from state.db and from what the kernel
 * has (the kernel wins), then asked for new numbers as the network grows. Numbers of a node that
 * went stay reserved until they are released, when nothing in the kernel bears them any more.
 * A circuit has a handle only while it has, or shall get, a class of its own: there can be more
 * circuits than handles.
 */
#ifndef LQOS_HANDLES_H
#define LQOS_HANDLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/error.h"
#include "engine/model/assignment.h"
#include "engine/model/network.h"

struct handles;

struct handles *handles_new(uint32_t slots_max);
void handles_free(struct handles *handles);
/* Before anybody has numbers: both directions share an interface, so each has half of its
 * handles. */
void handles_share(struct handles *handles);

/* The same table once more, for trying something out; a new one. */
struct handles *handles_copy(const struct handles *handles);
/* Exchanges what two tables hold. */
void handles_swap(struct handles *left, struct handles *right);

/* Handles that no circuit gets: they are left for new sites. */
#define HANDLES_FOR_SITES 1024

/* Takes an assignment as it is; a circuit's may be without a handle. One with the same owner is
 * replaced (numbers that differ are then reserved); if another owner holds the slot or a handle, or
 * it is reserved or out of range, false is returned and nothing changes. */
bool handles_put(struct handles *handles, const struct assignment *assignment);
/* Nobody gets this number until it is released: something in the kernel bears it. One in force
 * stays its node's; one out of range is nobody's anyway. */
void handles_reserve(struct handles *handles, uint16_t handle);
void handles_reserve_slot(struct handles *handles, uint32_t slot);

/* NULL when there is none. */
const struct assignment *handles_find(const struct handles *handles, enum node_kind kind,
				      const char *id);
const struct assignment *handles_find_slot(const struct handles *handles, uint32_t slot);

/* Gives every site and circuit of the network its slot and queue, and sites their handles: kept
 * where it has them, else the lowest free ones; queues as `queue_of_site` / `queue_of_circuit`
 * (arrays in the network's order, from balance) say. In another queue a site gets new handles and a
 * circuit has none; the slot stays, the old handles stay reserved. One that had no queue has no
 * class yet and keeps its handles. All or nothing: false when slots, or handles for sites, run out,
 * in words. */
bool handles_assign(struct handles *handles, const struct network *network,
		    const uint16_t *queue_of_site, const uint16_t *queue_of_circuit,
		    struct error *err);

/* Gives the circuit at this slot a handle, if it has none. False when none is left for circuits. */
bool handles_give(struct handles *handles, uint32_t slot);
/* The same for all circuits that shall have a class (by slot; NULL: all), as far as there are
 * any. */
void handles_give_all(struct handles *handles, const bool *has_class);
/* Takes back handles that nothing bears (`is_borne` by handle says): reserved ones, and those of
 * circuits that shall have no class. */
void handles_take_back(struct handles *handles, const bool *is_borne, const bool *has_class);

/* Gives a node new handles within its queue, as when its class needs another parent (the kernel
 * does not re-parent) or another kind of leaf: see renumber.h. Slot and queue stay, the old handles
 * stay reserved. A circuit goes without when none is left; for a site there have to be two. */
void handles_renew(struct handles *handles, enum node_kind kind, const char *id);
/* How many handles can still be given out. */
size_t handles_free_count(const struct handles *handles);

/* Forgets nodes that are not in the network; their numbers are reserved until released. */
void handles_retire_missing(struct handles *handles, const struct network *network);
/* A number is free again: apply saw its class gone (handle) or its row cleared (slot). Numbers of a
 * node that is there are left alone. */
void handles_release_handle(struct handles *handles, uint16_t handle);
void handles_release_slot(struct handles *handles, uint32_t slot);
bool handles_is_reserved(const struct handles *handles, uint16_t handle);
bool handles_is_reserved_slot(const struct handles *handles, uint32_t slot);

/* All assignments in force, sorted by slot. Valid until the table is changed. */
const struct assignment *handles_list(const struct handles *handles, size_t *count);

#endif
