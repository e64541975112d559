/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Damaged files: circuits files, ShapedDevices.csv and network.json with bytes changed, cut, repeated
 * and exchanged. None of them may crash or stop the program, and of a CSV each row is accounted
 * for. FUZZ_SECONDS says how long, FUZZ_SEED which.
 */
#include "tests/lib/circuits_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <time.h>

#include "db/import.h"
#include "db/shaped_file.h"
#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "engine/base/memory.h"
#include "engine/network_file.h"
#include "tests/lib/random_network.h"

#define ROUND_MOST_S 20 /* then it hangs */

struct bytes {
	char *data;
	size_t size;
};

struct fuzz {
	struct fixture *fixture;
	struct random random;
	struct bytes database, csv, json;
	char path[128];
	unsigned int rounds, accepted;
};

/* --- damage ------------------------------------------------------------------------------------------ */

static struct bytes read_bytes(const char *path)
{
	FILE *file = fopen(path, "r");
	struct bytes bytes = { 0 };

	assert_non_null(file);
	fseek(file, 0, SEEK_END);
	bytes.size = (size_t)ftell(file);
	rewind(file);
	bytes.data = xcalloc(bytes.size, 1);
	assert_int_equal(fread(bytes.data, 1, bytes.size, file), bytes.size);
	fclose(file);
	return bytes;
}

static size_t somewhere(struct fuzz *fuzz, size_t size)
{
	return size ? (size_t)(random_next(&fuzz->random) % size) : 0;
}

static char any_byte(struct fuzz *fuzz)
{
	static const char telling[] = "\"\",;\n\r\t#{}[]:0-\x80\xff";

	if (random_chance(&fuzz->random, 50))
		return telling[random_below(&fuzz->random, sizeof(telling))];
	return (char)random_next(&fuzz->random);
}

static void damage_once(struct fuzz *fuzz, struct bytes *bytes)
{
	size_t at = somewhere(fuzz, bytes->size), other = somewhere(fuzz, bytes->size);
	size_t length = somewhere(fuzz, random_chance(&fuzz->random, 80) ? 32 : 4096);

	length = at + length > bytes->size ? bytes->size - at : length;
	length = other + length > bytes->size ? bytes->size - other : length;
	switch (random_below(&fuzz->random, 8)) {
	case 0:
		memmove(bytes->data + at, bytes->data + other, length);
		break;
	case 1:
		memset(bytes->data + at, any_byte(fuzz), length);
		break;
	case 2:
		if (random_chance(&fuzz->random, 10))
			bytes->size = at;
		break;
	case 3:
		bytes->data[at] ^= (char)(1 << random_below(&fuzz->random, 8));
		break;
	default:
		bytes->data[at] = any_byte(fuzz);
	}
}

/* Writes a damaged copy to fuzz->path. */
static void write_damaged(struct fuzz *fuzz, const struct bytes *sound)
{
	struct bytes bytes = { .data = xcalloc(sound->size, 1), .size = sound->size };
	FILE *file = fopen(fuzz->path, "w");

	memcpy(bytes.data, sound->data, sound->size);
	for (unsigned int n = 1 + random_below(&fuzz->random, 8); n && bytes.size; n--)
		damage_once(fuzz, &bytes);
	assert_non_null(file);
	assert_int_equal(fwrite(bytes.data, 1, bytes.size, file), bytes.size);
	fclose(file);
	free(bytes.data);
}

/* --- what is done with it ------------------------------------------------------------------------------ */

static void resolve(const struct network *rows)
{
	struct network *network, *again;

	if (!rows)
		return;
	network = network_resolve(rows, NULL);
	again = network_resolve(rows, network);
	network_free(network);
	network_free(again);
}

/* All that an engine does with its file. */
static void use_database(struct fuzz *fuzz)
{
	struct applied_result result = { .revision = 1, .apply_ms = 1.0, .text = "applied" };
	int64_t position = 0;
	size_t written;
	struct circuits_db *db = circuits_db_open(fuzz->path, false, NULL);
	struct journal_row rows[20];
	struct rows_read read;
	struct network *network;
	uint64_t revision;
	bool merged;

	if (!db)
		return;
	fuzz->accepted++;
	circuits_db_changed(db, NULL);
	circuits_db_take_undo_requests(db, NULL);
	circuits_db_merge_staged(db, &merged, NULL);
	circuits_db_close_revision(db, &revision, NULL);
	resolve(circuits_db_rows(db, &read, NULL));
	resolve(circuits_db_rows(db, &read, NULL));
	network = circuits_db_load(db, NULL);
	if (network)
		circuits_db_record_problems(db, network, NULL);
	network_free(network);
	circuits_db_undo(db, 1, "fuzz", &revision, NULL);
	circuits_db_expire(db, NULL);
	circuits_db_next_expiry_s(db);
	circuits_db_read_journal(db, 0, NULL, rows, 20);
	circuits_db_record_applied(db, &result, 1, &position, &written, NULL);
	circuits_db_trim_journal(db, NULL);
	circuits_db_close(db);
}

static void check_database(struct fuzz *fuzz)
{
	struct circuits_db *db = circuits_db_open_to_check(fuzz->path, NULL);
	struct network *network = db ? circuits_db_load(db, NULL) : NULL;

	resolve(network);
	network_free(network);
	circuits_db_close(db);
}

static void remove_leftovers(const struct fuzz *fuzz)
{
	static const char *const suffixes[] = { "-wal", "-shm", ".version-1", ".version-2" };

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		char *path = xasprintf("%s%s", fuzz->path, suffixes[i]);

		unlink(path);
		free(path);
	}
}

