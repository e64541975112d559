/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables that come whole, such as the queues or the journal, are filtered and sorted here, in the
 * manner of the engine: words joined by "&", each a piece of what a cell shows, or a comparison of a
 * column. Pure.
 */
#ifndef LQOS_TUI_ROWS_H
#define LQOS_TUI_ROWS_H

#include <jansson.h>

#include "engine/base/error.h"
#include "tui/table.h"

/* Whether the filter can be understood; the refusal names the columns there are. */
bool rows_check_filter(const struct table *table, const char *filter, struct error *err);

/* Those of the rows that match, sorted. sort: a column's name, NULL: as they are. A new reference. */
json_t *rows_arrange(const struct table *table, const json_t *rows, const char *filter,
		     const char *sort, bool reverse);

#endif
