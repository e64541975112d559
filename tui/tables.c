/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which tables and columns there are, and what they are called. */
#include <stdio.h>
#include <string.h>

#include "tui/table.h"

/* clang-format off */
#define USE_COLUMNS \
	{ "DOWN", "download", "download_bps", NULL, "download", CELL_RATE, 1, 5, 0, 1, \
	  "download now, bits a second" }, \
	{ "OF", "download_max", "download_max_bps", NULL, "download_max", CELL_RATE, 1, 5, 0, 4, \
	  "of this: a circuit's plan, a site's capacity" }, \
	{ "UP", "upload", "upload_bps", NULL, "upload", CELL_RATE, 1, 5, 0, 2, \
	  "upload now, bits a second" }, \
	{ "OF", "upload_max", "upload_max_bps", NULL, "upload_max", CELL_RATE, 1, 5, 0, 5, \
	  "of this" }, \
	{ "LOAD", "load", NULL, NULL, "load", CELL_LOAD, 1, 6, 12, 6, \
	  "the fuller direction; ! from 95 % on" }, \
	QUALITY_COLUMNS

#define QUALITY_COLUMNS \
	{ "RTT", "rtt", "rtt_p50_us", NULL, "rtt", CELL_MS, 1, 4, 0, 3, \
	  "round trip to the customer in ms, median of the last samples" }, \
	{ "p95", "p95", "rtt_p95_us", NULL, "p95", CELL_MS, 1, 4, 0, 7, \
	  "round trip, 95 of 100 are faster" }, \
	{ "RETR", "retransmits", "retransmits", NULL, "retransmits", CELL_SHARE, 1, 4, 0, 8, \
	  "TCP packets sent again, share of the last 10 s" }, \
	{ "DROP", "drops", "drops", NULL, "drops", CELL_COUNT, 1, 4, 0, 9, \
	  "packets dropped a second" }, \
	{ "QoO", "qoo", "qoo", NULL, "qoo", CELL_SCORE, 1, 3, 0, 3, \
	  "quality of browsing, 0 to 100: round trips and retransmits" }

#define WIDE_COLUMNS \
	{ "ADDRESS", "addresses", "addresses", NULL, NULL, CELL_LIST, 2, 15, 40, RANK_EXTRA, \
	  "addresses of the circuit's devices" }, \
	{ "CLASS", "class", "class", NULL, NULL, CELL_TEXT, 2, 6, 0, RANK_EXTRA + 1, \
	  "class in the queue tree" }, \
	{ "ID", "id", "id", NULL, "id", CELL_TEXT, 1, 10, 0, RANK_HIDDEN, "id alone" }, \
	{ "MIN", "download_min", "download_min_bps", NULL, NULL, CELL_RATE, 1, 5, 0, RANK_HIDDEN, \
	  "download it has at least" }, \
	{ "MIN", "upload_min", "upload_min_bps", NULL, NULL, CELL_RATE, 1, 5, 0, RANK_HIDDEN, \
	  "upload it has at least" }, \
	{ "OFF", "suspended", "suspended", NULL, NULL, CELL_FLAG, 1, 3, 0, RANK_HIDDEN, \
	  "whether it is suspended" }

static const struct column tree_columns[] = {
	{ "NAME", "name", "name", NULL, "name", CELL_TREE, 1, 20, 60, 0,
	  "site, or circuit with its id; in brackets the circuits below" },
	USE_COLUMNS,
	WIDE_COLUMNS,
};

static const struct column circuits_columns[] = {
	{ "CIRCUIT", "name", "id", "name", "name", CELL_CIRCUIT, 1, 20, 44, 0, "id and name" },
	USE_COLUMNS,
	{ "SITE", "site", "site", NULL, "site", CELL_TEXT, 2, 12, 28, RANK_EXTRA, "the site above it" },
	WIDE_COLUMNS,
};

