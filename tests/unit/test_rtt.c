/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Round trips, retransmits and the end of connections, from lists of packets. Each list is played
 * four times: with room for one waiting stamp as in the data path and for many as on the host, and
 * with sequence numbers and clock about to wrap. With room for one there may be fewer samples.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "bpf/rtt.h"
#include "tests/lib/frame.h"

#define STEPS_MOST 16
#define STAMPS_MOST 16

enum { DOWN, UP };

struct step {
	uint32_t at_us;
	int direction;
	const char *tcp;  /* keys of frame.h's tcp */
	const char *told; /* "customer 20000", "retransmit", ...; NULL: nothing */
	const char *one;  /* with room for one, where that tells something else instead */
};

struct list {
	const char *name;
	struct step step[STEPS_MOST];
};

struct connection {
	struct tcp_side side[2];
	struct rtt_stamp stamps[2][STAMPS_MOST];
	struct rtt_waiting waiting[2];
};

/* What a packet tells, as the lists write it. */
static void play_packet(struct connection *connection, int direction, const struct packet *packet,
			uint64_t now_ns, char *told, size_t size)
{
	struct tcp_end sender = { .side = &connection->side[direction],
				  .waiting = connection->waiting[direction] };
	struct tcp_end receiver = { .side = &connection->side[!direction],
				    .waiting = connection->waiting[!direction] };
	struct tcp_event event = { 0 };
	struct tcp_look look;

	note_opening(&sender, &receiver, packet);
	look = look_at_packet(&sender, &receiver, packet, now_ns - 4000000);
	/* As the data path does: without asking for it, it only has a time 4 ms old. */
	if (!wants_exact_time(&look))
		now_ns -= 4000000;
	note_packet(&sender, &receiver, &look, packet, now_ns, &event);
	connection->waiting[direction] = sender.waiting;
	connection->waiting[!direction] = receiver.waiting;
	told[0] = '\0';
	if (event.rtt_us)
		snprintf(told, size, "%s %u%s", direction == UP ? "customer" : "internet",
			 event.rtt_us, event.by_timestamps ? " by timestamps" : "");
	else if (event.is_retransmit)
		snprintf(told, size, "retransmit");
	else if (event.is_reordered)
		snprintf(told, size, "reordered");
}

static void make_packet(const struct step *step, uint32_t seq_offset, struct packet *packet)
{
	struct frame frame;
	char words[160];

	snprintf(words, sizeof(words), "eth ip4%s tcp:%s", step->direction == UP ? ":up" : "",
		 step->tcp);
	frame_build(words, &frame);
	assert_int_equal(
		parse_packet(frame.byte, frame.byte + frame.size, (uint32_t)frame.size, packet),
		PACKET_IP);
	packet->seq += seq_offset;
	if (packet->tcp_flags & TCP_ACK)
		packet->ack += seq_offset;
}

static void start_connection(struct connection *connection, uint32_t capacity)
{
	memset(connection, 0, sizeof(*connection));
	for (int side = 0; side < 2; side++)
		connection->waiting[side] =
			(struct rtt_waiting){ .stamps = connection->stamps[side],
					      .capacity = capacity };
}

static void play(const struct list *list, uint32_t capacity, uint32_t seq_offset, uint64_t start_us,
		 struct connection *connection)
{
	start_connection(connection, capacity);
	for (size_t i = 0; i < STEPS_MOST && list->step[i].tcp; i++) {
		const struct step *step = &list->step[i];
		const char *expected = step->told ? step->told : "";
		struct packet packet;
		char told[64];

		if (capacity == 1 && step->one)
			expected = step->one;
		make_packet(step, seq_offset, &packet);
		play_packet(connection, step->direction, &packet, (start_us + step->at_us) * 1000,
			    told, sizeof(told));
		if (strcmp(told, expected))
			fail_msg("%s, packet %zu (%s), room for %u: told \"%s\", not \"%s\"",
				 list->name, i + 1, step->tcp, capacity, told, expected);
	}
}

/* One bit above what a stamp keeps of the time, and what 32 bits of microseconds keep. */
static const uint64_t starts_us[] = { 1000000, (1ULL << 30) - 15000, (1ULL << 32) - 15000 };

