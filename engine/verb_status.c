/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb status: the engine, the link and the data path in one object. */
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/flows.h"
#include "engine/lazy_queues.h"
#include "engine/placement.h"
#include "engine/sampler.h"
#include "engine/state.h"
#include "engine/tables.h"
#include "engine/verbs.h"
#include "engine/wiring.h"
#include "engine/wire/text.h"

#define COUNTERS_MAX 64

static json_t *describe_mode(enum xdp_mode mode)
{
	static const char *const names[] = { "none", "native", "generic" };

	return json_string(names[mode]);
}

static json_t *describe_datapath(const struct engine *engine)
{
	struct datapath_counter counters[COUNTERS_MAX];
	unsigned int count = datapath_read_totals(engine->datapath, counters, COUNTERS_MAX);
	json_t *object = json_object();

	for (unsigned int i = 0; i < count; i++)
		json_object_set_new(object, counters[i].name,
				    json_integer((json_int_t)counters[i].value));
	return object;
}

static json_t *describe_counts(const struct engine *engine)
{
	const struct network *network = engine->network;
	size_t flows;

	flows_list(engine->flows, &flows);
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "sites", (json_int_t)network->site_count,
			 "circuits", (json_int_t)network->circuit_count, "devices",
			 (json_int_t)network->device_count, "prefixes",
			 (json_int_t)network->prefix_count, "flows", (json_int_t)flows, "problems",
			 (json_int_t)network->problem_count);
}

/* How full the data path's tables are, and what they take. */
static json_t *describe_tables(const struct engine *engine)
{
	struct datapath_table tables[DATAPATH_TABLES];
	json_t *object = json_object();

	datapath_read_tables(engine->datapath, tables);
	for (size_t i = 0; i < DATAPATH_TABLES; i++)
		json_object_set_new(object, tables[i].name,
				    json_pack("{s:I, s:I, s:I}", "used", (json_int_t)tables[i].used,
					      "size", (json_int_t)tables[i].size, "bytes",
					      (json_int_t)tables[i].bytes));
	return object;
}

static json_t *describe_warnings(const struct engine *engine)
{
	json_t *list = json_array();

	for (size_t i = 0; i < engine->preflight.count; i++)
		json_array_append_new(list, wire_text(engine->preflight.warnings[i]));
	return list;
}

static void add_engine(json_t *result, const struct request *request)
{
	const struct engine *engine = request->engine;
	char host[65] = "";

	gethostname(host, sizeof(host) - 1);
	json_object_set_new(result, "version", json_string(LQOS_VERSION));
	json_object_set_new(result, "host", wire_text(host));
	json_object_set_new(result, "pid", json_integer(getpid()));
	json_object_set_new(
		result, "uptime_s",
		json_integer((json_int_t)((clock_now_ns() - engine->started_ns) / NS_PER_SECOND)));
	json_object_set_new(result, "role",
			    json_string(request->role == ROLE_ADMIN ? "admin" : "read"));
	json_object_set_new(result, "state", json_string(engine->trouble[0] ? "degraded" : "live"));
	json_object_set_new(result, "message", wire_text(engine->trouble));
	json_object_set_new(result, "revision", json_integer((json_int_t)engine->revision));
	json_object_set_new(result, "applied_revision",
			    json_integer((json_int_t)engine->applied_revision));
	json_object_set_new(result, "epoch", json_integer(datapath_epoch(engine->datapath)));
	json_object_set_new(result, "adopted", json_boolean(engine->adopted));
	json_object_set_new(result, "start_operations", json_integer(engine->start_operations));
}

/* Where classes are made when there is traffic. */
static json_t *describe_classes(const struct engine *engine)
{
	struct lazy_counts counts;

	lazy_queues_count(engine->lazy_queues, &counts);
	return json_pack("{s:b, s:I, s:I, s:I, s:f, s:f}", "lazy", counts.lazy, "circuits",
			 (json_int_t)counts.with_class, "builds", (json_int_t)counts.builds,
			 "removals", (json_int_t)counts.removals, "build_p50_ms",
			 (double)counts.build_p50_ns / NS_PER_MS, "build_p99_ms",
			 (double)counts.build_p99_ns / NS_PER_MS);
}

