/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb samples: the last round trips and retransmits of a circuit, one by one. */
#include <netinet/in.h>

#include "engine/base/clock.h"
#include "engine/base/prefix.h"
#include "engine/samples.h"
#include "engine/state.h"
#include "engine/tables.h"
#include "engine/verbs.h"
#include "engine/wire/args.h"

static json_t *make_row(const struct tcp_sample *sample, int64_t wall_offset_ms)
{
	char customer[PREFIX_TEXT_SIZE], remote[PREFIX_TEXT_SIZE];
	const struct flow_key *key = &sample->key;
	int64_t time_ms = (int64_t)(sample->time_ns / 1000000) + wall_offset_ms;

	return json_pack("{s:I, s:s, s:i, s:s, s:i, s:s, s:b, s:o, s:s?, s:s?}", "time_ms",
			 (json_int_t)time_ms, "customer",
			 prefix_format_address(key->customer.byte, customer), "customer_port",
			 ntohs(key->customer_port), "remote",
			 prefix_format_address(key->remote.byte, remote), "remote_port",
			 ntohs(key->remote_port), "direction",
			 sample->is_upload ? "upload" : "download", "is_retransmit",
			 sample->is_retransmit, "rtt_us",
			 sample->rtt_us ? json_integer(sample->rtt_us) : json_null(), "rtt_side",
			 !sample->rtt_us     ? NULL
			 : sample->is_upload ? "customer"
					     : "internet",
			 "rtt_by",
			 !sample->rtt_us	 ? NULL
			 : sample->by_timestamps ? "timestamps"
						 : "sequence");
}

bool verb_samples(const struct request *request, json_t **result, struct error *err)
{
	int64_t wall_offset_ms = clock_wall_ms() - (int64_t)(clock_now_ns() / 1000000);
	const struct engine *engine = request->engine;
	const struct assignment *assignment;
	struct slot_samples info;
	const char *circuit = NULL;
	int64_t limit = 100;
	json_t *rows;

	if (!args_required_text(request->args, "circuit", &circuit, err) ||
	    !args_integer(request->args, "limit", 1, SAMPLES_KEPT, &limit, err))
		return false;
	assignment = handles_find(engine->handles, NODE_CIRCUIT, circuit);
	if (!assignment)
		return error_set(err, ERROR_MISSING, "there is no circuit \"%.80s\"", circuit);
	if (!samples_watch(engine->samples, assignment->slot, &info, err))
		return false;
	rows = json_array();
	for (size_t i = 0; i < info.count && i < (size_t)limit; i++)
		json_array_append_new(rows,
				      make_row(samples_get(engine->samples, assignment->slot, i),
					       wall_offset_ms));
	*result = json_pack("{s:I, s:I, s:I, s:o}", "since_ms", (json_int_t)info.since_ms, "lost",
			    (json_int_t)info.lost, "samples", (json_int_t)info.count, "rows", rows);
	return true;
}
