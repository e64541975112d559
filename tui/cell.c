/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/cell.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "engine/base/clock.h"
#include "engine/base/memory.h"
#include "engine/base/units.h"
#include "tui/glyphs.h"
#include "tui/text.h"

/* Of an id and a name in one cell: with the deepest indentation there is room for both. */
#define ID_BYTES 40
#define NAME_BYTES 136

bool row_number(const json_t *row, const char *field, double *value)
{
	const json_t *number = json_object_get(row, field);

	if (!json_is_number(number))
		return false;
	*value = json_number_value(number);
	return isfinite(*value);
}

const char *row_text(const json_t *row, const char *field)
{
	return field ? json_string_value(json_object_get(row, field)) : NULL;
}

bool row_flag(const json_t *row, const char *field)
{
	return json_is_true(json_object_get(row, field));
}

static bool load_of(const json_t *row, const char *rate, const char *limit, double *load)
{
	double rate_bps, limit_bps;

	if (!row_number(row, rate, &rate_bps) || !row_number(row, limit, &limit_bps) ||
	    limit_bps <= 0)
		return false;
	*load = rate_bps / limit_bps;
	return true;
}

double row_load(const json_t *row)
{
	double down = -1, up = -1;

	load_of(row, "download_bps", "download_max_bps", &down);
	load_of(row, "upload_bps", "upload_max_bps", &up);
	return down > up ? down : up;
}

/* At most 5 characters below 1e15: "0", "512B", "1.3MB", "526MB". */
static void format_bytes(double bytes_per_s, char text[16])
{
	static const char *const names[] = { "B", "kB", "MB", "GB", "TB" };
	size_t i = 0;

	for (; bytes_per_s >= 999.5 && i < 4; i++)
		bytes_per_s /= 1000;
	if (bytes_per_s == 0)
		strcpy(text, "0");
	else
		snprintf(text, 16, "%.*f%s", bytes_per_s < 9.95 && i, bytes_per_s, names[i]);
}

const char *format_rate(const json_t *row, const char *field, enum units units, char text[16])
{
	double value;

	if (!row_number(row, field, &value) || value < 0)
		strcpy(text, "-");
	else if (units == UNITS_BYTES)
		format_bytes(fmin(value / 8, 1e15), text);
	else
		rate_format((uint64_t)value, text);
	return text;
}

const char *format_limit(const json_t *row, const char *field, enum units units, char text[32])
{
	const json_t *number = json_object_get(row, field);

	if (units == UNITS_BYTES)
		return format_rate(row, field, units, text);
	if (!json_is_integer(number) || json_integer_value(number) < 0)
		return memcpy(text, "-", 2);
	return rate_format_exact((uint64_t)json_integer_value(number), text);
}

const char *format_ms(const json_t *row, const char *field, char text[16])
{
	double value;

	if (!row_number(row, field, &value) || value < 0)
		return memcpy(text, "-", 2);
	value /= 1000;
	if (value < 9.95)
		snprintf(text, 16, "%.1f", value);
	else if (value < 9999.5)
		snprintf(text, 16, "%.0f", value);
	else
		snprintf(text, 16, "%.0fs", fmin(value / 1000, 99999));
	return text;
}

const char *format_age(double seconds, char text[16])
{
	static const struct {
		double from, unit;
		const char *name;
	} units[] = {
		{ 172800, 86400, "d" }, { 7200, 3600, "h" }, { 120, 60, "min" }, { 0, 1, "s" }
	};
	size_t i = 0;

	while (seconds < units[i].from && i < 3)
		i++;
	snprintf(text, 16, "%.0f %s", floor(fmin(fmax(seconds, 0), 1e9) / units[i].unit),
		 units[i].name);
	return text;
}

/* At most 4 characters for less than 1e15: "0", "0.4", "120", "1.2k", "12k". */
static void format_count(double value, char text[16])
{
	static const char multiples[] = " kMGTP";
	size_t i = 0;

	for (; value >= 999.5 && i < 5; i++)
		value /= 1000;
	snprintf(text, 16, "%.*f%.*s", value > 0 && value < 9.95 && (i || value != floor(value)),
		 value, i > 0, &multiples[i]);
}

static void no_data(struct cell *cell)
{
	strcpy(cell->text, "-");
	cell->role = ROLE_FAINT;
}

static const char *suspended(const json_t *row)
{
	return row_flag(row, "suspended") ? " (suspended)" : "";
}

/* Adds at most so many bytes of the text, in whole characters, as far as there is room. */
static void append(struct cell *cell, const char *text, size_t most)
{
	size_t used = strlen(cell->text), room = sizeof(cell->text) - 1 - used;

	snprintf(cell->text + used, room + 1, "%.*s", text_fit(text, most < room ? most : room),
		 text);
}

