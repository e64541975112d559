/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables: which columns there are, how they share the width, and how a row is drawn. The screens
 * and batch mode draw the same ones.
 */
#ifndef LQOS_TUI_TABLE_H
#define LQOS_TUI_TABLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "tui/canvas.h"
#include "tui/cell.h"

enum table_name {
	TABLE_TREE,
	TABLE_CIRCUITS,
	TABLE_FLOWS,
	TABLE_RTT,
	TABLE_QUEUES,
	TABLE_UNKNOWN,
	TABLE_JOURNAL,
	TABLE_PROBLEMS,
	TABLE_STATUS,
	TABLE_DEVICES, /* from here on: of a circuit */
	TABLE_HISTOGRAM,
	TABLE_WHY, /* or of an address */
	TABLES,
};

struct table {
	const char *name; /* as -t takes it */
	const char *verb; /* what gives its rows */
	bool live;	  /* a subscription; otherwise asked for now and then */
	bool paged;	  /* sorted, filtered and cut to a page by the engine */
	const struct column *columns;
	size_t count;
	bool scoped;	   /* it is of a circuit (or an address), which has to be named */
	const char *empty; /* what a table without rows says */
};

#define TABLE_COLUMNS_MAX 20

struct layout {
	int width[TABLE_COLUMNS_MAX]; /* -1: left out */
};

const struct table *table_get(enum table_name name);
/* NULL when there is none of this name. */
const struct table *table_find(const char *name);

/* The column whose order the engine calls so; -1 if none. */
int table_sort_column(const struct table *table, const char *sort);

/* Shares the width among the columns; the least important are left out, and so is the column of the
 * field `without` (NULL: none). */
void table_layout(const struct table *table, int width, const char *without, struct layout *layout);
/* Widths for these rows in full, all columns shown. Returns the whole width. */
int table_layout_natural(const struct table *table, const json_t *rows, bool utf8,
			 struct layout *layout);

/* sorted: index of the sorted column or -1. */
void table_draw_heading(struct canvas *canvas, int y, const struct table *table,
			const struct layout *layout, int sorted, bool reverse);
/* stale: numbers that are no longer current; they are drawn so. */
void table_draw_row(struct canvas *canvas, int y, const struct table *table,
		    const struct layout *layout, const json_t *row, bool stale);

/* status as rows of "name" and "value". A new reference. */
json_t *status_rows(const json_t *status);

#endif
