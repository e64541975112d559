/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The canned network of the fake engine and the tables made of it. In a header, since it belongs to
 * that one program alone.
 */
#ifndef LQOS_TESTS_FAKE_NETWORK_H
#define LQOS_TESTS_FAKE_NETWORK_H

#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NODES 100400
#define GONE (-2)

struct node {
	bool site;
	char id[32], name[96];
	int parent; /* -1: none; GONE: it was deleted */
	long long max[2], min[2];
	double use[2]; /* share of the maximum */
	long rtt_us;
	bool suspended;
	long long revision;
};

struct view {
	const json_t *args;
	int picked[NODES], depth[NODES];
	bool open[NODES];
	int count;
};

static struct node nodes[NODES];
static int node_count;
static bool still, hostile;
static long long revision = 12, epoch = 4127, ticks;

/* --- the network ----------------------------------------------------------------------------- */

static inline int add_node(bool site, const char *id, const char *name, int parent, double down_m,
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

static inline void add_circuits(int parent, int first, int count)
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
			 i % 5 == 4 ? -1 : 9000 + i % 100 * 7300);
	}
}

static inline void add_hostile(int parent)
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

static inline void make_network(void)
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

/* 100,000 circuits more, at 20 access points. */
static inline void make_large(void)
{
	int east = add_node(true, "East POP", "East POP", -1, 0, 0, 0, 0);

	for (int i = 0; i < 20; i++) {
		char name[32];

		snprintf(name, sizeof(name), "AP East-%02d", i + 1);
		add_circuits(add_node(true, name, name, east, 1000, 1000, 0, 0), 100000 + 5000 * i,
			     5000);
	}
}

static inline double rate_of(int node, int direction)
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

static inline int circuits_below(int node)
{
	int count = !nodes[node].site;

	for (int i = 0; nodes[node].site && i < node_count; i++)
		if (nodes[i].parent == node)
			count += circuits_below(i);
	return count;
}

static inline int children_of(int node)
{
	int count = 0;

	for (int i = 0; i < node_count; i++)
		count += nodes[i].parent == node;
	return count;
}

static inline json_t *number_or_null(long long value)
{
	return value > 0 ? json_integer(value) : json_null();
}

static inline json_t *address_of(int node)
{
	char text[64];
	json_t *list = json_array();

	snprintf(text, sizeof(text), "192.0.2.%d", node % 250);
	json_array_append_new(list, json_string(text));
	snprintf(text, sizeof(text), "2001:db8:%x::/48", node);
	json_array_append_new(list, json_string(text));
	return list;
}

/* The key of the slowest child. */
static inline json_t *worst_of(int index)
{
	int worst = -1;

	for (int i = 0; i < node_count; i++)
		if (nodes[i].parent == index && nodes[i].rtt_us >= 0 &&
		    (worst < 0 || nodes[i].rtt_us > nodes[worst].rtt_us))
			worst = i;
	return worst < 0 ? json_null()
			 : json_sprintf("%s:%s", nodes[worst].site ? "site" : "circuit",
					nodes[worst].id);
}

static inline json_t *path_of(int site)
{
	json_t *path = json_array();

	for (; site >= 0; site = nodes[site].parent)
		json_array_insert_new(
			path, 0,
			json_pack("{s:s, s:s}", "id", nodes[site].id, "name", nodes[site].name));
	return path;
}

static inline json_t *make_row(int index, int depth, bool open)
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
	json_object_set_new(row, "site_id",
			    node->parent < 0 ? json_null() : json_string(nodes[node->parent].id));
	json_object_set_new(row, "path", path_of(node->parent));
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
	json_object_set_new(row, "qoo",
			    measured ? json_real(rtt > 150000 ? 0 : 100 - (double)rtt / 1500)
				     : json_null());
	if (node->site)
		json_object_set_new(row, "worst", worst_of(index));
	json_object_set_new(row, "drops", json_integer(measured ? rtt / 7000 : 0));
	json_object_set_new(row, "suspended", json_boolean(node->suspended));
	json_object_set_new(row, "class", node->site ? json_null() : json_string(class));
	json_object_set_new(row, "revision", json_integer(node->revision));
	if (!node->site)
		json_object_set_new(row, "addresses", address_of(index));
	return row;
}

