/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A merge journals what is new in bulk; the file's triggers would do it row by row. Random imports, one
 * after the other, into two files of which one has a trigger of somebody else's, so that all of them
 * run there. The seed is printed; SEED=... runs one. */
#include <time.h>

#include "tests/lib/circuits_file.h"

#define ROUNDS 6
#define ROWS_MOST 60
#define HEADER                                                                                     \
	"Circuit ID,Circuit Name,Device ID,Device Name,Parent Node,Parent Node ID,Anchor Node "    \
	"ID,MAC,IPv4,IPv6,Download Min Mbps,Upload Min Mbps,Download Max Mbps,Upload Max "         \
	"Mbps,Comment,sqm\n"

/* The same of both files: what is in them, and what the journal says, row by row. */
static const char *const everything[] = {
	"SELECT id, revision, author, action, kind, subject, circuit, field, before, after "
	"FROM journal ORDER BY id",
	"SELECT * FROM circuits ORDER BY id",
	"SELECT * FROM devices ORDER BY id",
	"SELECT * FROM prefixes ORDER BY device, prefix",
	"SELECT * FROM problems ORDER BY rowid",
	"SELECT * FROM settings WHERE key = 'revision'",
};

static int set_up_both(void **state)
{
	struct fixture **both = calloc(2, sizeof(struct fixture *));

	set_up((void **)&both[0]);
	set_up((void **)&both[1]);
	assert_int_equal(shell(both[1]->path, "CREATE TRIGGER somebody_elses AFTER INSERT ON "
					      "circuits BEGIN SELECT 1; END"),
			 0);
	*state = both;
	return 0;
}

static int tear_down_both(void **state)
{
	struct fixture **both = *state;

	tear_down((void **)&both[0]);
	tear_down((void **)&both[1]);
	free(both);
	return 0;
}

/* What the shell prints; the caller frees it. */
static char *read_all(const struct fixture *fixture, const char *query)
{
	char once[128], *text = calloc(1, 1), *path = once + strlen(".once ");
	char *arguments[] = { "sqlite3", "-batch",	"-quote", (char *)fixture->path,
			      once,	 (char *)query, NULL };
	size_t size = 1;
	FILE *file;

	snprintf(once, sizeof(once), ".once %s/printed", fixture->directory);
	assert_int_equal(run_shell(arguments), 0);
	file = fopen(path, "r");
	assert_non_null(file);
	if (getdelim(&text, &size, '\0', file) < 0)
		text[0] = '\0';
	fclose(file);
	return text;
}

static void assert_same(struct fixture *const *both, unsigned int seed, int round)
{
	for (size_t i = 0; i < sizeof(everything) / sizeof(everything[0]); i++) {
		char *bulk = read_all(both[0], everything[i]);
		char *by_triggers = read_all(both[1], everything[i]);

		if (strcmp(bulk, by_triggers) != 0) {
			print_error("SEED=%u round %d: %s\n", seed, round, everything[i]);
			assert_string_equal(bulk, by_triggers);
		}
		free(bulk);
		free(by_triggers);
	}
}

/* Few circuits, devices and addresses, so that they are met again: changed, moved, doubled, dropped. */
static void write_rows(char *text, size_t size)
{
	int rows = 1 + rand() % ROWS_MOST;
	size_t used = (size_t)snprintf(text, size, "%s", HEADER);

	for (int i = 0; i < rows; i++) {
		int circuit = rand() % 30, device = rand() % 40;

		used += (size_t)snprintf(
			text + used, size - used,
			"c%d,Customer %d,%s%.0d,Device %d,Site %d,,,,\"10.0.%d.%d, "
			"10.1.0.%d\",%s,1,1,%d,5,%s,\n",
			circuit, rand() % 3, device < 35 ? "d" : "", device < 35 ? device : 0,
			rand() % 3, rand() % 8 ? circuit % 3 : rand() % 3, circuit, device,
			rand() % 50, rand() % 4 ? "" : "2001:db8::/56",
			rand() % 20 ? 10 + rand() % 2 : -1, rand() % 5 ? "" : "a comment");
	}
}

