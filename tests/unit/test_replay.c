/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lqosd --replay: flows, round trips, packets, text. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/pcap.h"

/* --- flows ------------------------------------------------------------------------------------------ */

static void flows_tell_packets_round_trips_and_retransmits(void **state)
{
	struct pcap file = { 0 };
	json_t *flows, *flow, *rtt;

	pcap_begin(&file, 0xa1b2c3d4, 1);
	pcap_put_words(&file, 0, "eth ip4:up tcp:flags=S,seq=99");
	pcap_put_words(&file, 30000, "eth ip4 tcp:flags=SA,seq=499,ack=100");
	pcap_put_words(&file, 37000, "eth ip4:up tcp:seq=100,ack=500");
	for (int i = 0; i < 20; i++) {
		char words[64];

		snprintf(words, sizeof(words), "eth ip4 tcp:seq=%d,ack=100,data=80", 500 + i * 80);
		pcap_put_words(&file, 40000 + (uint32_t)i * 1000, words);
	}
	for (int i = 0; i < 20; i++) { /* each 100 us later than the one before */
		char words[64];

		snprintf(words, sizeof(words), "eth ip4:up tcp:seq=100,ack=%d", 580 + i * 80);
		pcap_put_words(&file, 40000 + (uint32_t)i * 1100 + 20000, words);
	}
	pcap_put_words(&file, 900000, "eth ip4 tcp:seq=500,ack=100,data=80");
	pcap_put_words(&file, 1000000, "eth ip4 tcp:flags=FA,seq=2100,ack=100");
	pcap_put_words(&file, 1007000, "eth ip4:up icmp:type=8,id=9");
	pcap_put_words(&file, 1037000, "eth ip4 icmp:type=0,id=9");
	pcap_put_words(&file, 1038000, "eth arp");
	flows = replay_flows(&file, NULL);
	assert_int_equal(json_array_size(flows), 2);
	flow = json_array_get(flows, 0);
	assert_string_equal(json_text(flow, "protocol"), "tcp");
	assert_string_equal(json_text(flow, "state"), "closing");
	assert_int_equal(json_int(flow, "download_packets"), 23);
	assert_int_equal(json_int(flow, "upload_packets"), 22);
	assert_int_equal(json_int(flow, "download_bytes"), 23 * 54 + 21 * 80);
	assert_int_equal(json_int(flow, "upload_bytes"), 22 * 54);
	assert_int_equal(json_int(flow, "download_retransmits"), 1);
	assert_int_equal(json_int(flow, "upload_retransmits"), 0);
	assert_true(json_real_value(json_object_get(flow, "duration_s")) == 1.0);
	rtt = json_object_get(flow, "customer_rtt"); /* 7 ms, and 20 ms to 21.9 */
	assert_int_equal(json_int(rtt, "samples"), 21);
	assert_int_equal(json_int(rtt, "min_us"), 7000);
	assert_int_equal(json_int(rtt, "p50_us"), 20900);
	assert_int_equal(json_int(rtt, "p95_us"), 21800);
	rtt = json_object_get(flow, "internet_rtt");
	assert_int_equal(json_int(rtt, "samples"), 1);
	assert_int_equal(json_int(rtt, "p95_us"), 30000);
	flow = json_array_get(flows, 1);
	assert_string_equal(json_text(flow, "protocol"), "icmp");
	assert_int_equal(json_int(flow, "upload_packets"), 1);
	assert_int_equal(json_int(flow, "download_packets"), 1);
	assert_true(json_is_null(json_object_get(flow, "customer_rtt")));
	json_decref(flows);
}