static void play_all(const struct list *lists, size_t count)
{
	struct connection connection;

	for (size_t i = 0; i < count; i++) {
		for (size_t s = 0; s < sizeof(starts_us) / sizeof(starts_us[0]); s++) {
			play(&lists[i], STAMPS_MOST, 0, starts_us[s], &connection);
			play(&lists[i], 1, 0, starts_us[s], &connection);
			play(&lists[i], STAMPS_MOST, 0xffffff00, starts_us[s], &connection);
			play(&lists[i], 1, 0xffffff80, starts_us[s], &connection);
		}
	}
}

#define HANDSHAKE                                                                                  \
	{ 0, UP, "flags=S,seq=99" },                                                               \
		{ 30000, DOWN, "flags=SA,seq=499,ack=100", "internet 30000" },                     \
	{                                                                                          \
		37000, UP, "seq=100,ack=500", "customer 7000"                                      \
	}

/* --- round trips ---------------------------------------------------------------------------------- */

static const struct list round_trips[] = {
	{ "the handshake, then data each way",
	  { HANDSHAKE,
	    { 40000, UP, "seq=100,ack=500,data=50" },
	    { 70000, DOWN, "seq=500,ack=150,data=80", "internet 30000" },
	    { 76000, UP, "seq=150,ack=580", "customer 6000" } } },
	{ "a SYN that is refused",
	  { { 0, UP, "flags=S,seq=99" },
	    { 9000, DOWN, "flags=RA,seq=0,ack=100", "internet 9000" } } },
	{ "the middle of a connection",
	  { { 0, DOWN, "seq=500,ack=100,data=80" },
	    { 5000, UP, "seq=100,ack=580", "customer 5000" } } },
	{ "a pure ACK is not answered",
	  { { 0, UP, "seq=100,ack=500,ts=10,te=20" },
	    { 5000, DOWN, "seq=500,ack=100,ts=21,te=10" },
	    { 9000, UP, "seq=100,ack=500,ts=11,te=21" } } },
	{ "an ACK of two segments is the second one's",
	  { { 0, DOWN, "seq=500,ack=100,data=80" },
	    { 2000, DOWN, "seq=580,ack=100,data=80" },
	    { 8000, UP, "seq=100,ack=660", "customer 6000", "" } } },
	{ "each ACK of many",
	  { { 0, DOWN, "seq=500,ack=100,data=80" },
	    { 1000, DOWN, "seq=580,ack=100,data=80" },
	    { 2000, DOWN, "seq=660,ack=100,data=80" },
	    { 8000, UP, "seq=100,ack=580", "customer 8000" },
	    { 8500, UP, "seq=100,ack=660", "customer 7500", "" },
	    { 9000, UP, "seq=100,ack=740", "customer 7000", "" },
	    { 9500, UP, "seq=100,ack=740" } } },
	{ "an ACK inside a segment tells nothing, the rest's does",
	  { { 0, DOWN, "seq=500,ack=100,data=80" },
	    { 8000, UP, "seq=100,ack=540" },
	    { 9000, UP, "seq=100,ack=580", "customer 9000" } } },
	{ "an ACK of more than was seen",
	  { { 0, DOWN, "seq=500,ack=100,data=80" }, { 8000, UP, "seq=100,ack=700" } } },
	{ "a FIN",
	  { { 0, DOWN, "flags=FA,seq=500,ack=100" },
	    { 8000, UP, "seq=100,ack=501", "customer 8000" } } },
	{ "an answer after 31 seconds",
	  { { 0, DOWN, "seq=500,ack=100,data=80" },
	    { 31000000, UP, "seq=100,ack=580" },
	    { 31001000, DOWN, "seq=580,ack=100,data=80" },
	    { 31003000, UP, "seq=100,ack=660", "customer 2000" } } },
	{ "what was never answered gives way",
	  { { 0, DOWN, "seq=500,ack=100,data=80" },
	    { 31000000, DOWN, "seq=580,ack=100,data=80" },
	    { 31002000, UP, "seq=100,ack=660", "customer 2000" } } },
};

static void a_round_trip_ends_with_the_ack_of_the_segment_s_last_byte(void **state)
{
	play_all(round_trips, sizeof(round_trips) / sizeof(round_trips[0]));
}

