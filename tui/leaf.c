/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a circuit's leaves have counted as a table: a row for each direction, and below it one for each
 * of its tins. */
#include "tui/table.h"

#include <string.h>

#include "tui/cell.h"

static void copy_fields(json_t *row, const json_t *from)
{
	static const char *const fields[] = {
		"packets",	     "bytes",		"drops",	 "marks",
		"backlog_bytes",     "backlog_packets", "threshold_bps", "peak_delay_us",
		"average_delay_us",  "base_delay_us",	"sparse_flows",	 "bulk_flows",
		"unresponsive_flows"
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (json_object_get(from, fields[i]))
			json_object_set(row, fields[i], json_object_get(from, fields[i]));
}

static void add_direction(json_t *rows, const char *direction, const json_t *leaf)
{
	const char *kind = row_text(leaf, "leaf"), *class = row_text(leaf, "class");
	json_t *row, *tin;
	size_t i;

	if (!json_is_object(leaf))
		return;
	row = json_pack(
		"{s:s, s:o}", "key", direction, "name",
		json_sprintf("%s, %s %s", direction, kind ? kind : "-", class ? class : "-"));
	copy_fields(row, leaf);
	json_array_append_new(rows, row);
	json_array_foreach (json_object_get(leaf, "tins"), i, tin) {
		const char *name = row_text(tin, "tin");

		row = json_pack("{s:o, s:o}", "key",
				json_sprintf("%s:%s", direction, name ? name : "-"), "name",
				json_sprintf("  %s", name ? name : "-"));
		copy_fields(row, tin);
		json_array_append_new(rows, row);
	}
}

json_t *leaf_rows(const json_t *leaf)
{
	json_t *rows = json_array();

	add_direction(rows, "download", json_object_get(leaf, "download"));
	add_direction(rows, "upload", json_object_get(leaf, "upload"));
	return rows;
}
