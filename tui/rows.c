/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/rows.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/units.h"

#define TERM_SIZE 128

/* A word of the filter: column < 0: a piece of any cell. */
struct term {
	int column;
	char comparison; /* '=', '<' or '>' */
	char text[TERM_SIZE];
	double number;
};

static int find_column(const struct table *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++)
		if (!strcasecmp(table->columns[i].name, name) ||
		    !strcasecmp(table->columns[i].title, name))
			return (int)i;
	return -1;
}

/* The number as it stands in a row: rates and counts may be written "10M", times are in ms, shares
 * in per cent. */
static bool parse_number(const struct column *column, const char *text, double *number)
{
	char *end;
	uint64_t whole;

	*number = strtod(text, &end);
	if (end == text)
		return false;
	if (*end) {
		if (!rate_parse(text, &whole, NULL))
			return false;
		*number = (double)whole;
	}
	if (column->kind == CELL_MS)
		*number *= 1000;
	if (column->kind == CELL_SHARE || column->kind == CELL_SHARE_BAR ||
	    column->kind == CELL_SHARES || column->kind == CELL_LOAD)
		*number /= 100;
	return true;
}

static void trim(const char *from, size_t length, char text[TERM_SIZE])
{
	while (length && isspace((unsigned char)*from)) {
		from++;
		length--;
	}
	while (length && isspace((unsigned char)from[length - 1]))
		length--;
	if (length > TERM_SIZE - 1)
		length = TERM_SIZE - 1;
	memcpy(text, from, length);
	text[length] = '\0';
}

static bool parse_term(const struct table *table, const char *from, size_t length,
		       struct term *term, struct error *err)
{
	char word[TERM_SIZE], name[TERM_SIZE], known[300] = "";
	size_t at;

	trim(from, length, word);
	at = strcspn(word, "=<>");
	*term = (struct term){ .column = -1 };
	copy_text(term->text, sizeof(term->text), word);
	if (!word[at])
		return true;
	term->comparison = word[at];
	trim(word, at, name);
	trim(word + at + 1, strlen(word + at + 1), term->text);
	term->column = find_column(table, name);
	for (size_t i = 0; i < table->count; i++)
		snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
			 i ? ", " : "", table->columns[i].name);
	if (term->column < 0)
		return error_set(err, ERROR_INVALID, "there is no column \"%.40s\" here; take %s",
				 name, known);
	if (parse_number(&table->columns[term->column], term->text, &term->number) ||
	    term->comparison == '=')
		return true;
	return error_set(err, ERROR_INVALID, "\"%.40s\" is no number to compare %s with",
			 term->text, name);
}

/* The next word of the filter; false at its end. */
static bool next_word(const char **filter, const char **word, size_t *length)
{
	if (!**filter)
		return false;
	*word = *filter;
	*length = strcspn(*filter, "&");
	*filter += *length;
	*filter += **filter == '&';
	return true;
}

bool rows_check_filter(const struct table *table, const char *filter, struct error *err)
{
	struct term term;
	const char *word;
	size_t length;

	while (next_word(&filter, &word, &length))
		if (!parse_term(table, word, length, &term, err))
			return false;
	return true;
}

static bool number_of(const struct column *column, const json_t *row, double *number)
{
	if (column->kind != CELL_LOAD && column->kind != CELL_SHARES)
		return row_number(row, column->field, number);
	*number = column->kind == CELL_LOAD ? row_load(row) : row_larger(row, column);
	return *number >= 0;
}

static bool shows(const struct column *column, const json_t *row, const char *text)
{
	struct cell cell;

	cell_format(column, row, (struct looks){ .utf8 = true }, &cell);
	return strcasestr(cell.text, text) != NULL;
}

static bool term_matches(const struct table *table, const struct term *term, const json_t *row)
{
	const struct column *column = &table->columns[term->column < 0 ? 0 : term->column];
	double number;

	if (term->column < 0) {
		for (size_t i = 0; i < table->count; i++)
			if (shows(&table->columns[i], row, term->text))
				return true;
		return false;
	}
	if (term->comparison == '=')
		return shows(column, row, term->text);
	if (!number_of(column, row, &number))
		return false;
	return term->comparison == '>' ? number > term->number : number < term->number;
}

static bool matches(const struct table *table, const char *filter, const json_t *row)
{
	struct term term;
	const char *word;
	size_t length;

	while (next_word(&filter, &word, &length))
		if (parse_term(table, word, length, &term, NULL) &&
		    !term_matches(table, &term, row))
			return false;
	return true;
}

/* --- order --------------------------------------------------------------------------------------- */

struct order {
	const struct column *column;
	bool reverse;
};

struct place {
	json_t *row;
	size_t index;
};

/* Rows without data come last, whichever way round. */
static int compare_rows(const struct order *order, const json_t *a, const json_t *b)
{
	double left, right;
	bool has_left = number_of(order->column, a, &left);
	bool has_right = number_of(order->column, b, &right);
	struct cell x, y;
	int result;

	if (has_left != has_right)
		return has_left ? -1 : 1;
	if (has_left) {
		result = (left > right) - (left < right);
	} else {
		cell_format(order->column, a, (struct looks){ .utf8 = true }, &x);
		cell_format(order->column, b, (struct looks){ .utf8 = true }, &y);
		result = strcasecmp(x.text, y.text);
	}
	return table_is_descending(order->column) != order->reverse ? -result : result;
}

static int compare_places(const void *left, const void *right, void *data)
{
	const struct place *a = left, *b = right;
	int result = compare_rows(data, a->row, b->row);

	return result ? result : (a->index > b->index) - (a->index < b->index);
}

json_t *rows_arrange(const struct table *table, const json_t *rows, const char *filter,
		     const char *sort, bool reverse)
{
	size_t count = json_array_size(rows), kept = 0;
	struct place *places = xcalloc(count ? count : 1, sizeof(*places));
	int column = table_sort_column(table, sort);
	json_t *arranged = json_array();

	for (size_t i = 0; i < count; i++) {
		json_t *row = json_array_get(rows, i);

		if (matches(table, filter, row))
			places[kept++] = (struct place){ row, i };
	}
	if (column >= 0) {
		struct order order = { &table->columns[column], reverse };

		qsort_r(places, kept, sizeof(*places), compare_places, &order);
	}
	for (size_t i = 0; i < kept; i++)
		json_array_append(arranged, places[i].row);
	free(places);
	return arranged;
}