static const struct column flows_columns[] = {
	{ "CUSTOMER", "customer", "customer", NULL, NULL, CELL_TEXT, 1, 15, 39, 0,
	  "the customer's address" },
	{ "REMOTE", "remote", "remote", "remote_port", NULL, CELL_ENDPOINT, 1, 21, 46, 3,
	  "address and port of the other end" },
	{ "APP", "application", "application", "protocol", NULL, CELL_TEXT, 1, 6, 0, 4,
	  "application by its port, or the protocol" },
	{ "DOWN", "download", "download_bps", NULL, "rate", CELL_RATE, 1, 5, 0, 1, "download now" },
	{ "UP", "upload", "upload_bps", NULL, "upload", CELL_RATE, 1, 5, 0, 2, "upload now" },
	{ "RTT ms", "rtt", "rtt_customer_us", NULL, "rtt", CELL_MS, 1, 6, 0, 5,
	  "round trip between here and the customer" },
	{ "inet", "internet_rtt", "rtt_internet_us", NULL, NULL, CELL_MS, 1, 4, 0, 7,
	  "round trip between here and the other end" },
	{ "RETR", "retransmits", "retransmits", NULL, "retransmits", CELL_COUNT, 1, 4, 0, 8,
	  "packets sent again" },
	{ "CIRCUIT", "circuit", "circuit", "circuit_name", NULL, CELL_CIRCUIT, 2, 9, 30, 6,
	  "whose it is" },
	{ "STATE", "state", "state", NULL, NULL, CELL_TEXT, 2, 7, 0, RANK_EXTRA + 3,
	  "of a TCP connection: open, closing or ended" },
	{ "DSCP", "dscp", "download_dscp", "upload_dscp", NULL, CELL_PAIR, 2, 5, 9, RANK_EXTRA + 4,
	  "class the last packets asked for; down/up where they differ" },
	{ "ECN", "ecn", "download_ecn", "upload_ecn", NULL, CELL_PAIR, 2, 4, 9, RANK_EXTRA + 5,
	  "congestion marking of the last packets; CE: met on the way to here" },
	{ "PORT", "customer_port", "customer_port", NULL, NULL, CELL_VALUE, 2, 5, 0, RANK_EXTRA + 7,
	  "the customer's port" },
	{ "TOTAL", "bytes", "download_bytes", NULL, "bytes", CELL_BYTES, 2, 5, 0, RANK_EXTRA,
	  "bytes downloaded since it began" },
	{ "SENT", "sent", "upload_bytes", NULL, NULL, CELL_BYTES, 1, 5, 0, RANK_EXTRA + 1,
	  "bytes uploaded since it began" },
	{ "AGE", "age", "age_s", NULL, NULL, CELL_SECONDS, 2, 6, 0, RANK_EXTRA + 2,
	  "since it was first seen" },
	{ "IDLE", "idle", "idle_s", NULL, NULL, CELL_SECONDS, 1, 6, 0, RANK_EXTRA + 6,
	  "since its last packet" },
};

static const struct column rtt_columns[] = {
	{ "CIRCUIT", "name", "id", "name", "name", CELL_CIRCUIT, 1, 20, 44, 0, "id and name" },
	QUALITY_COLUMNS,
	{ "SAMPLES", "samples", "rtt_samples", NULL, "samples", CELL_COUNT, 1, 7, 0, 4,
	  "round trips measured in the last 10 to 20 s" },
	{ "DOWN", "download", "download_bps", NULL, "download", CELL_RATE, 1, 5, 0, 5, "download now" },
	{ "UP", "upload", "upload_bps", NULL, "upload", CELL_RATE, 1, 5, 0, 6, "upload now" },
	{ "SITE", "site", "site", NULL, "site", CELL_TEXT, 2, 12, 28, 9, "the site above it" },
};

