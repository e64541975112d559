/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <jansson.h>
#include <netinet/in.h>
#include <string.h>

#include "engine/replay_private.h"

#define NS_PER_MS 1e6
#define NS_PER_S 1e9
#define END_TEXT_SIZE (PREFIX_TEXT_SIZE + 10)

static const char *const kind_names[KINDS] = {
	[PACKET_IP] = "ip",
	[PACKET_CONTROL] = "control",
	[PACKET_OTHER] = "not_ip",
	[PACKET_TOO_DEEP] = "too_many_tags",
	[PACKET_TRUNCATED] = "truncated",
	[PACKET_MALFORMED] = "malformed",
};

static const char *const direction_names[] = { [DOWNLOAD] = "download", [UPLOAD] = "upload" };
/* Where a round trip went whose segment was sent that way. */
static const char *const side_names[] = { [DOWNLOAD] = "customer", [UPLOAD] = "internet" };

/* --- words ------------------------------------------------------------------------------------ */

static const char *format_protocol(uint8_t protocol, char text[8])
{
	static const char *const names[256] = { [IPPROTO_TCP] = "tcp",
						[IPPROTO_UDP] = "udp",
						[IPPROTO_ICMP] = "icmp",
						[IPPROTO_ICMPV6] = "icmp6" };

	snprintf(text, 8, "%u", protocol);
	return names[protocol] ? names[protocol] : text;
}

/* 192.0.2.1:80, [2001:db8::1]:80, or the address alone. */
static const char *format_end(const union address *address, uint16_t port, char text[END_TEXT_SIZE])
{
	char alone[PREFIX_TEXT_SIZE];

	prefix_format_address(address->byte, alone);
	if (!port)
		snprintf(text, END_TEXT_SIZE, "%s", alone);
	else
		snprintf(text, END_TEXT_SIZE, strchr(alone, ':') ? "[%s]:%u" : "%s:%u", alone,
			 ntohs(port));
	return text;
}

static const char *describe_state(const struct replay_flow *flow)
{
	const struct tcp_side *down = &flow->side[DOWNLOAD].tcp, *up = &flow->side[UPLOAD].tcp;

	if (connection_ended(down, up))
		return "ended";
	return (down->flags | up->flags) & TCP_SIDE_FIN ? "closing" : "open";
}

/* --- a packet --------------------------------------------------------------------------------- */

static json_t *json_number(uint64_t number)
{
	return json_integer((json_int_t)number);
}

static void print_json(json_t *object, FILE *out)
{
	json_dumpf(object, out, JSON_COMPACT | JSON_REAL_PRECISION(15));
	fputc('\n', out);
	json_decref(object);
}

static void set_addresses(json_t *object, const struct packet *packet)
{
	char source[PREFIX_TEXT_SIZE], target[PREFIX_TEXT_SIZE], protocol[8];

	json_object_set_new(object, "protocol",
			    json_string(format_protocol(packet->protocol, protocol)));
	json_object_set_new(object, "source",
			    json_string(prefix_format_address(packet->source.byte, source)));
	json_object_set_new(object, "source_port", json_integer(ntohs(packet->source_port)));
	json_object_set_new(object, "target",
			    json_string(prefix_format_address(packet->target.byte, target)));
	json_object_set_new(object, "target_port", json_integer(ntohs(packet->target_port)));
	json_object_set_new(object, "tos", json_integer(packet->tos));
	json_object_set_new(object, "is_partial", json_boolean(packet->is_partial));
	if (!packet->has_tcp)
		return;
	json_object_set_new(object, "tcp_flags", json_integer(packet->tcp_flags));
	json_object_set_new(object, "payload", json_integer(packet->payload));
	if (!packet->has_stamps)
		return;
	json_object_set_new(object, "tsval", json_integer(packet->stamp));
	json_object_set_new(object, "tsecr", json_integer(packet->echo));
}

static void set_event(json_t *object, const struct replay_packet *packet)
{
	const struct tcp_event *event = &packet->event;

	if (event->rtt_us) {
		json_object_set_new(object, "rtt_us", json_integer(event->rtt_us));
		json_object_set_new(object, "rtt_side",
				    json_string(side_names[!packet->direction]));
		json_object_set_new(object, "rtt_by",
				    json_string(event->by_timestamps ? "timestamps" : "sequence"));
	}
	if (event->is_retransmit)
		json_object_set_new(object, "is_retransmit", json_true());
	if (event->is_reordered)
		json_object_set_new(object, "is_reordered", json_true());
}

