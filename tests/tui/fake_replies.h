/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the fake engine answers to each verb. In a header, since it belongs to that one program
 * alone.
 */
#ifndef LQOS_TESTS_FAKE_REPLIES_H
#define LQOS_TESTS_FAKE_REPLIES_H

#include <signal.h>

#include "tests/tui/fake_network.h"

static bool reader, beaten, quiet;
static volatile sig_atomic_t alarm_is_on; /* a link is down, and an alert says so */

/* --- results that are not tables of nodes --------------------------------------------------- */

static inline json_t *table_of(int used, int size)
{
	return json_pack("{s:i, s:i, s:i}", "used", used, "size", size, "bytes", 1000 * size);
}

static inline json_t *alert_result(void)
{
	return alarm_is_on ? json_pack("{s:i, s:I, s:s, s:s, s:s, s:s, s:s}", "number", 1,
				       "time_ms", (json_int_t)1700000000000, "subject", "wan0",
				       "field", "link", "before", "up", "after", "no carrier",
				       "result", "nothing passes by it")
			   : json_null();
}

static inline json_t *status_result(void)
{
	double down = 0, up = 0;
	int circuits = 0;

	for (int i = 0; i < node_count; i++) {
		down += nodes[i].parent < 0 ? rate_of(i, 0) : 0;
		up += nodes[i].parent < 0 ? rate_of(i, 1) : 0;
		circuits += !nodes[i].site;
	}
	return json_pack(
		"{s:s, s:s, s:i, s:I, s:s, s:s, s:s, s:I, s:I, s:I, s:b, s:i, s:{s:s, "
		"s:s}, s:i, s:s, s:{s:s, s:s}, s:I, s:I, s:I, s:I, s:{s:{s:i, s:i, s:i}, s:n}, "
		"s:{s:i, s:i, s:i, s:i, s:i, s:i}, s:{s:I}, s:{s:s, s:s}, s:o, s:f, s:{s:o, s:o, "
		"s:o}, s:[s]}",
		"version", "0.1.0", "host", "edge-1", "pid", 4711, "uptime_s",
		still ? 7260 : (json_int_t)ticks, "role", reader ? "read" : "admin", "state",
		"live", "message", "", "revision", revision, "applied_revision", revision, "epoch",
		epoch, "adopted", 1, "start_operations", 0, "interfaces", "access", "lan0",
		"internet", "wan0", "queues", 2, "leaf", "pfifo", "xdp", "access", "native",
		"internet", "generic", "download_bps", (json_int_t)down, "upload_bps",
		(json_int_t)up, "download_link_bps", 10000000000LL, "upload_link_bps",
		10000000000LL, "rtt", "customer", "p50_us", 18000, "p95_us", 64000, "samples", 1200,
		"internet", "counts", "sites", node_count - circuits, "circuits", circuits,
		"devices", circuits, "prefixes", 2 * circuits, "flows", 60, "problems",
		node_count ? 2 : 0, "datapath", "packets", (json_int_t)123456, "links", "access",
		"up", "internet", alarm_is_on ? "no carrier" : "up", "alert", alert_result(),
		"cpu_share", 0.032, "tables", "flows", table_of(60, 1000000), "prefixes",
		table_of(2 * circuits, 512000), "slots", table_of(circuits, 256000), "warnings",
		"lan0: receive VLAN offload hides tags from XDP; switch it off with "
		"ethtool -K lan0 rxvlan "
		"off");
}

static inline json_t *problems_result(void)
{
	if (!node_count)
		return json_pack("{s:[]}", "rows");
	return json_pack("{s:[{s:s, s:s, s:s},{s:s, s:s, s:n}]}", "rows", "subject", "circuit 1077",
			 "reason", "192.0.2.7 belongs to circuit 1042 already", "in_force",
			 "circuit 1042", "subject", "site AP Alder-9", "reason",
			 "its parent \"Tower Elder\" does not exist", "in_force");
}