static const struct column queues_columns[] = {
	{ "QUEUE", "queue", "queue", NULL, NULL, CELL_VALUE, 1, 5, 0, 0, "number of the queue" },
	{ "DOWN", "download", "download_bps", NULL, NULL, CELL_RATE, 1, 5, 0, 1, "download now" },
	{ "UP", "upload", "upload_bps", NULL, NULL, CELL_RATE, 1, 5, 0, 2, "upload now" },
	{ "LOAD", "load", NULL, NULL, NULL, CELL_LOAD, 1, 6, 16, 6,
	  "the fuller direction against the link; ! from 95 % on" },
	{ "PPS", "packets", "download_packets", NULL, NULL, CELL_COUNT, 1, 5, 0, 3,
	  "packets a second, download" },
	{ "up", "upload_packets", "upload_packets", NULL, NULL, CELL_COUNT, 1, 5, 0, 4,
	  "packets a second, upload" },
	{ "WAIT", "download_backlog", "download_backlog", NULL, NULL, CELL_BYTES, 1, 5, 0, 5,
	  "bytes waiting, download" },
	{ "up", "upload_backlog", "upload_backlog", NULL, NULL, CELL_BYTES, 1, 5, 0, 6,
	  "bytes waiting, upload" },
	{ "DROP", "drops", "drops", NULL, NULL, CELL_COUNT, 1, 4, 0, 7, "packets dropped a second" },
	{ "SITES", "sites", "sites", NULL, NULL, CELL_COUNT, 1, 5, 0, 8, "sites placed on it" },
	{ "CIRC", "circuits", "circuits", NULL, NULL, CELL_COUNT, 1, 4, 0, 8, "circuits placed on it" },
	{ "CPU", "cpu", "download_cpu", "upload_cpu", NULL, CELL_NUMBERS, 1, 4, 7, 9,
	  "CPU that handles it, download/upload" },
	{ "SOFT", "softirq", "download_softirq", "upload_softirq", NULL, CELL_SHARES, 1, 7, 0, 7,
	  "share of that CPU's time in softirqs, where packets are handled" },
	{ "HINT", "hint", "hint", NULL, NULL, CELL_TEXT, 2, 20, 120, RANK_EXTRA,
	  "why it carries more than its share, and what would even that out" },
};

static const struct column unknown_columns[] = {
	{ "ADDRESS", "address", "address", NULL, NULL, CELL_TEXT, 1, 18, 39, 0,
	  "on the customers' side, in no circuit's prefixes" },
	{ "DOWN", "download", "download_bps", NULL, NULL, CELL_RATE, 1, 5, 0, 1, "download now" },
	{ "UP", "upload", "upload_bps", NULL, NULL, CELL_RATE, 1, 5, 0, 2, "upload now" },
	{ "PKTS", "packets", "packets", NULL, NULL, CELL_COUNT, 1, 5, 0, 3, "packets of both directions" },
	{ "TOTAL", "bytes", "download_bytes", NULL, NULL, CELL_BYTES, 2, 5, 0, 4, "bytes downloaded" },
	{ "SENT", "sent", "upload_bytes", NULL, NULL, CELL_BYTES, 1, 5, 0, 5, "bytes uploaded" },
	{ "AGE", "age", "age_s", NULL, NULL, CELL_SECONDS, 2, 6, 0, 6, "since its first packet" },
	{ "IDLE", "idle", "idle_s", NULL, NULL, CELL_SECONDS, 1, 6, 0, 7, "since its last packet" },
};

static const struct column devices_columns[] = {
	{ "PREFIX", "prefix", "prefix", NULL, NULL, CELL_TEXT, 1, 18, 43, 0, "address or range" },
	{ "DEVICE", "device", "device", "device_name", NULL, CELL_CIRCUIT, 1, 12, 40, 3, "id and name" },
	{ "MAC", "mac", "mac", NULL, NULL, CELL_TEXT, 1, 17, 0, 5, "its MAC address" },
	{ "DOWN", "download", "download_bps", NULL, NULL, CELL_RATE, 1, 5, 0, 1, "download now" },
	{ "UP", "upload", "upload_bps", NULL, NULL, CELL_RATE, 1, 5, 0, 2, "upload now" },
	{ "FLOWS", "flows", "flows", NULL, NULL, CELL_COUNT, 1, 5, 0, 4, "live flows" },
};

static const struct column histogram_columns[] = {
	{ "FROM ms", "from", "from_us", NULL, NULL, CELL_MS, 1, 7, 0, 0, "round trips from here on" },
	{ "CUSTOMER", "customer", "customer", NULL, NULL, CELL_COUNT, 2, 8, 0, 1,
	  "samples between here and the customer, our own queue included" },
	{ "SHARE", "customer_share", "customer_share", NULL, NULL, CELL_SHARE_BAR, 2, 8, 24, 2,
	  "of all samples" },
	{ "INTERNET", "internet", "internet", NULL, NULL, CELL_COUNT, 2, 8, 0, 1,
	  "samples between here and the other end" },
	{ "SHARE", "internet_share", "internet_share", NULL, NULL, CELL_SHARE_BAR, 2, 8, 24, 2,
	  "of all samples" },
};