/* --- tables ---------------------------------------------------------------------------------- */

static inline const char *text_of(const json_t *args, const char *field, const char *otherwise)
{
	const char *text = json_string_value(json_object_get(args, field));

	return text ? text : otherwise;
}

static inline long long integer_of(const json_t *args, const char *field, long long otherwise)
{
	const json_t *value = json_object_get(args, field);

	return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

static const json_t *ordering;

static inline int compare(const void *left, const void *right)
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
	x = strstr(sort, "rtt") || !strcmp(sort, "qoo")
		    ? (double)a->rtt_us
		    : rate_of((int)(a - nodes), !strncmp(sort, "up", 2));
	y = strstr(sort, "rtt") || !strcmp(sort, "qoo")
		    ? (double)b->rtt_us
		    : rate_of((int)(b - nodes), !strncmp(sort, "up", 2));
	return order * ((x < y) - (x > y));
}

static inline bool matches(int node, const char *filter)
{
	const struct node *n = &nodes[node];

	return !*filter || strcasestr(n->name, filter) || strcasestr(n->id, filter) ||
	       (n->parent >= 0 && strcasestr(nodes[n->parent].name, filter));
}

static inline bool any_matches(int node, const char *filter)
{
	if (matches(node, filter))
		return true;
	for (int i = 0; i < node_count; i++)
		if (nodes[i].parent == node && any_matches(i, filter))
			return true;
	return false;
}

static inline bool is_toggled(const json_t *args, const char *id)
{
	json_t *item;
	size_t i;

	json_array_foreach (json_object_get(args, "toggled"), i, item)
		if (!strcmp(json_string_value(item), id))
			return true;
	return false;
}

static inline void walk(struct view *view, int parent, int depth)
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

static inline void pick(struct view *view, bool sites)
{
	for (int i = 0; i < node_count; i++)
		if (nodes[i].site == sites && nodes[i].parent != GONE &&
		    matches(i, text_of(view->args, "filter", "")))
			view->picked[view->count++] = i;
	ordering = view->args;
	qsort(view->picked, (size_t)view->count, sizeof(view->picked[0]), compare);
}

static inline json_t *table_result(const struct view *view)
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

static inline json_t *flow_row(int i, int node)
{
	char key[32], customer[64], remote[64];
	bool ipv6 = i % 4 == 3;

	snprintf(key, sizeof(key), "f%d", i);
	snprintf(customer, sizeof(customer), ipv6 ? "2001:db8:%x::17" : "192.0.2.%d", node % 250);
	snprintf(remote, sizeof(remote), ipv6 ? "2001:db8:ffff::%x" : "198.51.100.%d", i + 1);
	return json_pack(
		"{s:s, s:s, s:i, s:s, s:i, s:s, s:s?, s:s, s:s, s:I, s:I, s:I, s:I, s:o, s:o, "
		"s:i, s:i, s:i, s:s?, s:s, s:s, s:s, s:s}",
		"key", key, "customer", customer, "customer_port", 40000 + i, "remote", remote,
		"remote_port", 443, "protocol", i % 3 ? "tcp" : "udp", "application",
		i % 2 ? "https" : NULL, "circuit", nodes[node].id, "circuit_name", nodes[node].name,
		"download_bps", (json_int_t)(90000000 / (i + 1)), "upload_bps",
		(json_int_t)(3000000 / (i + 1)), "download_bytes", (json_int_t)1234567890 / (i + 1),
		"upload_bytes", (json_int_t)45678 * i, "rtt_customer_us",
		i % 3 ? json_integer(11000 + i * 900) : json_null(), "rtt_internet_us",
		i % 3 ? json_integer(24000 + i * 400) : json_null(), "retransmits", i % 5, "age_s",
		i * 31, "idle_s", i % 7, "state",
		!(i % 3) ? NULL
		: i % 5	 ? "open"
			 : "closing",
		"download_dscp", i % 4 ? "CS0" : "AF41", "upload_dscp", i % 8 ? "CS0" : "EF",
		"download_ecn", i % 6 ? "ECT0" : "CE", "upload_ecn", "ECT0");
}

static inline json_t *flows_result(const json_t *args)
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

#endif
