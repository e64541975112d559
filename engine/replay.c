/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/replay.h"

#include <errno.h>
#include <string.h>

#include "engine/capture_file.h"
#include "engine/replay_private.h"

/* What stands in front of IP where it is not Ethernet. */
static const struct link_type {
	enum capture_link link;
	uint32_t header_size;
	uint32_t type_at; /* where the header says what follows */
	uint16_t type;	  /* or it is always this; 0: IP gives itself away */
	bool has_type;
} link_types[] = {
	{ CAPTURE_LINUX_COOKED, .header_size = 16, .type_at = 14, .has_type = true },
	{ CAPTURE_LINUX_COOKED_2, .header_size = 20, .type_at = 0, .has_type = true },
	{ CAPTURE_PPPOE, .type = WIRE16(0x8864) },
	{ CAPTURE_RAW },
	{ CAPTURE_RAW_BSD },
	{ CAPTURE_RAW_OPENBSD },
	{ CAPTURE_IPV4 },
	{ CAPTURE_IPV6 },
	{ CAPTURE_BSD_LOOPBACK, .header_size = 4 },
	{ CAPTURE_OPENBSD_LOOPBACK, .header_size = 4 },
};

static const struct link_type *find_link_type(uint32_t link)
{
	for (size_t i = 0; i < sizeof(link_types) / sizeof(link_types[0]); i++)
		if (link_types[i].link == link)
			return &link_types[i];
	return NULL;
}

static enum packet_kind parse_behind(const struct link_type *link,
				     const struct capture_packet *captured, uint32_t frame_bytes,
				     struct packet *packet)
{
	const uint8_t *data = captured->data;
	uint16_t type = link->type;

	*packet = (struct packet){ 0 };
	if (captured->size <= link->header_size)
		return PACKET_TRUNCATED;
	if (link->has_type)
		type = load16(data + link->type_at);
	else if (!type)
		type = type_of_version(data[link->header_size]);
	return parse_packet_of(type, link->header_size, data, data + captured->size, frame_bytes,
			       packet);
}

static void count_packet(const struct replay_packet *packet, struct replay_summary *summary)
{
	if (!summary->packets || packet->time_ns < summary->first_ns)
		summary->first_ns = packet->time_ns;
	if (packet->time_ns > summary->last_ns)
		summary->last_ns = packet->time_ns;
	summary->packets++;
	summary->bytes += packet->bytes;
	summary->kinds[packet->kind]++;
	summary->of_flows += packet->flow != NULL;
	summary->partial += packet->packet.is_partial;
}

/* Returns false when its link type is unknown. */
static bool read_packet(const struct replay_options *options, const struct capture_packet *captured,
			struct replay_flows *flows, struct replay_summary *summary, FILE *out)
{
	const struct link_type *link = find_link_type(captured->link);
	/* A damaged file may say that less was sent than it has. */
	uint32_t bytes = captured->bytes > captured->size ? captured->bytes : captured->size;
	struct replay_packet packet = {
		.number = summary->packets + 1,
		.time_ns = captured->time_ns,
		.bytes = captured->bytes,
	};

	if (link)
		packet.kind = parse_behind(link, captured, bytes, &packet.packet);
	else if (captured->link == CAPTURE_ETHERNET)
		packet.kind = parse_packet(captured->data, captured->data + captured->size, bytes,
					   &packet.packet);
	else
		return false;
	/* Control protocols over IP have their flows too. */
	if (packet.kind == PACKET_IP || packet.packet.is_control)
		replay_flows_note(flows, &packet);
	count_packet(&packet, summary);
	if (options->with_packets)
		replay_print_packet(&packet, options->as_json, out);
	return true;
}

static bool read_packets(const struct replay_options *options, struct capture_file *capture,
			 struct replay_flows *flows, struct replay_summary *summary, FILE *out,
			 struct error *err)
{
	struct capture_packet packet;
	enum capture_read how;

	while ((how = capture_file_next(capture, &packet, err)) == CAPTURE_PACKET) {
		if (read_packet(options, &packet, flows, summary, out))
			continue;
		return error_set(err, ERROR_INVALID,
				 "%s, packet %llu: link type %u is not known; known are Ethernet, "
				 "raw IP, Linux cooked, PPPoE and BSD loopback",
				 options->path, (unsigned long long)summary->packets + 1,
				 packet.link);
	}
	return how == CAPTURE_END || error_prefix(err, "%s, behind packet %llu", options->path,
						  (unsigned long long)summary->packets);
}

static bool replay_capture(const struct replay_options *options, struct capture_file *capture,
			   struct replay_flows *flows, FILE *out, struct error *err)
{
	struct replay_summary summary = { 0 };
	bool ok = read_packets(options, capture, flows, &summary, out, err);

	replay_flows_finish(flows);
	replay_print_flows(flows, options->as_json, out);
	replay_print_summary(flows, &summary, options->as_json, out);
	return ok;
}

bool replay(const struct replay_options *options, FILE *out, struct error *err)
{
	bool is_input = !strcmp(options->path, "-"), ok = false;
	struct capture_file *capture = NULL;
	struct replay_flows flows = { 0 };
	FILE *file;

	if (options->customers && !replay_flows_add_customers(&flows, options->customers, err))
		goto out;
	file = is_input ? stdin : fopen(options->path, "rb");
	if (!file) {
		error_set_errno(err, errno, "can't read %s", options->path);
		goto out;
	}
	if (is_input) /* as it comes */
		setvbuf(out, NULL, _IOLBF, 0);
	capture = capture_file_open(file, err);
	if (capture)
		ok = replay_capture(options, capture, &flows, out, err);
	else
		error_prefix(err, "can't read %s", options->path);
	capture_file_close(capture);
	if (!is_input)
		fclose(file);
out:
	replay_flows_release(&flows);
	return ok;
}
