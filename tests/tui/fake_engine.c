/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An engine that is none: speaks the control protocol over a canned network, so that the console
 * can be tested without root, kernel and traffic.
 *
 *   fake_engine SOCKET [still] [hostile] [reader] [empty]
 *
 * still: numbers do not move; hostile: names that try to steer a terminal; reader: the peer may
 * only look; empty: no network at all. SIGUSR1 makes it deaf and hearing again. An edit above 1G is
 * refused; the first edit of circuit 1043 finds that somebody else was faster.
 */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "engine/wire/line.h"

#define CLIENTS 8
#define SUBSCRIPTIONS 8
#define NODES 400

struct node {
	bool site;
	char id[32], name[96];
	int parent; /* -1: none */
	long long max[2], min[2];
	double use[2]; /* share of the maximum */
	long rtt_us;
	bool suspended;
	long long revision;
};

struct subscription {
	long long number;
	char to[16];
	json_t *args;
	long long due_ms, interval_ms;
};

struct client {
	int fd;
	struct line_buffer input;
	struct subscription subscriptions[SUBSCRIPTIONS];
};

struct view {
	const json_t *args;
	int picked[NODES], depth[NODES];
	bool open[NODES];
	int count;
};

static struct node nodes[NODES];
static int node_count;
static struct client clients[CLIENTS];
static bool still, hostile, reader, beaten;
static long long revision = 12, epoch = 4127, last_subscription, ticks;
static volatile sig_atomic_t deaf;

