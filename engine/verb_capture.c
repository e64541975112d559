/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs capture.start, capture.stop and capture.list. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "engine/base/clock.h"
#include "engine/base/memory.h"
#include "engine/base/prefix.h"
#include "engine/capture.h"
#include "engine/state.h"
#include "engine/verbs.h"
#include "engine/wire/args.h"
#include "engine/wire/text.h"

#define SNAP_LEAST 64
#define SNAP_USUAL 256
#define SECONDS_USUAL 60
#define SECONDS_MOST 3600
#define BYTES_LEAST 4096
#define BYTES_USUAL 100000000
#define BYTES_MOST 10000000000

/* --- what is to be captured ------------------------------------------------------------------- */

static void add_subject(struct capture_order *order, const char *word, const char *value)
{
	size_t used = strlen(order->subject);

	snprintf(order->subject + used, sizeof(order->subject) - used, "%s%s %s", used ? ", " : "",
		 word, value);
}

static bool take_circuit(const struct request *request, struct capture_order *order,
			 struct error *err)
{
	const struct engine *engine = request->engine;
	const struct assignment *assignment;
	const char *id = NULL;

	if (!args_text(request->args, "circuit", &id, err) || !id)
		return !json_object_get(request->args, "circuit");
	assignment = handles_find(engine->handles, NODE_CIRCUIT, id);
	if (network_find_circuit(engine->network, id) == NETWORK_NONE || !assignment)
		return error_set(err, ERROR_MISSING, "there is no circuit \"%.80s\"", id);
	order->filter.slot = assignment->slot;
	copy_text(order->circuit, sizeof(order->circuit), id);
	add_subject(order, "circuit", id);
	return true;
}

static bool take_address(const struct request *request, const char *name, union address *value,
			 union address *mask, struct capture_order *order, struct error *err)
{
	const char *text = NULL;
	struct prefix prefix;

	if (!args_text(request->args, name, &text, err))
		return false;
	if (!text)
		return true;
	if (!prefix_parse(text, &prefix, err))
		return error_prefix(err, "%s", name);
	memcpy(value->byte, prefix.address, sizeof(prefix.address));
	for (unsigned int bit = 0; bit < prefix.length; bit++)
		mask->byte[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	add_subject(order, name, text);
	return true;
}

static bool take_port(const struct request *request, const char *name, uint16_t *port,
		      struct capture_order *order, struct error *err)
{
	int64_t number = 0;
	char text[8];

	if (!args_integer(request->args, name, 1, 65535, &number, err))
		return false;
	if (!number)
		return true;
	*port = htons((uint16_t)number);
	snprintf(text, sizeof(text), "%u", (unsigned int)number);
	add_subject(order, name, text);
	return true;
}

/* 0 when it is not from 1 to 255. */
static uint8_t parse_number(const char *text)
{
	unsigned int number;
	int end = 0;

	return sscanf(text, "%3u%n", &number, &end) == 1 && !text[end] && number < 256
		       ? (uint8_t)number
		       : 0;
}

static bool take_protocol(const struct request *request, struct capture_order *order,
			  struct error *err)
{
	static const struct {
		const char *name;
		uint8_t number;
	} protocols[] = { { "tcp", 6 }, { "udp", 17 }, { "icmp", 1 }, { "icmp6", 58 } };
	const char *text = NULL;