static const struct list timestamps[] = {
	{ "an ACK of several echoes the first one",
	  { { 0, DOWN, "seq=500,data=80,ts=10,te=1" },
	    { 2000, DOWN, "seq=580,data=80,ts=12,te=1" },
	    { 8000, UP, "ack=660,ts=2,te=10", "customer 6000", "customer 8000 by timestamps" } } },
	{ "inside a segment, behind one",
	  { { 0, DOWN, "seq=500,data=80,ts=10,te=1" },
	    { 2000, DOWN, "seq=580,data=80,ts=12,te=1" },
	    { 8000, UP, "ack=600,ts=2,te=10", "customer 8000 by timestamps" } } },
	{ "inside a segment, without timestamps",
	  { { 0, DOWN, "seq=500,data=80" },
	    { 2000, DOWN, "seq=580,data=80" },
	    { 8000, UP, "ack=600" } } },
	{ "the second segment of a value is not the one that is echoed",
	  { { 0, DOWN, "seq=500,data=80,ts=10,te=1" },
	    { 1000, UP, "ack=580,ts=2,te=10", "customer 1000" },
	    { 2000, DOWN, "seq=580,data=80,ts=10,te=1" },
	    { 8000, UP, "ack=700,ts=2,te=10" } } },
	{ "an echo of something later was of a copy not seen here",
	  { { 0, DOWN, "seq=500,data=80,ts=10,te=1" }, { 400000, UP, "ack=580,ts=2,te=390" } } },
	{ "values wrap",
	  { { 0, DOWN, "seq=500,data=80,ts=4294967295,te=1" },
	    { 3000, DOWN, "seq=580,data=80,ts=3,te=1" },
	    { 8000, UP, "ack=580,ts=2,te=4294967295", "customer 8000" },
	    { 9000, UP, "ack=700,ts=2,te=3", "customer 6000 by timestamps", "" } } },
	{ "only one end has them",
	  { { 0, DOWN, "seq=500,data=80,ts=10,te=0" }, { 8000, UP, "ack=580", "customer 8000" } } },
};

static void timestamps_help_where_an_ack_passes_over_and_refute_what_was_not_seen(void **state)
{
	play_all(timestamps, sizeof(timestamps) / sizeof(timestamps[0]));
}

/* --- segments that say nothing ---------------------------------------------------------------------- */

static const struct list silent[] = {
	{ "a keep-alive, empty and with a byte",
	  { { 0, DOWN, "seq=500,ack=100,data=80" },
	    { 8000, UP, "seq=100,ack=580", "customer 8000" },
	    { 5000000, DOWN, "seq=579,ack=100" },
	    { 5008000, UP, "seq=100,ack=580" },
	    { 6000000, DOWN, "seq=579,ack=100,data=1" },
	    { 6008000, UP, "seq=100,ack=580" } } },
	{ "a byte that still waits is no keep-alive; repeated once more, it looks like one",
	  { { 0, DOWN, "seq=500,ack=100,data=1" },
	    { 300000, DOWN, "seq=500,ack=100,data=1", "retransmit" },
	    { 900000, DOWN, "seq=500,ack=100,data=1" },
	    { 908000, UP, "seq=100,ack=501" } } },
	{ "probes of a window of 0",
	  { { 0, DOWN, "seq=500,ack=100,data=80" },
	    { 8000, UP, "seq=100,ack=580,win=0", "customer 8000" },
	    { 200000, DOWN, "seq=580,ack=100,data=1" },
	    { 208000, UP, "seq=100,ack=580,win=0" },
	    { 600000, DOWN, "seq=580,ack=100,data=1" },
	    { 608000, UP, "seq=100,ack=580" },
	    { 610000, DOWN, "seq=580,ack=100,data=80" },
	    { 618000, UP, "seq=100,ack=660", "customer 8000" } } },
	{ "the byte of a probe sent again by itself: whose ACK is it? (Karn)",
	  { { 0, DOWN, "seq=500,ack=100,data=80" },
	    { 8000, UP, "seq=100,ack=580,win=0", "customer 8000" },
	    { 200000, DOWN, "seq=580,ack=100,data=1" },
	    { 208000, UP, "seq=100,ack=580" },
	    { 210000, DOWN, "seq=580,ack=100,data=1" },
	    { 218000, UP, "seq=100,ack=581" },
	    { 220000, DOWN, "seq=581,ack=100,data=1" },
	    { 228000, UP, "seq=100,ack=582", "customer 8000" } } },
	{ "a FIN in its place is not told from it",
	  { { 0, DOWN, "seq=500,ack=100,data=80" },
	    { 8000, UP, "seq=100,ack=580,win=0", "customer 8000" },
	    { 200000, DOWN, "seq=580,ack=100,data=1" },
	    { 208000, UP, "seq=100,ack=580" },
	    { 210000, DOWN, "flags=FA,seq=580,ack=100" },
	    { 218000, UP, "seq=100,ack=581" } } },
	{ "a byte without a window of 0 is data",
	  { { 0, DOWN, "seq=500,ack=100,data=80" },
	    { 8000, UP, "seq=100,ack=580", "customer 8000" },
	    { 200000, DOWN, "seq=580,ack=100,data=1" },
	    { 208000, UP, "seq=100,ack=581", "customer 8000" } } },
};

