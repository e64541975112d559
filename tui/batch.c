/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Batch mode: the tables of the screens as text, or their rows as JSON, tick by tick. */
#include "tui/run.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/base/clock.h"
#include "engine/base/memory.h"
#include "engine/base/prefix.h"
#include "tui/cell.h"
#include "tui/client.h"
#include "tui/list.h"
#include "tui/rows.h"
#include "tui/text.h"

#define PAGE_ROWS 1000
#define PATIENCE_NS (10 * NS_PER_SECOND)
#define DRAWN_ROWS 256 /* drawn at once */

struct batch {
	const struct options *options;
	struct client *client;
	json_int_t request; /* waited for */
	json_t *reply;
};

static void on_message(void *data, const json_t *message)
{
	struct batch *batch = data;
	const json_t *id = json_object_get(message, "id");

	if (!json_is_integer(id) || json_integer_value(id) != batch->request)
		return;
	json_decref(batch->reply);
	batch->reply = json_incref((json_t *)message);
}

static void on_nothing(void *data)
{
}

static bool poll_client(struct client *client, uint64_t until_ns)
{
	uint64_t now_ns = clock_now_ns();
	struct pollfd fd = { .fd = client_fd(client), .events = client_events(client) };
	int timeout_ms = until_ns > now_ns ? (int)((until_ns - now_ns) / NS_PER_MS) + 1 : 0;

	if (poll(&fd, 1, timeout_ms) < 0 && errno != EINTR)
		return false;
	client_run(client, clock_now_ns());
	return client_is_connected(client) && clock_now_ns() < until_ns;
}

/* The verb's result, a new reference. Waits for it: nobody watches this screen. */
static json_t *ask(struct batch *batch, const char *verb, json_t *arguments_take, struct error *err)
{
	uint64_t until_ns = clock_now_ns() + PATIENCE_NS;
	json_t *result = NULL;

	batch->request = client_request(batch->client, verb, arguments_take);
	while (!batch->reply && poll_client(batch->client, until_ns))
		;
	if (!batch->reply && client_trouble(batch->client))
		error_set(err, ERROR_SYSTEM, "%s", client_trouble(batch->client));
	else if (!batch->reply)
		error_set(err, ERROR_SYSTEM, "%s: the engine did not answer within 10 seconds",
			  client_path(batch->client));
	else if (!json_is_true(json_object_get(batch->reply, "ok")))
		error_set(err, ERROR_INVALID, "%s",
			  row_text(json_object_get(batch->reply, "error"), "message")
				  ? row_text(json_object_get(batch->reply, "error"), "message")
				  : "the engine refused without saying why");
	else
		result = json_incref(json_object_get(batch->reply, "result"));
	json_decref(batch->reply);
	batch->reply = NULL;
	return result;
}

/* All rows of the table, page by page, in the first page's result. */
static json_t *read_table(struct batch *batch, const struct list *list, struct error *err)
{
	const char *verb = list->table->verb;
	json_t *whole = ask(batch, verb, list_page_arguments(list, 0, PAGE_ROWS), err), *rows;
	size_t total;

	if (!whole)
		return NULL;
	if (list->table->make_rows)
		return whole;
	rows = json_object_get(whole, "rows");
	total = (size_t)json_integer_value(json_object_get(whole, "total"));
	while (list->table->paged && json_array_size(rows) < total) {
		size_t had = json_array_size(rows);
		json_t *page =
			ask(batch, verb, list_page_arguments(list, (long)had, PAGE_ROWS), err);

		if (!page) {
			json_decref(whole);
			return NULL;
		}
		json_array_extend(rows, json_object_get(page, "rows"));
		json_decref(page);
		if (json_array_size(rows) == had)
			break; /* it has become shorter meanwhile */
	}
	return whole;
}

static void print_text(const struct list *list, const json_t *rows, struct looks looks)
{
	const struct column_choice *choice = &list->habits[table_name_of(list->table)].columns;
	struct layout layout;
	int columns = table_layout_natural(list->table, choice, rows, looks, &layout);
	struct canvas *canvas = canvas_new(1, columns, looks.utf8);
	size_t count = json_array_size(rows);

	canvas->looks = looks;

	table_draw_heading(canvas, 0, list->table, &layout,
			   table_sort_column(list->table, list->sort), list->reverse);
	canvas_print(canvas, stdout);
	for (size_t from = 0; from < count; from += DRAWN_ROWS) {
		size_t some = count - from < DRAWN_ROWS ? count - from : DRAWN_ROWS;

		canvas_resize(canvas, (int)some, columns);
		for (size_t i = 0; i < some; i++)
			table_draw_row(canvas, (int)i, list->table, &layout,
				       json_array_get(rows, from + i), false);
		canvas_print(canvas, stdout);
	}
	canvas_free(canvas);
}

/* "1042 Miller: download 48.1M, rtt 24": in words, nothing but what is known. */
static void print_words(const struct list *list, const json_t *row, struct looks looks)
{
	const struct column_choice *choice = &list->habits[table_name_of(list->table)].columns;
	size_t count = choice->count ? choice->count : list->table->count;
	double level;

	for (size_t n = 0; n < count; n++) {
		size_t i = choice->count ? choice->index[n] : n;
		const struct column *column = &list->table->columns[i];
		struct canvas *canvas;
		struct cell cell;

		if (!choice->count && column->rank == RANK_HIDDEN)
			continue;
		cell_format(column, row, looks, &cell);
		if (n && !strcmp(cell.text, "-"))
			continue;
		canvas = canvas_new(1, text_width(cell.text, looks.utf8) + 1, looks.utf8);
		canvas_text(canvas, 0, 0, canvas->columns, ROLE_NORMAL,
			    cell.text + strspn(cell.text, " "));
		printf(n == 0 ? "" : n == 1 ? ": %s " : ", %s ", column->name);
		canvas_print_row(canvas, 0, stdout);
		canvas_free(canvas);
	}
	if (row_number(row, "depth", &level))
		printf(", level %.0f", level + 1);
	putchar('\n');
}