static void import_rounds(struct fixture *const *both, unsigned int seed)
{
	static const char *const between[] = {
		"UPDATE settings SET value = 'replace' WHERE key = 'import_mode'",
		"UPDATE settings SET value = 'merge' WHERE key = 'import_mode'",
		"DELETE FROM circuits WHERE id LIKE 'c1%'",
		"UPDATE devices SET circuit = 'c2' WHERE id IN ('d1', 'd2', 'd3')",
		"INSERT OR IGNORE INTO sites (id, name) VALUES ('s1', 'Site 1')",
	};
	static char text[100 * (ROWS_MOST + 2)];

	for (int file = 0; file < 2; file++)
		assert_int_equal(shell(both[file]->path, "UPDATE settings SET value = '100' WHERE "
							 "key = 'removal_limit_percent'"),
				 0);
	for (int round = 0; round < ROUNDS; round++) {
		const char *others = between[rand() % (int)(sizeof(between) / sizeof(between[0]))];

		write_rows(text, sizeof(text));
		for (int file = 0; file < 2; file++) {
			assert_int_equal(shell(both[file]->path, others), 0);
			import(both[file], text);
		}
		assert_same(both, seed, round);
	}
}

static void what_the_journal_says_of_a_merge_is_what_triggers_would_have_said(void **state)
{
	const char *given = getenv("SEED");
	unsigned int seed = given ? (unsigned int)atoi(given) : (unsigned int)time(NULL);

	print_message("SEED=%u\n", seed);
	srand(seed);
	import_rounds(*state, seed);
}

static void rows_that_a_merge_wrote_can_be_undone(void **state)
{
	struct fixture *const *both = *state;
	static char text[100 * (ROWS_MOST + 2)];

	srand(1);
	write_rows(text, sizeof(text));
	for (int file = 0; file < 2; file++) {
		uint64_t revision, undone;
		struct error err;

		import(both[file], text);
		assert_true(circuits_db_close_revision(both[file]->db, &revision, &err));
		if (!circuits_db_undo(both[file]->db, revision, "test", &undone, &err))
			fail_msg("%s", err.text);
		assert_int_equal(undone, revision + 1);
	}
	assert_same(both, 1, 0);
}

static void a_trigger_of_somebody_elses_runs_in_a_merge(void **state)
{
	struct fixture *const *both = *state;
	char *counted;

	assert_int_equal(shell(both[1]->path,
			       "CREATE TABLE seen (id TEXT); CREATE TRIGGER sees AFTER INSERT ON "
			       "circuits BEGIN INSERT INTO seen VALUES (NEW.id); END"),
			 0);
	import(both[1], HEADER "a,A,d,D,,,,,10.0.0.1,,1,1,5,5,,\n");
	counted = read_all(both[1], "SELECT count(*) FROM seen");
	assert_string_equal(counted, "1\n");
	free(counted);
}

static void a_table_of_somebody_elses_is_not_taken_for_the_import(void **state)
{
	struct fixture *const *both = *state;
	char *ids;

	assert_int_equal(
		shell(both[0]->path,
		      "CREATE TABLE offered_rows (id, name, site, comment, leaf, "
		      "download_min_bps, upload_min_bps, download_max_bps, upload_max_bps);"
		      "INSERT INTO offered_rows VALUES ('x', 'X', NULL, '', '', 0, 0, 1, 1)"),
		0);
	import(both[0], HEADER "a,A,d,D,,,,,10.0.0.1,,1,1,5,5,,\n");
	ids = read_all(both[0], "SELECT id FROM circuits");
	assert_string_equal(ids, "'a'\n");
	free(ids);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_the_journal_says_of_a_merge_is_what_triggers_would_have_said,
			set_up_both, tear_down_both),
		cmocka_unit_test_setup_teardown(rows_that_a_merge_wrote_can_be_undone, set_up_both,
						tear_down_both),
		cmocka_unit_test_setup_teardown(a_trigger_of_somebody_elses_runs_in_a_merge,
						set_up_both, tear_down_both),
		cmocka_unit_test_setup_teardown(
			a_table_of_somebody_elses_is_not_taken_for_the_import, set_up_both,
			tear_down_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
