/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/table.h"

#include <math.h>
#include <string.h>

#include "tui/glyphs.h"
#include "tui/text.h"

/* clang-format off */
#define USE_COLUMNS \
	{ "DOWN", "download_bps", NULL, "download", CELL_RATE, 1, 5, 0, 1, \
	  "download now, bits a second" }, \
	{ "OF", "download_max_bps", NULL, "download_max", CELL_RATE, 1, 5, 0, 4, \
	  "of this: a circuit's plan, a site's capacity" }, \
	{ "UP", "upload_bps", NULL, "upload", CELL_RATE, 1, 5, 0, 2, \
	  "upload now, bits a second" }, \
	{ "OF", "upload_max_bps", NULL, "upload_max", CELL_RATE, 1, 5, 0, 5, \
	  "of this" }, \
	{ "LOAD", NULL, NULL, "load", CELL_LOAD, 1, 6, 12, 6, \
	  "the fuller direction; ! from 95 % on" }, \
	QUALITY_COLUMNS

#define QUALITY_COLUMNS \
	{ "RTT", "rtt_p50_us", NULL, "rtt", CELL_MS, 1, 4, 0, 3, \
	  "round trip to the customer in ms, median of the last samples" }, \
	{ "p95", "rtt_p95_us", NULL, NULL, CELL_MS, 1, 4, 0, 7, \
	  "round trip, 95 of 100 are faster" }, \
	{ "RETR", "retransmits", NULL, "retransmits", CELL_SHARE, 1, 4, 0, 8, \
	  "TCP packets sent again, share of the last 10 s" }, \
	{ "DROP", "drops", NULL, "drops", CELL_COUNT, 1, 4, 0, 9, \
	  "packets dropped a second" }, \
	{ "QoO", "qoo", NULL, "qoo", CELL_SCORE, 1, 3, 0, 3, \
	  "quality of browsing, 0 to 100: round trips and retransmits" }

#define WIDE_COLUMNS \
	{ "ADDRESS", "addresses", NULL, NULL, CELL_LIST, 2, 15, 40, RANK_EXTRA, \
	  "addresses of the circuit's devices" }, \
	{ "CLASS", "class", NULL, NULL, CELL_TEXT, 2, 6, 0, RANK_EXTRA + 1, \
	  "class in the queue tree" }

static const struct column tree_columns[] = {
	{ "NAME", "name", NULL, "name", CELL_TREE, 1, 20, 60, 0,
	  "site, or circuit with its id; in brackets the circuits below" },
	USE_COLUMNS,
	WIDE_COLUMNS,
};

static const struct column circuits_columns[] = {
	{ "CIRCUIT", "id", "name", "name", CELL_CIRCUIT, 1, 20, 44, 0, "id and name" },
	USE_COLUMNS,
	{ "SITE", "site", NULL, "site", CELL_TEXT, 2, 12, 28, RANK_EXTRA, "the site above it" },
	WIDE_COLUMNS,
};

static const struct column flows_columns[] = {
	{ "CUSTOMER", "customer", NULL, NULL, CELL_TEXT, 1, 15, 39, 0,
	  "the customer's address" },
	{ "REMOTE", "remote", "remote_port", NULL, CELL_ENDPOINT, 1, 21, 46, 3,
	  "address and port of the other end" },
	{ "APP", "application", "protocol", NULL, CELL_TEXT, 1, 6, 0, 4,
	  "application by its port, or the protocol" },
	{ "DOWN", "download_bps", NULL, "rate", CELL_RATE, 1, 5, 0, 1, "download now" },
	{ "UP", "upload_bps", NULL, NULL, CELL_RATE, 1, 5, 0, 2, "upload now" },
	{ "RTT ms", "rtt_customer_us", NULL, "rtt", CELL_MS, 1, 6, 0, 5,
	  "round trip between here and the customer" },
	{ "inet", "rtt_internet_us", NULL, NULL, CELL_MS, 1, 4, 0, 7,
	  "round trip between here and the other end" },
	{ "RETR", "retransmits", NULL, "retransmits", CELL_COUNT, 1, 4, 0, 8,
	  "packets sent again" },
	{ "CIRCUIT", "circuit", "circuit_name", NULL, CELL_CIRCUIT, 2, 9, 30, 6,
	  "whose it is" },
	{ "PORT", "customer_port", NULL, NULL, CELL_VALUE, 2, 5, 0, RANK_EXTRA + 4,
	  "the customer's port" },
	{ "TOTAL", "download_bytes", NULL, "bytes", CELL_BYTES, 2, 5, 0, RANK_EXTRA,
	  "bytes downloaded since it began" },
	{ "SENT", "upload_bytes", NULL, NULL, CELL_BYTES, 1, 5, 0, RANK_EXTRA + 1,
	  "bytes uploaded since it began" },
	{ "AGE", "age_s", NULL, NULL, CELL_SECONDS, 2, 6, 0, RANK_EXTRA + 2,
	  "since it was first seen" },
	{ "IDLE", "idle_s", NULL, NULL, CELL_SECONDS, 1, 6, 0, RANK_EXTRA + 3,
	  "since its last packet" },
};