static inline json_t *journal_result(void)
{
	json_t *rows = json_array();

	for (int i = 0; node_count && i < 40; i++)
		json_array_append_new(
			rows,
			json_pack("{s:i, s:I, s:I, s:s, s:s, s:s, s:s, s:o, s:o, s:s, s:f}", "id",
				  40 - i, "time_ms", (json_int_t)1700000000000LL - i * 3600000LL,
				  "revision", revision - i, "author", i % 3 ? "file" : "root",
				  "action", "change", "subject", "circuit 1042", "field",
				  "download_max_bps", "before",
				  json_sprintf("%d", (i + 1) * 10000000 - 5000000), "after",
				  json_sprintf("%d", (i + 1) * 10000000), "result", "applied",
				  "apply_ms", 3.1));
	return json_pack("{s:o}", "rows", rows);
}

/* --- verbs ----------------------------------------------------------------------------------- */

static inline json_t *fail(json_t **error, const char *code, const char *message)
{
	*error = json_pack("{s:s, s:s}", "code", code, "message", message);
	return NULL;
}

static inline int find_circuit(const json_t *args)
{
	const char *id = text_of(args, "circuit", "");

	for (int i = 0; i < node_count; i++)
		if (!nodes[i].site && !strcmp(nodes[i].id, id))
			return i;
	return -1;
}

static inline json_t *circuit_result(const json_t *args, json_t **error)
{
	int node = find_circuit(args);
	json_t *row, *ancestors = json_array();

	if (node < 0)
		return fail(error, "missing", "There is no such circuit.");
	row = make_row(node, 0, false);
	for (int i = nodes[node].parent; i >= 0; i = nodes[i].parent)
		json_array_append_new(ancestors,
				      json_pack("{s:s, s:s, s:o, s:o}", "id", nodes[i].id, "name",
						nodes[i].name, "download_max_bps",
						number_or_null(nodes[i].max[0]), "upload_max_bps",
						number_or_null(nodes[i].max[1])));
	json_object_set_new(row, "ancestors", ancestors);
	json_object_set_new(row, "devices",
			    json_pack("[{s:s, s:s, s:s, s:[s,s]}]", "id", "d1", "name", "Router",
				      "mac", "02:00:5e:10:00:01", "prefixes", "192.0.2.10",
				      "2001:db8:7::/48"));
	json_object_set_new(row, "leaf", json_string("pfifo"));
	return row;
}

static inline void apply(struct node *node, const json_t *args)
{
	node->max[0] = integer_of(args, "download_max_bps", node->max[0]);
	node->max[1] = integer_of(args, "upload_max_bps", node->max[1]);
	node->min[0] = integer_of(args, "download_min_bps", node->min[0]);
	node->min[1] = integer_of(args, "upload_min_bps", node->min[1]);
	if (json_object_get(args, "suspended"))
		node->suspended = json_is_true(json_object_get(args, "suspended"));
	node->revision = ++revision;
	epoch++;
}

static inline json_t *plan_of(const struct node *node)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:b}", "download_max_bps", (json_int_t)node->max[0],
			 "upload_max_bps", (json_int_t)node->max[1], "download_min_bps",
			 (json_int_t)node->min[0], "upload_min_bps", (json_int_t)node->min[1],
			 "suspended", node->suspended);
}

static inline json_t *set_result(const json_t *args, json_t **error)
{
	int index = find_circuit(args);
	bool dry_run = json_is_true(json_object_get(args, "dry_run"));
	struct node *node = &nodes[index];
	json_t *warnings = json_array();
	char operation[100], text[100];
	long long before, after;
	json_t *was;

	if (index < 0)
		return fail(error, "missing", "There is no such circuit.");
	before = node->max[0];
	after = integer_of(args, "download_max_bps", before);
	if (after > 1000000000)
		return fail(error, "invalid",
			    "download 2G is more than the link of interface lan0 has (1G)");
	if (!dry_run && !beaten && !strcmp(node->id, "1043")) {
		beaten = true;
		apply(node, json_object());
		node->max[1] = 7000000;
	}
	if (node->revision != integer_of(args, "expect_revision", node->revision)) {
		snprintf(text, sizeof(text), "circuit %s was changed meanwhile, by revision %lld",
			 node->id, node->revision);
		return fail(error, "conflict", text);
	}
	if (after > 320000000)
		json_array_append_new(warnings, json_string("more than AP Alder-1 has (320M)"));
	was = plan_of(node);
	if (!dry_run)
		apply(node, args);
	snprintf(operation, sizeof(operation), "change class 2:%x download ceil %lldM -> %lldM",
		 0x40 + index, before / 1000000, after / 1000000);
	return json_pack("{s:s, s:o, s:o, s:[s], s:{s:i}, s:o, s:b, s:I, s:I, s:I, s:f}", "circuit",
			 node->id, "before", was, "after", plan_of(node), "operations", operation,
			 "summary", "classes_changed", 1, "warnings", warnings, "dry_run", dry_run,
			 "revision", revision, "epoch_before", epoch - 1, "epoch", epoch, "ms",
			 3.1);
}

