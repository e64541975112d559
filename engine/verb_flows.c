/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb flows: live flows of all, a site or a circuit; sorted, filtered, cut to a page. */
#include <arpa/inet.h>
#include <math.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/clock.h"
#include "engine/base/memory.h"
#include "engine/filter.h"
#include "engine/flows.h"
#include "engine/ranking.h"
#include "engine/state.h"
#include "engine/tables.h"
#include "engine/verbs.h"
#include "engine/wire/args.h"
#include "engine/wire/text.h"

enum flow_sort {
	FLOW_SORT_RATE, /* both directions */
	FLOW_SORT_DOWNLOAD,
	FLOW_SORT_UPLOAD,
	FLOW_SORT_BYTES,
	FLOW_SORT_RTT,
	FLOW_SORT_RETRANSMITS,
};

static const char *const sort_names[] = { "rate", "download",	 "upload", "bytes",
					  "rtt",  "retransmits", NULL };

struct flow_query {
	enum flow_sort sort;
	bool reverse;
	struct filter filter;
	int64_t offset, limit;
	bool by_circuit, by_site;
	uint32_t circuit, site;
};

struct flow_line {
	const struct flow_sample *sample;
	uint32_t circuit; /* NETWORK_NONE while its slot is being given away */
};

static bool parse_sort(const char *name, enum flow_sort *sort, struct error *err)
{
	for (int i = 0; sort_names[i]; i++) {
		if (strcmp(sort_names[i], name))
			continue;
		*sort = (enum flow_sort)i;
		return true;
	}
	return error_set(
		err, ERROR_INVALID,
		"can't sort flows by \"%.40s\"; take rate, download, upload, bytes, rtt or "
		"retransmits",
		name);
}

static bool read_scope(const struct request *request, struct flow_query *query, struct error *err)
{
	const struct network *network = request->engine->network;
	const char *circuit = NULL, *site = NULL;

	if (!args_text(request->args, "circuit", &circuit, err) ||
	    !args_text(request->args, "site", &site, err))
		return false;
	query->by_circuit = circuit != NULL;
	query->by_site = site != NULL;
	if (circuit) {
		query->circuit = network_find_circuit(network, circuit);
		if (query->circuit == NETWORK_NONE)
			return error_set(err, ERROR_MISSING, "there is no circuit \"%.80s\"",
					 circuit);
	}
	if (site) {
		query->site = network_find_site(network, site);
		if (query->site == NETWORK_NONE)
			return error_set(err, ERROR_MISSING, "there is no site \"%.80s\"", site);
	}
	return true;
}

static bool read_query(const struct request *request, struct flow_query *query, struct error *err)
{
	const char *sort = "rate", *filter = "";

	*query = (struct flow_query){ .limit = 100 };
	return args_text(request->args, "sort", &sort, err) &&
	       parse_sort(sort, &query->sort, err) &&
	       args_bool(request->args, "reverse", &query->reverse, err) &&
	       args_text(request->args, "filter", &filter, err) &&
	       filter_parse(filter, &query->filter, err) &&
	       args_integer(request->args, "offset", 0, INT32_MAX, &query->offset, err) &&
	       args_integer(request->args, "limit", 1, TABLE_ROWS_MAX, &query->limit, err) &&
	       read_scope(request, query, err);
}

static struct flow_line line_of(const struct engine *engine, const struct flow_sample *sample)
{
	return (struct flow_line){ .sample = sample,
				   .circuit =
					   sampler_circuit_of_slot(engine->sampler, sample->slot) };
}

static bool matches_filter(const struct engine *engine, const struct flow_query *query,
			   const struct flow_line *line)
{
	char customer[PREFIX_TEXT_SIZE], remote[PREFIX_TEXT_SIZE];
	const char *texts[] = { customer, remote };
	const struct circuit *circuit = &engine->network->circuits[line->circuit];
	struct flow_info flow;
	struct filter_row row = {
		.name = circuit->name,
		.id = circuit->id,
		.site = circuit->site == NETWORK_NONE ? ""
						      : engine->network->sites[circuit->site].name,
		.texts = texts,
		.text_count = 2,
		.rtt_ms = line->sample->rtt_us ? line->sample->rtt_us / 1000.0 : NAN,
		.down_bps = (double)line->sample->rate_bps[DOWNLOAD],
		.up_bps = (double)line->sample->rate_bps[UPLOAD],
		/* A flow has none of these. */
		.drops_per_s = NAN,
		.retransmits_percent = NAN,
		.score = NAN,
		.load_percent = NAN,
		.plan_bps = NAN,
	};
	if (!datapath_read_flow(engine->datapath, line->sample->entry, &flow))
		return false;
	prefix_format_address(flow.customer, customer);
	prefix_format_address(flow.remote, remote);
	return filter_matches(&query->filter, &row);
}