static const struct column rtt_columns[] = {
	{ "CIRCUIT", "id", "name", "name", CELL_CIRCUIT, 1, 20, 44, 0, "id and name" },
	QUALITY_COLUMNS,
	{ "SAMPLES", "rtt_samples", NULL, NULL, CELL_COUNT, 1, 7, 0, 4,
	  "round trips measured in the last 10 to 20 s" },
	{ "DOWN", "download_bps", NULL, "download", CELL_RATE, 1, 5, 0, 5, "download now" },
	{ "UP", "upload_bps", NULL, "upload", CELL_RATE, 1, 5, 0, 6, "upload now" },
	{ "SITE", "site", NULL, "site", CELL_TEXT, 2, 12, 28, 9, "the site above it" },
};

static const struct column queues_columns[] = {
	{ "QUEUE", "queue", NULL, NULL, CELL_VALUE, 1, 5, 0, 0, "number of the queue" },
	{ "DOWN", "download_bps", NULL, NULL, CELL_RATE, 1, 5, 0, 1, "download now" },
	{ "UP", "upload_bps", NULL, NULL, CELL_RATE, 1, 5, 0, 2, "upload now" },
	{ "LOAD", NULL, NULL, NULL, CELL_LOAD, 2, 6, 16, 6,
	  "the fuller direction against the link; ! from 95 % on" },
	{ "PPS", "download_packets", NULL, NULL, CELL_COUNT, 1, 5, 0, 3,
	  "packets a second, download" },
	{ "PPS up", "upload_packets", NULL, NULL, CELL_COUNT, 1, 6, 0, 4,
	  "packets a second, upload" },
	{ "WAIT", "download_backlog", NULL, NULL, CELL_BYTES, 1, 5, 0, 5,
	  "bytes waiting, download" },
	{ "up", "upload_backlog", NULL, NULL, CELL_BYTES, 1, 5, 0, 6, "bytes waiting, upload" },
	{ "DROP", "drops", NULL, NULL, CELL_COUNT, 1, 4, 0, 7, "packets dropped a second" },
	{ "SITES", "sites", NULL, NULL, CELL_COUNT, 1, 5, 0, 8, "sites placed on it" },
	{ "CIRC", "circuits", NULL, NULL, CELL_COUNT, 1, 5, 0, 8, "circuits placed on it" },
	{ "CPU", "download_cpu", NULL, NULL, CELL_VALUE, 2, 3, 0, 9, "CPU that handles download" },
	{ "up", "upload_cpu", NULL, NULL, CELL_VALUE, 1, 3, 0, 9, "CPU that handles upload" },
};

static const struct column unknown_columns[] = {
	{ "ADDRESS", "address", NULL, NULL, CELL_TEXT, 1, 18, 39, 0,
	  "on the customers' side, in no circuit's prefixes" },
	{ "DOWN", "download_bps", NULL, NULL, CELL_RATE, 1, 5, 0, 1, "download now" },
	{ "UP", "upload_bps", NULL, NULL, CELL_RATE, 1, 5, 0, 2, "upload now" },
	{ "FLOWS", "flows", NULL, NULL, CELL_COUNT, 1, 5, 0, 3, "live flows" },
	{ "TOTAL", "download_bytes", NULL, NULL, CELL_BYTES, 2, 5, 0, 4, "bytes downloaded" },
	{ "SENT", "upload_bytes", NULL, NULL, CELL_BYTES, 1, 5, 0, 5, "bytes uploaded" },
	{ "AGE", "age_s", NULL, NULL, CELL_SECONDS, 2, 6, 0, 6, "of its oldest flow" },
	{ "IDLE", "idle_s", NULL, NULL, CELL_SECONDS, 1, 6, 0, 7, "since its last packet" },
};

