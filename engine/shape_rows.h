/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of a shape that the data path gets: what each slot is, and whose each prefix is.
 * Pure. */
#ifndef LQOS_SHAPE_ROWS_H
#define LQOS_SHAPE_ROWS_H

#include "engine/layout.h"
#include "engine/shape.h"

void shape_make_rows(const struct network *network, const struct layout *layout,
		     const struct shape_settings *settings, struct shape *shape);
void shape_make_prefixes(const struct network *network, const struct layout *layout,
			 struct shape *shape);

/* The row of a circuit that has its own class. */
struct shape_row shape_own_row(const struct network *network, const struct layout *layout,
			       const struct shape_settings *settings, uint32_t circuit);

#endif
