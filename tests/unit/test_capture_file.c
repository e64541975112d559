/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capture files of every kind, and files that are damaged. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tests/lib/pcap.h"

/* --- kinds of files --------------------------------------------------------------------------------- */

static void expect_udp_flow(const struct pcap *file, const char *name, size_t bytes,
			    json_int_t first_ns)
{
	json_t *flows = replay_flows(file, NULL), *flow = json_array_get(flows, 0);

	if (json_array_size(flows) != 1)
		fail_msg("%s: %zu flows", name, json_array_size(flows));
	if (strcmp(json_text(flow, "protocol"), "udp") ||
	    strcmp(json_text(flow, "customer"), "100.64.0.1") ||
	    strcmp(json_text(flow, "remote"), "198.51.100.1") ||
	    json_int(flow, "customer_port") != 1000 || json_int(flow, "remote_port") != 80)
		fail_msg("%s: another flow", name);
	if (json_int(flow, "upload_bytes") != (json_int_t)bytes ||
	    json_int(flow, "upload_packets") != 1 || json_int(flow, "download_packets") != 0)
		fail_msg("%s: counts %lld bytes", name, (long long)json_int(flow, "upload_bytes"));
	if (json_int(flow, "first_ns") != first_ns)
		fail_msg("%s: seen at %lld", name, (long long)json_int(flow, "first_ns"));
	json_decref(flows);
}

static void pcap_is_read_in_both_byte_orders_and_clocks(void **state)
{
	struct pcap file = { 0 };
	struct frame frame;

	frame_build("eth ip4:up udp:data=100", &frame);
	for (int swapped = 0; swapped < 2; swapped++) {
		file.is_swapped = swapped;
		pcap_begin(&file, 0xa1b2c3d4, 1);
		pcap_put_record(&file, 1700000000, 123456, frame.byte, (uint32_t)frame.size,
				(uint32_t)frame.size);
		expect_udp_flow(&file, "microseconds", frame.size, 1700000000123456000);
		pcap_begin(&file, 0xa1b23c4d, 1);
		pcap_put_record(&file, 1700000000, 123456789, frame.byte, (uint32_t)frame.size,
				(uint32_t)frame.size);
		expect_udp_flow(&file, "nanoseconds", frame.size, 1700000000123456789);
	}
}

static void what_was_cut_off_by_the_capture_is_counted_in_full(void **state)
{
	struct pcap file = { 0 };
	struct frame frame;

	frame_build("eth ip4:up udp:data=1000", &frame);
	pcap_begin(&file, 0xa1b2c3d4, 1);
	pcap_put_record(&file, 1, 0, frame.byte, 60, (uint32_t)frame.size);
	expect_udp_flow(&file, "60 bytes of it", frame.size, 1000000000);
}

static void every_link_type_leads_to_the_same_flow(void **state)
{
	static const struct {
		const char *name;
		uint32_t link;
		const char *header;
		size_t size;
	} rows[] = {
		{ "raw", 101, "", 0 },
		{ "raw, by its number on BSD", 12, "", 0 },
		{ "raw, by its number on OpenBSD", 14, "", 0 },
		{ "IPv4", 228, "", 0 },
		{ "BSD loopback", 0, "\2\0\0\0", 4 },
		{ "OpenBSD loopback", 108, "\0\0\0\2", 4 },
		{ "Linux cooked", 113, "\0\0\0\1\0\6\2\2\2\2\2\2\0\0\x08\0", 16 },
		{ "Linux cooked, tagged", 113, "\0\0\0\1\0\6\2\2\2\2\2\2\0\0\x81\0\0\5\x08\0", 20 },
		{ "Linux cooked, version 2", 276, "\x08\0\0\0\0\0\0\3\0\1\0\6\2\2\2\2\2\2\0\0",
		  20 },
		{ "PPPoE", 51, "\x11\0\0\1\0\x66\0\x21", 8 },
	};
	struct pcap file = { 0 };
	struct frame frame;

	frame_build("eth ip4:up udp:data=100", &frame);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t bytes[256];
		size_t size = rows[i].size + frame.size - 14;

		memcpy(bytes, rows[i].header, rows[i].size);
		memcpy(bytes + rows[i].size, frame.byte + 14, frame.size - 14);
		pcap_begin(&file, 0xa1b2c3d4, rows[i].link);
		pcap_put_record(&file, 1, 0, bytes, (uint32_t)size, (uint32_t)size);
		expect_udp_flow(&file, rows[i].name, size, 1000000000);
	}
}