static const struct column devices_columns[] = {
	{ "PREFIX", "prefix", NULL, NULL, CELL_TEXT, 1, 18, 43, 0, "address or range" },
	{ "DEVICE", "device", "device_name", NULL, CELL_CIRCUIT, 1, 12, 40, 3, "id and name" },
	{ "MAC", "mac", NULL, NULL, CELL_TEXT, 1, 17, 0, 5, "its MAC address" },
	{ "DOWN", "download_bps", NULL, NULL, CELL_RATE, 1, 5, 0, 1, "download now" },
	{ "UP", "upload_bps", NULL, NULL, CELL_RATE, 1, 5, 0, 2, "upload now" },
	{ "FLOWS", "flows", NULL, NULL, CELL_COUNT, 1, 5, 0, 4, "live flows" },
};

static const struct column histogram_columns[] = {
	{ "FROM ms", "from_us", NULL, NULL, CELL_MS, 1, 7, 0, 0, "round trips from here on" },
	{ "CUSTOMER", "customer", NULL, NULL, CELL_COUNT, 2, 8, 0, 1,
	  "samples between here and the customer, our own queue included" },
	{ "SHARE", "customer_share", NULL, NULL, CELL_SHARE_BAR, 2, 8, 24, 2, "of all samples" },
	{ "INTERNET", "internet", NULL, NULL, CELL_COUNT, 2, 8, 0, 1,
	  "samples between here and the other end" },
	{ "SHARE", "internet_share", NULL, NULL, CELL_SHARE_BAR, 2, 8, 24, 2, "of all samples" },
};

static const struct column why_columns[] = {
	{ "WHY", "name", NULL, NULL, CELL_TEXT, 1, 16, 20, 0, "what" },
	{ "VALUE", "value", NULL, NULL, CELL_TEXT, 2, 20, 200, 1, "as it is now" },
};

static const struct column problems_columns[] = {
	{ "SUBJECT", "subject", NULL, NULL, CELL_TEXT, 1, 18, 40, 0, "what it is about" },
	{ "REASON", "reason", NULL, NULL, CELL_TEXT, 2, 40, 200, 1, "what is wrong with it" },
	{ "IN FORCE", "in_force", NULL, NULL, CELL_VALUE, 2, 8, 24, 2, "what applies instead" },
};

static const struct column journal_columns[] = {
	{ "TIME", "time_ms", NULL, NULL, CELL_TIME, 1, 11, 0, 0, "when" },
	{ "REV", "revision", NULL, NULL, CELL_VALUE, 2, 5, 0, RANK_EXTRA, "revision it made" },
	{ "AUTHOR", "author", NULL, NULL, CELL_TEXT, 2, 6, 16, 5, "who; file: another program" },
	{ "SUBJECT", "subject", NULL, NULL, CELL_TEXT, 2, 14, 36, 1, "of what" },
	{ "CHANGE", "field", "action", NULL, CELL_TEXT, 2, 16, 20, 4,
	  "the field that was changed, or what was done" },
	{ "BEFORE", "before", NULL, NULL, CELL_VALUE, 2, 6, 24, 2, "its value before" },
	{ "AFTER", "after", NULL, NULL, CELL_VALUE, 2, 6, 24, 3, "its value since" },
	{ "RESULT", "result", NULL, NULL, CELL_TEXT, 2, 7, 40, 7, "applied, or why not" },
	{ "ms", "apply_ms", NULL, NULL, CELL_COUNT, 1, 4, 0, RANK_EXTRA + 1, "time it took" },
};

static const struct column status_columns[] = {
	{ "ENGINE", "name", NULL, NULL, CELL_TEXT, 1, 20, 24, 0, "what" },
	{ "VALUE", "value", NULL, NULL, CELL_TEXT, 2, 20, 200, 1, "its value now" },
};

#define COLUMNS(list) .columns = list, .count = sizeof(list) / sizeof(list[0])