static void on_usr1(int number)
{
	deaf = !deaf;
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* --- the network ----------------------------------------------------------------------------- */

static int add_node(bool site, const char *id, const char *name, int parent, double down_m,
		    double up_m, double use, long rtt_us)
{
	struct node *node = &nodes[node_count];

	*node = (struct node){ .site = site, .parent = parent, .rtt_us = rtt_us, .revision = 7 };
	snprintf(node->id, sizeof(node->id), "%s", id);
	snprintf(node->name, sizeof(node->name), "%s", name);
	node->max[0] = (long long)(down_m * 1e6);
	node->max[1] = (long long)(up_m * 1e6);
	node->min[0] = site ? 0 : node->max[0] / 10;
	node->min[1] = site ? 0 : node->max[1] / 10;
	node->use[0] = use;
	node->use[1] = use * 0.6;
	return node_count++;
}

static void add_circuits(int parent, int first, int count)
{
	static const char *const names[] = { "Miller, J.",  "Osei, A.",	     "Grün, Käthe",
					     "Tanaka 田中", "Farm Holloway", "Village hall",
					     "Rossi, P.",   "Novak, L." };
	static const double plans[] = { 50, 20, 100, 10, 200, 30, 50, 25 };

	for (int i = 0; i < count; i++) {
		char id[16];

		snprintf(id, sizeof(id), "%d", first + i);
		add_node(false, id, names[(first + i) % 8], parent, plans[i % 8], plans[i % 8] / 5,
			 i % 5 == 4 ? 0 : (i * 37 % 100) / 100.0,
			 i % 5 == 4 ? -1 : 9000 + i * 7300);
	}
}

static void add_hostile(int parent)
{
	static const char *const names[] = {
		"\033]0;owned\007\033[2J\033[31mred",
		"\r\nfake row\t\b\b\b",
		"\xc2\x9b"
		"31m C1",
		"rtl \xe2\x80\xae dlrow",
		"wide 漢字漢字漢字漢字漢字漢字漢字漢字",
		"e\xcc\x81\xcc\x82\xcc\x83\xcc\x84 stacked",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char id[16];

		snprintf(id, sizeof(id), "666%zu", i);
		add_node(false, id, names[i], parent, 50, 10, 0.5, 20000);
	}
}

static void make_network(void)
{
	int north = add_node(true, "North POP", "North POP", -1, 3000, 1000, 0, 0);
	int alder = add_node(true, "Tower Alder", "Tower Alder", north, 800, 200, 0, 0);
	int birch = add_node(true, "Tower Birch", "Tower Birch", north, 600, 150, 0, 0);
	int south = add_node(true, "South POP", "South POP", -1, 0, 0, 0, 0);
	int ap1 = add_node(true, "AP Alder-1", "AP Alder-1", alder, 320, 80, 0, 0);
	int ap2 = add_node(true, "AP Alder-2", "AP Alder-2", alder, 320, 80, 0, 0);
	int ap3 = add_node(true, "AP Birch-1", "AP Birch-1", birch, 320, 80, 0, 0);
	int cedar = add_node(true, "OLT Cedar", "OLT Cedar", south, 1000, 1000, 0, 0);

	add_circuits(ap1, 1040, 12);
	if (hostile)
		add_hostile(ap2);
	add_circuits(ap2, 1060, 8);
	add_circuits(ap3, 1080, 9);
	add_circuits(cedar, 2000, 60);
	add_circuits(north, 900, 2);
}

static double rate_of(int node, int direction)
{
	double sum = 0;

	if (!nodes[node].site)
		return (double)nodes[node].max[direction] * nodes[node].use[direction] *
		       (still ? 1 : 1 + 0.03 * sin((double)ticks + node));
	for (int i = 0; i < node_count; i++)
		if (nodes[i].parent == node)
			sum += rate_of(i, direction);
	return sum;
}

static int circuits_below(int node)
{
	int count = !nodes[node].site;

	for (int i = 0; nodes[node].site && i < node_count; i++)
		if (nodes[i].parent == node)
			count += circuits_below(i);
	return count;
}

static int children_of(int node)
{
	int count = 0;

	for (int i = 0; i < node_count; i++)
		count += nodes[i].parent == node;
	return count;
}

static json_t *number_or_null(long long value)
{
	return value > 0 ? json_integer(value) : json_null();
}

static json_t *address_of(int node)
{
	char text[64];
	json_t *list = json_array();

	snprintf(text, sizeof(text), "192.0.2.%d", node % 250);
	json_array_append_new(list, json_string(text));
	snprintf(text, sizeof(text), "2001:db8:%x::/48", node);
	json_array_append_new(list, json_string(text));
	return list;
}

static json_t *make_row(int index, int depth, bool open)
{
	const struct node *node = &nodes[index];
	bool measured = node->rtt_us >= 0;
	long rtt = node->site ? 21000 : node->rtt_us;
	char key[64], class[16];
	json_t *row = json_object();

	snprintf(key, sizeof(key), "%s:%s", node->site ? "site" : "circuit", node->id);
	snprintf(class, sizeof(class), "%d:%x", 1 + index % 2, 0x40 + index);
	json_object_set_new(row, "key", json_string(key));
	json_object_set_new(row, "kind", json_string(node->site ? "site" : "circuit"));
	json_object_set_new(row, "id", json_string(node->id));
	json_object_set_new(row, "name", json_string(node->name));
	json_object_set_new(row, "site",
			    node->parent < 0 ? json_null() : json_string(nodes[node->parent].name));
	json_object_set_new(row, "depth", json_integer(depth));
	json_object_set_new(row, "open", json_boolean(open));
	json_object_set_new(row, "children", json_integer(children_of(index)));
	json_object_set_new(row, "circuits", json_integer(circuits_below(index)));
	json_object_set_new(row, "download_bps", json_integer((json_int_t)rate_of(index, 0)));
	json_object_set_new(row, "upload_bps", json_integer((json_int_t)rate_of(index, 1)));
	json_object_set_new(row, "download_max_bps", number_or_null(node->max[0]));
	json_object_set_new(row, "upload_max_bps", number_or_null(node->max[1]));
	json_object_set_new(row, "download_min_bps", number_or_null(node->min[0]));
	json_object_set_new(row, "upload_min_bps", number_or_null(node->min[1]));
	json_object_set_new(row, "rtt_p50_us", measured ? json_integer(rtt) : json_null());
	json_object_set_new(row, "rtt_p95_us", measured ? json_integer(rtt * 4) : json_null());
	json_object_set_new(row, "rtt_samples", json_integer(measured ? 40 : 0));
	json_object_set_new(row, "retransmits",
			    measured ? json_real((double)rtt / 3e6) : json_null());
	json_object_set_new(row, "drops", json_integer(measured ? rtt / 7000 : 0));
	json_object_set_new(row, "suspended", json_boolean(node->suspended));
	json_object_set_new(row, "class", node->site ? json_null() : json_string(class));
	json_object_set_new(row, "revision", json_integer(node->revision));
	if (!node->site)
		json_object_set_new(row, "addresses", address_of(index));
	return row;
}

/* --- tables ---------------------------------------------------------------------------------- */

static const char *text_of(const json_t *args, const char *field, const char *otherwise)
{
	const char *text = json_string_value(json_object_get(args, field));

	return text ? text : otherwise;
}

static long long integer_of(const json_t *args, const char *field, long long otherwise)
{
	const json_t *value = json_object_get(args, field);

	return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

static const json_t *ordering;

static int compare(const void *left, const void *right)
{
	const struct node *a = &nodes[*(const int *)left], *b = &nodes[*(const int *)right];
	const char *sort = text_of(ordering, "sort", "name");
	int order = json_is_true(json_object_get(ordering, "reverse")) ? -1 : 1;
	double x, y;

	if (a->site != b->site)
		return a->site ? -1 : 1;
	if (!strcmp(sort, "name") || !strcmp(sort, "id") || !strcmp(sort, "site"))
		return order * strcmp(!strcmp(sort, "name") ? a->name : a->id,
				      !strcmp(sort, "name") ? b->name : b->id);
	x = strstr(sort, "rtt") ? (double)a->rtt_us
				: rate_of((int)(a - nodes), !strncmp(sort, "up", 2));
	y = strstr(sort, "rtt") ? (double)b->rtt_us
				: rate_of((int)(b - nodes), !strncmp(sort, "up", 2));
	return order * ((x < y) - (x > y));
}

static bool matches(int node, const char *filter)
{
	const struct node *n = &nodes[node];

	return !*filter || strcasestr(n->name, filter) || strcasestr(n->id, filter) ||
	       (n->parent >= 0 && strcasestr(nodes[n->parent].name, filter));
}

static bool any_matches(int node, const char *filter)
{
	if (matches(node, filter))
		return true;
	for (int i = 0; i < node_count; i++)
		if (nodes[i].parent == node && any_matches(i, filter))
			return true;
	return false;
}

static bool is_toggled(const json_t *args, const char *id)
{
	json_t *item;
	size_t i;

	json_array_foreach (json_object_get(args, "toggled"), i, item)
		if (!strcmp(json_string_value(item), id))
			return true;
	return false;
}

static void walk(struct view *view, int parent, int depth)
{
	const char *filter = text_of(view->args, "filter", "");
	long long limit = integer_of(view->args, "depth", 1);
	int children[NODES], count = 0;

	for (int i = 0; i < node_count; i++)
		if (nodes[i].parent == parent && any_matches(i, filter))
			children[count++] = i;
	ordering = view->args;
	qsort(children, (size_t)count, sizeof(children[0]), compare);
	for (int i = 0; i < count; i++) {
		const struct node *node = &nodes[children[i]];
		bool open = node->site && (*filter || ((limit < 0 || depth < limit) !=
						       is_toggled(view->args, node->id)));

		view->picked[view->count] = children[i];
		view->depth[view->count] = depth;
		view->open[view->count++] = open;
		if (open)
			walk(view, children[i], depth + 1);
	}
}

static void pick_circuits(struct view *view)
{
	for (int i = 0; i < node_count; i++)
		if (!nodes[i].site && matches(i, text_of(view->args, "filter", "")))
			view->picked[view->count++] = i;
	ordering = view->args;
	qsort(view->picked, (size_t)view->count, sizeof(view->picked[0]), compare);
}

static json_t *table_result(const struct view *view)
{
	long long offset = integer_of(view->args, "offset", 0);
	long long limit = integer_of(view->args, "limit", 20), selected = -1;
	const char *follow = text_of(view->args, "follow", "");
	json_t *rows = json_array();

	for (int i = 0; i < view->count; i++) {
		const struct node *node = &nodes[view->picked[i]];

		if (strchr(follow, ':') && !strcmp(strchr(follow, ':') + 1, node->id))
			selected = i;
	}
	if (selected >= 0 && selected < offset)
		offset = selected;
	if (selected >= offset + limit)
		offset = selected - limit + 1;
	for (long long i = offset; i < view->count && i < offset + limit; i++)
		json_array_append_new(rows,
				      make_row(view->picked[i], view->depth[i], view->open[i]));
	return json_pack("{s:I, s:I, s:I, s:i, s:I, s:o, s:o}", "time_ms", (json_int_t)0, "epoch",
			 epoch, "revision", revision, "total", view->count, "offset", offset,
			 "selected", selected < 0 ? json_null() : json_integer(selected), "rows",
			 rows);
}

static json_t *flow_row(int i, int node)
{
	char key[32], customer[64], remote[64];
	bool ipv6 = i % 4 == 3;

	snprintf(key, sizeof(key), "f%d", i);
	snprintf(customer, sizeof(customer), ipv6 ? "2001:db8:%x::17" : "192.0.2.%d", node % 250);
	snprintf(remote, sizeof(remote), ipv6 ? "2001:db8:ffff::%x" : "198.51.100.%d", i + 1);
	return json_pack(
		"{s:s, s:s, s:i, s:s, s:i, s:s, s:s?, s:s, s:s, s:I, s:I, s:I, s:I, s:o, s:o, "
		"s:i, s:i, s:i}",
		"key", key, "customer", customer, "customer_port", 40000 + i, "remote", remote,
		"remote_port", 443, "protocol", i % 3 ? "tcp" : "udp", "application",
		i % 2 ? "https" : NULL, "circuit", nodes[node].id, "circuit_name", nodes[node].name,
		"download_bps", (json_int_t)(90000000 / (i + 1)), "upload_bps",
		(json_int_t)(3000000 / (i + 1)), "download_bytes", (json_int_t)1234567890 / (i + 1),
		"upload_bytes", (json_int_t)45678 * i, "rtt_customer_us",
		i % 3 ? json_integer(11000 + i * 900) : json_null(), "rtt_internet_us",
		i % 3 ? json_integer(24000 + i * 400) : json_null(), "retransmits", i % 5, "age_s",
		i * 31, "idle_s", i % 7);
}

static json_t *flows_result(const json_t *args)
{
	const char *circuit = text_of(args, "circuit", NULL), *filter = text_of(args, "filter", "");
	long long offset = integer_of(args, "offset", 0), limit = integer_of(args, "limit", 20);
	json_t *rows = json_array();
	int total = 0;

	for (int i = 0; i < 60; i++) {
		int node = 8 + i % 12;

		if (node >= node_count || (circuit && strcmp(circuit, nodes[node].id) != 0) ||
		    !matches(node, filter))
			continue;
		if (total >= offset && total < offset + limit)
			json_array_append_new(rows, flow_row(i, node));
		total++;
	}
	return json_pack("{s:I, s:I, s:i, s:I, s:o}", "time_ms", (json_int_t)0, "epoch", epoch,
			 "total", total, "offset", offset, "rows", rows);
}

static json_t *status_result(void)
{
	double down = 0, up = 0;
	int circuits = 0;

	for (int i = 0; i < node_count; i++) {
		down += nodes[i].parent < 0 ? rate_of(i, 0) : 0;
		up += nodes[i].parent < 0 ? rate_of(i, 1) : 0;
		circuits += !nodes[i].site;
	}
	return json_pack("{s:s, s:s, s:i, s:I, s:s, s:s, s:s, s:I, s:I, s:I, s:b, s:i, s:{s:s, "
			 "s:s}, s:i, s:s, "
			 "s:{s:s, s:s}, s:I, s:I, s:I, s:I, s:{s:{s:i, s:i, s:i}, s:n}, s:{s:i, "
			 "s:i, s:i, s:i, s:i, "
			 "s:i}, s:{s:I}, s:[s]}",
			 "version", "0.1.0", "host", "edge-1", "pid", 4711, "uptime_s",
			 (json_int_t)ticks, "role", reader ? "read" : "admin", "state", "live",
			 "message", "", "revision", revision, "applied_revision", revision, "epoch",
			 epoch, "adopted", 1, "start_operations", 0, "interfaces", "access", "lan0",
			 "internet", "wan0", "queues", 2, "leaf", "pfifo", "xdp", "access",
			 "native", "internet", "generic", "download_bps", (json_int_t)down,
			 "upload_bps", (json_int_t)up, "download_link_bps", 10000000000LL,
			 "upload_link_bps", 10000000000LL, "rtt", "customer", "p50_us", 18000,
			 "p95_us", 64000, "samples", 1200, "internet", "counts", "sites",
			 node_count - circuits, "circuits", circuits, "devices", circuits,
			 "prefixes", 2 * circuits, "flows", 60, "problems", node_count ? 2 : 0,
			 "datapath", "packets", (json_int_t)123456, "warnings",
			 "lan0: receive VLAN offload hides tags from XDP; switch it off with "
			 "ethtool -K lan0 rxvlan "
			 "off");
}

static json_t *problems_result(void)
{
	if (!node_count)
		return json_pack("{s:[]}", "rows");
	return json_pack("{s:[{s:s, s:s, s:s},{s:s, s:s, s:n}]}", "rows", "subject", "circuit 1077",
			 "reason", "192.0.2.7 belongs to circuit 1042 already", "in_force",
			 "circuit 1042", "subject", "site AP Alder-9", "reason",
			 "its parent \"Tower Elder\" does not exist", "in_force");
}

static json_t *journal_result(void)
{
	json_t *rows = json_array();

	for (int i = 0; node_count && i < 40; i++)
		json_array_append_new(
			rows,
			json_pack("{s:i, s:I, s:I, s:s, s:s, s:s, s:s, s:I, s:I, s:s, s:f}", "id",
				  40 - i, "time_ms", (json_int_t)1700000000000LL - i * 3600000LL,
				  "revision", revision - i, "author", i % 3 ? "file" : "root",
				  "action", "change", "subject", "circuit 1042", "field",
				  "download_max_bps", "before", (i + 1) * 10000000LL - 5000000,
				  "after", (i + 1) * 10000000LL, "result", "applied", "apply_ms",
				  3.1));
	return json_pack("{s:o}", "rows", rows);
}

/* --- verbs ----------------------------------------------------------------------------------- */

static json_t *fail(json_t **error, const char *code, const char *message)
{
	*error = json_pack("{s:s, s:s}", "code", code, "message", message);
	return NULL;
}

static int find_circuit(const json_t *args)
{
	const char *id = text_of(args, "circuit", "");

	for (int i = 0; i < node_count; i++)
		if (!nodes[i].site && !strcmp(nodes[i].id, id))
			return i;
	return -1;
}

static json_t *circuit_result(const json_t *args, json_t **error)
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
	json_object_set_new(row, "leaf", json_string("pfifo"));
	return row;
}

static void broadcast(const json_t *message);

static void apply(struct node *node, const json_t *args)
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

static json_t *set_result(const json_t *args, json_t **error)
{
	int index = find_circuit(args);
	bool dry_run = json_is_true(json_object_get(args, "dry_run"));
	struct node *node = &nodes[index];
	json_t *warnings = json_array();
	char operation[100], text[100];
	long long before, after;

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
	if (!dry_run)
		apply(node, args);
	snprintf(operation, sizeof(operation), "change class 2:%x download ceil %lldM -> %lldM",
		 0x40 + index, before / 1000000, after / 1000000);
	return json_pack("{s:s, s:[s], s:o, s:b, s:I, s:I, s:I, s:f}", "circuit", node->id,
			 "operations", operation, "warnings", warnings, "dry_run", dry_run,
			 "revision", revision, "epoch_before", epoch - 1, "epoch", epoch, "ms",
			 3.1);
}

static json_t *run_verb(const char *verb, const json_t *args, json_t **error)
{
	struct view view = { .args = args };

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
	if (!strcmp(verb, "tree"))
		walk(&view, -1, 0);
	else if (!strcmp(verb, "circuits"))
		pick_circuits(&view);
	else
		return fail(error, "invalid", "there is no such verb");
	return table_result(&view);
}

/* --- clients --------------------------------------------------------------------------------- */

static void hang_up(struct client *client)
{
	close(client->fd);
	line_buffer_release(&client->input);
	for (int i = 0; i < SUBSCRIPTIONS; i++)
		json_decref(client->subscriptions[i].args);
	*client = (struct client){ .fd = -1 };
}

static void send_line(struct client *client, const json_t *message)
{
	char *text = json_dumps(message, JSON_COMPACT);
	size_t length = strlen(text), sent = 0;

	text[length++] = '\n';
	while (client->fd >= 0 && sent < length) {
		ssize_t size = send(client->fd, text + sent, length - sent, MSG_NOSIGNAL);

		if (size <= 0)
			hang_up(client);
		else
			sent += (size_t)size;
	}
	free(text);
}

static void broadcast(const json_t *message)
{
	for (int i = 0; i < CLIENTS; i++)
		if (clients[i].fd >= 0 && clients[i].subscriptions[0].number)
			send_line(&clients[i], message);
}

static json_t *subscribe(struct client *client, const json_t *request, json_t **error)
{
	long long replace = integer_of(request, "replace", 0);
	const json_t *args = json_object_get(request, "args");
	const char *to = text_of(request, "to", "");
	json_t *result = run_verb(to, args, error);

	if (!result)
		return NULL;
	json_decref(result);
	for (int i = 0; i < SUBSCRIPTIONS; i++) {
		struct subscription *subscription = &client->subscriptions[i];

		if (subscription->number != replace)
			continue;
		json_decref(subscription->args);
		*subscription = (struct subscription){
			.number = replace ? replace : ++last_subscription,
			.args = json_deep_copy(args),
			.interval_ms = integer_of(request, "interval_ms", 1000),
		};
		snprintf(subscription->to, sizeof(subscription->to), "%s", to);
		return json_pack("{s:I}", "subscription", subscription->number);
	}
	return fail(error, "missing", "there is no such subscription");
}

static json_t *unsubscribe(struct client *client, const json_t *request)
{
	for (int i = 0; i < SUBSCRIPTIONS; i++) {
		if (client->subscriptions[i].number != integer_of(request, "subscription", -1))
			continue;
		json_decref(client->subscriptions[i].args);
		client->subscriptions[i] = (struct subscription){ 0 };
	}
	return json_object();
}

static void announce(const json_t *result)
{
	json_t *event = json_pack("{s:s, s:I, s:I, s:s, s:f, s:s}", "event", "applied", "revision",
				  revision, "epoch", epoch, "author", "root", "ms", 3.1, "result",
				  "applied");

	broadcast(event);
	json_decref(event);
}

static void answer(struct client *client, const char *line)
{
	json_t *request = json_loads(line, 0, NULL), *error = NULL, *result, *reply;
	const char *verb = text_of(request, "verb", "");

	if (!strcmp(verb, "subscribe"))
		result = subscribe(client, request, &error);
	else if (!strcmp(verb, "unsubscribe"))
		result = unsubscribe(client, request);
	else
		result = run_verb(verb, request, &error);
	reply = json_pack("{s:O, s:b, s:o}", "id", json_object_get(request, "id"), "ok",
			  result != NULL, result ? "result" : "error", result ? result : error);
	send_line(client, reply);
	if (result && !strcmp(verb, "circuit.set") &&
	    !json_is_true(json_object_get(request, "dry_run")))
		announce(result);
	json_decref(reply);
	json_decref(request);
}

static void read_client(struct client *client)
{
	char bytes[4096], *line;
	ssize_t size = recv(client->fd, bytes, sizeof(bytes), 0);

	if (size <= 0) {
		hang_up(client);
		return;
	}
	line_buffer_feed(&client->input, bytes, (size_t)size);
	while (client->fd >= 0 && line_buffer_take(&client->input, &line, NULL) == LINE_READY)
		answer(client, line);
}

static void push(struct client *client)
{
	for (int i = 0; i < SUBSCRIPTIONS && client->fd >= 0; i++) {
		struct subscription *subscription = &client->subscriptions[i];
		json_t *error = NULL, *message;

		if (!subscription->number || now_ms() < subscription->due_ms)
			continue;
		subscription->due_ms = now_ms() + subscription->interval_ms;
		message = json_pack("{s:s, s:I, s:o}", "event", "update", "subscription",
				    subscription->number, "result",
				    run_verb(subscription->to, subscription->args, &error));
		send_line(client, message);
		json_decref(message);
	}
}

static void accept_client(int listener)
{
	for (int i = 0; i < CLIENTS; i++) {
		if (clients[i].fd >= 0)
			continue;
		clients[i] = (struct client){ .fd = accept(listener, NULL, NULL) };
		line_buffer_init(&clients[i].input, 65536);
		return;
	}
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 8)) {
		perror(path);
		exit(1);
	}
	return fd;
}

