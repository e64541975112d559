/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "db/import_rows.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"

/* A row under one of its ids. */
struct entry {
	uint64_t start; /* the id's first bytes: few comparisons go on behind them */
	const char *id;
	struct import_row *row;
};

void import_rows_init(struct import_rows *rows)
{
	*rows = (struct import_rows){ .arena = arena_new() };
}

void import_rows_release(struct import_rows *rows)
{
	arena_free(rows->arena);
	free(rows->rows);
	free(rows->prefixes);
	free(rows->circuits);
	free(rows->by_device);
	*rows = (struct import_rows){ 0 };
}

struct import_row *import_rows_add(struct import_rows *rows, int64_t number)
{
	struct import_row *row;

	rows->rows = grow(rows->rows, rows->count, &rows->capacity, sizeof(*rows->rows));
	row = &rows->rows[rows->count++];
	*row = (struct import_row){ .number = number, .first_prefix = rows->prefix_count };
	return row;
}

void import_rows_add_prefix(struct import_rows *rows, const char *prefix)
{
	rows->prefixes = grow(rows->prefixes, rows->prefix_count, &rows->prefix_capacity,
			      sizeof(*rows->prefixes));
	rows->prefixes[rows->prefix_count++] = prefix;
	rows->rows[rows->count - 1].prefix_count++;
}

/* --- in order --------------------------------------------------------------------------------- */

static struct entry make_entry(const char *id, struct import_row *row)
{
	struct entry entry = { .id = id, .row = row };

	memcpy(&entry.start, id, strnlen(id, sizeof(entry.start)));
	entry.start = be64toh(entry.start);
	return entry;
}

static int compare_ids(const struct entry *left, const struct entry *right)
{
	if (left->start != right->start)
		return left->start < right->start ? -1 : 1;
	return strcmp(left->id, right->id);
}

static int compare_entries(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int order = compare_ids(a, b);

	return order ? order : (a->row > b->row) - (a->row < b->row);
}

/* --- one by one ------------------------------------------------------------------------------- */

static bool is_same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static enum row_fault find_fault(const struct import_row *row, const struct import_row *first)
{
	if (!is_same_text(row->site, first->site))
		return ROW_OF_ANOTHER_SITE;
	if (memcmp(row->rate_bps, first->rate_bps, sizeof(row->rate_bps)) != 0 ||
	    !is_same_text(row->leaf, first->leaf))
		return ROW_OF_ANOTHER_PLAN;
	return ROW_HOLDS;
}

/* The entries of all rows that are at odds with none yet, in order; the caller frees them. */
static struct entry *sort_by(struct import_rows *rows, const char *(*id)(const struct import_row *),
			     size_t *count)
{
	struct entry *entries = xcalloc(rows->count + 1, sizeof(*entries));

	*count = 0;
	for (size_t i = 0; i < rows->count; i++)
		if (rows->rows[i].fault == ROW_HOLDS)
			entries[(*count)++] = make_entry(id(&rows->rows[i]), &rows->rows[i]);
	qsort(entries, *count, sizeof(*entries), compare_entries);
	return entries;
}

static const char *circuit_of(const struct import_row *row)
{
	return row->circuit;
}

static const char *device_of(const struct import_row *row)
{
	return row->device;
}

static void settle_devices(const struct entry *entries, size_t count)
{
	const struct entry *first = entries;

	for (const struct entry *entry = entries; entry < entries + count; entry++) {
		if (compare_ids(first, entry) != 0)
			first = entry;
		if (strcmp(first->row->circuit, entry->row->circuit) != 0) {
			entry->row->fault = ROW_OF_ANOTHERS_DEVICE;
			entry->row->other = first->row;
		}
	}
}

static void settle_circuits(struct import_rows *rows)
{
	size_t count;
	struct entry *entries = sort_by(rows, circuit_of, &count);
	const struct entry *first = NULL;

	rows->circuits = xcalloc(count + 1, sizeof(struct import_row *));
	for (const struct entry *entry = entries; entry < entries + count; entry++) {
		if (!first || compare_ids(first, entry) != 0) {
			first = entry;
			rows->circuits[rows->circuit_count++] = entry->row;
		}
		entry->row->fault = find_fault(entry->row, first->row);
		entry->row->other = entry->row->fault ? first->row : NULL;
	}
	free(entries);
}

void import_rows_settle(struct import_rows *rows)
{
	size_t count;
	struct entry *entries = sort_by(rows, device_of, &count);

	settle_devices(entries, count);
	settle_circuits(rows);
	rows->by_device = xcalloc(count + 1, sizeof(struct import_row *));
	for (size_t i = 0; i < count; i++)
		if (entries[i].row->fault == ROW_HOLDS ||
		    entries[i].row->fault == ROW_OF_ANOTHER_PLAN)
			rows->by_device[rows->holding_count++] = entries[i].row;
	free(entries);
}

static int compare_device(const void *device, const void *row)
{
	return strcmp(device, (*(struct import_row *const *)row)->device);
}

bool import_rows_name_device(const struct import_rows *rows, const char *device)
{
	return bsearch(device, rows->by_device, rows->holding_count, sizeof(struct import_row *),
		       compare_device) != NULL;
}