static void format_tree(const json_t *row, struct looks looks, struct cell *cell)
{
	const char *name = row_text(row, "name"), *id = row_text(row, "id");
	const char *mark = glyph(row_flag(row, "open") ? GLYPH_OPEN : GLYPH_CLOSED, looks.utf8);
	double depth = 0, circuits = 0;
	int indent;

	row_number(row, "depth", &depth);
	indent = 2 * (int)fmin(fmax(depth, 0), 32);
	if (!name || !*name)
		name = id ? id : "-";
	if (strcmp(row_text(row, "kind") ? row_text(row, "kind") : "", "site") != 0) {
		bool both = id && strcmp(id, name) != 0;

		snprintf(cell->text, sizeof(cell->text), "%*s", indent, "");
		append(cell, both ? id : "", ID_BYTES);
		append(cell, both ? " " : "", 1);
		append(cell, name, NAME_BYTES);
		append(cell, suspended(row), sizeof(cell->text));
		return;
	}
	row_number(row, "circuits", &circuits);
	cell->role = ROLE_STRONG;
	if (looks.plain)
		mark = row_flag(row, "open") ? "-" : "+";
	snprintf(cell->text, sizeof(cell->text), "%*s%s ", indent, "", mark);
	append(cell, name, NAME_BYTES);
	if (!row_flag(row, "open"))
		snprintf(cell->tail, sizeof(cell->tail), " (%.0f)", fmin(circuits, 1e9));
}

static void format_circuit(const struct column *column, const json_t *row, struct cell *cell)
{
	const char *id = row_text(row, column->field), *name = row_text(row, column->second);
	bool both = id && name && strcmp(id, name) != 0;

	if (!id && !name) {
		no_data(cell);
		return;
	}
	append(cell, id ? id : "", ID_BYTES);
	append(cell, both ? " " : "", 1);
	append(cell, both || !id ? name : "", NAME_BYTES);
	append(cell, suspended(row), sizeof(cell->text));
}

static void format_endpoint(const struct column *column, const json_t *row, struct cell *cell)
{
	const char *address = row_text(row, column->field);
	double port = 0;

	if (!address) {
		no_data(cell);
		return;
	}
	row_number(row, column->second, &port);
	if (port <= 0)
		copy_text(cell->text, sizeof(cell->text), address);
	else
		snprintf(cell->text, sizeof(cell->text),
			 strchr(address, ':') ? "[%.200s]:%.0f" : "%.200s:%.0f", address,
			 fmin(port, 65535));
}

static void format_list(const json_t *list, struct cell *cell)
{
	json_t *item;
	size_t i;

	json_array_foreach (list, i, item) {
		if (!json_is_string(item))
			continue;
		append(cell, cell->text[0] ? ", " : "", 2);
		append(cell, json_string_value(item), sizeof(cell->text));
	}
	if (!cell->text[0])
		no_data(cell);
}

static void format_time(double time_ms, struct cell *cell)
{
	time_t then = (time_t)(time_ms / 1000), now = (time_t)(clock_wall_ms() / 1000);
	struct tm local = { 0 };

	if (!localtime_r(&then, &local) ||
	    !strftime(cell->text, sizeof(cell->text),
		      llabs((long long)(now - then)) < 43200 ? "%H:%M:%S" : "%m-%d %H:%M", &local))
		no_data(cell);
}

/* The journal keeps values as text, rates in bits a second. */
static bool format_rate_text(const char *text, struct cell *cell)
{
	uint64_t rate_bps;

	if (!*text || strspn(text, "0123456789") != strlen(text) ||
	    !rate_parse(text, &rate_bps, NULL))
		return false;
	rate_format_exact(rate_bps, cell->text);
	return true;
}

/* What stood before or after in a change: a rate where the changed field is one. */
static void format_value(const struct column *column, const json_t *row, struct cell *cell)
{
	const json_t *value = json_object_get(row, column->field);
	const char *changed = row_text(row, "field");
	size_t length = changed ? strlen(changed) : 0;
	bool rate = length > 4 && !strcmp(changed + length - 4, "_bps");

	if (json_is_integer(value) && rate)
		format_limit(row, column->field, UNITS_BITS, cell->text);
	else if (json_is_string(value) && rate && format_rate_text(json_string_value(value), cell))
		return;
	else if (json_is_integer(value))
		snprintf(cell->text, sizeof(cell->text), "%" JSON_INTEGER_FORMAT,
			 json_integer_value(value));
	else if (json_is_string(value))
		append(cell, json_string_value(value), sizeof(cell->text));
	else if (json_is_boolean(value))
		strcpy(cell->text, json_is_true(value) ? "yes" : "no");
	else
		no_data(cell);
}

static void format_text(const struct column *column, const json_t *row, struct cell *cell)
{
	const char *text = row_text(row, column->field);

	if (!text)
		text = row_text(row, column->second);
	if (text && *text)
		append(cell, text, sizeof(cell->text));
	else
		no_data(cell);
}

static void format_pair(const struct column *column, const json_t *row, struct cell *cell)
{
	const char *first = row_text(row, column->field), *second = row_text(row, column->second);

	if (!first && !second)
		no_data(cell);
	else if (!first || !second || !strcmp(first, second))
		snprintf(cell->text, sizeof(cell->text), "%.100s", first ? first : second);
	else
		snprintf(cell->text, sizeof(cell->text), "%.100s/%.100s", first, second);
}

