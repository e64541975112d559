/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/replay_private.h"

#define STAMPS_FIRST 8
#define STAMPS_MOST 16384

/* --- whose flow it is ------------------------------------------------------------------------- */

bool replay_flows_add_customers(struct replay_flows *flows, const char *list, struct error *err)
{
	char *copy = xstrdup(list), *rest = copy, *text;
	bool ok = true;

	while (ok && (text = strsep(&rest, ","))) {
		flows->customers = grow(flows->customers, flows->customer_count,
					&flows->customer_capacity, sizeof(*flows->customers));
		ok = prefix_parse(text, &flows->customers[flows->customer_count], err);
		flows->customer_count += ok;
	}
	free(copy);
	return ok;
}

static bool is_customer(const struct replay_flows *flows, const union address *address)
{
	for (size_t i = 0; i < flows->customer_count; i++)
		if (prefix_contains(&flows->customers[i], address->byte))
			return true;
	return false;
}

/* Of the first packet of a flow. */
static enum direction guess_direction(const struct replay_flows *flows, const struct packet *packet)
{
	bool source = is_customer(flows, &packet->source);
	bool target = is_customer(flows, &packet->target);

	if (source != target)
		return source ? UPLOAD : DOWNLOAD;
	/* Who opens it; the answer's receiver, if the first packet is missing. */
	return (packet->tcp_flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK) ? DOWNLOAD : UPLOAD;
}

static struct replay_flow *find_flow(const struct replay_flows *flows, const struct packet *packet,
				     enum direction direction)
{
	struct flow_key key = { 0 };
	struct replay_flow *flow;

	make_key(packet, direction == DOWNLOAD, &key);
	HASH_FIND(hh, flows->table, &key, sizeof(key), flow);
	return flow;
}

static struct replay_flow *get_flow(struct replay_flows *flows, const struct replay_packet *packet,
				    enum direction *direction)
{
	struct replay_flow *flow;

	for (*direction = DOWNLOAD; *direction < DIRECTIONS; (*direction)++) {
		flow = find_flow(flows, &packet->packet, *direction);
		if (flow)
			return flow;
	}
	*direction = guess_direction(flows, &packet->packet);
	flow = xcalloc(1, sizeof(*flow));
	make_key(&packet->packet, *direction == DOWNLOAD, &flow->key);
	flow->first_ns = flow->last_ns = packet->time_ns;
	HASH_ADD(hh, flows->table, key, sizeof(flow->key), flow);
	return flow;
}

/* --- TCP -------------------------------------------------------------------------------------- */

/* Room for one stamp more: on the host every segment is stamped. */
static void make_room(struct rtt_waiting *waiting)
{
	uint32_t capacity = waiting->capacity ? waiting->capacity * 2 : STAMPS_FIRST;
	struct rtt_stamp *stamps;

	if (waiting->count < waiting->capacity || waiting->capacity == STAMPS_MOST)
		return;
	stamps = xcalloc(capacity, sizeof(*stamps));
	for (uint32_t i = 0; i < waiting->count; i++)
		stamps[i] = *waiting_at(waiting, i);
	free(waiting->stamps);
	*waiting = (struct rtt_waiting){ .stamps = stamps,
					 .capacity = capacity,
					 .count = waiting->count };
}

static void add_sample(struct rtt_list *list, uint32_t rtt_us)
{
	list->us = grow(list->us, list->count, &list->capacity, sizeof(*list->us));
	list->us[list->count++] = rtt_us;
}

static void note_tcp(struct replay_flow *flow, struct replay_packet *packet)
{
	enum direction direction = packet->direction;
	struct tcp_end sender = { .side = &flow->side[direction].tcp };
	struct tcp_end receiver = { .side = &flow->side[!direction].tcp };
	struct tcp_look look;

	make_room(&flow->waiting[DOWNLOAD]);
	make_room(&flow->waiting[UPLOAD]);
	/* As in the data path: a stamp's clock goes round in 18 minutes. */
	if (packet->time_ns > flow->last_ns + RTT_MOST_US * 1000ULL)
		flow->waiting[DOWNLOAD].count = flow->waiting[UPLOAD].count = 0;
	sender.waiting = flow->waiting[direction];
	receiver.waiting = flow->waiting[!direction];
	note_opening(&sender, &receiver, &packet->packet);
	look = look_at_packet(&sender, &receiver, &packet->packet, packet->time_ns);
	note_packet(&sender, &receiver, &look, &packet->packet, packet->time_ns, &packet->event);
	flow->waiting[direction] = sender.waiting;
	flow->waiting[!direction] = receiver.waiting;
	if (packet->event.rtt_us)
		add_sample(&flow->rtt[!direction], packet->event.rtt_us);
}

void replay_flows_note(struct replay_flows *flows, struct replay_packet *packet)
{
	struct replay_flow *flow = get_flow(flows, packet, &packet->direction);

	packet->flow = flow;
	flow->side[packet->direction].packets++;
	flow->side[packet->direction].bytes += packet->bytes;
	if (packet->packet.has_tcp)
		note_tcp(flow, packet);
	if (packet->time_ns > flow->last_ns)
		flow->last_ns = packet->time_ns;
	if (packet->time_ns < flow->first_ns)
		flow->first_ns = packet->time_ns;
}

/* --- samples ---------------------------------------------------------------------------------- */

static int compare_samples(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

void replay_flows_finish(struct replay_flows *flows)
{
	struct replay_flow *flow, *next;

	HASH_ITER (hh, flows->table, flow, next)
		for (int d = 0; d < DIRECTIONS; d++)
			if (flow->rtt[d].count)
				qsort(flow->rtt[d].us, flow->rtt[d].count, sizeof(*flow->rtt[d].us),
				      compare_samples);
}

uint32_t replay_percentile(const struct rtt_list *sorted, unsigned int percent)
{
	size_t rank = (sorted->count * percent + 99) / 100;

	return sorted->us[rank ? rank - 1 : 0];
}

void replay_flows_release(struct replay_flows *flows)
{
	struct replay_flow *flow, *next;

	HASH_ITER (hh, flows->table, flow, next) {
		HASH_DEL(flows->table, flow);
		for (int d = 0; d < DIRECTIONS; d++) {
			free(flow->waiting[d].stamps);
			free(flow->rtt[d].us);
		}
		free(flow);
	}
	free(flows->customers);
}