static void print_packet_json(const struct replay_packet *packet, FILE *out)
{
	json_t *object =
		json_pack("{s:s, s:o, s:o, s:o, s:s}", "type", "packet", "number",
			  json_number(packet->number), "time_ns", json_number(packet->time_ns),
			  "bytes", json_number(packet->bytes), "kind", kind_names[packet->kind]);

	if (packet->flow) {
		json_object_set_new(object, "direction",
				    json_string(direction_names[packet->direction]));
		set_addresses(object, &packet->packet);
		set_event(object, packet);
	}
	print_json(object, out);
}

static void print_packet_text(const struct replay_packet *packet, FILE *out)
{
	const struct packet *parsed = &packet->packet;
	char source[END_TEXT_SIZE], target[END_TEXT_SIZE], protocol[8];

	fprintf(out, "%" PRIu64 "  %" PRIu64 ".%09u  ", packet->number,
		packet->time_ns / 1000000000, (unsigned int)(packet->time_ns % 1000000000));
	if (!packet->flow) {
		fprintf(out, "%s, %u bytes\n", kind_names[packet->kind], packet->bytes);
		return;
	}
	fprintf(out, "%s  %s %s > %s  %u bytes", direction_names[packet->direction],
		format_protocol(parsed->protocol, protocol),
		format_end(&parsed->source, parsed->source_port, source),
		format_end(&parsed->target, parsed->target_port, target), packet->bytes);
	if (packet->event.rtt_us)
		fprintf(out, "  %s RTT %.3f ms%s", side_names[!packet->direction],
			packet->event.rtt_us / 1e3,
			packet->event.by_timestamps ? " by timestamps" : "");
	if (packet->event.is_retransmit)
		fputs("  retransmit", out);
	if (packet->event.is_reordered)
		fputs("  late", out);
	fputc('\n', out);
}

void replay_print_packet(const struct replay_packet *packet, bool as_json, FILE *out)
{
	(as_json ? print_packet_json : print_packet_text)(packet, out);
}

/* --- flows ------------------------------------------------------------------------------------ */

static json_t *describe_rtt(const struct rtt_list *list)
{
	if (!list->count)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o}", "samples", json_number(list->count), "min_us",
			 json_number(list->us[0]), "p50_us",
			 json_number(replay_percentile(list, 50)), "p95_us",
			 json_number(replay_percentile(list, 95)));
}

static void set_side(json_t *object, const char *name, uint64_t number, enum direction direction)
{
	char key[32];

	snprintf(key, sizeof(key), "%s_%s", direction_names[direction], name);
	json_object_set_new(object, key, json_number(number));
}

static void print_flow_json(const struct replay_flow *flow, FILE *out)
{
	char customer[PREFIX_TEXT_SIZE], remote[PREFIX_TEXT_SIZE], protocol[8];
	const struct flow_key *key = &flow->key;
	bool is_tcp = key->protocol == IPPROTO_TCP;
	json_t *object =
		json_pack("{s:s, s:s, s:s, s:i, s:s, s:i, s:o, s:f, s:s?}", "type", "flow",
			  "protocol", format_protocol(key->protocol, protocol), "customer",
			  prefix_format_address(key->customer.byte, customer), "customer_port",
			  ntohs(key->customer_port), "remote",
			  prefix_format_address(key->remote.byte, remote), "remote_port",
			  ntohs(key->remote_port), "first_ns", json_number(flow->first_ns),
			  "duration_s", (double)(flow->last_ns - flow->first_ns) / NS_PER_S,
			  "state", is_tcp ? describe_state(flow) : NULL);

	for (enum direction d = DOWNLOAD; d < DIRECTIONS; d++) {
		const struct flow_side *side = &flow->side[d];

		set_side(object, "packets", side->packets, d);
		set_side(object, "bytes", side->bytes, d);
		set_side(object, "retransmits", side->tcp.retransmits, d);
		set_side(object, "reordered", side->tcp.reordered, d);
	}
	json_object_set_new(object, "customer_rtt", describe_rtt(&flow->rtt[DOWNLOAD]));
	json_object_set_new(object, "internet_rtt", describe_rtt(&flow->rtt[UPLOAD]));
	print_json(object, out);
}