/* "0/1", "12/3%" */
static void format_numbers(const struct column *column, const json_t *row, double factor,
			   const char *unit, struct cell *cell)
{
	const char *const fields[] = { column->field, column->second };
	char texts[2][16] = { "-", "-" };
	double value;

	for (int i = 0; i < 2; i++)
		if (row_number(row, fields[i], &value) && value >= 0)
			snprintf(texts[i], sizeof(texts[i]), "%.0f", fmin(value * factor, 1e9));
	if (texts[0][0] == '-' && texts[1][0] == '-')
		no_data(cell);
	else if (!strcmp(texts[0], texts[1]))
		snprintf(cell->text, sizeof(cell->text), "%s%s", texts[0], unit);
	else
		snprintf(cell->text, sizeof(cell->text), "%s/%s%s", texts[0], texts[1], unit);
}

double row_larger(const json_t *row, const struct column *column)
{
	double first = -1, second = -1;

	row_number(row, column->field, &first);
	row_number(row, column->second, &second);
	return fmax(first, second);
}

static enum role role_of_level(double value, double warning, double bad)
{
	return value >= bad ? ROLE_BAD : value >= warning ? ROLE_WARNING : ROLE_NORMAL;
}

static void format_number(const struct column *column, const json_t *row, enum units units,
			  struct cell *cell)
{
	double value;

	if (!row_number(row, column->field, &value) || value < 0) {
		no_data(cell);
		return;
	}
	switch (column->kind) {
	case CELL_RATE:
		format_rate(row, column->field, units, cell->text);
		break;
	case CELL_MS:
		format_ms(row, column->field, cell->text);
		cell->role = role_of_level(value, 100000, 200000);
		break;
	case CELL_SHARE:
		snprintf(cell->text, 16, value < 0.0995 ? "%.1f%%" : "%.0f%%",
			 fmin(value, 10) * 100);
		cell->role = role_of_level(value, 0.01, 0.10);
		break;
	case CELL_SCORE:
		snprintf(cell->text, 16, "%.0f", fmin(value, 100));
		cell->role = value < 40 ? ROLE_BAD : value < 75 ? ROLE_WARNING : ROLE_GOOD;
		return;
	case CELL_SECONDS:
		format_age(value, cell->text);
		break;
	case CELL_TIME:
		format_time(value, cell);
		break;
	default:
		format_count(value, cell->text);
	}
	if (value == 0)
		cell->role = ROLE_FAINT;
}

/* The limit beside a rate: exact if it is short, so that a plan of 50M reads as it was typed. */
static void shorten_limit(const struct column *column, const json_t *row, enum units units,
			  struct cell *cell)
{
	char exact[32];

	if (column->kind != CELL_RATE || !strstr(column->field, "_max_bps"))
		return;
	format_limit(row, column->field, units, exact);
	if (strlen(exact) <= 5)
		copy_text(cell->text, sizeof(cell->text), exact);
	cell->role = ROLE_FAINT;
}

void cell_format(const struct column *column, const json_t *row, struct looks looks,
		 struct cell *cell)
{
	*cell = (struct cell){ .role = ROLE_NORMAL, .load = -1 };
	switch (column->kind) {
	case CELL_TREE:
		format_tree(row, looks, cell);
		break;
	case CELL_CIRCUIT:
		format_circuit(column, row, cell);
		break;
	case CELL_ENDPOINT:
		format_endpoint(column, row, cell);
		break;
	case CELL_PAIR:
		format_pair(column, row, cell);
		break;
	case CELL_NUMBERS:
		format_numbers(column, row, 1, "", cell);
		break;
	case CELL_SHARES:
		cell->role = role_of_level(row_larger(row, column), 0.5, 0.8);
		format_numbers(column, row, 100, "%", cell);
		break;
	case CELL_LIST:
		format_list(json_object_get(row, column->field), cell);
		break;
	case CELL_FLAG:
		strcpy(cell->text, row_flag(row, column->field) ? "yes" : "no");
		break;
	case CELL_VALUE:
		format_value(column, row, cell);
		break;
	case CELL_TEXT:
		format_text(column, row, cell);
		break;
	case CELL_SHARE_BAR:
		if (row_number(row, column->field, &cell->load) && cell->load >= 0)
			snprintf(cell->text, 16, "%.0f%%", fmin(cell->load, 1) * 100);
		else
			no_data(cell);
		break;
	case CELL_LOAD:
		cell->load = row_load(row);
		if (cell->load < 0)
			no_data(cell);
		else
			snprintf(cell->text, 16, "%.0f%%", fmin(cell->load, 100) * 100);
		cell->role = cell->load < 0	  ? ROLE_FAINT
			     : cell->load >= 0.95 ? ROLE_BAD
			     : cell->load >= 0.80 ? ROLE_WARNING
						  : ROLE_GOOD;
		break;
	default:
		format_number(column, row, looks.units, cell);
		shorten_limit(column, row, looks.units, cell);
	}
	if (row_flag(row, "suspended"))
		cell->role = ROLE_FAINT;
}
