/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP through the programs in the kernel: what options are read, round trips, losses, the end. The
 * lists of tests/unit/test_rtt.c say the rest about the same code. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tests/bpf/fixture.h"

static struct datapath *datapath;

static int set_up(void **state)
{
	datapath = fixture_open(1024, 1024, 64);
	if (!datapath)
		return -1;
	fixture_make_circuit(datapath, 1);
	fixture_map(datapath, "100.64.0.1", 1);
	fixture_map(datapath, "2001:db8:1::1", 1);
	return 0;
}

static int tear_down(void **state)
{
	fixture_close(datapath);
	return 0;
}

static int forget(void **state)
{
	fixture_forget_flows(datapath);
	return 0;
}

static void arrive(enum direction direction, const char *tcp)
{
	struct frame frame;
	char words[256];

	snprintf(words, sizeof(words), "eth ip4%s tcp:%s", direction == UPLOAD ? ":up" : "", tcp);
	frame_build(words, &frame);
	fixture_arrive(datapath, direction, &frame);
}

static struct flow_info only_flow(void)
{
	struct flow_info flows[2];

	assert_int_equal(fixture_flows(datapath, flows, 2), 1);
	return flows[0];
}

static uint32_t samples(enum rtt_side side)
{
	uint32_t buckets[RTT_BUCKETS], sum = 0;

	datapath_read_rtt(datapath, 1, side, buckets);
	for (int i = 0; i < RTT_BUCKETS; i++)
		sum += buckets[i];
	return sum;
}

/* Whether an answer's options are read shows by its echo: it acknowledges more than the segment
 * with TSval 7, and only the echo of 7 says that this one was answered. */
static const struct option_row {
	const char *name, *options;
	bool is_echo;
} options[] = {
	{ "as everybody writes them", "0101080a0000000900000007", true },
	{ "without padding in front", "080a00000009000000070000", true },
	{ "one of padding", "01080a000000090000000700", true },
	{ "behind SACK permitted", "0402080a0000000900000007", true },
	{ "of a SYN: maximum segment, SACK, timestamps, padding, scale",
	  "020405b40402080a000000090000000701030307", true },
	{ "behind a SACK block", "0101050a0000029400000300080a00000009000000070000", true },
	{ "behind three SACK blocks, all there can be",
	  "051a000002940000030000000400000005000000060000000700080a0000000900000007", true },
	{ "behind an option nobody knows", "fe06000000000101080a0000000900000007", true },
	{ "behind 28 of padding",
	  "01010101010101010101010101010101010101010101010101010101"
	  "080a0000000900000007",
	  true },
	{ "another echo", "0101080a0000000900000006", false },
	{ "none", "", false },
	{ "padding only", "01010101", false },
	{ "behind the end of options", "0001080a0000000900000007", false },
	{ "of length 9", "0101080900000009000000070000", false },
	{ "of length 12", "0101080c00000009000000070000", false },
	{ "of length 0", "0200080a0000000900000007", false },
	{ "of length 1", "0301080a0000000900000007", false },
	{ "behind one that reaches beyond the header", "02ff080a0000000900000007", false },
	{ "cut off by the header's end", "020405b4080a000000090000", false },
	{ "only its first byte", "01010108", false },
};

static void timestamps_are_found_among_any_options_and_nowhere_else(void **state)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		char words[160];

		fixture_forget_flows(datapath);
		arrive(DOWNLOAD, "seq=500,data=80,ts=7,te=1");
		snprintf(words, sizeof(words), "ack=600,opts=%s", options[i].options);
		arrive(UPLOAD, words);
		if (samples(RTT_CUSTOMER) != options[i].is_echo || samples(RTT_INTERNET))
			fail_msg("%s: %u samples", options[i].name, samples(RTT_CUSTOMER));
	}
}

static void the_handshake_is_a_sample_of_each_side(void **state)
{
	struct flow_info flow;

	arrive(UPLOAD, "flags=S,seq=99");
	arrive(DOWNLOAD, "flags=SA,seq=499,ack=100");
	assert_int_equal(samples(RTT_INTERNET), 1);
	assert_int_equal(samples(RTT_CUSTOMER), 0);
	arrive(UPLOAD, "seq=100,ack=500");
	assert_int_equal(samples(RTT_INTERNET), 1);
	assert_int_equal(samples(RTT_CUSTOMER), 1);
	flow = only_flow();
	for (int side = 0; side < RTT_SIDES; side++) {
		assert_in_range(flow.rtt_last_us[side], 1, 10000000);
		assert_int_equal(flow.rtt_us[side], flow.rtt_last_us[side]);
		assert_int_equal(flow.rtt_min_us[side], flow.rtt_last_us[side]);
	}
}