static bool is_wanted(const struct engine *engine, const struct flow_query *query,
		      const struct flow_line *line)
{
	if (line->circuit == NETWORK_NONE)
		return false;
	if (query->by_circuit && line->circuit != query->circuit)
		return false;
	if (query->by_site &&
	    !network_is_below(engine->network, engine->network->circuits[line->circuit].site,
			      query->site))
		return false;
	return !query->filter.count || matches_filter(engine, query, line);
}

static double key_of(const struct flow_sample *sample, enum flow_sort sort)
{
	switch (sort) {
	case FLOW_SORT_DOWNLOAD:
		return (double)sample->rate_bps[DOWNLOAD];
	case FLOW_SORT_UPLOAD:
		return (double)sample->rate_bps[UPLOAD];
	case FLOW_SORT_BYTES:
		return (double)sample->bytes;
	case FLOW_SORT_RTT:
		return sample->rtt_us;
	case FLOW_SORT_RETRANSMITS:
		return sample->retransmits;
	case FLOW_SORT_RATE:
		break;
	}
	return (double)(sample->rate_bps[DOWNLOAD] + sample->rate_bps[UPLOAD]);
}

/* Adds those that are wanted to the ranking, by their place in the list; how many there are. */
static size_t rank_lines(const struct engine *engine, const struct flow_query *query,
			 struct ranking *ranking)
{
	size_t total, count = 0;
	const struct flow_sample *samples = flows_list(engine->flows, &total);

	for (size_t i = 0; i < total; i++) {
		struct flow_line line = line_of(engine, &samples[i]);

		if (!is_wanted(engine, query, &line))
			continue;
		count++;
		ranking_add(ranking, &(struct ranked){ .key = key_of(&samples[i], query->sort),
						       .order = samples[i].entry,
						       .item = (uint32_t)i });
	}
	return count;
}

static json_t *describe_protocol(uint8_t protocol)
{
	static const char *const names[256] = { [IPPROTO_TCP] = "tcp",
						[IPPROTO_UDP] = "udp",
						[IPPROTO_ICMP] = "icmp",
						[IPPROTO_ICMPV6] = "icmp6" };

	return names[protocol] ? json_string(names[protocol]) : json_sprintf("%u", protocol);
}

/* The service by its port, as /etc/services has it; null when it is not there. */
static json_t *describe_application(const struct flow_info *flow)
{
	const char *protocol = flow->protocol == IPPROTO_TCP   ? "tcp"
			       : flow->protocol == IPPROTO_UDP ? "udp"
							       : NULL;
	const struct servent *service;

	if (!protocol)
		return json_null();
	service = getservbyport(htons(flow->remote_port), protocol);
	if (!service)
		service = getservbyport(htons(flow->customer_port), protocol);
	return service ? wire_text(service->s_name) : json_null();
}

static json_t *describe_rtt(uint32_t rtt_us)
{
	return rtt_us ? json_integer(rtt_us) : json_null();
}

static json_t *describe_state(const struct flow_info *flow)
{
	static const char *const names[] = {
		[FLOW_OPEN] = "open", [FLOW_CLOSING] = "closing", [FLOW_ENDED] = "ended"
	};

	return flow->protocol == 6 ? json_string(names[flow->state]) : json_null();
}

/* As registered for RFC 2474, 2597, 3246, 5865 and 8622; null before the first packet. */
static json_t *describe_dscp(const struct flow_info *flow, enum direction direction)
{
	unsigned int dscp = flow->tos[direction] >> 2, drop = dscp & 7;

	if (!flow->packets[direction])
		return json_null();
	if (drop == 0)
		return json_sprintf("CS%u", dscp >> 3);
	if (dscp >> 3 >= 1 && dscp >> 3 <= 4 && drop % 2 == 0)
		return json_sprintf("AF%u%u", dscp >> 3, drop / 2);
	if (dscp == 1 || dscp == 44 || dscp == 46)
		return json_string(dscp == 1 ? "LE" : dscp == 44 ? "VA" : "EF");
	return json_sprintf("%u", dscp);
}

