/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "db/shaped_row.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/encoding.h"
#include "engine/model/leaf.h"

#define RATE_MOST_MBPS 1000000.0
#define ID_LONGEST 120

static const char *const column_names[SHAPED_COLUMNS] = {
	[CIRCUIT_ID] = "Circuit ID",
	[CIRCUIT_NAME] = "Circuit Name",
	[DEVICE_ID] = "Device ID",
	[DEVICE_NAME] = "Device Name",
	[PARENT_NODE] = "Parent Node",
	[PARENT_NODE_ID] = "Parent Node ID",
	[ANCHOR_NODE_ID] = "Anchor Node ID",
	[MAC] = "MAC",
	[IPV4] = "IPv4",
	[IPV6] = "IPv6",
	[DOWNLOAD_MIN] = "Download Min Mbps",
	[UPLOAD_MIN] = "Upload Min Mbps",
	[DOWNLOAD_MAX] = "Download Max Mbps",
	[UPLOAD_MAX] = "Upload Max Mbps",
	[COMMENT] = "Comment",
	[SQM] = "sqm",
};

const char *shaped_column_name(enum shaped_column column)
{
	return column_names[column];
}

/* --- cleaning --------------------------------------------------------------------------------- */

static const char *trim(struct arena *arena, const char *text, size_t length)
{
	while (length && isspace((unsigned char)*text)) {
		text++;
		length--;
	}
	while (length && isspace((unsigned char)text[length - 1]))
		length--;
	return arena_part(arena, text, length);
}

static const char *clean(struct arena *arena, const char *text)
{
	const char *cleaned;
	char *decoded;

	if (!strncmp(text, "\xef\xbb\xbf", 3))
		text += 3; /* Excel's byte order mark */
	if (!*text)
		return "";
	if (text_is_utf8(text, strlen(text)))
		return trim(arena, text, strlen(text));
	decoded = text_decode(text, strlen(text));
	cleaned = trim(arena, decoded, strlen(decoded));
	free(decoded);
	return cleaned;
}

static bool parse_mbps(const char *text, int64_t *rate_bps)
{
	char *end;
	double value = strtod(text, &end);

	if (!*text || *end || !isfinite(value) || value < 0 || value > RATE_MOST_MBPS)
		return false;
	*rate_bps = llround(value * 1e6);
	return true;
}

/* The older order has no "Parent Node ID" and "Anchor Node ID": 13 columns, so that the last are
 * missing and rates stand where addresses should. */
static bool is_old_order(const struct shaped_row *row)
{
	int64_t ignored;

	return !row->text[UPLOAD_MAX] && !row->text[COMMENT] && row->text[DOWNLOAD_MAX] &&
	       row->text[IPV4] && parse_mbps(row->text[IPV4], &ignored) &&
	       row->text[DOWNLOAD_MIN] && parse_mbps(row->text[DOWNLOAD_MIN], &ignored);
}

void shaped_row_clean(struct shaped_row *row, struct arena *arena)
{
	for (int column = 0; column < SHAPED_COLUMNS; column++)
		if (row->text[column])
			row->text[column] = clean(arena, row->text[column]);
	if (is_old_order(row)) {
		for (int column = COMMENT; column >= MAC; column--)
			row->text[column] = row->text[column - 2];
		row->text[PARENT_NODE_ID] = row->text[ANCHOR_NODE_ID] = "";
	}
	for (int column = 0; column < SHAPED_COLUMNS; column++)
		if (!row->text[column] && column != SQM)
			row->text[column] = "";
}

bool shaped_row_is_skipped(const struct shaped_row *row)
{
	if (!strcasecmp(row->text[CIRCUIT_ID], column_names[CIRCUIT_ID]) ||
	    row->text[CIRCUIT_ID][0] == '#')
		return true;
	for (int column = 0; column < SHAPED_COLUMNS; column++)
		if (row->text[column] && *row->text[column])
			return false;
	return true;
}

/* --- judging ---------------------------------------------------------------------------------- */

/* The leaf for one side of an sqm: the words of lqos-db(5), but "none" for pfifo; NULL: unknown. */
static const char *find_leaf(struct arena *arena, const char *sqm, size_t length)
{
	char text[160];
	struct error ignored;
	struct leaf leaf;

	if (length >= sizeof(text))
		return NULL;
	for (size_t i = 0; i < length; i++)
		text[i] = (char)tolower((unsigned char)sqm[i]);
	text[length] = '\0';
	if (!strcmp(text, "none"))
		return leaf_kind_name(LEAF_PFIFO);
	return leaf_parse(text, &leaf, &ignored) && leaf.kind != LEAF_PFIFO
		       ? arena_format(arena, "%s", text)
		       : NULL;
}

/* "cake", or "down/up" of which an empty side is the default. */
static bool parse_sqm(struct arena *arena, const char *sqm, const char *leaf[2])
{
	size_t length = strcspn(sqm, "/");

	leaf[0] = find_leaf(arena, sqm, length);
	leaf[1] = sqm[length] ? find_leaf(arena, sqm + length + 1, strlen(sqm + length + 1))
			      : leaf[0];
	return leaf[0] && leaf[1];
}

const char *shaped_row_find_fault(struct shaped_row *row, struct arena *arena)
{
	static const enum shaped_column rates[] = { DOWNLOAD_MIN, UPLOAD_MIN, DOWNLOAD_MAX,
						    UPLOAD_MAX };
	const char *leaf[2] = { NULL, NULL };

	if (row->fault)
		return row->fault;
	if (!*row->text[CIRCUIT_ID])
		return "it has no Circuit ID";
	if (strlen(row->text[CIRCUIT_ID]) > ID_LONGEST ||
	    strlen(shaped_row_device(row, arena)) > ID_LONGEST)
		return arena_format(arena, "an id is longer than %d characters", ID_LONGEST);
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
		if (!parse_mbps(row->text[rates[i]], &row->rate_bps[rates[i]]))
			return arena_format(arena,
					    "%s is \"%.40s\", not a number of Mbit/s from 0 to "
					    "%.0f",
					    column_names[rates[i]], row->text[rates[i]],
					    RATE_MOST_MBPS);
	if (!*row->text[IPV4] && !*row->text[IPV6])
		return "it has neither an IPv4 nor an IPv6 address";
	if (row->text[SQM] && !parse_sqm(arena, row->text[SQM], leaf))
		return arena_format(arena,
				    "sqm is \"%.40s\", not cake, fq_codel, none or two of them "
				    "as in cake/fq_codel; cake may have options: cake nat",
				    row->text[SQM]);
	row->leaf = leaf[0];
	return NULL;
}

const char *shaped_row_find_doubt(const struct shaped_row *row, struct arena *arena)
{
	const char *leaf[2];

	if (!row->text[SQM] || !parse_sqm(arena, row->text[SQM], leaf) || !strcmp(leaf[0], leaf[1]))
		return NULL;
	return arena_format(arena, "sqm is \"%.40s\", but a circuit has one kind of leaf",
			    row->text[SQM]);
}

const char *shaped_row_device(const struct shaped_row *row, struct arena *arena)
{
	if (*row->text[DEVICE_ID])
		return row->text[DEVICE_ID];
	return arena_format(arena, "%s/%s", row->text[CIRCUIT_ID], row->text[DEVICE_NAME]);
}

const char *shaped_row_next_address(const char **list, struct arena *arena)
{
	while (**list) {
		size_t length = strcspn(*list, ",;");
		const char *address = trim(arena, *list, length);

		*list += length;
		*list += **list != '\0';
		if (*address)
			return address;
	}
	return NULL;
}