static void keep_alives_and_window_probes_are_neither_samples_nor_losses(void **state)
{
	play_all(silent, sizeof(silent) / sizeof(silent[0]));
}

/* --- repeated and late ------------------------------------------------------------------------------ */

static const struct list repeated[] = {
	{ "after a timeout: whose ACK is it? (Karn)",
	  { { 0, DOWN, "seq=500,ack=100,data=80" },
	    { 300000, DOWN, "seq=500,ack=100,data=80", "retransmit" },
	    { 308000, UP, "seq=100,ack=580" },
	    { 310000, DOWN, "seq=580,ack=100,data=80" },
	    { 318000, UP, "seq=100,ack=660", "customer 8000" } } },
	{ "a SYN again",
	  { { 0, UP, "flags=S,seq=99" },
	    { 1000000, UP, "flags=S,seq=99", "retransmit" },
	    { 1030000, DOWN, "flags=SA,seq=499,ack=100" },
	    { 1037000, UP, "seq=100,ack=500", "customer 7000" } } },
	{ "a FIN again",
	  { { 0, DOWN, "flags=FA,seq=500,ack=100" },
	    { 300000, DOWN, "flags=FA,seq=500,ack=100", "retransmit" },
	    { 308000, UP, "seq=100,ack=501" } } },
	{ "SACK: what waited behind the hole is no round trip",
	  { { 0, DOWN, "seq=500,data=80" },
	    { 1000, DOWN, "seq=580,data=80" },
	    { 2000, DOWN, "seq=660,data=80" },
	    { 3000, DOWN, "seq=740,data=80" },
	    { 8000, UP, "ack=580", "customer 8000" },
	    { 10000, UP, "ack=580,opts=0101050a00000294000002e4" },
	    { 11000, UP, "ack=580,opts=0101050a0000029400000334" },
	    { 41000, DOWN, "seq=580,data=80", "retransmit" },
	    { 49000, UP, "ack=820" },
	    { 50000, DOWN, "seq=820,data=80" },
	    { 58000, UP, "ack=900", "customer 8000" } } },
	{ "what lies below it is measured all the same",
	  { { 0, DOWN, "seq=500,data=80" },
	    { 1000, DOWN, "seq=580,data=80" },
	    { 5000, DOWN, "seq=580,data=80", "retransmit" },
	    { 8000, UP, "ack=580", "customer 8000" },
	    { 9000, UP, "ack=660" } } },
	{ "lost before it came here, sent again",
	  { { 0, DOWN, "seq=500,data=80" },
	    { 2000, DOWN, "seq=660,data=80" },
	    { 8000, UP, "ack=580", "customer 8000" },
	    { 90000, DOWN, "seq=580,data=80", "retransmit" },
	    { 98000, UP, "ack=740" } } },
	{ "repeated in larger pieces, with new bytes",
	  { { 0, DOWN, "seq=500,data=80" },
	    { 300000, DOWN, "seq=500,data=160", "retransmit" },
	    { 308000, UP, "ack=660" },
	    { 310000, DOWN, "seq=660,data=10" },
	    { 318000, UP, "ack=670", "customer 8000" } } },
	{ "late by a millisecond",
	  { { 0, DOWN, "seq=500,data=80" },
	    { 1000, DOWN, "seq=660,data=80" },
	    { 2000, DOWN, "seq=580,data=80", "reordered" },
	    { 8000, UP, "ack=580", "customer 8000" },
	    { 9000, UP, "ack=740" } } },
	{ "two are late",
	  { { 0, DOWN, "seq=500,data=80" },
	    { 100, DOWN, "seq=660,data=80" },
	    { 200, DOWN, "seq=820,data=80" },
	    { 1000, DOWN, "seq=740,data=80", "reordered" },
	    { 1100, DOWN, "seq=580,data=80", "reordered" } } },
	{ "soon after a gap, but seen before",
	  { { 0, DOWN, "seq=500,data=80" },
	    { 1000, DOWN, "seq=660,data=80" },
	    { 2000, DOWN, "seq=500,data=80", "retransmit" },
	    { 2100, DOWN, "seq=660,data=80", "retransmit" } } },
	{ "late within the round trip of 37 ms, which is too soon to be sent again",
	  { HANDSHAKE,
	    { 40000, DOWN, "seq=600,ack=100,data=80" },
	    { 70000, DOWN, "seq=500,ack=100,data=100", "reordered" } } },
	{ "later than that it was sent again",
	  { HANDSHAKE,
	    { 40000, DOWN, "seq=600,ack=100,data=80" },
	    { 78000, DOWN, "seq=500,ack=100,data=100", "retransmit" } } },
};

