/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "db/shaped_file.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "db/csv.h"
#include "engine/base/encoding.h"
#include "engine/base/memory.h"

#define FIELDS_MOST 64 /* of a row that are looked at; LibreQoS has 16 */
#define NO_COLUMN SHAPED_COLUMNS

struct header {
	enum shaped_column columns[FIELDS_MOST]; /* by field */
	size_t fields;
};

/* Whether the name, without case, blanks and underscores, begins the column's: older files have
 * "Download Max". */
static bool is_name_of(const char *name, const char *column)
{
	size_t compared = 0;

	for (; *name; name++) {
		if (isspace((unsigned char)*name) || *name == '_')
			continue;
		while (*column == ' ')
			column++;
		if (tolower((unsigned char)*name) != tolower((unsigned char)*column))
			return false;
		column++;
		compared++;
	}
	return compared && (!*column || !strcmp(column, " Mbps"));
}

static enum shaped_column find_column(const char *name)
{
	for (int column = 0; column < SHAPED_COLUMNS; column++)
		if (is_name_of(name, shaped_column_name((enum shaped_column)column)))
			return (enum shaped_column)column;
	return NO_COLUMN;
}

static bool check_columns(const char *path, const bool *present, struct error *err)
{
	static const enum shaped_column needed[] = { CIRCUIT_ID, DOWNLOAD_MIN, UPLOAD_MIN,
						     DOWNLOAD_MAX, UPLOAD_MAX };

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!present[needed[i]])
			return error_set(err, ERROR_INVALID,
					 "%s: the first line names no column \"%s\"", path,
					 shaped_column_name(needed[i]));
	if (!present[IPV4] && !present[IPV6])
		return error_set(err, ERROR_INVALID,
				 "%s: the first line names no column \"IPv4\" or \"IPv6\"", path);
	return true;
}

static bool read_header(const char *path, char *const *fields, size_t count, struct header *header,
			struct error *err)
{
	bool present[SHAPED_COLUMNS + 1] = { false };

	if (count > FIELDS_MOST)
		return error_set(err, ERROR_INVALID,
				 "%s: the first line has %zu columns, %d at most", path, count,
				 FIELDS_MOST);
	header->fields = count;
	for (size_t i = 0; i < count; i++) {
		enum shaped_column column = find_column(fields[i]);

		if (column != NO_COLUMN && present[column])
			return error_set(err, ERROR_INVALID, "%s: two columns are named \"%s\"",
					 path, shaped_column_name(column));
		present[column] = true;
		header->columns[i] = column;
	}
	return check_columns(path, present, err);
}

static void add_row(struct shaped_file *file, const struct header *header, int64_t number,
		    char *const *fields, size_t count)
{
	struct shaped_row row = { .number = number };

	for (size_t i = 0; i < header->fields && i < count; i++)
		if (header->columns[i] != NO_COLUMN)
			row.text[header->columns[i]] = fields[i];
	for (size_t i = header->fields; i < count && !row.fault; i++)
		if (i >= FIELDS_MOST || fields[i][strspn(fields[i], " \t")])
			row.fault = arena_format(file->arena,
						 "it has %zu fields, the first line only %zu",
						 count, header->fields);
	if (!(file->count & (file->count - 1)))
		file->rows = xreallocarray(file->rows, file->count ? file->count * 2 : 1,
					   sizeof(*file->rows));
	file->rows[file->count++] = row;
}

static bool is_comment(char *const *fields, size_t count)
{
	const char *text = fields[0] + strspn(fields[0], " \t");

	return *text == '#' || (count == 1 && !*text);
}

static bool read_rows(const char *path, struct shaped_file *file, struct error *err)
{
	struct csv csv = { .next = file->text, .separator = csv_find_separator(file->text) };
	struct header header = { .fields = 0 };
	char *fields[FIELDS_MOST];
	size_t count;

	for (int64_t number = 0; (count = csv_next(&csv, fields, FIELDS_MOST)); number++) {
		if (csv.unclosed)
			return error_set(err, ERROR_INVALID,
					 "%s: a quote in row %lld is never closed", path,
					 (long long)number);
		if (is_comment(fields, count))
			continue;
		if (header.fields)
			add_row(file, &header, number, fields, count);
		else if (!read_header(path, fields, count, &header, err))
			return false;
	}
	if (!header.fields)
		return error_set(err, ERROR_INVALID, "%s is empty", path);
	return true;
}

bool shaped_file_read(const char *path, struct shaped_file *file, struct error *err)
{
	*file = (struct shaped_file){ .text = text_read_file(path, err) };
	if (!file->text)
		return false;
	file->arena = arena_new();
	if (read_rows(path, file, err))
		return true;
	shaped_file_release(file);
	return false;
}

void shaped_file_release(struct shaped_file *file)
{
	arena_free(file->arena);
	free(file->rows);
	free(file->text);
	*file = (struct shaped_file){ 0 };
}
