/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is in the tables, and what becomes of it when they are full. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "engine/base/clock.h"
#include "tests/bpf/fixture.h"

#define FLOWS 1024
#define TARGET_AT 30	  /* of an IPv4 address behind Ethernet */
#define TARGET_PORT_AT 36 /* of UDP behind that */

static struct datapath *datapath;

static int set_up(void **state)
{
	datapath = fixture_open(FLOWS, 1024, 64);
	if (!datapath)
		return -1;
	fixture_make_circuit(datapath, 1);
	fixture_make_circuit(datapath, 2);
	fixture_map(datapath, "100.64.0.0/24", 1);
	fixture_map(datapath, "2001:db8:1::/64", 2);
	return 0;
}

static int tear_down(void **state)
{
	fixture_close(datapath);
	return 0;
}

static struct datapath_table table(const char *name)
{
	struct datapath_table tables[DATAPATH_TABLES];

	datapath_read_tables(datapath, tables);
	for (size_t i = 0; i < DATAPATH_TABLES; i++)
		if (!strcmp(tables[i].name, name))
			return tables[i];
	fail_msg("there is no table %s", name);
	return (struct datapath_table){ 0 };
}

/* Since Linux 6.4; before, it tells an estimate. */
static bool kernel_tells_what_tables_take(void)
{
	unsigned int major = 0, minor = 0;
	struct utsname name;

	uname(&name);
	sscanf(name.release, "%u.%u", &major, &minor);
	return major > 6 || (major == 6 && minor >= 4);
}

/* Beside rounding to pages, of which an array has one more in front. */
static void what_tables_take_is_what_was_told_before(void **state)
{
	struct datapath_table told[DATAPATH_TABLES], is[DATAPATH_TABLES];
	char prefix[32];

	if (!kernel_tells_what_tables_take()) {
		print_message("what a table takes is only estimated by kernels before 6.4\n");
		skip();
	}
	for (unsigned int i = 0; i < 512; i++) {
		snprintf(prefix, sizeof(prefix), "100.65.%u.%u/32", i / 256, i % 256);
		fixture_map(datapath, prefix, 1);
	}
	datapath_read_tables(datapath, is);
	assert_true(
		datapath_predict_tables(&datapath->settings, datapath->stripes, is[2].used, told));
	for (size_t i = 0; i < DATAPATH_TABLES; i++) {
		uint64_t rounded = 6 * 4096 + told[i].bytes / 10;

		print_message("# %s: %llu bytes, told %llu\n", is[i].name,
			      (unsigned long long)is[i].bytes, (unsigned long long)told[i].bytes);
		assert_string_equal(told[i].name, is[i].name);
		assert_true(is[i].bytes <= told[i].bytes + rounded &&
			    told[i].bytes <= is[i].bytes + rounded);
	}
	for (unsigned int i = 0; i < 512; i++) {
		snprintf(prefix, sizeof(prefix), "100.65.%u.%u/32", i / 256, i % 256);
		fixture_unmap(datapath, prefix);
	}
}

static bool find_stranger(const struct frame *frame, struct stranger_info *info)
{
	for (uint32_t entry = 0; entry < datapath_strangers(datapath); entry++)
		if (datapath_read_stranger(datapath, entry, info) &&
		    !memcmp(info->address + 12, frame->byte + TARGET_AT, 4))
			return true;
	return false;
}

static void tables_say_how_full_they_are(void **state)
{
	struct frame frame;

	assert_int_equal(table("slots").used, 2);
	assert_int_equal(table("slots").size, 63);
	fixture_make_circuit(datapath, 3);
	fixture_make_circuit(datapath, 3);
	assert_int_equal(table("slots").used, 3);
	datapath_clear_row(datapath, 3);
	datapath_clear_row(datapath, 3);
	assert_int_equal(table("slots").used, 2);
	assert_int_equal(table("prefixes").used, 2);
	assert_int_equal(table("flows").used, 0);
	frame_build("eth ip4 udp", &frame);
	fixture_arrive(datapath, DOWNLOAD, &frame);
	frame_build("eth ip6 udp", &frame);
	fixture_arrive(datapath, DOWNLOAD, &frame);
	fixture_arrive(datapath, DOWNLOAD, &frame);
	assert_int_equal(table("flows").used, 2);
	assert_int_equal(table("flows").size, FLOWS);
	assert_true(table("flows").bytes >= FLOWS * 192);
	fixture_map(datapath, "100.64.9.0/24", 1);
	assert_int_equal(table("prefixes").used, 3);
	fixture_unmap(datapath, "100.64.9.0/24");
	assert_int_equal(table("prefixes").used, 2);
}