static const struct column samples_columns[] = {
	{ "TIME", "time", "time_ms", NULL, NULL, CELL_TIME, 1, 11, 0, 0, "when" },
	{ "RTT ms", "rtt", "rtt_us", NULL, NULL, CELL_MS, 1, 6, 0, 1, "round trip" },
	{ "SIDE", "side", "rtt_side", NULL, NULL, CELL_TEXT, 1, 8, 0, 2,
	  "between here and the customer, or here and the other end" },
	{ "AGAIN", "again", "is_retransmit", NULL, NULL, CELL_FLAG, 1, 5, 0, 3,
	  "whether the segment was sent again" },
	{ "WAY", "way", "direction", NULL, NULL, CELL_TEXT, 1, 8, 0, 6, "direction of the segment" },
	{ "CUSTOMER", "customer", "customer", "customer_port", NULL, CELL_ENDPOINT, 2, 21, 46, 5,
	  "the customer's address and port" },
	{ "REMOTE", "remote", "remote", "remote_port", NULL, CELL_ENDPOINT, 1, 21, 46, 4,
	  "address and port of the other end" },
	{ "BY", "by", "rtt_by", NULL, NULL, CELL_TEXT, 2, 10, 0, RANK_EXTRA,
	  "how it was told: timestamps or sequence numbers" },
};

static const struct column leaf_columns[] = {
	{ "QUEUE", "name", "name", NULL, NULL, CELL_TEXT, 1, 24, 28, 0,
	  "direction, kind of queue, class; below it its tins" },
	{ "PKTS", "packets", "packets", NULL, NULL, CELL_COUNT, 1, 4, 0, 1, "packets sent" },
	{ "DROP", "drops", "drops", NULL, NULL, CELL_COUNT, 1, 4, 0, 1, "packets dropped so far" },
	{ "MARK", "marks", "marks", NULL, NULL, CELL_COUNT, 1, 4, 0, 2, "packets marked (ECN) so far" },
	{ "WAIT", "backlog", "backlog_bytes", NULL, NULL, CELL_BYTES, 1, 5, 0, 1, "bytes waiting now" },
	{ "PEAK", "peak", "peak_delay_us", NULL, NULL, CELL_MS, 2, 5, 0, 3,
	  "delay in this queue in ms, of its slowest flows" },
	{ "AVG", "average", "average_delay_us", NULL, NULL, CELL_MS, 1, 5, 0, 3, "the same, average" },
	{ "BASE", "base", "base_delay_us", NULL, NULL, CELL_MS, 1, 5, 0, 4, "the same, of sparse flows" },
	{ "BULK", "bulk", "bulk_flows", NULL, NULL, CELL_COUNT, 2, 4, 0, 5, "flows that queue" },
	{ "SPARSE", "sparse", "sparse_flows", NULL, NULL, CELL_COUNT, 1, 6, 0, 6, "flows that don't" },
	{ "OF", "threshold", "threshold_bps", NULL, NULL, CELL_RATE, 2, 5, 0, RANK_EXTRA,
	  "rate up to which the tin goes first" },
	{ "BYTES", "bytes", "bytes", NULL, NULL, CELL_BYTES, 2, 5, 0, RANK_EXTRA + 1, "bytes sent" },
};

static const struct column why_columns[] = {
	{ "WHY", "name", "name", NULL, NULL, CELL_TEXT, 1, 16, 20, 0, "what" },
	{ "VALUE", "value", "value", NULL, NULL, CELL_TEXT, 2, 20, 200, 1, "as it is now" },
};

static const struct column problems_columns[] = {
	{ "SUBJECT", "subject", "subject", NULL, NULL, CELL_TEXT, 1, 18, 40, 0,
	  "what it is about" },
	{ "REASON", "reason", "reason", NULL, NULL, CELL_TEXT, 2, 40, 200, 1,
	  "what is wrong with it" },
	{ "IN FORCE", "in_force", "in_force", NULL, NULL, CELL_VALUE, 2, 8, 24, 2,
	  "what applies instead" },
};