static inline int find_node(bool site, const char *id_or_name)
{
	for (int i = 0; i < node_count; i++)
		if (nodes[i].site == site && nodes[i].parent != GONE &&
		    (!strcmp(nodes[i].id, id_or_name) ||
		     (site && !strcmp(nodes[i].name, id_or_name))))
			return i;
	return -1;
}

static inline json_t *site_result(const json_t *args, json_t **error)
{
	int node = find_node(true, text_of(args, "site", ""));
	json_t *row;

	if (node < 0)
		return fail(error, "missing", "there is no such site");
	row = make_row(node, 0, false);
	json_object_set(row, "parent", json_object_get(row, "site"));
	return row;
}

static inline long long edited_rate(const json_t *edit, const char *field, long long now)
{
	const char *share = text_of(edit, field, "");

	return *share ? now * (100 + atoll(share)) / 100 : integer_of(edit, field, now);
}

/* One edit; the text of what it does goes to `operation`. */
static inline bool edit_node(const json_t *edit, bool dry_run, char operation[200])
{
	const char *id = text_of(edit, "id", ""), *action = text_of(edit, "action", "");
	bool site = !strcmp(text_of(edit, "kind", ""), "site");
	int index = find_node(site, id);
	struct node *node = &nodes[index];
	long long down;

	if (strcmp(text_of(edit, "kind", ""), "circuit") != 0 && !site) {
		snprintf(operation, 200, "%s %s %s", action, text_of(edit, "kind", ""), id);
		return true;
	}
	if (!strcmp(action, "add")) {
		snprintf(operation, 200, "add class 2:%x", 0x40 + node_count);
		if (!dry_run)
			add_node(false, id, text_of(edit, "name", ""),
				 find_node(true, text_of(edit, "site", "")),
				 (double)integer_of(edit, "download_max_bps", 0) / 1e6,
				 (double)integer_of(edit, "upload_max_bps", 0) / 1e6, 0, -1);
		return index < 0;
	}
	if (index < 0)
		return false;
	if (!strcmp(action, "delete")) {
		snprintf(operation, 200, "remove class 2:%x", 0x40 + index);
		if (!dry_run)
			node->parent = GONE;
		return true;
	}
	down = edited_rate(edit, "download_max_bps", node->max[0]);
	snprintf(operation, 200, "change class 2:%x download ceil %lldM -> %lldM", 0x40 + index,
		 node->max[0] / 1000000, down / 1000000);
	if (dry_run)
		return true;
	node->max[0] = down;
	node->max[1] = edited_rate(edit, "upload_max_bps", node->max[1]);
	if (json_object_get(edit, "suspended"))
		node->suspended = json_is_true(json_object_get(edit, "suspended"));
	return true;
}

static inline json_t *edit_result(const json_t *args, json_t **error)
{
	bool dry_run = json_is_true(json_object_get(args, "dry_run"));
	json_t *edits = json_object_get(args, "edits"), *edit, *operations = json_array();
	size_t i;

	json_array_foreach (edits, i, edit) {
		char operation[200];

		if (!edit_node(edit, dry_run, operation)) {
			json_decref(operations);
			return fail(error, "conflict", "it is there already, or it is not");
		}
		json_array_append_new(operations, json_string(operation));
	}
	revision += !dry_run;
	epoch += !dry_run;
	return json_pack("{s:I, s:o, s:{s:I}, s:[], s:b, s:I, s:I, s:I, s:f}", "edits",
			 (json_int_t)json_array_size(edits), "operations", operations, "summary",
			 "classes_changed", (json_int_t)json_array_size(edits), "warnings",
			 "dry_run", dry_run, "revision", revision, "epoch_before", epoch - 1,
			 "epoch", epoch, "ms", 4.2);
}