static void pcapng_s_interfaces_differ_in_link_type_and_clock(void **state)
{
	struct pcap file = { 0 }, simple;
	struct frame frame, raw;
	json_t *flows;

	frame_build("eth ip4:up udp:data=100", &frame);
	raw.size = frame.size - 14;
	memcpy(raw.byte, frame.byte + 14, raw.size);
	for (int swapped = 0; swapped < 2; swapped++) {
		file.size = 0;
		file.is_swapped = swapped;
		pcapng_put_section(&file);
		pcapng_put_interface(&file, 1, 65535, 6);
		pcapng_put_interface(&file, 101, 100, 9);
		pcapng_put_interface(&file, 1, 0, 0x80 | 10);
		pcapng_put_packet(&file, 0, 1700000000000000, &frame);
		pcapng_put_packet(&file, 1, 1700000001000000000, &raw);
		pcapng_put_packet(&file, 2, (1700000002ULL << 10) + 512, &frame);
		/* Another section, whose interfaces begin anew; a block nobody knows. */
		file.is_swapped = !swapped;
		pcapng_put_section(&file);
		pcapng_put_block(&file, 0x0bad, &(struct pcap){ .byte = "skipped", .size = 8 });
		pcapng_put_interface(&file, 101, 65535, 6);
		simple = (struct pcap){ .is_swapped = file.is_swapped };
		pcap_put32(&simple, (uint32_t)raw.size);
		pcap_put(&simple, raw.byte, raw.size);
		pcapng_put_block(&file, 3, &simple);
		flows = replay_flows(&file, NULL);
		assert_int_equal(json_array_size(flows), 1);
		assert_int_equal(json_int(json_array_get(flows, 0), "upload_packets"), 4);
		assert_int_equal(json_int(json_array_get(flows, 0), "upload_bytes"),
				 2 * frame.size + 2 * raw.size);
		/* A simple packet has no time: 0 is the first. */
		assert_int_equal(json_int(json_array_get(flows, 0), "first_ns"), 0);
		assert_true(json_real_value(json_object_get(json_array_get(flows, 0),
							    "duration_s")) == 1700000002.5);
		json_decref(flows);
	}
}

/* --- damage ----------------------------------------------------------------------------------------- */

static void a_file_cut_anywhere_gives_what_came_before(void **state)
{
	struct pcap whole = { 0 }, ng = { 0 };
	struct frame frame;

	frame_build("eth ip4:up udp:data=10", &frame);
	pcap_begin(&whole, 0xa1b2c3d4, 1);
	pcapng_put_section(&ng);
	pcapng_put_interface(&ng, 1, 65535, 6);
	for (int i = 0; i < 2; i++) {
		pcap_put_record(&whole, 1, 0, frame.byte, (uint32_t)frame.size,
				(uint32_t)frame.size);
		pcapng_put_packet(&ng, 0, 1000000, &frame);
	}
	for (int i = 0; i < 2; i++) {
		struct pcap cut = i ? ng : whole;
		size_t packet = i ? frame.size + 32 + (4 - frame.size % 4) % 4 : frame.size + 16;

		for (; cut.size; cut.size--) {
			size_t behind = (i ? ng : whole).size - cut.size;
			struct replay_options options = { .as_json = true };
			struct error err = { 0 };
			bool ok;
			char *text = replay_run(&cut, options, &ok, &err);
			json_t *summary = replay_lines(text, "summary");

			if (behind <= 2 * packet &&
			    json_int(json_array_get(summary, 0), "packets") !=
				    (json_int_t)((2 * packet - behind) / packet))
				fail_msg("%zu bytes less: another count", behind);
			if (ok != (behind % packet == 0 && behind <= 2 * packet) &&
			    !(i && behind > 2 * packet))
				fail_msg("%zu bytes less: %s", behind, ok ? "accepted" : err.text);
			json_decref(summary);
			free(text);
		}
	}
}

static void what_is_no_capture_is_refused_in_words(void **state)
{
	struct pcap file = { 0 };
	struct replay_options options = { 0 };
	struct frame frame;
	struct error err;
	char *text;
	bool ok;

	pcap_put(&file, "SQLite format 3", 16);
	text = replay_run(&file, options, &ok, &err);
	assert_false(ok);
	assert_non_null(strstr(err.text, "it is neither pcap nor pcapng"));
	free(text);

	frame_build("eth ip4:up udp:data=10", &frame);
	pcap_begin(&file, 0xa1b2c3d4, 105); /* IEEE 802.11 */
	pcap_put_record(&file, 1, 0, frame.byte, (uint32_t)frame.size, (uint32_t)frame.size);
	text = replay_run(&file, options, &ok, &err);
	assert_false(ok);
	assert_non_null(strstr(err.text, "packet 1: link type 105 is not known"));
	free(text);

	pcap_begin(&file, 0xa1b2c3d4, 1);
	pcap_put_record(&file, 1, 0, frame.byte, (uint32_t)frame.size, (uint32_t)frame.size);
	memset(file.byte + 24 + 8, 0x7f, 4);
	text = replay_run(&file, options, &ok, &err);
	assert_false(ok);
	assert_non_null(strstr(err.text, "behind packet 0: a packet has an impossible size"));
	free(text);

	options.customers = "100.64.0.0/10,nonsense";
	text = replay_run(&file, options, &ok, &err);
	assert_false(ok);
	assert_non_null(strstr(err.text, "nonsense"));
	free(text);

	options = (struct replay_options){ .path = "/nowhere.pcap" };
	assert_false(replay(&options, stdout, &err));
	assert_non_null(strstr(err.text, "can't read /nowhere.pcap: No such file"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pcap_is_read_in_both_byte_orders_and_clocks),
		cmocka_unit_test(what_was_cut_off_by_the_capture_is_counted_in_full),
		cmocka_unit_test(every_link_type_leads_to_the_same_flow),
		cmocka_unit_test(pcapng_s_interfaces_differ_in_link_type_and_clock),
		cmocka_unit_test(a_file_cut_anywhere_gives_what_came_before),
		cmocka_unit_test(what_is_no_capture_is_refused_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
