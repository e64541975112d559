/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any packets of a connection through the RTT tracker, with room for one stamp as in the data path
 * and for several: every sample is the time since a segment that ends where the acknowledgement
 * says (or, by timestamps, that carried what is echoed) and behind which nothing was repeated or
 * late since, or since a second SYN that was sent once; the stamps stay in order and in bounds.
 */
#include <string.h>

#include "bpf/rtt.h"
#include "tests/fuzz/fuzz.h"

#define STEP_SIZE 7
#define STEPS_MOST 64
#define ROOM_MOST 4

/* What an end sent and the tracker took for a segment. */
struct segment {
	uint32_t seq, end, value;
	uint64_t sent_ns;
	int has_value;
};

struct end {
	struct tcp_side side;
	struct rtt_stamp stamps[ROOM_MOST];
	struct rtt_waiting waiting;
	struct segment sent[STEPS_MOST];
	unsigned int count;
	struct segment syn; /* a second one, on an open connection */
	unsigned int syns;  /* how often it was sent; 0: there is none, or a gap took its place */
};

/* Near what the connection is at, so that random bytes get somewhere. */
static void make_packet(const uint8_t step[STEP_SIZE], const struct end *sender,
			const struct end *receiver, struct packet *packet)
{
	static const uint32_t jumps[] = { 0, 1u << 30, 1u << 31, 0xfffffff0 };

	*packet = (struct packet){
		.has_tcp = 1,
		.tcp_flags = (uint8_t)(step[0] & (TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK)),
		.has_stamps = step[0] >> 5 & 1,
		.window = step[0] >> 6 & 1,
		.payload = step[1] >> 4 == 15 ? 0xffff : (step[1] & 15) % 5,
		.seq = sender->side.next_seq + (uint32_t)(int8_t)step[2],
		.ack = receiver->side.next_seq + (uint32_t)(int8_t)step[3],
		.stamp = step[4] >> 4,
		.echo = step[4] & 15,
	};
	if (step[6] >> 5 == 7)
		packet->seq += jumps[step[6] & 3];
}

static int karn_allows(const struct end *peer, const struct segment *segment)
{
	for (const struct segment *later = segment + 1; later < peer->sent + peer->count; later++)
		if (is_after(segment->end, later->seq))
			return 0;
	return 1;
}

static int explains(const struct segment *segment, const struct packet *packet, uint64_t now_ns,
		    const struct tcp_event *event)
{
	uint32_t rtt_us = to_us(now_ns) - to_us(segment->sent_ns);

	rtt_us += !rtt_us;
	/* A stamp's clock begins at 1. */
	if (event->rtt_us != rtt_us && event->rtt_us + 1 != rtt_us)
		return 0;
	if (segment->has_value && packet->has_stamps && is_after(packet->echo, segment->value))
		return 0;
	if (!event->by_timestamps)
		return segment->end == packet->ack;
	return segment->has_value && packet->has_stamps && packet->echo == segment->value &&
	       is_after(packet->ack, segment->end);
}

static void check_sample(const struct end *peer, const struct packet *packet, uint64_t now_ns,
			 const struct tcp_event *event)
{
	fuzz_expect(packet->tcp_flags & TCP_ACK, "only an acknowledgement gives a sample");
	fuzz_expect(event->rtt_us <= RTT_MOST_US, "a sample is at most 30 s");
	for (unsigned int i = 0; i < peer->count; i++)
		if (explains(&peer->sent[i], packet, now_ns, event) &&
		    karn_allows(peer, &peer->sent[i]))
			return;
	fuzz_expect(0, "a segment explains the sample");
}

static void check_waiting(const struct rtt_waiting *waiting)
{
	fuzz_expect(waiting->count <= waiting->capacity, "no more wait than there is room for");
	for (uint32_t i = 1; i < waiting->count; i++)
		fuzz_expect(is_after(waiting_at(waiting, i)->end, waiting_at(waiting, i - 1)->end),
			    "the lowest waits first");
	for (uint32_t i = 0; i < waiting->count; i++)
		fuzz_expect(waiting_at(waiting, i)->sent_us != 0, "a stamp is never 0");
}

static void remember(struct end *sender, enum segment_kind kind, const struct packet *packet,
		     uint64_t now_ns)
{
	if (kind == SEGMENT_SECOND_SYN) {
		sender->syns = sender->syns && sender->syn.end == segment_end(packet) ? 2 : 1;
		sender->syn = (struct segment){ .end = segment_end(packet), .sent_ns = now_ns };
	}
	if (kind == SEGMENT_NONE || kind == SEGMENT_SECOND_SYN)
		return;
	if (kind == SEGMENT_BEYOND)
		sender->syns = 0;
	if (kind == SEGMENT_FAR)
		sender->count = 0;
	sender->sent[sender->count++] = (struct segment){ .seq = packet->seq,
							  .end = segment_end(packet),
							  .value = packet->stamp,
							  .has_value = packet->has_stamps,
							  .sent_ns = now_ns };
}

/* A new connection: of what was sent before, a second SYN alone may have begun it. */
static void forget(struct end *sender, struct end *receiver)
{
	sender->count = receiver->count = 0;
	if (receiver->syns == 1 && receiver->side.flags & TCP_SIDE_SEEN)
		receiver->sent[receiver->count++] = receiver->syn;
	sender->syns = receiver->syns = 0;
}

static void play_step(struct end *sender_end, struct end *receiver_end, const uint8_t *step,
		      uint64_t now_ns)
{
	struct tcp_end sender = { &sender_end->side, sender_end->waiting };
	struct tcp_end receiver = { &receiver_end->side, receiver_end->waiting };
	int was_seen = sender_end->side.flags & TCP_SIDE_SEEN;
	struct tcp_event event = { 0 };
	struct packet packet;
	struct tcp_look look;

	make_packet(step, sender_end, receiver_end, &packet);
	note_opening(&sender, &receiver, &packet);
	if (was_seen && !(sender_end->side.flags & TCP_SIDE_SEEN))
		forget(sender_end, receiver_end);
	look = look_at_packet(&sender, &receiver, &packet, now_ns);
	note_packet(&sender, &receiver, &look, &packet, now_ns, &event);
	sender_end->waiting = sender.waiting;
	receiver_end->waiting = receiver.waiting;
	if (event.rtt_us)
		check_sample(receiver_end, &packet, now_ns, &event);
	fuzz_expect(!(event.is_retransmit && event.is_reordered), "repeated or late, not both");
	remember(sender_end, look.kind, &packet, now_ns);
	check_waiting(&sender.waiting);
	check_waiting(&receiver.waiting);
}

static void play(const uint8_t *data, size_t size, uint32_t capacity)
{
	uint64_t now_ns = ((1ULL << 32) - 5000) * 1000; /* the clocks are about to wrap */
	struct end ends[2];

	memset(ends, 0, sizeof(ends));
	for (int i = 0; i < 2; i++)
		ends[i].waiting =
			(struct rtt_waiting){ .stamps = ends[i].stamps, .capacity = capacity };
	for (size_t i = 0; i < STEPS_MOST && (i + 1) * STEP_SIZE <= size; i++) {
		const uint8_t *step = data + i * STEP_SIZE;

		/* Microseconds to 7 s: silences longer than 30 s are the caller's to notice. */
		now_ns += (uint64_t)(step[5] >> 5) << (step[5] & 31) % 21 << 10;
		play_step(&ends[step[0] >> 7], &ends[!(step[0] >> 7)], step, now_ns);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	play(data, size, 1);
	play(data, size, ROOM_MOST);
	return 0;
}