static void print_side_text(const struct replay_flow *flow, enum direction d, FILE *out)
{
	const struct flow_side *side = &flow->side[d];
	uint64_t packets = side->packets, bytes = side->bytes;

	fprintf(out, "  %-8s %8" PRIu64 " packets %12" PRIu64 " bytes", direction_names[d], packets,
		bytes);
	if (flow->key.protocol == IPPROTO_TCP)
		fprintf(out, "  %u retransmits  %u late", side->tcp.retransmits,
			side->tcp.reordered);
	fputc('\n', out);
}

static void print_rtt_text(const struct rtt_list *rtt, const char *side, FILE *out)
{
	if (rtt->count)
		fprintf(out, "%s %.1f/%.1f/%.1f ms of %zu", side, rtt->us[0] / 1e3,
			replay_percentile(rtt, 50) / 1e3, replay_percentile(rtt, 95) / 1e3,
			rtt->count);
	else
		fprintf(out, "%s unknown (no answer)", side);
}

static void print_flow_text(const struct replay_flow *flow, FILE *out)
{
	char customer[END_TEXT_SIZE], remote[END_TEXT_SIZE], protocol[8];
	const struct flow_key *key = &flow->key;

	fprintf(out, "%s  %s  %s  %.3f s", format_protocol(key->protocol, protocol),
		format_end(&key->customer, key->customer_port, customer),
		format_end(&key->remote, key->remote_port, remote),
		(double)(flow->last_ns - flow->first_ns) / NS_PER_S);
	if (key->protocol == IPPROTO_TCP)
		fprintf(out, "  %s", describe_state(flow));
	fputc('\n', out);
	for (enum direction d = DOWNLOAD; d < DIRECTIONS; d++)
		print_side_text(flow, d, out);
	if (key->protocol != IPPROTO_TCP)
		return;
	fputs("  RTT least/median/p95: ", out);
	print_rtt_text(&flow->rtt[DOWNLOAD], side_names[DOWNLOAD], out);
	fputs(", ", out);
	print_rtt_text(&flow->rtt[UPLOAD], side_names[UPLOAD], out);
	fputc('\n', out);
}

void replay_print_flows(const struct replay_flows *flows, bool as_json, FILE *out)
{
	const struct replay_flow *flow, *next;

	HASH_ITER (hh, flows->table, flow, next)
		(as_json ? print_flow_json : print_flow_text)(flow, out);
}

/* --- the whole -------------------------------------------------------------------------------- */

void replay_print_summary(const struct replay_flows *flows, const struct replay_summary *summary,
			  bool as_json, FILE *out)
{
	double duration_s = (double)(summary->last_ns - summary->first_ns) / NS_PER_S;
	unsigned int count = HASH_COUNT(flows->table);
	json_t *kinds = json_object();

	for (int kind = 0; kind < KINDS; kind++)
		json_object_set_new(kinds, kind_names[kind], json_number(summary->kinds[kind]));
	if (as_json) {
		print_json(json_pack("{s:s, s:o, s:o, s:f, s:i, s:o, s:o, s:O}", "type", "summary",
				     "packets", json_number(summary->packets), "bytes",
				     json_number(summary->bytes), "duration_s", duration_s, "flows",
				     count, "packets_of_flows", json_number(summary->of_flows),
				     "partial", json_number(summary->partial), "kinds", kinds),
			   out);
	} else {
		fprintf(out,
			"%" PRIu64 " packets, %" PRIu64 " bytes, %.3f s; %u flows of %" PRIu64
			" packets\n",
			summary->packets, summary->bytes, duration_s, count, summary->of_flows);
		for (int kind = 0; kind < KINDS; kind++)
			if (summary->kinds[kind])
				fprintf(out, "  %s %" PRIu64 "\n", kind_names[kind],
					summary->kinds[kind]);
	}
	json_decref(kinds);
}
