/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a start makes of the maps that another build, or other settings, left pinned. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "tests/bpf/fixture.h"

#define SLOTS 64

static struct frame frame4, frame6;

static struct datapath *set_up(void)
{
	struct datapath *datapath = fixture_open(4096, 4096, SLOTS);

	assert_non_null(datapath);
	frame_build("eth ip4:c=7 udp", &frame4);
	frame_build("eth ip6:c=7 udp", &frame6);
	for (uint32_t slot = 1; slot < 40; slot++)
		fixture_make_circuit(datapath, slot);
	fixture_map(datapath, "100.64.0.0/28", 8);
	fixture_map(datapath, "100.64.0.7", 7);
	fixture_map(datapath, "::/0", 9);
	fixture_arrive(datapath, DOWNLOAD, &frame4);
	return datapath;
}

static void expect_what_was_there(const struct datapath *datapath)
{
	assert_int_equal(fixture_arrive(datapath, DOWNLOAD, &frame4).metadata.slot, 7);
	assert_int_equal(fixture_arrive(datapath, UPLOAD, &frame6).action, XDP_PASS);
	assert_int_equal(fixture_arrive(datapath, DOWNLOAD, &frame6).metadata.slot, 9);
	assert_int_equal(fixture_leave(datapath, DOWNLOAD, &frame4).class_id,
			 FIXTURE_CLASS(7, DOWNLOAD));
	assert_int_equal(datapath_row(datapath, 39)->owner, 1039);
	assert_int_equal(datapath_row(datapath, 40)->owner, 0);
}

static struct datapath_status status_of(const struct datapath *datapath)
{
	struct datapath_status status;

	datapath_read_status(datapath, &status);
	return status;
}

static void the_same_again_changes_nothing(void **state)
{
	struct datapath *datapath = set_up();

	datapath_close(datapath);
	datapath = fixture_open(4096, 4096, SLOTS);
	assert_non_null(datapath);
	assert_true(status_of(datapath).adopted);
	expect_what_was_there(datapath);
	fixture_close(datapath);
}

static void other_sizes_take_rows_and_prefixes_along(void **state)
{
	static const uint32_t sizes[][3] = {
		{ 8192, 4096, SLOTS },
		{ 8192, 9000, SLOTS },
		{ 8192, 9000, 1000 },
		{ 1024, 1024, 40 },
	};
	struct datapath_table tables[DATAPATH_TABLES];
	struct datapath *datapath = set_up();
	uint32_t used;

	datapath_read_tables(datapath, tables);
	used = tables[3].used;
	assert_true(used > 0);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		datapath_close(datapath);
		datapath = fixture_open(sizes[i][0], sizes[i][1], sizes[i][2]);
		assert_non_null(datapath);
		assert_true(status_of(datapath).program_replaced);
		assert_int_equal(datapath_flows(datapath), sizes[i][0]);
		assert_int_equal(datapath_slots(datapath), sizes[i][2]);
		if (sizes[i][2] > 40)
			expect_what_was_there(datapath);
		assert_int_equal(datapath_row(datapath, 39)->owner, 1039);
		datapath_read_tables(datapath, tables);
		assert_string_equal(tables[3].name, "slots");
		assert_int_equal(tables[3].used, used);
	}
	fixture_close(datapath);
}

static void counters_go_on_where_slots_stay(void **state)
{
	struct datapath *datapath = set_up();
	struct slot_counters counters;

	datapath_close(datapath);
	datapath = fixture_open(8192, 4096, SLOTS);
	assert_non_null(datapath);
	datapath_read_counters(datapath, 7, &counters);
	assert_int_equal(counters.packets[DOWNLOAD], 1);
	fixture_close(datapath);
}

static void too_few_slots_are_refused_and_nothing_is_lost(void **state)
{
	struct datapath *datapath = set_up();

	datapath_close(datapath);
	assert_null(fixture_open(4096, 4096, 32));
	datapath = fixture_open(4096, 4096, SLOTS);
	assert_non_null(datapath);
	assert_true(status_of(datapath).adopted);
	expect_what_was_there(datapath);
	fixture_close(datapath);
}

/* Prefixes were in a trie, and strangers in no table of their own. */
static void pin_older_maps(struct datapath *datapath)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_NO_PREALLOC);
	int trie = bpf_map_create(BPF_MAP_TYPE_LPM_TRIE, "older", sizeof(struct prefix_key),
				  sizeof(uint32_t), 4096, &options);
	struct prefix_key *keys;
	uint32_t *slots, count;
	struct error err;
	char path[256];

	assert_true(trie >= 0);
	assert_true(datapath_read_prefixes(datapath->map[MAP_PREFIXES], 4096, &keys, &slots, &count,
					   &err));
	for (uint32_t i = 0; i < count; i++) {
		slots[i] |= keys[i].length < 96 ? 0x80000000 : 0;
		assert_int_equal(bpf_map_update_elem(trie, &keys[i], &slots[i], BPF_ANY), 0);
	}
	datapath_path(datapath, "lqos_strangers", path);
	unlink(path);
	datapath_path(datapath, "lqos_prefixes", path);
	unlink(path);
	assert_int_equal(bpf_obj_pin(trie, path), 0);
	datapath_path(datapath, "lqos_cache", path);
	assert_int_equal(bpf_obj_pin(trie, path), 0);
	close(trie);
	free(keys);
	free(slots);
	datapath->epochs->build ^= 2;
}

static void an_older_layout_is_taken_over(void **state)
{
	struct datapath *datapath = set_up();
	char path[256];

	pin_older_maps(datapath);
	datapath_close(datapath);
	datapath = fixture_open(4096, 4096, SLOTS);
	assert_non_null(datapath);
	assert_true(status_of(datapath).program_replaced);
	expect_what_was_there(datapath);
	datapath_path(datapath, "lqos_cache", path);
	assert_int_not_equal(access(path, F_OK), 0);
	fixture_close(datapath);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_again_changes_nothing),
		cmocka_unit_test(other_sizes_take_rows_and_prefixes_along),
		cmocka_unit_test(counters_go_on_where_slots_stay),
		cmocka_unit_test(too_few_slots_are_refused_and_nothing_is_lost),
		cmocka_unit_test(an_older_layout_is_taken_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
