/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs history (the last minutes of a circuit, a site or all) and rtt (how the round trips of
 * a circuit are spread, since it has its slot). */
#include <math.h>

#include "engine/histogram.h"
#include "engine/history.h"
#include "engine/state.h"
#include "engine/tables.h"
#include "engine/verbs.h"
#include "engine/wire/args.h"

struct scope {
	uint32_t slot;
	uint64_t owner;
};

static bool take_assignment(const struct engine *engine, enum node_kind kind, const char *id,
			    struct scope *scope, struct error *err)
{
	const struct assignment *assignment = handles_find(engine->handles, kind, id);

	if (!assignment)
		return error_set(err, ERROR_MISSING, "there is no %s \"%.80s\"",
				 kind == NODE_SITE ? "site" : "circuit", id);
	*scope = (struct scope){ assignment->slot, assignment->owner };
	return true;
}

static bool read_scope(const struct request *request, struct scope *scope, struct error *err)
{
	const char *circuit = NULL, *site = NULL;

	*scope = (struct scope){ HISTORY_ALL, HISTORY_ALL };
	if (!args_text(request->args, "circuit", &circuit, err) ||
	    !args_text(request->args, "site", &site, err))
		return false;
	if (circuit)
		return take_assignment(request->engine, NODE_CIRCUIT, circuit, scope, err);
	return !site || take_assignment(request->engine, NODE_SITE, site, scope, err);
}

static json_t *describe_rtt(double rtt_us)
{
	return rtt_us > 0 ? json_integer((json_int_t)lround(rtt_us)) : json_null();
}

static json_t *describe_spread(const uint32_t rtt[HISTORY_OCTAVES])
{
	json_t *list = json_array();

	for (int i = 0; i < HISTORY_OCTAVES; i++)
		json_array_append_new(list, json_integer(rtt[i]));
	return list;
}

bool verb_history(const struct request *request, json_t **result, struct error *err)
{
	struct history_point points[HISTORY_POINTS];
	json_t *list, *bounds;
	struct scope scope;
	size_t count;

	if (!read_scope(request, &scope, err))
		return false;
	count = history_read(sampler_history(request->engine->sampler), scope.slot, scope.owner,
			     points);
	list = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list,
				      json_pack("{s:I, s:I, s:o, s:o, s:o}", "download_bps",
						(json_int_t)llround(points[i].rate_bps[DOWNLOAD]),
						"upload_bps",
						(json_int_t)llround(points[i].rate_bps[UPLOAD]),
						"rtt_p50_us", describe_rtt(points[i].rtt_p50_us),
						"rtt_p95_us", describe_rtt(points[i].rtt_p95_us),
						"rtt", describe_spread(points[i].rtt)));
	bounds = json_array();
	for (unsigned int i = 0; i < HISTORY_OCTAVES; i++)
		json_array_append_new(bounds, json_integer(history_octave_us(i)));
	*result = json_pack("{s:i, s:o, s:o}", "step_ms", SPAN_TICKS * TICK_MS, "bounds_us", bounds,
			    "points", list);
	return true;
}

bool verb_rtt(const struct request *request, json_t **result, struct error *err)
{
	uint32_t rtt[RTT_SIDES][RTT_BUCKETS], samples[RTT_SIDES];
	const struct engine *engine = request->engine;
	const char *circuit = NULL;
	json_t *rows = json_array();
	struct scope scope = { 0 };

	if (!args_required_text(request->args, "circuit", &circuit, err) ||
	    !take_assignment(engine, NODE_CIRCUIT, circuit, &scope, err)) {
		json_decref(rows);
		return false;
	}
	for (int side = 0; side < RTT_SIDES; side++) {
		datapath_read_rtt(engine->datapath, scope.slot, (enum rtt_side)side, rtt[side]);
		samples[side] = histogram_samples(rtt[side]);
	}
	for (unsigned int i = 0; i < RTT_BUCKETS; i++) {
		uint32_t low_us = rtt_bucket_low_us(i), all = samples[RTT_CUSTOMER];

		if (!rtt[RTT_CUSTOMER][i] && !rtt[RTT_INTERNET][i])
			continue;
		json_array_append_new(
			rows,
			json_pack("{s:I, s:I, s:I, s:I, s:f, s:f}", "id", (json_int_t)i, "from_us",
				  (json_int_t)low_us, "customer", (json_int_t)rtt[RTT_CUSTOMER][i],
				  "internet", (json_int_t)rtt[RTT_INTERNET][i], "customer_share",
				  all ? (double)rtt[RTT_CUSTOMER][i] / all : 0, "internet_share",
				  samples[RTT_INTERNET]
					  ? (double)rtt[RTT_INTERNET][i] / samples[RTT_INTERNET]
					  : 0));
	}
	*result =
		json_pack("{s:I, s:I, s:o}", "customer_samples", (json_int_t)samples[RTT_CUSTOMER],
			  "internet_samples", (json_int_t)samples[RTT_INTERNET], "rows", rows);
	return true;
}
