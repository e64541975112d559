/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state file: kept, or set aside when it is broken, and only then. */
#include "tests/lib/circuits_file.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include "db/state.h"

static void state_comes_back_as_it_was_saved_and_a_broken_file_is_set_aside(void **state)
{
	struct fixture *fixture = *state;
	struct assignment saved = { .kind = NODE_CIRCUIT,
				    .id = "1",
				    .slot = 5,
				    .queue = 2,
				    .handle = 0x123 },
			  *loaded;
	struct network *network, *again, *plans;
	struct state_db *db;
	struct error err;
	size_t count;
	FILE *file;

	import(fixture, SHAPED_HEADER "1,Good,1-r,r,,,,,192.0.2.1,2001:db8::/48,0,0,10,2,\n");
	network = load(fixture);
	db = state_db_open(fixture->state_path, &err);
	assert_non_null(db);
	assert_null(state_db_load_network(db, &err));
	assert_true(state_db_save(db, network, &saved, 1, &err));
	assert_true(state_db_save(db, network, &saved, 1, &err));
	state_db_close(db);

	db = state_db_open(fixture->state_path, &err);
	assert_true(state_db_load_assignments(db, &loaded, &count, &err));
	assert_int_equal(count, 1);
	assert_int_equal(loaded[0].handle, 0x123);
	assert_int_equal(loaded[0].owner, assignment_owner(NODE_CIRCUIT, "1"));
	assignments_free(loaded, count);
	again = state_db_load_network(db, &err);
	assert_int_equal(again->circuit_count, 1);
	assert_int_equal(again->prefix_count, 2);
	assert_int_equal(again->circuits[0].max_bps[DOWNLOAD], 10000000);
	network_free(again);

	plans = network_new();
	plans->revision = network->revision + 1;
	network->circuits[0].max_bps[DOWNLOAD] = 20000000;
	network_add_circuit(plans, &network->circuits[0]);
	assert_true(state_db_save_plans(db, plans, &err));
	network_free(plans);
	again = state_db_load_network(db, &err);
	assert_int_equal(again->revision, network->revision + 1);
	assert_int_equal(again->circuit_count, 1);
	assert_int_equal(again->prefix_count, 2);
	assert_int_equal(again->circuits[0].max_bps[DOWNLOAD], 20000000);
	network_free(again);
	network_free(network);
	state_db_close(db);

	file = fopen(fixture->state_path, "w");
	fputs("broken, broken, broken, broken, broken, broken, broken, broken", file);
	fclose(file);
	db = state_db_open(fixture->state_path, &err);
	assert_non_null(db);
	state_db_close(db);
	strcat(fixture->state_path, ".broken-1");
	assert_int_equal(access(fixture->state_path, F_OK), 0);
}

static void take_load(void *data, const struct measured_load *load)
{
	uint64_t *sum_bps = data;

	*sum_bps += load->kind == NODE_SITE && !strcmp(load->id, "tower") ? load->load_bps : 1;
}

static uint64_t read_loads(struct state_db *db, uint32_t *windows)
{
	uint64_t sum_bps = 0;
	struct error err;

	assert_true(state_db_load_loads(db, take_load, &sum_bps, windows, &err));
	return sum_bps;
}

static void loads_are_kept_also_by_a_state_of_before_there_were_any(void **state)
{
	const struct measured_load loads[] = { { NODE_SITE, "tower", 5000 },
					       { NODE_CIRCUIT, "tower", 7000 } };
	struct fixture *fixture = *state;
	struct state_db *db;
	uint32_t windows;
	struct error err;

	state_db_close(state_db_open(fixture->state_path, &err));
	db = state_db_open_to_read(fixture->state_path, &err);
	assert_int_equal(read_loads(db, &windows), 0);
	assert_int_equal(windows, 0);
	state_db_close(db);

	db = state_db_open(fixture->state_path, &err);
	assert_true(state_db_save_loads(db, loads, 2, 30, &err));
	assert_int_equal(read_loads(db, &windows), 5001);
	assert_int_equal(windows, 30);
	assert_true(state_db_save_loads(db, loads, 1, 31, &err));
	assert_int_equal(read_loads(db, &windows), 5000);
	state_db_close(db);
}

