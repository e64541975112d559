/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose numbers are whose after a restart: the data path's rows say, the classes that are there
 * say what nobody may get, and what was saved fills in the rest, as after a reboot. Pure but for
 * the table of handles.
 */
#ifndef LQOS_ADOPTION_H
#define LQOS_ADOPTION_H

#include <stddef.h>

#include "engine/handles.h"
#include "engine/shape.h"

/* Fills an empty table from what the kernel has and then, where that says nothing, from
 * saved[0..count). */
void adoption_take_numbers(const struct shape *applied, const struct assignment *saved,
			   size_t count, struct handles *handles);

#endif
