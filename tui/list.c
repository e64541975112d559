/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/list.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "tui/rows.h"

#define FIRST_DEPTH 2 /* two levels of sites are open at first */
#define PLAIN_ROWS_MAX 500
#define PAGE_ROWS_MAX 1000 /* the engine gives no more at once */

static void set_table(struct list *list, const struct table *table)
{
	const struct table_habit *habit = &list->habits[table_name_of(table)];

	list->table = table;
	list->sort = habit->sort ? habit->sort : table->order;
	list->reverse = habit->reverse;
}

void list_init(struct list *list, const struct table *table, const struct table_habit *habits)
{
	*list = (struct list){ .habits = habits, .depth = FIRST_DEPTH, .height = 20 };
	list->toggled = json_object();
	set_table(list, table);
}

void list_show_table(struct list *list, const struct table *table)
{
	list_clear(list);
	list->filter[0] = '\0';
	set_table(list, table);
}

void list_release(struct list *list)
{
	list_clear(list);
	json_decref(list->toggled);
	list->toggled = NULL;
}

void list_clear(struct list *list)
{
	json_decref(list->all);
	json_decref(list->rows);
	json_decref(list->answered);
	json_decref(list->refused);
	free(list->key);
	list->all = list->rows = list->answered = list->refused = NULL;
	list->key = NULL;
	list->offset = list->total = list->selected = list->top = list->asked_offset = 0;
	list->taken_ns = 0;
	list->held = false;
}

static json_t *toggled_ids(const struct list *list)
{
	json_t *ids = json_array(), *value;
	const char *id;

	json_object_foreach (list->toggled, id, value)
		json_array_append_new(ids, json_string(id));
	return ids;
}

json_t *list_page_arguments(const struct list *list, long offset, long limit)
{
	json_t *arguments = json_object();

	if (list->circuit[0])
		json_object_set_new(arguments, "circuit", json_string(list->circuit));
	if (list->site[0])
		json_object_set_new(arguments, "site", json_string(list->site));
	if (list->address[0])
		json_object_set_new(arguments, "address", json_string(list->address));
	if (!list->table->paged) {
		if (!strcmp(list->table->verb, "journal"))
			json_object_set_new(arguments, "limit", json_integer(PLAIN_ROWS_MAX));
		return arguments;
	}
	json_object_set_new(arguments, "sort", json_string(list->sort));
	json_object_set_new(arguments, "reverse", json_boolean(list->reverse));
	json_object_set_new(arguments, "filter", json_string(list->filter));
	json_object_set_new(arguments, "offset", json_integer(offset));
	json_object_set_new(arguments, "limit", json_integer(limit));
	if (!strcmp(list->table->verb, "tree")) {
		json_object_set_new(arguments, "depth", json_integer(list->depth));
		json_object_set_new(arguments, "toggled", toggled_ids(list));
	}
	return arguments;
}

json_t *list_arguments(const struct list *list)
{
	long limit = 3L * list->height < PAGE_ROWS_MAX ? 3L * list->height : PAGE_ROWS_MAX;
	json_t *arguments = list_page_arguments(list, list->asked_offset, limit);

	if (list->held && list->key &&
	    (!strcmp(list->table->verb, "tree") || !strcmp(list->table->verb, "sites") ||
	     !strcmp(list->table->verb, "circuits")))
		json_object_set_new(arguments, "follow", json_string(list->key));
	return arguments;
}

const json_t *list_row(const struct list *list, long index)
{
	if (index < list->offset)
		return NULL;
	return json_array_get(list->rows, (size_t)(index - list->offset));
}

const json_t *list_selected(const struct list *list)
{
	return list_row(list, list->selected);
}

/* What a row is known by: its key, or, where the engine gives none, its number. NULL: by nothing. A
 * new text. */
static char *key_of(const json_t *row)
{
	const char *key = json_string_value(json_object_get(row, "key"));
	const json_t *id = json_object_get(row, "id");

	if (key)
		return xstrdup(key);
	if (json_is_integer(id))
		return xasprintf("%" JSON_INTEGER_FORMAT, json_integer_value(id));
	return NULL;
}

static void set_key(struct list *list, char *key_take)
{
	free(list->key);
	list->key = key_take;
}

static bool find_key(const struct list *list, long *index)
{
	json_t *row;
	size_t i;

	if (!list->key || !list->held)
		return false;
	json_array_foreach (list->rows, i, row) {
		char *key = key_of(row);
		bool here = key && !strcmp(key, list->key);

		free(key);
		if (here) {
			*index = list->offset + (long)i;
			return true;
		}
	}
	return false;
}

/* Brings selection and top within the table and the selection onto the screen; asks for other rows
 * once those on screen come near the edge of those at hand. */
static void settle(struct list *list)
{
	long margin = list->height / 2, end;

	if (list->selected > list->total - 1)
		list->selected = list->total - 1;
	if (list->selected < 0)
		list->selected = 0;
	if (list->top > list->selected)
		list->top = list->selected;
	if (list->top < list->selected - list->height + 1)
		list->top = list->selected - list->height + 1;
	if (list->top > list->total - list->height)
		list->top = list->total - list->height;
	if (list->top < 0)
		list->top = 0;

	end = list->asked_offset + 3L * list->height;
	if ((list->asked_offset > 0 && list->top < list->asked_offset + margin) ||
	    (end < list->total && list->top + list->height > end - margin)) {
		list->asked_offset = list->top - list->height;
		if (list->asked_offset < 0)
			list->asked_offset = 0;
	}
}