/* RFC 3168; null before the first packet. */
static json_t *describe_ecn(const struct flow_info *flow, enum direction direction)
{
	static const char *const names[] = { "no", "ECT1", "ECT0", "CE" };

	return flow->packets[direction] ? json_string(names[flow->tos[direction] & 3])
					: json_null();
}

static void add_marking(json_t *row, const struct flow_info *flow)
{
	json_object_set_new(row, "download_dscp", describe_dscp(flow, DOWNLOAD));
	json_object_set_new(row, "upload_dscp", describe_dscp(flow, UPLOAD));
	json_object_set_new(row, "download_ecn", describe_ecn(flow, DOWNLOAD));
	json_object_set_new(row, "upload_ecn", describe_ecn(flow, UPLOAD));
}

static json_t *make_row(const struct engine *engine, const struct flow_line *line)
{
	const struct circuit *circuit = &engine->network->circuits[line->circuit];
	const struct flow_sample *sample = line->sample;
	char customer[PREFIX_TEXT_SIZE], remote[PREFIX_TEXT_SIZE];
	uint64_t now_ns = clock_now_ns();
	struct flow_info flow;
	json_t *row;

	if (!datapath_read_flow(engine->datapath, sample->entry, &flow))
		return NULL; /* evicted since the tick */
	row = json_pack(
		"{s:o, s:s, s:i, s:s, s:i, s:o, s:o, s:o, s:o}", "key",
		json_sprintf("flow:%u:%llx", sample->entry, (unsigned long long)flow.identity),
		"customer", prefix_format_address(flow.customer, customer), "customer_port",
		flow.customer_port, "remote", prefix_format_address(flow.remote, remote),
		"remote_port", flow.remote_port, "protocol", describe_protocol(flow.protocol),
		"application", describe_application(&flow), "circuit", wire_text(circuit->id),
		"circuit_name", wire_text(circuit->name));
	json_object_set_new(row, "download_bps",
			    json_integer((json_int_t)sample->rate_bps[DOWNLOAD]));
	json_object_set_new(row, "upload_bps", json_integer((json_int_t)sample->rate_bps[UPLOAD]));
	json_object_set_new(row, "download_bytes", json_integer((json_int_t)flow.bytes[DOWNLOAD]));
	json_object_set_new(row, "upload_bytes", json_integer((json_int_t)flow.bytes[UPLOAD]));
	json_object_set_new(row, "rtt_customer_us", describe_rtt(flow.rtt_us[RTT_CUSTOMER]));
	json_object_set_new(row, "rtt_internet_us", describe_rtt(flow.rtt_us[RTT_INTERNET]));
	json_object_set_new(
		row, "retransmits",
		json_integer((json_int_t)flow.retransmits[DOWNLOAD] + flow.retransmits[UPLOAD]));
	json_object_set_new(row, "state", describe_state(&flow));
	add_marking(row, &flow);
	json_object_set_new(row, "age_s",
			    json_real((double)(now_ns - flow.first_seen_ns) / NS_PER_SECOND));
	json_object_set_new(row, "idle_s",
			    json_real(now_ns > flow.last_seen_ns
					      ? (double)(now_ns - flow.last_seen_ns) / NS_PER_SECOND
					      : 0));
	return row;
}

static json_t *make_rows(const struct engine *engine, struct ranking *ranking)
{
	json_t *rows = json_array();
	size_t total, count;
	const struct flow_sample *samples = flows_list(engine->flows, &total);
	const struct ranked *page = ranking_page(ranking, &count);

	for (size_t i = 0; i < count; i++) {
		struct flow_line line = line_of(engine, &samples[page[i].item]);
		json_t *row = make_row(engine, &line);

		if (row)
			json_array_append_new(rows, row);
	}
	return rows;
}

bool verb_flows(const struct request *request, json_t **result, struct error *err)
{
	const struct engine *engine = request->engine;
	struct ranking *ranking;
	struct flow_query query;
	size_t count;

	if (!read_query(request, &query, err))
		return false;
	ranking = ranking_new((size_t)query.offset, (size_t)query.limit, query.reverse);
	count = rank_lines(engine, &query, ranking);
	*result =
		json_pack("{s:I, s:I, s:I, s:I, s:o}", "time_ms",
			  (json_int_t)sampler_time_ms(engine->sampler), "epoch",
			  (json_int_t)datapath_epoch(engine->datapath), "total", (json_int_t)count,
			  "offset", (json_int_t)query.offset, "rows", make_rows(engine, ranking));
	ranking_free(ranking);
	return true;
}