static void data_without_timestamps_is_measured_each_way(void **state)
{
	for (int i = 0; i < 10; i++) {
		char words[64];

		snprintf(words, sizeof(words), "seq=%d,ack=%d,data=80", 500 + i * 80, 100 + i * 50);
		arrive(DOWNLOAD, words);
		snprintf(words, sizeof(words), "seq=%d,ack=%d,data=50", 100 + i * 50, 580 + i * 80);
		arrive(UPLOAD, words);
	}
	assert_int_equal(samples(RTT_CUSTOMER), 10);
	assert_int_equal(samples(RTT_INTERNET), 9); /* the last one is not answered */
}

static void a_repeated_segment_counts_and_gives_no_sample(void **state)
{
	struct slot_counters counters;
	struct flow_info flow;

	arrive(DOWNLOAD, "seq=500,data=80");
	arrive(DOWNLOAD, "seq=500,data=80");
	arrive(UPLOAD, "ack=580");
	flow = only_flow();
	assert_int_equal(flow.retransmits[DOWNLOAD], 1);
	assert_int_equal(flow.reordered[DOWNLOAD], 0);
	assert_int_equal(samples(RTT_CUSTOMER), 0);
	datapath_read_counters(datapath, 1, &counters);
	assert_int_equal(counters.tcp_packets[DOWNLOAD], 2);
	assert_int_equal(counters.retransmits[DOWNLOAD], 1);
	assert_int_equal(counters.retransmits[UPLOAD], 0);
}

static void a_later_fragment_or_half_a_header_is_no_segment(void **state)
{
	struct slot_counters counters;
	struct frame frame;

	for (int i = 0; i < 2; i++) {
		frame_build("eth ip4:frag=100 tcp:data=64", &frame);
		fixture_arrive(datapath, DOWNLOAD, &frame);
		frame_build("eth ip4 tcp:off=15,data=8", &frame);
		fixture_arrive(datapath, DOWNLOAD, &frame);
		frame_build("eth ip4 tcp cut:45", &frame);
		fixture_arrive(datapath, DOWNLOAD, &frame);
	}
	datapath_read_counters(datapath, 1, &counters);
	assert_int_equal(counters.packets[DOWNLOAD], 6);
	assert_int_equal(counters.tcp_packets[DOWNLOAD], 0);
	assert_int_equal(counters.retransmits[DOWNLOAD], 0);
}

static void a_second_syn_does_not_wipe_an_open_flow(void **state)
{
	struct flow_info before, after;

	arrive(UPLOAD, "flags=S,seq=99");
	arrive(DOWNLOAD, "flags=SA,seq=499,ack=100");
	arrive(UPLOAD, "seq=100,ack=500,data=10");
	before = only_flow();
	arrive(UPLOAD, "flags=S,seq=77000");
	after = only_flow();
	assert_int_equal(after.identity, before.identity);
	assert_int_equal(after.first_seen_ns, before.first_seen_ns);
	assert_int_equal(after.packets[UPLOAD], before.packets[UPLOAD] + 1);
	assert_int_equal(after.state, FLOW_OPEN);
	arrive(DOWNLOAD, "seq=500,ack=110");
	assert_int_equal(samples(RTT_INTERNET), 2);
	assert_int_equal(only_flow().retransmits[UPLOAD], 0);
}

static void fins_end_a_flow_and_a_late_ack_does_not_revive_it(void **state)
{
	arrive(UPLOAD, "flags=S,seq=99");
	arrive(DOWNLOAD, "flags=SA,seq=499,ack=100");
	assert_int_equal(only_flow().state, FLOW_OPEN);
	arrive(UPLOAD, "flags=FA,seq=100,ack=500");
	assert_int_equal(only_flow().state, FLOW_CLOSING);
	arrive(DOWNLOAD, "flags=FA,seq=500,ack=101");
	assert_int_equal(only_flow().state, FLOW_ENDED);
	arrive(UPLOAD, "seq=101,ack=501");
	arrive(DOWNLOAD, "seq=501,ack=101");
	assert_int_equal(only_flow().state, FLOW_ENDED);
	arrive(UPLOAD, "flags=S,seq=7000");
	assert_int_equal(only_flow().state, FLOW_OPEN);
}