/* How what is measured is spread over the queues. */
static json_t *describe_placement(const struct engine *engine)
{
	struct placement_counts counts;

	placement_count(engine->placement, &counts);
	return json_pack("{s:I, s:I, s:I}", "windows", (json_int_t)counts.windows, "moves",
			 (json_int_t)counts.moves, "too_big", (json_int_t)counts.too_big);
}

static json_t *describe_link(const struct engine *engine, enum direction direction)
{
	return json_string(link_state_name(engine->interfaces[direction].link));
}

/* The last of what happened to the host that somebody should see; null: nothing has. */
static json_t *describe_alert(const struct engine *engine)
{
	const struct host_event *alert = &engine->alert;

	if (!engine->alerts)
		return json_null();
	return json_pack("{s:I, s:I, s:o, s:s, s:o, s:o, s:o}", "number",
			 (json_int_t)engine->alerts, "time_ms", (json_int_t)alert->time_ms,
			 "subject", wire_text(alert->subject), "field", alert->field, "before",
			 wire_text(alert->before), "after", wire_text(alert->after), "result",
			 wire_text(alert->result));
}

static void add_shaping(json_t *result, const struct engine *engine)
{
	struct datapath_status status;

	datapath_read_status(engine->datapath, &status);
	json_object_set_new(result, "interfaces",
			    json_pack("{s:s, s:s}", "access", engine->interfaces[DOWNLOAD].name,
				      "internet", engine->interfaces[UPLOAD].name));
	json_object_set_new(result, "links",
			    json_pack("{s:o, s:o}", "access", describe_link(engine, DOWNLOAD),
				      "internet", describe_link(engine, UPLOAD)));
	json_object_set_new(result, "alert", describe_alert(engine));
	json_object_set_new(result, "wiring", json_string(wiring_name(engine->config.wiring.kind)));
	json_object_set_new(result, "queues", json_integer(engine->shaping.queues));
	json_object_set_new(result, "leaf", json_string(leaf_kind_name(engine->shaping.leaf)));
	json_object_set_new(result, "classes", describe_classes(engine));
	json_object_set_new(result, "placement", describe_placement(engine));
	json_object_set_new(result, "xdp",
			    json_pack("{s:o, s:o}", "access", describe_mode(status.mode[DOWNLOAD]),
				      "internet", describe_mode(status.mode[UPLOAD])));
}

static void add_traffic(json_t *result, const struct engine *engine)
{
	const struct metrics *total = sampler_total(engine->sampler);

	json_object_set_new(result, "time_ms", json_integer(sampler_time_ms(engine->sampler)));
	json_object_set_new(result, "download_bps",
			    json_integer((json_int_t)total->rate_bps[DOWNLOAD]));
	json_object_set_new(result, "upload_bps",
			    json_integer((json_int_t)total->rate_bps[UPLOAD]));
	json_object_set_new(result, "download_link_bps",
			    table_rate(engine->shaping.link_bps[DOWNLOAD]));
	json_object_set_new(result, "upload_link_bps",
			    table_rate(engine->shaping.link_bps[UPLOAD]));
	json_object_set_new(result, "rtt",
			    json_pack("{s:o, s:o}", "customer", table_rtt(total->rtt), "internet",
				      table_rtt(sampler_internet_rtt(engine->sampler))));
	json_object_set_new(result, "cpu_share", json_real(sampler_cpu_share(engine->sampler)));
	json_object_set_new(result, "tables", describe_tables(engine));
	json_object_set_new(result, "counts", describe_counts(engine));
	json_object_set_new(result, "datapath", describe_datapath(engine));
}

bool verb_status(const struct request *request, json_t **result, struct error *err)
{
	*result = json_object();
	add_engine(*result, request);
	add_shaping(*result, request->engine);
	add_traffic(*result, request->engine);
	json_object_set_new(*result, "warnings", describe_warnings(request->engine));
	return true;
}