	if (!args_text(request->args, "protocol", &text, err))
		return false;
	if (!text)
		return true;
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (!strcasecmp(protocols[i].name, text))
			order->filter.protocol = protocols[i].number;
	if (!order->filter.protocol)
		order->filter.protocol = parse_number(text);
	if (!order->filter.protocol)
		return error_set(err, ERROR_INVALID,
				 "protocol = \"%.20s\" is not one of tcp, udp, icmp, icmp6 or a "
				 "number from 1 to 255",
				 text);
	add_subject(order, "protocol", text);
	return true;
}

static bool take_what(const struct request *request, struct capture_order *order, struct error *err)
{
	struct capture_filter *filter = &order->filter;

	if (json_object_get(request->args, "address") &&
	    (json_object_get(request->args, "customer") ||
	     json_object_get(request->args, "remote")))
		return error_set(err, ERROR_INVALID,
				 "address is at either end: give customer and remote without it");
	filter->either_end = json_object_get(request->args, "address") != NULL;
	if (!take_circuit(request, order, err) ||
	    !take_address(request, "address", &filter->customer, &filter->customer_mask, order,
			  err) ||
	    !take_address(request, "customer", &filter->customer, &filter->customer_mask, order,
			  err) ||
	    !take_port(request, "customer_port", &filter->customer_port, order, err) ||
	    !take_address(request, "remote", &filter->remote, &filter->remote_mask, order, err) ||
	    !take_port(request, "remote_port", &filter->remote_port, order, err) ||
	    !take_protocol(request, order, err))
		return false;
	if (!order->subject[0])
		return error_set(err, ERROR_INVALID,
				 "say what to capture: circuit, address, or a flow by customer, "
				 "customer_port, remote, remote_port, protocol");
	return true;
}

bool verb_capture_start(const struct request *request, json_t **result, struct error *err)
{
	int64_t snap = SNAP_USUAL, seconds = SECONDS_USUAL, bytes = BYTES_USUAL;
	struct capture_order order = { .subject = "" };
	uint64_t id;

	if (!args_integer(request->args, "snap", SNAP_LEAST, LQOS_SNAP_MOST, &snap, err) ||
	    !args_integer(request->args, "seconds", 1, SECONDS_MOST, &seconds, err) ||
	    !args_integer(request->args, "bytes", BYTES_LEAST, BYTES_MOST, &bytes, err) ||
	    !take_what(request, &order, err))
		return false;
	order.filter.snap_bytes = (uint32_t)snap;
	order.seconds = (uint32_t)seconds;
	order.bytes = (uint64_t)bytes;
	copy_text(order.author, sizeof(order.author), request->author);
	if (!captures_start(request->engine->captures, &order, &id, err))
		return false;
	*result = json_pack("{s:I, s:o, s:o}", "capture", (json_int_t)id, "subject",
			    wire_text(order.subject), "file",
			    wire_text(captures_get(request->engine->captures, 0)->path));
	return true;
}

/* --- stop, list ------------------------------------------------------------------------------- */

static json_t *describe_lines(const struct capture *capture)
{
	json_t *lines = json_array();
	char text[256];

	for (unsigned int back = 0; capture_format_packet(capture, back, text, sizeof(text));
	     back++)
		json_array_append_new(lines, json_string(text));
	return lines;
}

static json_t *describe(const struct capture *capture)
{
	uint64_t now_ns = capture->ended_ns ? capture->ended_ns : clock_now_ns();
	double elapsed_s = (double)(now_ns - capture->started_ns) / (double)NS_PER_SECOND;
	json_t *lines = describe_lines(capture);
	json_t *row = json_pack(
		"{s:I, s:o, s:o, s:s, s:b, s:o, s:o, s:I, s:I, s:I, s:I, s:f, s:I, s:o}", "capture",
		(json_int_t)capture->id, "subject", wire_text(capture->order.subject), "circuit",
		capture->order.circuit[0] ? wire_text(capture->order.circuit) : json_null(),
		"state", capture->state, "running", !capture->ended_ns, "file",
		wire_text(capture->path), "author", wire_text(capture->order.author), "started_ms",
		(json_int_t)capture->started_ms, "packets", (json_int_t)capture->packets, "lost",
		(json_int_t)capture->lost, "bytes", (json_int_t)capture->bytes, "elapsed_s",
		elapsed_s, "seconds", (json_int_t)capture->order.seconds, "lines", lines);

	json_object_set_new(row, "snap",
			    json_integer((json_int_t)capture->order.filter.snap_bytes));
	json_object_set_new(row, "key",
			    json_sprintf("capture:%llu", (unsigned long long)capture->id));
	json_object_set_new(row, "trouble", wire_text(capture->trouble));
	json_object_set_new(row, "circuit_packets",
			    capture->order.filter.slot ? json_integer((json_int_t)capture->seen)
						       : json_null());
	json_object_set(row, "last",
			json_array_size(lines) ? json_array_get(lines, 0) : json_null());
	return row;
}

static bool find(const struct captures *captures, uint64_t id, const struct capture **capture)
{
	for (size_t i = 0; (*capture = captures_get(captures, i)); i++)
		if ((*capture)->id == id)
			return true;
	return false;
}

bool verb_capture_stop(const struct request *request, json_t **result, struct error *err)
{
	const struct capture *capture;
	int64_t id = 0;

	if (!args_integer(request->args, "capture", 1, INT64_MAX, &id, err))
		return false;
	if (!id)
		return error_set(err, ERROR_INVALID, "the argument \"capture\" is missing");
	if (!captures_stop(request->engine->captures, (uint64_t)id, err))
		return false;
	if (find(request->engine->captures, (uint64_t)id, &capture))
		*result = describe(capture);
	return true;
}

bool verb_capture_list(const struct request *request, json_t **result, struct error *err)
{
	const struct capture *capture;
	json_t *rows = json_array();

	for (size_t i = 0; (capture = captures_get(request->engine->captures, i)); i++)
		json_array_append_new(rows, describe(capture));
	*result = json_pack("{s:o}", "rows", rows);
	return true;
}