/* A minute of even use, then a busy one; the second half is slower. */
static inline json_t *history_result(void)
{
	json_t *points = json_array(), *bounds = json_array();

	for (int i = 0; i < 12; i++)
		json_array_append_new(bounds, json_integer(2000 << i));
	for (int i = 0; node_count && i < 40; i++)
		json_array_append_new(
			points,
			json_pack("{s:i, s:i, s:i, s:i, s:[i,i,i,i,i,i,i,i,i,i,i,i]}",
				  "download_bps", i < 20 ? 10000000 : 50000000 + i * 100000,
				  "upload_bps", 1000000 * (i % 5), "rtt_p50_us", 9000 + i * 1000,
				  "rtt_p95_us", 20000 + i * 1000, "rtt", 0, 1, 5, i < 20 ? 60 : 10,
				  20, i < 20 ? 0 : 60, i % 7, 2, i % 3, 0, 0, i == 30));
	return json_pack("{s:i, s:o, s:o}", "step_ms", 10000, "bounds_us", bounds, "points",
			 points);
}

static inline json_t *rows_result(const char *text)
{
	return json_pack("{s:o}", "rows", node_count ? json_loads(text, 0, NULL) : json_array());
}

static const char leaf_reply[] =
	"{\"download\":{\"class\":\"1:4a\",\"leaf\":\"cake\",\"packets\":810000,"
	"\"bytes\":990000000,\"drops\":421,\"marks\":12,\"backlog_bytes\":30280,"
	"\"tins\":[{\"tin\":\"Bulk\",\"packets\":0,\"drops\":0,\"marks\":0,"
	"\"backlog_bytes\":0,\"peak_delay_us\":0,\"average_delay_us\":0,"
	"\"base_delay_us\":0,\"sparse_flows\":0,\"bulk_flows\":0,"
	"\"threshold_bps\":6250000},"
	"{\"tin\":\"Best Effort\",\"packets\":809000,\"drops\":421,\"marks\":12,"
	"\"backlog_bytes\":30280,\"peak_delay_us\":14200,\"average_delay_us\":6100,"
	"\"base_delay_us\":210,\"sparse_flows\":2,\"bulk_flows\":3,"
	"\"threshold_bps\":100000000}]},"
	"\"upload\":{\"class\":\"2:4a\",\"leaf\":\"pfifo\",\"packets\":402000,"
	"\"bytes\":61000000,\"drops\":0,\"marks\":null,\"backlog_bytes\":0}}";