/* An index or a count from outside. */
static long bounded(const json_t *number)
{
	json_int_t value = json_integer_value(number);

	return value < 0 ? 0 : value > 1000000000 ? 1000000000 : (long)value;
}

static void take_whole(struct list *list, json_t *rows)
{
	json_t *arranged = rows_arrange(list->table, rows, list->filter, list->sort, list->reverse);

	json_incref(rows);
	json_decref(list->all);
	list->all = rows;
	json_decref(list->rows);
	list->rows = arranged;
	list->offset = 0;
	list->total = (long)json_array_size(arranged);
}

void list_arrange(struct list *list)
{
	if (list->table->paged || !list->all)
		return;
	take_whole(list, list->all);
	find_key(list, &list->selected);
	settle(list);
}

void list_take(struct list *list, const json_t *result, uint64_t now_ns, bool current)
{
	json_t *rows = json_object_get(result, "rows");
	const json_t *total = json_object_get(result, "total");
	const json_t *selected = json_object_get(result, "selected");

	if (!json_is_array(rows))
		return;
	if (list->table->paged) {
		json_decref(list->rows);
		list->rows = json_incref(rows);
		list->offset = bounded(json_object_get(result, "offset"));
		list->total = json_is_integer(total) ? bounded(total)
						     : list->offset + (long)json_array_size(rows);
	} else {
		take_whole(list, rows);
	}
	list->taken_ns = now_ns;
	if (!find_key(list, &list->selected)) {
		if (current && list->held && json_is_integer(selected))
			list->selected = bounded(selected);
		else if (current || !list->held)
			set_key(list, NULL);
	}
	settle(list);
	if (!list->key)
		set_key(list, key_of(list_selected(list)));
}

/* All that decides which rows there are and in which order, without which of them are sent. */
static json_t *without_page(const json_t *arguments)
{
	json_t *copy = json_copy((json_t *)arguments);

	json_object_del(copy, "offset");
	json_object_del(copy, "limit");
	json_object_del(copy, "follow");
	return copy;
}

void list_note_answer(struct list *list, const json_t *arguments)
{
	json_decref(list->answered);
	json_decref(list->refused);
	list->answered = without_page(arguments);
	list->refused = NULL;
}

void list_note_refusal(struct list *list, const json_t *arguments)
{
	json_decref(list->refused);
	list->refused = without_page(arguments);
}

/* Whether these are the arguments, but for the page, of what the list asks for now. */
static bool is_wanted(const struct list *list, const json_t *arguments)
{
	json_t *now = list_page_arguments(list, 0, 0), *wanted = without_page(now);
	bool same = json_equal(arguments, wanted);

	json_decref(wanted);
	json_decref(now);
	return same;
}

bool list_is_answered(const struct list *list)
{
	return list->rows && list->answered && is_wanted(list, list->answered);
}

bool list_is_refused(const struct list *list)
{
	return list->refused && is_wanted(list, list->refused);
}

bool list_is_settled(const struct list *list)
{
	char *key;
	bool settled;

	if (!list->total)
		return true;
	if (!list_selected(list))
		return false;
	if (!list->held || !list->key)
		return true;
	key = key_of(list_selected(list));
	settled = !key || !strcmp(key, list->key);
	free(key);
	return settled;
}

void list_set_height(struct list *list, int height)
{
	list->height = height > 0 ? height : 1;
	settle(list);
}

void list_move_to(struct list *list, long index)
{
	list->selected = index;
	settle(list);
	list->held = list->selected > 0;
	set_key(list, key_of(list_selected(list)));
}

void list_follow(struct list *list, const char *key)
{
	list->held = true;
	set_key(list, xstrdup(key));
	find_key(list, &list->selected);
	settle(list);
}

void list_sort_step(struct list *list, int step)
{
	int count = (int)list->table->count;
	int at = table_sort_column(list->table, list->sort);

	if (at < 0)
		at = step > 0 ? -1 : 0;
	for (int i = 0; i < count; i++) {
		at = (at + step + count) % count;
		if (list->table->columns[at].rank != RANK_HIDDEN &&
		    table_order(list->table, (size_t)at)) {
			list->sort = table_order(list->table, (size_t)at);
			list->reverse = false;
			list_arrange(list);
			return;
		}
	}
}

void list_sort_by(struct list *list, size_t column)
{
	const char *order = column < list->table->count ? table_order(list->table, column) : NULL;

	if (!order)
		return;
	list->reverse = table_sort_column(list->table, list->sort) == (int)column && !list->reverse;
	list->sort = order;
	list_arrange(list);
}

void list_toggle_site(struct list *list, const char *id)
{
	if (json_object_get(list->toggled, id))
		json_object_del(list->toggled, id);
	else
		json_object_set_new(list->toggled, id, json_true());
}

void list_reveal(struct list *list, const json_t *path)
{
	json_t *site;
	size_t i;

	json_array_foreach (path, i, site) {
		const char *id = json_string_value(json_object_get(site, "id"));
		bool open = list->depth < 0 || (long)i < list->depth;

		if (id && open == (json_object_get(list->toggled, id) != NULL))
			list_toggle_site(list, id);
	}
}

void list_fold_all(struct list *list, bool open)
{
	json_object_clear(list->toggled);
	list->depth = open ? -1 : 0;
}