static void a_repeated_or_late_segment_gives_no_sample_and_is_told_apart(void **state)
{
	play_all(repeated, sizeof(repeated) / sizeof(repeated[0]));
}

/* --- connections -------------------------------------------------------------------------------------- */

static const struct list connections[] = {
	{ "a second SYN wipes nothing",
	  { HANDSHAKE,
	    { 40000, DOWN, "seq=500,ack=100,data=80" },
	    { 41000, UP, "flags=S,seq=77000" },
	    { 46000, UP, "seq=100,ack=580,data=10", "customer 6000" },
	    { 76000, DOWN, "seq=580,ack=110", "internet 30000" },
	    { 80000, DOWN, "seq=500,ack=110,data=80", "retransmit" } } },
	{ "but when it is answered, another connection began",
	  { HANDSHAKE,
	    { 40000, UP, "flags=S,seq=50" },
	    { 70000, DOWN, "flags=SA,seq=20,ack=51", "internet 30000" },
	    { 77000, UP, "seq=51,ack=21,data=10", "customer 7000" },
	    { 107000, DOWN, "seq=21,ack=61,data=8", "internet 30000" },
	    { 114000, UP, "seq=61,ack=29", "customer 7000" } } },
	{ "a second SYN sent twice: which one is answered? (Karn)",
	  { HANDSHAKE,
	    { 40000, UP, "flags=S,seq=50" },
	    { 1040000, UP, "flags=S,seq=50" },
	    { 1070000, DOWN, "flags=SA,seq=20,ack=51" },
	    { 1077000, UP, "seq=51,ack=21", "customer 7000" } } },
	{ "a third one, of another connection yet",
	  { HANDSHAKE,
	    { 40000, UP, "flags=S,seq=50" },
	    { 50000, UP, "flags=S,seq=90" },
	    { 80000, DOWN, "flags=SA,seq=20,ack=91", "internet 30000" },
	    { 87000, UP, "seq=91,ack=21", "customer 7000" } } },
	{ "a gap is told from a second SYN",
	  { HANDSHAKE,
	    { 40000, DOWN, "seq=600,ack=100,data=80" },
	    { 41000, DOWN, "flags=S,seq=77000" },
	    { 42000, DOWN, "seq=780,ack=100,data=80" },
	    { 43000, DOWN, "seq=680,ack=100,data=100", "reordered" } } },
	{ "a SYN after both FINs",
	  { HANDSHAKE,
	    { 40000, UP, "flags=FA,seq=100,ack=500" },
	    { 70000, DOWN, "flags=FA,seq=500,ack=101", "internet 30000" },
	    { 77000, UP, "seq=101,ack=501", "customer 7000" },
	    { 80000, UP, "flags=S,seq=50" },
	    { 110000, DOWN, "flags=SA,seq=20,ack=51", "internet 30000" },
	    { 117000, UP, "seq=51,ack=21", "customer 7000" } } },
	{ "a SYN after a reset",
	  { HANDSHAKE,
	    { 40000, DOWN, "flags=R,seq=500" },
	    { 80000, UP, "flags=S,seq=50" },
	    { 110000, DOWN, "flags=SA,seq=20,ack=51", "internet 30000" } } },
	{ "the same SYN after it was refused",
	  { { 0, UP, "flags=S,seq=99" },
	    { 30000, DOWN, "flags=RA,seq=0,ack=100", "internet 30000" },
	    { 500000, UP, "flags=S,seq=99" },
	    { 530000, DOWN, "flags=SA,seq=499,ack=100", "internet 30000" },
	    { 537000, UP, "seq=100,ack=500", "customer 7000" } } },
	{ "a SYN where nobody answered the first",
	  { { 0, UP, "flags=S,seq=99" },
	    { 60000000, UP, "flags=S,seq=50" },
	    { 60030000, DOWN, "flags=SA,seq=20,ack=51", "internet 30000" } } },
	{ "numbers from nowhere start anew",
	  { { 0, DOWN, "seq=500,ack=100,data=80" },
	    { 1000, DOWN, "seq=2000000000,ack=100,data=80" },
	    { 2000, DOWN, "seq=2000000080,ack=100,data=80" },
	    { 8000, UP, "seq=100,ack=2000000160", "customer 6000" } } },
};