static void the_customer_is_who_is_named_or_who_opens(void **state)
{
	static const struct {
		const char *words, *customers, *customer;
	} rows[] = {
		{ "eth ip4:up tcp:flags=S", NULL, "100.64.0.1" },
		{ "eth ip4 tcp:flags=S", NULL, "198.51.100.1" },
		{ "eth ip4 tcp:flags=SA", NULL, "100.64.0.1" },
		{ "eth ip4 udp", NULL, "198.51.100.1" },
		{ "eth ip4 tcp:flags=S", "100.64.0.0/10", "100.64.0.1" },
		{ "eth ip6 tcp:flags=S", "100.64.0.0/10,2001:db8:1::/48", "2001:db8:1::1" },
		{ "eth ip4:up tcp:flags=S", "198.51.100.1", "198.51.100.1" },
		{ "eth ip4 tcp:flags=S", "0.0.0.0/0", "198.51.100.1" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pcap file = { 0 };
		json_t *flows;

		pcap_begin(&file, 0xa1b2c3d4, 1);
		pcap_put_words(&file, 0, rows[i].words);
		flows = replay_flows(&file, rows[i].customers);
		assert_string_equal(json_text(json_array_get(flows, 0), "customer"),
				    rows[i].customer);
		json_decref(flows);
	}
}

static void packets_are_told_one_by_one(void **state)
{
	struct replay_options options = { .as_json = true, .with_packets = true };
	struct pcap file = { 0 };
	json_t *packets, *packet;
	struct error err;
	char *text;
	bool ok;

	pcap_begin(&file, 0xa1b2c3d4, 1);
	pcap_put_words(&file, 0, "eth q:5 ip4 tcp:seq=500,data=80,ts=7,te=1");
	pcap_put_words(&file, 8000, "eth q:5 ip4:up tcp:ack=600,ts=1,te=7");
	pcap_put_words(&file, 9000, "eth q:5 ip4 tcp:seq=500,data=80,ts=7,te=1");
	pcap_put_words(&file, 9500, "eth ip4:ihl=4 udp");
	pcap_put_words(&file, 9600, "eth ip4:frag=100,mf udp:data=64");
	text = replay_run(&file, options, &ok, &err);
	packets = replay_lines(text, "packet");
	assert_true(ok);
	assert_int_equal(json_array_size(packets), 5);
	packet = json_array_get(packets, 0);
	assert_int_equal(json_int(packet, "number"), 1);
	assert_int_equal(json_int(packet, "payload"), 80);
	assert_int_equal(json_int(packet, "tsval"), 7);
	packet = json_array_get(packets, 1);
	assert_int_equal(json_int(packet, "rtt_us"), 8000);
	assert_string_equal(json_text(packet, "rtt_by"), "timestamps");
	assert_true(json_is_true(json_object_get(json_array_get(packets, 2), "is_retransmit")));
	assert_string_equal(json_text(json_array_get(packets, 3), "kind"), "malformed");
	assert_int_equal(json_int(json_array_get(packets, 4), "source_port"), 0);
	json_decref(packets);
	free(text);
}

/* What a sequence number goes on by. */
static void payload_is_what_ip_says_but_no_more_than_the_frame_had(void **state)
{
	static const struct {
		const char *words;
		uint32_t captured, bytes;
		int payload;
	} rows[] = {
		{ "eth ip4 tcp:data=100", 154, 154, 100 },
		{ "eth ip4 tcp pad:60", 60, 60, 0 },
		{ "eth ip6 tcp:data=3 pad:90", 90, 90, 3 },
		{ "eth ip4 tcp:data=100", 54, 154, 100 },
		{ "eth ip6 tcp:data=100,ts=1", 90, 186, 100 },
		{ "eth ip4:len=9000 tcp:data=100", 154, 154, 100 },
		{ "eth ip4:len=9000,opt=2 tcp:data=100,ts=1", 174, 174, 100 },
		{ "eth q:1 ip6:len=9000 hop tcp:data=100", 186, 186, 100 },
		{ "eth ip6:len=9000 tcp:data=100", 174, 174, 100 },
		{ "eth ip4:len=0 tcp:data=100", 154, 154, 100 },
		{ "eth ip4:len=0 tcp:data=100", 60, 65000, 65000 - 54 },
		{ "eth ip6:len=0 tcp:data=100", 80, 65000, 65000 - 74 },
		/* A damaged file says that there was less than it has. */
		{ "eth ip4 tcp:data=100", 154, 20, 100 },
	};
	struct replay_options options = { .as_json = true, .with_packets = true };
	struct pcap file = { 0 };
	struct frame frame;
	struct error err;
	json_t *packets;
	char *text;
	bool ok;

	pcap_begin(&file, 0xa1b2c3d4, 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		frame_build(rows[i].words, &frame);
		pcap_put_record(&file, 1, 0, frame.byte, rows[i].captured, rows[i].bytes);
	}
	text = replay_run(&file, options, &ok, &err);
	packets = replay_lines(text, "packet");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (json_int(json_array_get(packets, i), "payload") != rows[i].payload)
			fail_msg("%s, %u of %u bytes: payload %d, not %d", rows[i].words,
				 rows[i].captured, rows[i].bytes,
				 (int)json_int(json_array_get(packets, i), "payload"),
				 rows[i].payload);
	json_decref(packets);
	free(text);
}

static void text_says_the_same_in_lines(void **state)
{
	struct replay_options options = { .with_packets = true };
	struct pcap file = { 0 };
	struct error err;
	char *text;
	bool ok;

	pcap_begin(&file, 0xa1b2c3d4, 1);
	pcap_put_words(&file, 0, "eth ip6:up tcp:flags=S,seq=99");
	pcap_put_words(&file, 30500, "eth ip6 tcp:flags=SA,seq=499,ack=100");
	pcap_put_words(&file, 31000, "eth arp");
	text = replay_run(&file, options, &ok, &err);
	assert_true(ok);
	assert_string_equal(
		text,
		"1  100.000000000  upload  tcp [2001:db8:1::1]:1000 > [2001:db8:ff::1]:80  74 "
		"bytes\n"
		"2  100.030500000  download  tcp [2001:db8:ff::1]:80 > [2001:db8:1::1]:1000  74 "
		"bytes  internet RTT 30.500 ms\n"
		"3  100.031000000  control, 34 bytes\n"
		"tcp  [2001:db8:1::1]:1000  [2001:db8:ff::1]:80  0.030 s  open\n"
		"  download        1 packets           74 bytes  0 retransmits  0 late\n"
		"  upload          1 packets           74 bytes  0 retransmits  0 late\n"
		"  RTT least/median/p95: customer unknown (no answer), internet 30.5/30.5/30.5 ms "
		"of 1\n"
		"3 packets, 182 bytes, 0.031 s; 1 flows of 2 packets\n"
		"  ip 2\n"
		"  control 1\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flows_tell_packets_round_trips_and_retransmits),
		cmocka_unit_test(the_customer_is_who_is_named_or_who_opens),
		cmocka_unit_test(packets_are_told_one_by_one),
		cmocka_unit_test(payload_is_what_ip_says_but_no_more_than_the_frame_had),
		cmocka_unit_test(text_says_the_same_in_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