/* Of a row, what the chosen columns show, and by what it is known. */
static json_t *narrow(const struct table *table, const struct column_choice *choice,
		      const json_t *row)
{
	json_t *narrowed = json_object();
	const char *field;
	json_t *value;

	json_object_foreach ((json_t *)row, field, value) {
		bool wanted = !strcmp(field, "key");

		for (size_t n = 0; n < choice->count; n++) {
			const struct column *column = &table->columns[choice->index[n]];

			wanted |= column->field && !strcmp(column->field, field);
			wanted |= column->second && !strcmp(column->second, field);
		}
		if (wanted)
			json_object_set(narrowed, field, value);
	}
	return narrowed;
}

static json_t *narrow_all(const struct list *list, json_t *rows_take)
{
	const struct column_choice *choice = &list->habits[table_name_of(list->table)].columns;
	json_t *narrowed, *row;
	size_t i;

	if (!choice->count)
		return rows_take;
	narrowed = json_array();
	json_array_foreach (rows_take, i, row)
		json_array_append_new(narrowed, narrow(list->table, choice, row));
	json_decref(rows_take);
	return narrowed;
}

static void print_json(const struct list *list, json_t *result, json_t *rows_take)
{
	json_t *document = json_pack("{s:i, s:s}", "version", 1, "table", list->table->name);

	if (list->table->make_rows)
		json_object_set(document, list->table->verb, result);
	else
		json_object_update(document, result);
	json_object_set_new(document, "rows", narrow_all(list, rows_take));
	json_object_del(document, "selected");
	json_object_del(document, "offset");
	json_dumpf(document, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(document);
}

/* The rows as they are to be printed; those that come whole are filtered and sorted here. */
static json_t *rows_of(const struct list *list, const json_t *result)
{
	json_t *rows, *arranged;

	if (list->table->paged)
		return json_incref(json_object_get(result, "rows"));
	rows = list->table->make_rows ? list->table->make_rows(result)
				      : json_incref(json_object_get(result, "rows"));
	arranged = rows_arrange(list->table, rows, list->filter, list->sort, list->reverse);
	json_decref(rows);
	return arranged;
}

static void print_rows(const struct batch *batch, const struct list *list, const json_t *rows)
{
	struct looks looks = { .utf8 = run_is_utf8(batch->options),
			       .units = batch->options->settings->units,
			       .plain = batch->options->plain };
	json_t *row;
	size_t i;

	if (!looks.plain) {
		print_text(list, rows, looks);
		return;
	}
	json_array_foreach (rows, i, row)
		print_words(list, row, looks);
	if (!json_array_size(rows))
		puts(list->table->empty);
}

static bool tick(struct batch *batch, const struct list *list, bool first, struct error *err)
{
	json_t *result = read_table(batch, list, err), *rows;

	if (!result)
		return false;
	rows = rows_of(list, result);
	if (batch->options->json) {
		print_json(list, result, rows);
	} else {
		if (!first)
			putchar('\n');
		print_rows(batch, list, rows);
		json_decref(rows);
	}
	json_decref(result);
	if (fflush(stdout))
		return error_set_errno(err, errno, "standard output");
	return true;
}

static void sleep_until(uint64_t until_ns)
{
	struct timespec until = { .tv_sec = (time_t)(until_ns / NS_PER_SECOND),
				  .tv_nsec = (long)(until_ns % NS_PER_SECOND) };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
}

static void set_scope(struct list *list, const char *of)
{
	struct prefix prefix;

	if (list->table == table_get(TABLE_WHY) && prefix_parse(of, &prefix, NULL))
		copy_text(list->address, sizeof(list->address), of);
	else
		copy_text(list->circuit, sizeof(list->circuit), of);
}

bool run_batch(const struct options *options, struct error *err)
{
	static const struct client_handler handler = { .connected = on_nothing,
						       .message = on_message,
						       .lost = on_nothing };
	struct batch batch = { .options = options };
	uint64_t next_ns = clock_now_ns();
	struct list list;
	bool ok = true;

	list_init(&list, options->table, options->settings->habits);
	list.depth = -1;
	if (options->filter)
		copy_text(list.filter, sizeof(list.filter), options->filter);
	if (options->of)
		set_scope(&list, options->of);
	batch.client = client_new(options->socket, &handler, &batch);
	client_run(batch.client, next_ns);
	if (!client_is_connected(batch.client))
		ok = error_set(err, ERROR_SYSTEM, "%s", client_trouble(batch.client));
	for (int n = 0; ok && (!options->ticks || n < options->ticks); n++) {
		if (n) {
			next_ns += (uint64_t)options->settings->interval_ms * NS_PER_MS;
			sleep_until(next_ns);
		}
		ok = tick(&batch, &list, n == 0, err);
	}
	client_free(batch.client);
	list_release(&list);
	return ok;
}