static void an_unknown_address_is_listed_until_it_is_known(void **state)
{
	struct stranger_info info;
	struct frame frame;

	frame_build("eth ip4:c=7 udp:data=10", &frame);
	frame.byte[TARGET_AT + 2] = 77; /* 100.64.77.7 */
	for (int i = 0; i < 3; i++)
		assert_false(fixture_arrive(datapath, DOWNLOAD, &frame).metadata.slot);
	assert_true(find_stranger(&frame, &info));
	assert_int_equal(table("unknown").used, 1);
	assert_int_equal(info.packets, 3);
	assert_int_equal(info.bytes[DOWNLOAD], 3 * frame.size);
	assert_int_equal(info.bytes[UPLOAD], 0);
	fixture_map(datapath, "100.64.77.0/24", 1);
	assert_int_equal(fixture_arrive(datapath, DOWNLOAD, &frame).metadata.slot, 1);
	assert_false(find_stranger(&frame, &info));
	assert_int_equal(table("unknown").used, 0);
	fixture_unmap(datapath, "100.64.77.0/24");
	assert_int_equal(fixture_arrive(datapath, DOWNLOAD, &frame).metadata.slot, 0);
	assert_true(find_stranger(&frame, &info));
	assert_int_equal(info.packets, 1);
	assert_int_equal(table("unknown").used, 1);
}

static bool flow_is_there(uint16_t customer_port)
{
	uint32_t flows = datapath_flows(datapath);
	struct flow_info flow;

	for (uint32_t entry = 0;
	     datapath_next_flow(datapath, 0, clock_now_ns(), &entry, flows, &flow); entry++)
		if (flow.customer_port == customer_port && flow.packets[DOWNLOAD] > 1)
			return true;
	return false;
}

static void a_scan_of_unknown_addresses_takes_no_flow_s_place(void **state)
{
	struct frame customer, scan;

	frame_build("eth ip4 udp:cp=5555", &customer);
	fixture_arrive(datapath, DOWNLOAD, &customer);
	fixture_arrive(datapath, DOWNLOAD, &customer);
	frame_build("eth ip4 udp", &scan);
	for (uint32_t i = 0; i < 80000; i++) {
		scan.byte[TARGET_AT] = 10;
		scan.byte[TARGET_AT + 1] = (uint8_t)(i >> 16);
		scan.byte[TARGET_AT + 2] = (uint8_t)(i >> 8);
		scan.byte[TARGET_AT + 3] = (uint8_t)i;
		fixture_arrive(datapath, UPLOAD, &scan);
		fixture_arrive(datapath, DOWNLOAD, &scan);
	}
	assert_true(flow_is_there(5555));
	assert_true(table("flows").used < 8);
	assert_true(table("unknown").used > 65536 / 2);
	assert_true(fixture_total(datapath, "stranger_evicted") > 0);
}

/* Of a length that no other has. */
#define MANY 1500
static struct prefix nth_of_many(uint32_t n)
{
	char text[32];
	struct prefix prefix;
	struct error err;

	snprintf(text, sizeof(text), "100.66.%u.%u/30", n / 64, n % 64 * 4);
	assert_true(prefix_parse(text, &prefix, &err));
	return prefix;
}

static uint32_t slot_of_nth(uint32_t n)
{
	struct frame frame;

	frame_build("eth ip4 udp", &frame);
	frame.byte[TARGET_AT + 1] = 66;
	frame.byte[TARGET_AT + 2] = (uint8_t)(n / 64);
	frame.byte[TARGET_AT + 3] = (uint8_t)(n % 64 * 4 + 1);
	return fixture_arrive(datapath, DOWNLOAD, &frame).metadata.slot;
}