static const struct column journal_columns[] = {
	{ "TIME", "time", "time_ms", NULL, NULL, CELL_TIME, 1, 11, 0, 0, "when" },
	{ "REV", "revision", "revision", NULL, NULL, CELL_VALUE, 2, 5, 0, RANK_EXTRA,
	  "revision it made" },
	{ "AUTHOR", "author", "author", NULL, NULL, CELL_TEXT, 2, 6, 16, 5, "who; file: another program" },
	{ "SUBJECT", "subject", "subject", NULL, NULL, CELL_TEXT, 2, 14, 36, 1, "of what" },
	{ "CHANGE", "change", "field", "action", NULL, CELL_TEXT, 2, 16, 20, 4,
	  "the field that was changed, or what was done" },
	{ "BEFORE", "before", "before", NULL, NULL, CELL_VALUE, 2, 6, 24, 3, "its value before" },
	{ "AFTER", "after", "after", NULL, NULL, CELL_VALUE, 2, 6, 24, 2, "its value since" },
	{ "RESULT", "result", "result", NULL, NULL, CELL_TEXT, 2, 7, 40, 7, "applied, or why not" },
	{ "ms", "ms", "apply_ms", NULL, NULL, CELL_COUNT, 1, 4, 0, RANK_EXTRA + 1, "time it took" },
};

static const struct column status_columns[] = {
	{ "ENGINE", "name", "name", NULL, NULL, CELL_TEXT, 1, 20, 24, 0, "what" },
	{ "VALUE", "value", "value", NULL, NULL, CELL_TEXT, 2, 20, 200, 1, "its value now" },
};

#define COLUMNS(list) .columns = list, .count = sizeof(list) / sizeof(list[0])

static const struct column captures_columns[] = {
	{ "CAPTURE", "subject", "subject", NULL, NULL, CELL_TEXT, 1, 20, 60, 0, "what is captured" },
	{ "STATE", "state", "state", NULL, NULL, CELL_TEXT, 2, 12, 24, 1, "running, or why it ended" },
	{ "TIME", "elapsed", "elapsed_s", NULL, NULL, CELL_SECONDS, 1, 6, 0, 4, "how long it ran" },
	{ "PACKETS", "packets", "packets", NULL, NULL, CELL_COUNT, 1, 7, 0, 2, "packets in the file" },
	{ "LOST", "lost", "lost", NULL, NULL, CELL_COUNT, 1, 5, 0, 3, "packets that found no room" },
	{ "SIZE", "bytes", "bytes", NULL, NULL, CELL_BYTES, 1, 6, 0, 5, "of the file" },
	{ "BY", "author", "author", NULL, NULL, CELL_TEXT, 2, 12, 24, RANK_EXTRA, "who began it" },
	{ "FILE", "file", "file", NULL, NULL, CELL_TEXT, 2, 30, 100, RANK_EXTRA + 1, "where it is" },
	{ "LAST", "last", "last", NULL, NULL, CELL_TEXT, 2, 30, 80, RANK_HIDDEN, "its last packet" },
};