static const struct table tables[TABLES] = {
	[TABLE_TREE] = { "tree", "tree", true, true, COLUMNS(tree_columns),
		.empty = "No sites and no circuits." },
	[TABLE_CIRCUITS] = { "circuits", "circuits", true, true, COLUMNS(circuits_columns),
		.empty = "No circuits." },
	[TABLE_FLOWS] = { "flows", "flows", true, true, COLUMNS(flows_columns),
		.empty = "No flows." },
	[TABLE_RTT] = { "rtt", "circuits", true, true, COLUMNS(rtt_columns),
		.empty = "No circuits." },
	[TABLE_QUEUES] = { "queues", "queues", true, false, COLUMNS(queues_columns),
		.empty = "No queues." },
	[TABLE_UNKNOWN] = { "unknown", "unknown", true, false, COLUMNS(unknown_columns),
		.empty = "Every address with traffic belongs to a circuit." },
	[TABLE_DEVICES] = { "devices", "devices", true, false, COLUMNS(devices_columns),
		.scoped = true, .empty = "No devices." },
	[TABLE_HISTOGRAM] = { "histogram", "rtt", true, false, COLUMNS(histogram_columns),
		.scoped = true, .empty = "No round trip has been measured." },
	[TABLE_WHY] = { "why", "why", true, false, COLUMNS(why_columns),
		.scoped = true, .empty = "Nothing to say." },
	[TABLE_PROBLEMS] = { "problems", "problems", false, false, COLUMNS(problems_columns),
		.empty = "No problems: all that the database asks for is in force." },
	[TABLE_JOURNAL] = { "journal", "journal", false, false, COLUMNS(journal_columns),
		.empty = "No changes yet." },
	[TABLE_STATUS] = { "status", "status", true, false, COLUMNS(status_columns),
		.empty = "Nothing known of the engine." },
};
/* clang-format on */

const struct table *table_get(enum table_name name)
{
	return &tables[name];
}

const struct table *table_find(const char *name)
{
	for (size_t i = 0; i < TABLES; i++)
		if (!strcmp(tables[i].name, name))
			return &tables[i];
	return NULL;
}

int table_sort_column(const struct table *table, const char *sort)
{
	for (size_t i = 0; sort && i < table->count; i++)
		if (table->columns[i].sort && !strcmp(table->columns[i].sort, sort))
			return (int)i;
	return -1;
}

/* The least width of a column: on narrow screens the first one gives way to the numbers. */
static int least(const struct table *table, size_t i, int width)
{
	int narrow = width * 3 / 10 > 11 ? width * 3 / 10 : 11;

	return i == 0 && table->columns[0].width > narrow ? narrow : table->columns[i].width;
}

/* Takes in columns by rank as long as they fit; from RANK_EXTRA on only once the first column has
 * room. Returns the width that is left. */
static int choose(const struct table *table, int width, const char *without, struct layout *layout)
{
	int left = width, reserve = 0;

	for (size_t i = 0; i < TABLE_COLUMNS_MAX; i++)
		layout->width[i] = -1;
	for (int rank = 0; rank < RANK_EXTRA + 10; rank++) {
		for (size_t i = 0; i < table->count; i++) {
			const struct column *column = &table->columns[i];
			int need = least(table, i, width);

			if (column->rank != rank ||
			    (without && column->field && !strcmp(column->field, without)))
				continue;
			if (rank == RANK_EXTRA)
				reserve = 8;
			if (rank && need + column->gap + reserve > left)
				return left;
			layout->width[i] = need;
			left -= need + column->gap;
		}
	}
	return left;
}

void table_layout(const struct table *table, int width, const char *without, struct layout *layout)
{
	int left = choose(table, width, without, layout), wish = 0;

	if (left < 0) {
		layout->width[0] += left;
		if (layout->width[0] < 1)
			layout->width[0] = 1;
		return;
	}
	for (size_t i = 0; i < table->count; i++)
		if (layout->width[i] >= 0 && table->columns[i].widest > layout->width[i])
			wish += table->columns[i].widest - layout->width[i];
	for (size_t i = 0; i < table->count && wish > 0; i++) {
		int want = table->columns[i].widest - layout->width[i], given;

		if (layout->width[i] < 0 || want <= 0)
			continue;
		given = wish > left ? (want * left + wish - 1) / wish : want;
		layout->width[i] += given;
		left -= given;
		wish -= want;
	}
}

int table_layout_natural(const struct table *table, const json_t *rows, bool utf8,
			 struct layout *layout)
{
	int whole = 0;