static void a_second_syn_wipes_nothing_until_it_is_answered(void **state)
{
	play_all(connections, sizeof(connections) / sizeof(connections[0]));
}

/* Of each pair the first ends a connection and the second does not. */
static const struct list endings[] = {
	{ "FINs",
	  { HANDSHAKE,
	    { 40000, UP, "flags=FA,seq=100,ack=500" },
	    { 70000, DOWN, "flags=FA,seq=500,ack=101", "internet 30000" },
	    { 77000, UP, "seq=101,ack=501", "customer 7000" },
	    { 99000, DOWN, "seq=501,ack=101" },
	    { 99500, DOWN, "seq=501,ack=101,data=10" } } },
	{ "one FIN",
	  { HANDSHAKE,
	    { 40000, UP, "flags=FA,seq=100,ack=500" },
	    { 70000, DOWN, "seq=500,ack=101", "internet 30000" } } },
	{ "a reset",
	  { HANDSHAKE, { 40000, DOWN, "flags=R,seq=500" }, { 41000, UP, "seq=100,ack=500" } } },
	{ "a SYN refused, sent again, answered",
	  { { 0, UP, "flags=S,seq=99" },
	    { 30000, DOWN, "flags=RA,seq=0,ack=100", "internet 30000" },
	    { 500000, UP, "flags=S,seq=99" },
	    { 530000, DOWN, "flags=SA,seq=499,ack=100", "internet 30000" } } },
};

static void fins_and_resets_end_a_connection_and_a_late_ack_does_not_revive_it(void **state)
{
	struct connection connection;

	for (int i = 0; i < 4; i++) {
		play(&endings[i], STAMPS_MOST, 0, 1000000, &connection);
		assert_int_equal(connection_ended(&connection.side[DOWN], &connection.side[UP]),
				 i % 2 == 0);
	}
}

static void last_smoothed_and_least_round_trip_are_kept_by_side(void **state)
{
	static const struct list list = { "three",
					  { { 0, DOWN, "seq=500,data=80" },
					    { 8000, UP, "ack=580", "customer 8000" },
					    { 10000, DOWN, "seq=580,data=80" },
					    { 14000, UP, "ack=660", "customer 4000" },
					    { 20000, DOWN, "seq=660,data=80" },
					    { 32000, UP, "ack=740", "customer 12000" } } };
	struct connection connection;
	const struct tcp_side *customer = &connection.side[DOWN];

	play(&list, 1, 0, 1000000, &connection);
	assert_int_equal(customer->rtt_last_us, 12000);
	assert_int_equal(customer->rtt_min_us, 4000);
	assert_int_equal(customer->rtt_smoothed_us, 8000 - 1000 + 500 - 937 + 1500);
	assert_int_equal(connection.side[UP].rtt_last_us, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_round_trip_ends_with_the_ack_of_the_segment_s_last_byte),
		cmocka_unit_test(
			timestamps_help_where_an_ack_passes_over_and_refute_what_was_not_seen),
		cmocka_unit_test(keep_alives_and_window_probes_are_neither_samples_nor_losses),
		cmocka_unit_test(a_repeated_or_late_segment_gives_no_sample_and_is_told_apart),
		cmocka_unit_test(a_second_syn_wipes_nothing_until_it_is_answered),
		cmocka_unit_test(
			fins_and_resets_end_a_connection_and_a_late_ack_does_not_revive_it),
		cmocka_unit_test(last_smoothed_and_least_round_trip_are_kept_by_side),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