static const struct table tables[TABLES] = {
	[TABLE_TREE] = { "tree", "tree", true, true, COLUMNS(tree_columns),
		.order = "name", .empty = "No sites and no circuits." },
	[TABLE_SITES] = { "sites", "sites", true, true, COLUMNS(tree_columns),
		.order = "qoo", .empty = "No sites." },
	[TABLE_CIRCUITS] = { "circuits", "circuits", true, true, COLUMNS(circuits_columns),
		.order = "name", .empty = "No circuits." },
	[TABLE_FLOWS] = { "flows", "flows", true, true, COLUMNS(flows_columns),
		.order = "rate", .empty = "No flows." },
	[TABLE_RTT] = { "rtt", "circuits", true, true, COLUMNS(rtt_columns),
		.order = "qoo", .empty = "No circuits." },
	[TABLE_QUEUES] = { "queues", "queues", true, false, COLUMNS(queues_columns),
		.order = "queue", .empty = "No queues." },
	[TABLE_UNKNOWN] = { "unknown", "unknown", true, false, COLUMNS(unknown_columns),
		.order = "download", .empty = "Every address with traffic belongs to a circuit." },
	[TABLE_CAPTURES] = { "captures", "capture.list", true, false, COLUMNS(captures_columns),
		.empty = "No captures; c on a circuit, a flow or an address begins one." },
	[TABLE_DEVICES] = { "devices", "devices", true, false, COLUMNS(devices_columns),
		.scoped = true, .empty = "No devices." },
	[TABLE_HISTOGRAM] = { "histogram", "rtt", true, false, COLUMNS(histogram_columns),
		.scoped = true, .empty = "No round trip has been measured." },
	[TABLE_SAMPLES] = { "samples", "samples", true, false, COLUMNS(samples_columns),
		.scoped = true, .empty = "No round trip yet since this was opened." },
	[TABLE_LEAF] = { "leaf", "leaf", true, false, COLUMNS(leaf_columns), .scoped = true,
		.empty = "No queue: the circuit has no class.", .make_rows = leaf_rows },
	[TABLE_WHY] = { "why", "why", true, false, COLUMNS(why_columns),
		.scoped = true, .empty = "Nothing to say." },
	[TABLE_PROBLEMS] = { "problems", "problems", false, false, COLUMNS(problems_columns),
		.empty = "No problems: all that the database asks for is in force." },
	[TABLE_JOURNAL] = { "journal", "journal", false, false, COLUMNS(journal_columns),
		.order = "time", .empty = "No changes yet." },
	[TABLE_STATUS] = { "status", "status", true, false, COLUMNS(status_columns),
		.empty = "Nothing known of the engine.", .make_rows = status_rows },
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

enum table_name table_name_of(const struct table *table)
{
	return (enum table_name)(table - tables);
}

void table_names(char *text, size_t size)
{
	text[0] = '\0';
	for (size_t i = 0; i < TABLES; i++)
		snprintf(text + strlen(text), size - strlen(text), "%s%s", i ? ", " : "",
			 tables[i].name);
}

/* The engine sorts by what it says; tables that come whole are sorted here, by anything. */
const char *table_order(const struct table *table, size_t column)
{
	return table->paged ? table->columns[column].sort : table->columns[column].name;
}

int table_sort_column(const struct table *table, const char *sort)
{
	for (size_t i = 0; sort && i < table->count; i++) {
		const char *order = table_order(table, i);

		if (order && !strcmp(order, sort))
			return (int)i;
	}
	return -1;
}

bool table_is_descending(const struct column *column)
{
	switch (column->kind) {
	case CELL_RATE:
	case CELL_MS:
	case CELL_SHARE:
	case CELL_SHARE_BAR:
	case CELL_SHARES:
	case CELL_LOAD:
	case CELL_COUNT:
	case CELL_BYTES:
	case CELL_SECONDS:
	case CELL_TIME:
		return true;
	default:
		return false;
	}
}

static int find_column(const struct table *table, const char *name, size_t length)
{
	for (size_t i = 0; i < table->count; i++)
		if (strlen(table->columns[i].name) == length &&
		    !strncmp(table->columns[i].name, name, length))
			return (int)i;
	return -1;
}

/* "name, download, ...": the columns, or those that can be sorted by. */
static void list_names(const struct table *table, bool sortable, char *text, size_t size)
{
	text[0] = '\0';
	for (size_t i = 0; i < table->count; i++)
		if (!sortable || table_order(table, i))
			snprintf(text + strlen(text), size - strlen(text), "%s%s",
				 text[0] ? ", " : "", table->columns[i].name);
}

bool table_choose(const struct table *table, const char *text, struct column_choice *choice,
		  struct error *err)
{
	struct column_choice chosen = { 0 };
	char known[300];

	for (const char *at = text + strspn(text, ", "); *at; at += strspn(at, ", ")) {
		size_t length = strcspn(at, ", ");
		int column = find_column(table, at, length);

		list_names(table, false, known, sizeof(known));
		if (column < 0)
			return error_set(err, ERROR_INVALID,
					 "the %s table has no column \"%.*s\"; take %s",
					 table->name, length > 40 ? 40 : (int)length, at, known);
		for (size_t i = 0; i < chosen.count; i++)
			if (chosen.index[i] == column)
				return error_set(err, ERROR_INVALID,
						 "the column \"%.*s\" is named twice", (int)length,
						 at);
		chosen.index[chosen.count++] = (uint8_t)column;
		at += length;
	}
	if (!chosen.count)
		return error_set(err, ERROR_INVALID, "no column of the %s table is named",
				 table->name);
	*choice = chosen;
	return true;
}

bool table_parse_order(const struct table *table, const char *text, const char **sort,
		       bool *reverse, struct error *err)
{
	bool turned = text[0] == '-';
	const char *name = text + turned;
	int column = find_column(table, name, strlen(name));
	const char *order = column < 0 ? NULL : table_order(table, (size_t)column);
	char known[300];

	if (!order) {
		list_names(table, true, known, sizeof(known));
		return error_set(err, ERROR_INVALID,
				 "the %s table can't be sorted by \"%.40s\"; take %s", table->name,
				 name, known);
	}
	*sort = order;
	*reverse = turned;
	return true;
}