static void a_reset_ends_a_flow_and_a_late_ack_does_not_revive_it(void **state)
{
	arrive(UPLOAD, "seq=100,ack=500,data=10");
	arrive(DOWNLOAD, "flags=R,seq=500");
	assert_int_equal(only_flow().state, FLOW_ENDED);
	arrive(UPLOAD, "seq=110,ack=500");
	assert_int_equal(only_flow().state, FLOW_ENDED);
}

/* --- one by one ------------------------------------------------------------------------------------- */

struct told {
	uint64_t samples, retransmits;
	struct tcp_sample last;
};

static void on_sample(void *data, const struct tcp_sample *sample)
{
	struct told *told = data;

	told->samples++;
	told->retransmits += sample->is_retransmit;
	told->last = *sample;
}

static struct told drain(void)
{
	struct told told = { 0 };
	struct error err;

	if (!datapath_drain_samples(datapath, on_sample, &told, &err))
		fail_msg("%s", err.text);
	return told;
}

static void round_trips_and_retransmits_are_told_one_by_one_while_somebody_looks(void **state)
{
	static const uint32_t slots[] = { 7, 1 };
	struct told told;

	arrive(UPLOAD, "flags=S,seq=99");
	arrive(DOWNLOAD, "flags=SA,seq=499,ack=100");
	assert_int_equal(drain().samples, 0); /* nobody looks */
	datapath_watch_slots(datapath, slots, 1);
	arrive(UPLOAD, "seq=100,ack=500");
	assert_int_equal(drain().samples, 0); /* at another */
	datapath_watch_slots(datapath, slots, 2);
	arrive(DOWNLOAD, "seq=500,ack=100,data=80");
	arrive(UPLOAD, "seq=100,ack=580");
	told = drain();
	assert_int_equal(told.samples, 1);
	assert_int_equal(told.last.slot, 1);
	assert_int_equal(told.last.rtt_us, only_flow().rtt_last_us[RTT_CUSTOMER]);
	assert_true(told.last.is_upload && !told.last.is_retransmit && !told.last.by_timestamps);
	assert_int_equal(told.last.key.customer.byte[15], 1);
	assert_int_equal(told.last.key.protocol, 6);
	arrive(DOWNLOAD, "seq=500,ack=100,data=80");
	told = drain();
	assert_int_equal(told.samples, 1);
	assert_true(!told.last.is_upload && told.last.is_retransmit && !told.last.rtt_us);
	datapath_watch_slots(datapath, slots, 0);
	arrive(DOWNLOAD, "seq=500,ack=100,data=80");
	assert_int_equal(drain().samples, 0);
}

static void what_finds_no_room_is_counted_and_the_packet_passes(void **state)
{
	static const uint32_t slot = 1;
	uint64_t lost = datapath_samples_lost(datapath);
	struct slot_counters counters;
	struct frame frame;
	struct told told;

	datapath_watch_slots(datapath, &slot, 1);
	frame_build("eth ip4 tcp:seq=500,data=80", &frame);
	fixture_arrive_often(datapath, DOWNLOAD, &frame, 50001);
	told = drain();
	lost = datapath_samples_lost(datapath) - lost;
	datapath_watch_slots(datapath, &slot, 0);
	assert_int_equal(told.retransmits, told.samples);
	assert_int_equal(told.samples + lost, 50000);
	assert_in_range(told.samples, 10000, 20000);
	datapath_read_counters(datapath, 1, &counters);
	assert_int_equal(counters.packets[DOWNLOAD], 50001);
	assert_int_equal(counters.retransmits[DOWNLOAD], 50000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timestamps_are_found_among_any_options_and_nowhere_else),
		cmocka_unit_test_setup(the_handshake_is_a_sample_of_each_side, forget),
		cmocka_unit_test_setup(data_without_timestamps_is_measured_each_way, forget),
		cmocka_unit_test_setup(a_repeated_segment_counts_and_gives_no_sample, forget),
		cmocka_unit_test_setup(a_later_fragment_or_half_a_header_is_no_segment, forget),
		cmocka_unit_test_setup(a_second_syn_does_not_wipe_an_open_flow, forget),
		cmocka_unit_test_setup(fins_end_a_flow_and_a_late_ack_does_not_revive_it, forget),
		cmocka_unit_test_setup(a_reset_ends_a_flow_and_a_late_ack_does_not_revive_it,
				       forget),
		cmocka_unit_test_setup(
			round_trips_and_retransmits_are_told_one_by_one_while_somebody_looks,
			forget),
		cmocka_unit_test_setup(what_finds_no_room_is_counted_and_the_packet_passes, forget),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