static const struct {
	const char *verb, *rows;
} plain_results[] = {
	{ "devices", "[{\"key\":\"192.0.2.10\",\"device\":\"d1\",\"device_name\":\"Router\","
		     "\"mac\":\"02:00:5e:10:00:01\",\"prefix\":\"192.0.2.10\","
		     "\"download_bps\":48000000,\"upload_bps\":3100000,\"flows\":7},"
		     "{\"key\":\"2001:db8:7::/48\",\"device\":\"d1\",\"device_name\":\"Router\","
		     "\"mac\":\"02:00:5e:10:00:01\",\"prefix\":\"2001:db8:7::/48\","
		     "\"download_bps\":0,\"upload_bps\":0,\"flows\":0}]" },
	{ "rtt", "[{\"id\":13,\"from_us\":8000,\"customer\":12,\"customer_share\":0.12,"
		 "\"internet\":300,\"internet_share\":1.0},"
		 "{\"id\":17,\"from_us\":16000,\"customer\":88,\"customer_share\":0.88,"
		 "\"internet\":0,\"internet_share\":0.0}]" },
	{ "samples",
	  "[{\"time_ms\":1700000000123,\"customer\":\"192.0.2.10\",\"customer_port\":40002,"
	  "\"remote\":\"198.51.100.3\",\"remote_port\":443,\"direction\":\"upload\","
	  "\"is_retransmit\":false,\"rtt_us\":23900,\"rtt_side\":\"customer\","
	  "\"rtt_by\":\"timestamps\"},"
	  "{\"time_ms\":1700000000101,\"customer\":\"192.0.2.10\",\"customer_port\":40002,"
	  "\"remote\":\"198.51.100.3\",\"remote_port\":443,\"direction\":\"download\","
	  "\"is_retransmit\":true,\"rtt_us\":null,\"rtt_side\":null,\"rtt_by\":null}]" },
	{ "queues", "[{\"id\":1,\"queue\":1,\"download_bps\":410000000,\"upload_bps\":61000000,"
		    "\"download_packets\":41000,\"upload_packets\":18000,\"drops\":12.5,"
		    "\"download_backlog\":184000,\"upload_backlog\":0,"
		    "\"download_max_bps\":1000000000,\"upload_max_bps\":1000000000,\"sites\":7,"
		    "\"circuits\":60,\"download_cpu\":0,\"upload_cpu\":1,"
		    "\"download_softirq\":0.62,\"upload_softirq\":0.07,\"hint\":\"92 % of all "
		    "traffic (a share is 50 %): site Tower Alder alone is 64 %, and is not "
		    "divided\"},"
		    "{\"id\":2,\"queue\":2,\"download_bps\":0,\"upload_bps\":0,"
		    "\"download_packets\":0,\"upload_packets\":0,\"drops\":0.0,"
		    "\"download_backlog\":0,\"upload_backlog\":0,\"download_max_bps\":1000000000,"
		    "\"upload_max_bps\":1000000000,\"sites\":0,\"circuits\":0,"
		    "\"download_cpu\":null,\"upload_cpu\":null,\"download_softirq\":null,"
		    "\"upload_softirq\":null,\"hint\":null}]" },
	{ "capture.list",
	  "[{\"key\":\"capture:2\",\"capture\":2,\"subject\":\"circuit 1042\","
	  "\"circuit\":\"1042\",\"state\":\"running\",\"running\":true,"
	  "\"file\":\"/var/lib/lqos/captures/circuit-1042-20261125T103056Z-9b9a19ee.pcap\","
	  "\"author\":\"alice (console)\",\"started_ms\":1795602656000,\"packets\":20400,"
	  "\"lost\":12,\"bytes\":5548800,\"elapsed_s\":12.0,\"seconds\":60,\"snap\":256,"
	  "\"trouble\":\"\",\"circuit_packets\":20412,\"lines\":["
	  "\"10:31:08.123456 198.51.100.3:443 > 192.0.2.10:51514 tcp A 1448, 1514 bytes\","
	  "\"10:31:08.123401 192.0.2.10:51514 > 198.51.100.3:443 tcp A 0, 66 bytes\"],"
	  "\"last\":\"10:31:08.123456 198.51.100.3:443 > 192.0.2.10:51514 tcp A 1448, "
	  "1514 bytes\"},"
	  "{\"key\":\"capture:1\",\"capture\":1,\"subject\":\"address 192.0.2.250\","
	  "\"circuit\":null,\"state\":\"time is over\",\"running\":false,"
	  "\"file\":\"/var/lib/lqos/captures/"
	  "address-192-0-2-250-20261125T102001Z-01020304.pcap\","
	  "\"author\":\"alice (console)\",\"started_ms\":1795602001000,\"packets\":71,"
	  "\"lost\":0,\"bytes\":19336,\"elapsed_s\":60.0,\"seconds\":60,\"snap\":256,"
	  "\"trouble\":\"\",\"circuit_packets\":null,\"lines\":[],\"last\":null}]" },
	{ "unknown",
	  "[{\"key\":\"192.0.2.250\",\"address\":\"192.0.2.250\",\"download_bps\":8100000,"
	  "\"upload_bps\":200000,\"download_bytes\":91000000,\"upload_bytes\":1100000,"
	  "\"packets\":9,\"age_s\":310.0,\"idle_s\":0.2}]" },
	{ "leaf", leaf_reply },
	{ "why", "[{\"name\":\"prefix\",\"value\":\"192.0.2.10\"},"
		 "{\"name\":\"limit, download\",\"value\":\"50M, by its plan\"},"
		 "{\"name\":\"verdict\",\"value\":\"shaped\"}]" },
};