/* 120 characters, as many as an id may have; two that differ in the last one only. */
static void ids_of_many_bytes_keep_their_numbers(void **state)
{
	struct fixture *fixture = *state;
	struct network *network = network_new();
	char ids[2][4 * 120 + 1] = { "", "" };
	struct assignment saved[2], *loaded;
	struct state_db *db;
	struct error err;
	size_t count;

	for (int i = 0; i < 2; i++) {
		for (int at = 0; at < 119; at++)
			memcpy(ids[i] + 4 * at, "\U0001d11e", 4);
		strcpy(ids[i] + 4 * 119, i ? "\U0001d11f" : "\U0001d120");
		network_add_circuit(network, &(struct circuit){ .id = ids[i], .name = "" });
		saved[i] = (struct assignment){ .kind = NODE_CIRCUIT,
						.id = ids[i],
						.owner = assignment_owner(NODE_CIRCUIT, ids[i]),
						.slot = 5 + (uint32_t)i };
	}
	db = state_db_open(fixture->state_path, &err);
	assert_true(state_db_save(db, network, saved, 2, &err));
	assert_true(state_db_load_assignments(db, &loaded, &count, &err));
	assert_int_equal(count, 2);
	for (size_t i = 0; i < count; i++)
		assert_true(loaded[i].owner == saved[loaded[i].slot - 5].owner);
	assignments_free(loaded, count);
	network_free(network);
	state_db_close(db);
}

static void a_state_that_is_damaged_within_is_set_aside_and_never_taken_in_part(void **state)
{
	struct fixture *fixture = *state;
	struct network *network = network_new();
	struct state_db *db;
	char id[16], page[4096];
	struct error err;
	FILE *file;

	for (int i = 0; i < 2000; i++) {
		snprintf(id, sizeof(id), "circuit-%d", i);
		network_add_circuit(network, &(struct circuit){ .id = id, .name = id });
	}
	db = state_db_open(fixture->state_path, &err);
	assert_true(state_db_save(db, network, NULL, 0, &err));
	state_db_close(db);
	network_free(network);

	memset(page, 0x55, sizeof(page));
	file = fopen(fixture->state_path, "r+");
	fseek(file, 20 * sizeof(page), SEEK_SET);
	fwrite(page, sizeof(page), 1, file);
	fclose(file);
	db = state_db_open(fixture->state_path, &err);
	assert_non_null(db);
	assert_null(state_db_load_network(db, &err));
	assert_int_equal(err.code, ERROR_NONE);
	state_db_close(db);
	strcat(fixture->state_path, ".broken-1");
	assert_int_equal(access(fixture->state_path, F_OK), 0);
}

static void a_sound_state_that_cannot_be_written_stays_and_is_read_all_the_same(void **state)
{
	const struct assignment saved = { .kind = NODE_CIRCUIT, .id = "1", .slot = 5 };
	struct fixture *fixture = *state;
	struct network *network = network_new();
	struct assignment *loaded;
	struct state_db *db;
	struct error err;
	char wal[160];
	sqlite3 *other;
	size_t count;

	db = state_db_open(fixture->state_path, &err);
	assert_true(state_db_save(db, network, &saved, 1, &err));
	state_db_close(db);
	network_free(network);

	/* To be opened it need not be written. */
	assert_int_equal(sqlite3_open(fixture->state_path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	db = state_db_open(fixture->state_path, &err);
	if (!db)
		fail_msg("%s", err.text);
	assert_true(state_db_load_assignments(db, &loaded, &count, &err));
	assert_int_equal(count, 1);
	assignments_free(loaded, count);
	state_db_close(db);
	sqlite3_close(other);

	/* A -wal can't be made. */
	snprintf(wal, sizeof(wal), "%s-wal", fixture->state_path);
	assert_int_equal(mkdir(wal, 0700), 0);
	assert_null(state_db_open(fixture->state_path, &err));
	if (!strstr(err.text, "can't open"))
		fail_msg("said \"%s\"", err.text);
	assert_int_equal(rmdir(wal), 0);
	db = state_db_open(fixture->state_path, &err);
	assert_true(state_db_load_assignments(db, &loaded, &count, &err));
	assert_int_equal(count, 1);
	assignments_free(loaded, count);
	state_db_close(db);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(state_comes_back_as_it_was_saved_and_a_broken_file_is_set_aside),
		TEST(loads_are_kept_also_by_a_state_of_before_there_were_any),
		TEST(ids_of_many_bytes_keep_their_numbers),
		TEST(a_state_that_is_damaged_within_is_set_aside_and_never_taken_in_part),
		TEST(a_sound_state_that_cannot_be_written_stays_and_is_read_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
