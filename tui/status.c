/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's status as a table of names and values. */
#include "tui/table.h"

#include <math.h>
#include <stdio.h>

#include "engine/base/memory.h"
#include "tui/cell.h"
#include "tui/notices.h"

enum status_kind { STATUS_TEXT, STATUS_NUMBER, STATUS_RATE, STATUS_AGE, STATUS_FLAG, STATUS_SHARE };

static const struct {
	const char *name, *object, *field;
	enum status_kind kind;
} fields[] = {
	{ "host", NULL, "host", STATUS_TEXT },
	{ "version", NULL, "version", STATUS_TEXT },
	{ "process", NULL, "pid", STATUS_NUMBER },
	{ "running for", NULL, "uptime_s", STATUS_AGE },
	{ "your role", NULL, "role", STATUS_TEXT },
	{ "state", NULL, "state", STATUS_TEXT },
	{ "message", NULL, "message", STATUS_TEXT },
	{ "revision", NULL, "revision", STATUS_NUMBER },
	{ "revision applied", NULL, "applied_revision", STATUS_NUMBER },
	{ "epoch", NULL, "epoch", STATUS_NUMBER },
	{ "kernel state adopted", NULL, "adopted", STATUS_FLAG },
	{ "operations at start", NULL, "start_operations", STATUS_NUMBER },
	{ "access interface", "interfaces", "access", STATUS_TEXT },
	{ "internet interface", "interfaces", "internet", STATUS_TEXT },
	{ "access link", "links", "access", STATUS_TEXT },
	{ "internet link", "links", "internet", STATUS_TEXT },
	{ "XDP, access", "xdp", "access", STATUS_TEXT },
	{ "XDP, internet", "xdp", "internet", STATUS_TEXT },
	{ "queues", NULL, "queues", STATUS_NUMBER },
	{ "leaf", NULL, "leaf", STATUS_TEXT },
	{ "engine's CPU share", NULL, "cpu_share", STATUS_SHARE },
	{ "download link", NULL, "download_link_bps", STATUS_RATE },
	{ "upload link", NULL, "upload_link_bps", STATUS_RATE },
	{ "sites", "counts", "sites", STATUS_NUMBER },
	{ "circuits", "counts", "circuits", STATUS_NUMBER },
	{ "devices", "counts", "devices", STATUS_NUMBER },
	{ "prefixes", "counts", "prefixes", STATUS_NUMBER },
	{ "flows", "counts", "flows", STATUS_NUMBER },
	{ "problems", "counts", "problems", STATUS_NUMBER },
};

static void add(json_t *rows, const char *name, const char *value)
{
	json_array_append_new(rows, json_pack("{s:s, s:s*}", "name", name, "value",
					      value && *value ? value : NULL));
}

static void add_field(json_t *rows, const char *name, const json_t *from, const char *field,
		      enum status_kind kind)
{
	const json_t *value = json_object_get(from, field);
	char text[32] = "";
	double seconds;

	switch (kind) {
	case STATUS_TEXT:
		add(rows, name, json_string_value(value));
		return;
	case STATUS_RATE:
		format_limit(from, field, UNITS_BITS, text);
		break;
	case STATUS_AGE:
		if (row_number(from, field, &seconds))
			format_age(seconds, text);
		break;
	case STATUS_SHARE:
		if (row_number(from, field, &seconds))
			snprintf(text, sizeof(text), "%.1f %%", fmin(fmax(seconds, 0), 1000) * 100);
		break;
	case STATUS_FLAG:
		if (json_is_boolean(value))
			copy_text(text, sizeof(text), json_is_true(value) ? "yes" : "no");
		break;
	case STATUS_NUMBER:
		if (json_is_integer(value))
			snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT,
				 json_integer_value(value));
		break;
	}
	add(rows, name, text);
}

/* "12345 of 1048576, 1.2 %, 192M": how full the data path's tables are, and what they take. */
static void add_tables(json_t *rows, const json_t *status)
{
	static const char *const names[][2] = { { "flows", "table of flows" },
						{ "unknown", "table of unknown addresses" },
						{ "prefixes", "table of prefixes" },
						{ "slots", "table of slots" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const json_t *table =
			json_object_get(json_object_get(status, "tables"), names[i][0]);
		double used, size, bytes;
		char text[96];

		if (!row_number(table, "used", &used) || !row_number(table, "size", &size) ||
		    !row_number(table, "bytes", &bytes) || size < 1)
			continue;
		snprintf(text, sizeof(text), "%.0f of %.0f, %.1f %%, %.0f MB%s", used, size,
			 100 * used / size, bytes / 1e6,
			 notices_is_full(status, names[i][0]) ? ", nearly full" : "");
		add(rows, names[i][1], text);
	}
}

json_t *status_rows(const json_t *status)
{
	json_t *rows = json_array(), *value;
	const char *name;
	size_t i;

	if (!json_is_object(status))
		return rows;
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		add_field(rows, fields[i].name,
			  fields[i].object ? json_object_get(status, fields[i].object) : status,
			  fields[i].field, fields[i].kind);
	add_tables(rows, status);
	json_array_foreach (json_object_get(status, "warnings"), i, value)
		add(rows, "warning", json_string_value(value));
	json_object_foreach (json_object_get(status, "datapath"), name, value)
		add_field(rows, name, json_object_get(status, "datapath"), name, STATUS_NUMBER);
	return rows;
}
