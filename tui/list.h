/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a table screen knows: which rows it asks for, those that came, and the row that is
 * selected. The engine sorts, filters and pages; the selection follows its row wherever that moves.
 * Pure: no socket, no terminal.
 */
#ifndef LQOS_TUI_LIST_H
#define LQOS_TUI_LIST_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/model/network.h"
#include "tui/table.h"

struct list {
	const struct table *table;
	const struct table_habit *habits; /* of all tables */
	const char *sort;		  /* what the order is called; NULL: the engine's own */
	bool reverse;
	char filter[200];
	char circuit[NODE_ID_SIZE]; /* of this circuit alone; "": all */
	char site[NODE_ID_SIZE];    /* below this site alone; "": all */
	char address[64];	    /* about this address */
	int depth;		    /* sites above this depth are open; -1: all */
	json_t *toggled;	    /* ids of sites that are the other way round */

	json_t *answered; /* the arguments, but for the page, that the rows answer; NULL: not known */
	json_t *refused;    /* those that the engine refused last; NULL: none since it answered */
	json_t *all;	    /* of a table that comes whole, as they came */
	json_t *rows;	    /* those to be shown; NULL: none came yet */
	long offset, total; /* index of the first of the rows; rows in all */
	uint64_t taken_ns;  /* when they came, 0: never */
	long asked_offset;  /* the first row asked for */

	bool held;	    /* the selection follows its row; otherwise it stays at the top */
	char *key;	    /* of the selected row, NULL: not known yet */
	long selected, top; /* indices in the whole table: selection, first row on screen */
	int height;	    /* rows on screen */
};

/* habits: of all tables, borrowed. */
void list_init(struct list *list, const struct table *table, const struct table_habit *habits);
void list_release(struct list *list);
/* Another table of the same circuit, site or address. */
void list_show_table(struct list *list, const struct table *table);
/* Forgets rows and selection, e.g. for another circuit's flows. */
void list_clear(struct list *list);

/* The arguments of the verb for the rows now wanted. A new reference. */
json_t *list_arguments(const struct list *list);
/* The same for a page of the whole table, as batch mode reads it. */
json_t *list_page_arguments(const struct list *list, long offset, long limit);

/* Takes a result. current: it answers the arguments as they are now, so a selected row that is not
 * among the rows is gone. */
void list_take(struct list *list, const json_t *result, uint64_t now_ns, bool current);

/* The rows just taken answer a request with these arguments. */
void list_note_answer(struct list *list, const json_t *arguments);
/* Whether the rows at hand are those of the present filter, order, folding and scope. */
bool list_is_answered(const struct list *list);
/* The engine refused a request with these arguments. */
void list_note_refusal(struct list *list, const json_t *arguments);
/* Whether it is the present filter, order, folding and scope that it refused. */
bool list_is_refused(const struct list *list);
/* Whether the selected row is at hand, or there is none to select. */
bool list_is_settled(const struct list *list);

/* After another filter or order: puts a table that came whole in shape again. */
void list_arrange(struct list *list);

void list_set_height(struct list *list, int height);
void list_move_to(struct list *list, long index);
/* Selects the row of this key as soon as the engine shows where it is. */
void list_follow(struct list *list, const char *key);

/* NULL when it has not come. */
const json_t *list_row(const struct list *list, long index);
const json_t *list_selected(const struct list *list);

/* Changes the order to the next (step 1) or previous (-1) column that has one. */
void list_sort_step(struct list *list, int step);

/* Changes the order to this column, or turns it round where it is that already. */
void list_sort_by(struct list *list, size_t column);

/* Folding of the tree. */
void list_toggle_site(struct list *list, const char *id);
/* Opens these sites, the outermost first. */
void list_reveal(struct list *list, const json_t *path);
void list_fold_all(struct list *list, bool open);

#endif