static void many_prefixes_are_added_until_there_is_no_room(void **state)
{
	size_t added, room = 1024 - table("prefixes").used;
	struct shape_prefix many[MANY];
	uint32_t epoch, before = datapath_epoch(datapath);
	struct error err;

	for (uint32_t i = 0; i < MANY; i++)
		many[i] = (struct shape_prefix){ nth_of_many(i), 1 + i % 2 };
	assert_int_equal(slot_of_nth(0), 0);
	assert_false(datapath_add_prefixes(datapath, many, MANY, &added, &epoch, &err));
	assert_non_null(strstr(err.text, "no room for the prefix 100.66.15."));
	assert_int_equal(added, room);
	assert_int_equal(table("prefixes").used, 1024);
	assert_int_equal(epoch, before + room);
	for (uint32_t i = 0; i < room; i++)
		assert_int_equal(slot_of_nth(i), many[i].slot);
	assert_int_equal(slot_of_nth((uint32_t)room), 0);
	for (size_t i = 0; i < room; i++)
		assert_true(datapath_remove_prefix(datapath, &many[i].prefix, &epoch, &err));
	assert_int_equal(slot_of_nth(0), 0);
	assert_int_equal(table("prefixes").used, 1024 - room);
}

static void assert_counted(uint64_t packets, uint64_t retransmits)
{
	struct slot_counters counters;

	datapath_read_counters(datapath, 4, &counters);
	assert_int_equal(counters.packets[DOWNLOAD], packets);
	assert_int_equal(datapath->events[4].retransmits[DOWNLOAD], retransmits);
}

static void a_slot_counts_from_zero_for_each_owner(void **state)
{
	struct circuit_row row = { .owner = 2000, .flags = LQOS_ROW_IN_USE };
	struct frame frame;

	fixture_make_circuit(datapath, 4);
	fixture_map(datapath, "100.64.0.1/32", 4);
	frame_build("eth ip4 udp", &frame);
	fixture_arrive(datapath, DOWNLOAD, &frame);
	datapath->events[4].retransmits[DOWNLOAD] = 5;
	fixture_make_circuit(datapath, 4); /* the same owner */
	assert_counted(1, 5);
	datapath_set_row(datapath, 4, &row);
	assert_counted(0, 0);
	fixture_arrive(datapath, DOWNLOAD, &frame);
	datapath->events[4].retransmits[DOWNLOAD] = 5;
	datapath_clear_row(datapath, 4);
	fixture_make_circuit(datapath, 4);
	assert_counted(0, 0);
	fixture_unmap(datapath, "100.64.0.1/32");
	datapath_clear_row(datapath, 4);
}

static void a_full_table_refuses_no_flow(void **state)
{
	struct frame frame;
	uint64_t evicted = fixture_total(datapath, "flow_evicted");

	frame_build("eth ip4 udp", &frame);
	/* 32 for each set of four: that one gets less than four happens once in 50 million runs. */
	for (uint16_t port = 1; port < 8 * FLOWS; port++) {
		frame.byte[TARGET_PORT_AT] = (uint8_t)(port >> 8);
		frame.byte[TARGET_PORT_AT + 1] = (uint8_t)port;
		fixture_arrive(datapath, DOWNLOAD, &frame);
		fixture_arrive(datapath, DOWNLOAD, &frame);
		if (!flow_is_there(port))
			fail_msg("flow %u was refused", port);
	}
	assert_int_equal(table("flows").used, FLOWS);
	assert_true(fixture_total(datapath, "flow_evicted") > evicted + 2 * FLOWS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_tables_take_is_what_was_told_before),
		cmocka_unit_test(tables_say_how_full_they_are),
		cmocka_unit_test(an_unknown_address_is_listed_until_it_is_known),
		cmocka_unit_test(a_scan_of_unknown_addresses_takes_no_flow_s_place),
		cmocka_unit_test(many_prefixes_are_added_until_there_is_no_room),
		cmocka_unit_test(a_slot_counts_from_zero_for_each_owner),
		cmocka_unit_test(a_full_table_refuses_no_flow),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
