/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel neither re-parents a class nor swaps the kind of a leaf that carries traffic. A node
 * that would need either gets new handles: its new class is made beside the old one, the slot
 * points at it, the old one goes when it is empty. Pure but for the table of handles.
 *
 * At the start, once the numbers found in the kernel are put: renumber_reserve_found. The order of
 * the steps of a change: see numbering.h.
 */
#ifndef LQOS_RENUMBER_H
#define LQOS_RENUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/error.h"
#include "engine/handles.h"
#include "engine/model/network.h"
#include "engine/shape.h"

/* Renews the handles of every site and circuit whose class stands in `applied` with another parent
 * or leaf than it shall have; a site takes all below it along. *moved counts them (may be NULL).
 * All or nothing: false, in words, when the handles don't suffice for the sites. A circuit for
 * which there is none goes without. */
bool renumber_moved(const struct network *network, const struct shape_settings *settings,
		    const struct shape *applied, struct handles *handles, size_t *moved,
		    struct error *err);

/* Reserves the minors and slots of everything in `applied` that no node in force holds, so that
 * nobody gets a number that the kernel still has in use. */
void renumber_reserve_found(const struct shape *applied, struct handles *handles);

/* Frees the handles that nothing in `applied` bears: of nodes that went, and of circuits that shall
 * have no class (by slot; NULL: all have). */
void renumber_take_back(const struct shape *applied, const bool *has_class,
			struct handles *handles);

/* The queue in which a class of this minor stands, in either direction; 0 when there is none. For
 * a row that was claimed, and its class made, but that never got to say where. */
uint16_t renumber_find_queue(const struct shape *applied, uint16_t minor);

#endif