	for (size_t i = 0; i < table->count; i++) {
		const struct column *column = &table->columns[i];
		size_t n;
		json_t *row;

		layout->width[i] = text_width(column->title, utf8);
		json_array_foreach (rows, n, row) {
			struct cell cell;
			int width;

			cell_format(column, row, utf8, &cell);
			width = text_width(cell.text, utf8) + (int)strlen(cell.tail);
			if (width > layout->width[i])
				layout->width[i] = width;
		}
		if ((column->kind == CELL_LOAD || column->kind == CELL_SHARE_BAR) &&
		    layout->width[i] < 10)
			layout->width[i] = 10;
		whole += column->gap + layout->width[i];
	}
	return whole;
}

static bool is_left(const struct column *column)
{
	switch (column->kind) {
	case CELL_RATE:
	case CELL_MS:
	case CELL_SCORE:
	case CELL_SHARE:
	case CELL_COUNT:
	case CELL_BYTES:
	case CELL_SECONDS:
		return false;
	default:
		return true;
	}
}

void table_draw_heading(struct canvas *canvas, int y, const struct table *table,
			const struct layout *layout, int sorted, bool reverse)
{
	int x = 0;

	for (size_t i = 0; i < table->count; i++) {
		const struct column *column = &table->columns[i];
		bool here = (int)i == sorted;
		enum role role = here ? ROLE_HEADING_SORTED : ROLE_HEADING;
		bool descending = !is_left(column) != reverse;
		const char *mark =
			glyph(descending ? GLYPH_DESCENDING : GLYPH_ASCENDING, canvas->utf8);
		int width = layout->width[i], used;

		if (width < 0)
			continue;
		x += column->gap;
		if (is_left(column)) {
			used = canvas_text(canvas, y, x, width, role, column->title);
			if (here)
				canvas_text(canvas, y, x + used, width - used, role, mark);
		} else {
			used = text_width(column->title, canvas->utf8);
			canvas_text_right(canvas, y, x, width, role, column->title);
			if (here)
				canvas_text(canvas, y, x + width - used - 1, 1, role, mark);
		}
		x += width;
	}
}

/* The last cell is kept for the mark of a full link, so that it does not need colour. */
static void draw_bar(struct canvas *canvas, int y, int x, int width, enum role role, double load)
{
	int cells = width > 1 ? width - 1 : 1;
	int eighths = (int)lround(fmin(load, 1) * cells * 8);

	if (eighths == 0 && load > 0.001)
		eighths = 1;
	for (int i = 0; i < cells; i++) {
		int part = eighths - 8 * i;

		canvas_text(canvas, y, x + i, 1, part > 0 ? role : ROLE_FAINT,
			    glyph_eighths(part, canvas->utf8));
	}
	if (load >= 0.95 && width > 1)
		canvas_text(canvas, y, x + cells, 1, role, "!");
}

/* Counts may be of any share: without the mark of a full link. */
static void draw_share(struct canvas *canvas, int y, int x, int width, enum role role, double share)
{
	int eighths = (int)lround(fmin(share, 1) * width * 8);

	if (eighths == 0 && share > 0)
		eighths = 1;
	for (int i = 0; i < width && eighths - 8 * i > 0; i++)
		canvas_text(canvas, y, x + i, 1, role,
			    glyph_eighths(eighths - 8 * i, canvas->utf8));
}

static void draw_left(struct canvas *canvas, int y, int x, int width, const struct cell *cell)
{
	int tail = (int)strlen(cell->tail);
	bool room = tail &&
		    (width - tail >= 14 || text_width(cell->text, canvas->utf8) + tail <= width);
	int used = canvas_text(canvas, y, x, room ? width - tail : width, cell->role, cell->text);

	if (room)
		canvas_text(canvas, y, x + used, tail, ROLE_FAINT, cell->tail);
}

void table_draw_row(struct canvas *canvas, int y, const struct table *table,
		    const struct layout *layout, const json_t *row, bool stale)
{
	int x = 0;

	for (size_t i = 0; i < table->count; i++) {
		const struct column *column = &table->columns[i];
		int width = layout->width[i];
		struct cell cell;

		if (width < 0)
			continue;
		x += column->gap;
		cell_format(column, row, canvas->utf8, &cell);
		if (stale)
			cell.role = ROLE_STALE;
		if (cell.load >= 0 && column->kind == CELL_SHARE_BAR)
			draw_share(canvas, y, x, width, cell.role, cell.load);
		else if (cell.load >= 0)
			draw_bar(canvas, y, x, width, cell.role, cell.load);
		else if (is_left(column))
			draw_left(canvas, y, x, width, &cell);
		else
			canvas_text_right(canvas, y, x, width, cell.role, cell.text);
		x += width;
	}
}