static inline json_t *plain_result(const char *verb)
{
	for (size_t i = 0; i < sizeof(plain_results) / sizeof(plain_results[0]); i++)
		if (!strcmp(verb, plain_results[i].verb))
			return *plain_results[i].rows == '{'
				       ? json_loads(plain_results[i].rows, 0, NULL)
				       : rows_result(plain_results[i].rows);
	return NULL;
}

static inline json_t *answer_verb(const char *verb, const json_t *args, json_t **error)
{
	struct view view = { .args = args };
	json_t *plain;

	if (strchr(text_of(args, "filter", ""), '>'))
		return fail(error, "invalid",
			    "a filter can't compare \"speed\"; it knows rtt and down");
	if (!strcmp(verb, "status"))
		return status_result();
	if (!strcmp(verb, "flows"))
		return flows_result(args);
	if (!strcmp(verb, "problems"))
		return problems_result();
	if (!strcmp(verb, "journal"))
		return journal_result();
	if (!strcmp(verb, "circuit"))
		return circuit_result(args, error);
	if (!strcmp(verb, "circuit.set"))
		return set_result(args, error);
	if (!strcmp(verb, "site"))
		return site_result(args, error);
	if (!strcmp(verb, "edit"))
		return edit_result(args, error);
	if (!strcmp(verb, "history"))
		return history_result();
	if (!strcmp(verb, "capture.start"))
		return json_pack("{s:i, s:o, s:s}", "capture", 2, "subject",
				 json_sprintf("circuit %s", text_of(args, "circuit", "?")), "file",
				 "/var/lib/lqos/captures/new.pcap");
	if (!strcmp(verb, "capture.stop"))
		return json_pack("{s:i, s:s, s:s, s:s}", "capture", 2, "subject", "circuit 1042",
				 "file", "/var/lib/lqos/captures/new.pcap", "state", "stopped");
	plain = plain_result(verb);
	if (plain)
		return plain;
	if (!strcmp(verb, "tree"))
		walk(&view, -1, 0);
	else if (!strcmp(verb, "circuits") || !strcmp(verb, "sites"))
		pick(&view, *verb == 's');
	else
		return fail(error, "invalid", "there is no such verb");
	return table_result(&view);
}

/* As it is before the first packet: what is measured is not known. */
static inline void forget_measures(json_t *value)
{
	static const char *const measured[] = { "download_bps",
						"upload_bps",
						"rtt_p50_us",
						"rtt_p95_us",
						"retransmits",
						"drops",
						"qoo",
						"worst",
						"download_packets",
						"upload_packets",
						"download_backlog",
						"upload_backlog",
						"customer",
						"flows",
						"hint" };
	json_t *item;
	size_t i;

	if (!value)
		return;
	json_array_foreach (value, i, item)
		forget_measures(item);
	for (i = 0; i < sizeof(measured) / sizeof(measured[0]); i++)
		if (json_object_get(value, measured[i]))
			json_object_set_new(value, measured[i], json_null());
	if (json_object_get(value, "rtt_samples"))
		json_object_set_new(value, "rtt_samples", json_integer(0));
	forget_measures(json_object_get(value, "rows"));
	forget_measures(json_object_get(value, "rtt"));
}

static inline json_t *run_verb(const char *verb, const json_t *args, json_t **error)
{
	static const char *const without_rows[] = { "flows", "unknown", "rtt", "samples" };
	json_t *result = answer_verb(verb, args, error);

	if (!quiet || !result)
		return result;
	for (size_t i = 0; i < 4; i++)
		if (!strcmp(verb, without_rows[i])) {
			json_object_set_new(result, "rows", json_array());
			json_object_set_new(result, "total", json_integer(0));
		}
	if (!strcmp(verb, "history"))
		json_object_set_new(result, "points", json_array());
	forget_measures(result);
	return result;
}

#endif