static void serve(int listener)
{
	long long next_ms = now_ms();

	for (;;) {
		struct pollfd fds[CLIENTS + 1] = { { .fd = listener, .events = POLLIN } };

		for (int i = 0; i < CLIENTS; i++)
			fds[i + 1] = (struct pollfd){ .fd = clients[i].fd, .events = POLLIN };
		if (poll(fds, CLIENTS + 1, 20) < 0 && errno != EINTR)
			return;
		if (deaf)
			continue;
		if (fds[0].revents & POLLIN)
			accept_client(listener);
		for (int i = 0; i < CLIENTS; i++) {
			if (clients[i].fd >= 0 && fds[i + 1].fd == clients[i].fd &&
			    (fds[i + 1].revents & (POLLIN | POLLHUP)))
				read_client(&clients[i]);
			if (clients[i].fd >= 0)
				push(&clients[i]);
		}
		if (now_ms() >= next_ms) {
			next_ms += 1000;
			ticks++;
		}
	}
}

int main(int argc, char **argv)
{
	bool empty = false;

	if (argc < 2)
		return 2;
	for (int i = 2; i < argc; i++) {
		still |= !strcmp(argv[i], "still");
		hostile |= !strcmp(argv[i], "hostile");
		reader |= !strcmp(argv[i], "reader");
		empty |= !strcmp(argv[i], "empty");
	}
	for (int i = 0; i < CLIENTS; i++)
		clients[i].fd = -1;
	signal(SIGUSR1, on_usr1);
	if (!empty)
		make_network();
	serve(listen_at(argv[1]));
	return 1;
}
