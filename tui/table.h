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

#include "engine/base/error.h"
#include "tui/canvas.h"
#include "tui/cell.h"

enum table_name {
	TABLE_TREE,
	TABLE_SITES,
	TABLE_CIRCUITS,
	TABLE_FLOWS,
	TABLE_RTT,
	TABLE_QUEUES,
	TABLE_UNKNOWN,
	TABLE_JOURNAL,
	TABLE_PROBLEMS,
	TABLE_STATUS,
	TABLE_CAPTURES,
	TABLE_DEVICES, /* from here on: of a circuit */
	TABLE_HISTOGRAM,
	TABLE_SAMPLES,
	TABLE_LEAF,
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
	const char *order; /* what it is sorted by at first; NULL: as the engine gives it */
	bool scoped;	   /* it is of a circuit (or an address), which has to be named */
	const char *empty; /* what a table without rows says */
	/* Makes rows of a result that has none; NULL: it has. A new reference. */
	json_t *(*make_rows)(const json_t *result);
};

#define TABLE_COLUMNS_MAX 20

/* Columns as the operator wants them, from left to right. */
struct column_choice {
	size_t count; /* 0: the table's own */
	uint8_t index[TABLE_COLUMNS_MAX];
};

/* How a table is shown unless one asks for something else. */
struct table_habit {
	const char *sort; /* NULL: the table's own */
	bool reverse;
	struct column_choice columns;
};

struct layout {
	size_t count;
	uint8_t order[TABLE_COLUMNS_MAX]; /* from left to right */
	int width[TABLE_COLUMNS_MAX];	  /* by column; -1: left out */
};

const struct table *table_get(enum table_name name);
/* NULL when there is none of this name. */
const struct table *table_find(const char *name);
enum table_name table_name_of(const struct table *table);
/* "tree, circuits, ..." */
void table_names(char *text, size_t size);

/* What the order by this column is called; NULL when there is none. */
const char *table_order(const struct table *table, size_t column);
/* The column whose order is called so; -1 if none. */
int table_sort_column(const struct table *table, const char *sort);
/* Numbers and times begin with the largest, texts with A. */
bool table_is_descending(const struct column *column);

/* Reads "name download rtt", blanks or commas between; the refusal names the columns there are. */
bool table_choose(const struct table *table, const char *text, struct column_choice *choice,
		  struct error *err);
/* Reads "download", or "-download" for the reverse. */
bool table_parse_order(const struct table *table, const char *text, const char **sort,
		       bool *reverse, struct error *err);

/* Shares the width among the columns; the least important are left out, and so is the column of the
 * field `without` (NULL: none). */
void table_layout(const struct table *table, const struct column_choice *choice, int width,
		  const char *without, struct layout *layout);
/* Widths for these rows in full, all columns shown. Returns the whole width. */
int table_layout_natural(const struct table *table, const struct column_choice *choice,
			 const json_t *rows, struct looks looks, struct layout *layout);

/* sorted: index of the sorted column or -1. */
void table_draw_heading(struct canvas *canvas, int y, const struct table *table,
			const struct layout *layout, int sorted, bool reverse);
/* stale: numbers that are no longer current; they are drawn so. */
void table_draw_row(struct canvas *canvas, int y, const struct table *table,
		    const struct layout *layout, const json_t *row, bool stale);

/* status as rows of "name" and "value". A new reference. */
json_t *status_rows(const json_t *status);
/* Likewise of what a circuit's leaves have counted. */
json_t *leaf_rows(const json_t *leaf);

#endif