static void fuzz_database(struct fuzz *fuzz)
{
	write_damaged(fuzz, &fuzz->database);
	check_database(fuzz);
	use_database(fuzz);
	remove_leftovers(fuzz);
}

/* Imports into the fixture's file; that each row is taken or refused shows in the result. */
static void import_both(struct fuzz *fuzz, const struct import *import)
{
	struct import_result result;
	struct network *network;

	if (!circuits_db_import(fuzz->fixture->db, import, &result, NULL))
		return;
	fuzz->accepted++;
	assert_true(result.rows <= import->row_count && result.rows_refused <= result.rows);
	network = circuits_db_load(fuzz->fixture->db, NULL);
	assert_non_null(network);
	resolve(network);
	network_free(network);
}

static void fuzz_csv(struct fuzz *fuzz)
{
	struct shaped_file file;

	write_damaged(fuzz, &fuzz->csv);
	if (!shaped_file_read(fuzz->path, &file, NULL))
		return;
	import_both(fuzz, &(struct import){
				  .has_rows = true, .rows = file.rows, .row_count = file.count });
	shaped_file_release(&file);
}

static void fuzz_json(struct fuzz *fuzz)
{
	struct network_file file;

	write_damaged(fuzz, &fuzz->json);
	if (!network_file_read(fuzz->path, &file, NULL))
		return;
	import_both(fuzz, &(struct import){ .has_sites = true,
					    .sites = file.sites,
					    .site_count = file.site_count,
					    .problems = file.problems,
					    .problem_count = file.problem_count });
	network_file_release(&file);
}

/* --- the test ----------------------------------------------------------------------------------------------- */

static const char sound_json[] =
	"{\"North\": {\"downloadBandwidthMbps\": 1000, \"uploadBandwidthMbps\": 500.5, \"type\": "
	"\"site\", \"id\": \"n1\", \"children\": {\"AP Alder-1\": {\"downloadBandwidthMbps\": 200, "
	"\"latitude\": 52.5, \"longitude\": 13.4, \"children\": {}}, \"Group\": {\"virtual\": "
	"true, "
	"\"children\": {\"AP Birch-1\": {\"id\": 77}}}}}, \"South\": {}}";

static void make_sound(struct fuzz *fuzz)
{
	char path[160], command[600];

	fuzz->csv = read_bytes("tests/csv/defects.csv");
	fuzz->json.size = sizeof(sound_json) - 1;
	fuzz->json.data = xcalloc(fuzz->json.size, 1);
	memcpy(fuzz->json.data, sound_json, fuzz->json.size);
	/* A file with everything in it: rows staged, an override, an undo that waits, a journal. */
	snprintf(path, sizeof(path), "%s/sound.db", fuzz->fixture->directory);
	circuits_db_close(circuits_db_open(path, true, NULL));
	snprintf(command, sizeof(command), ".import --csv --skip 1 tests/csv/defects.csv %s",
		 "shaped_devices");
	assert_int_equal(shell(path, ".read contrib/demo/sites.sql"), 0);
	shell(path, command);
	assert_int_equal(
		shell(path,
		      "INSERT INTO circuits (id, site, download_max_bps, upload_max_bps) VALUES "
		      "('c01', 'alder-1', 5000000, 1000000), ('x', 'alder', 1000000, 1000000);"
		      "INSERT INTO devices (id, circuit) VALUES ('x-1', 'x');"
		      "INSERT INTO prefixes VALUES ('x-1', '192.0.2.1'), ('x-1', '2001:db8::/48');"
		      "INSERT INTO tags VALUES ('x', 'vip'); UPDATE circuits SET name = 'X';"
		      "INSERT INTO overrides (circuit, download_max_bps, until) VALUES ('x', "
		      "2000000, datetime('now', '+1 hour')); INSERT INTO undo VALUES (1);"
		      "PRAGMA journal_mode = DELETE"),
		0);
	fuzz->database = read_bytes(path);
}

static unsigned int number(const char *name, unsigned int fallback)
{
	const char *text = getenv(name);

	return text ? (unsigned int)strtoul(text, NULL, 10) : fallback;
}

static void damaged_files_do_no_harm(void **state)
{
	static void (*const kinds[])(struct fuzz *) = { fuzz_database, fuzz_csv, fuzz_json };
	unsigned int seed = number("FUZZ_SEED", (unsigned int)time(NULL));
	struct fuzz fuzz = { .fixture = *state, .random = { seed } };
	uint64_t end_ns = clock_now_ns() + number("FUZZ_SECONDS", 3) * NS_PER_SECOND;

	print_message("# seed %u\n", seed);
	log_set_level((enum log_level) - 1);
	make_sound(&fuzz);
	snprintf(fuzz.path, sizeof(fuzz.path), "%s/damaged", fuzz.fixture->directory);
	for (; clock_now_ns() < end_ns; fuzz.rounds++) {
		alarm(ROUND_MOST_S);
		kinds[random_below(&fuzz.random, 3)](&fuzz);
	}
	alarm(0);
	print_message("# %u files, of which %u could be used\n", fuzz.rounds, fuzz.accepted);
	assert_true(fuzz.accepted > fuzz.rounds / 20 && fuzz.accepted < fuzz.rounds);
	free(fuzz.database.data);
	free(fuzz.csv.data);
	free(fuzz.json.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(damaged_files_do_no_harm, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
