/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the circuits file promises: overrides, undo, replace, settings, copies. */
#include "tests/lib/circuits_file.h"

#include <sys/stat.h>
#include <time.h>

#define ONE_CIRCUIT                                                                                \
	"INSERT INTO sites (id, name) VALUES ('s', 'Site');"                                       \
	"INSERT INTO circuits (id, name, site, download_max_bps, upload_max_bps) "                 \
	"VALUES ('1', 'One', 's', 20000000, 5000000);"                                             \
	"INSERT INTO devices (id, circuit, mac) VALUES ('d', '1', 'aa');"                          \
	"INSERT INTO prefixes VALUES ('d', '192.0.2.1');"                                          \
	"INSERT INTO tags VALUES ('1', 'gold')"

/* Runs the shell and closes what it committed as a revision. */
static uint64_t commit(struct fixture *fixture, const char *command)
{
	struct error err;
	uint64_t revision;

	if (shell(fixture->path, command))
		fail_msg("the shell refused: %s", command);
	if (!circuits_db_close_revision(fixture->db, &revision, &err))
		fail_msg("%s", err.text);
	return revision;
}

/* True when the query gives 1. */
static bool holds(struct fixture *fixture, const char *query)
{
	char command[600];

	snprintf(command, sizeof(command),
		 "CREATE TEMP TABLE truth (it NOT NULL CHECK (it)); INSERT INTO truth %s", query);
	return shell(fixture->path, command) == 0;
}

static uint64_t undo(struct fixture *fixture, uint64_t undone)
{
	struct error err;
	uint64_t revision;

	if (!circuits_db_undo(fixture->db, undone, "alice", &revision, &err))
		fail_msg("%s", err.text);
	return revision;
}

static void an_override_holds_in_place_of_the_plan_until_its_end(void **state)
{
	struct fixture *fixture = *state;
	struct network *network;
	struct error err;

	commit(fixture, ONE_CIRCUIT ";UPDATE circuits SET download_min_bps = 9000000");
	commit(fixture, "INSERT INTO overrides (circuit, download_max_bps, until) "
			"VALUES ('1', 8000000, datetime('now', '+2 hours'))");
	network = load(fixture);
	assert_int_equal(network->circuits[0].max_bps[DOWNLOAD], 8000000);
	assert_int_equal(network->circuits[0].min_bps[DOWNLOAD], 8000000);
	assert_int_equal(network->circuits[0].max_bps[UPLOAD], 5000000);
	assert_true(network->circuits[0].until_s > time(NULL) + 7000);
	assert_true(circuits_db_next_expiry_s(fixture->db) == network->circuits[0].until_s);
	network_free(network);

	/* One that has ended has no effect, and goes. */
	commit(fixture, "UPDATE overrides SET until = datetime('now', '-1 seconds')");
	network = load(fixture);
	assert_int_equal(network->circuits[0].max_bps[DOWNLOAD], 20000000);
	network_free(network);
	assert_true(circuits_db_expire(fixture->db, &err));
	assert_true(holds(fixture, "SELECT count(*) = 0 FROM overrides"));
	assert_true(holds(fixture, "SELECT author = 'expiry' AND action = 'delete' FROM journal "
				   "ORDER BY id DESC LIMIT 1"));
	assert_int_equal(circuits_db_next_expiry_s(fixture->db), 0);
}

static void an_edit_for_a_while_is_an_override_and_one_for_good_ends_it(void **state)
{
	struct fixture *fixture = *state;
	struct circuit_edit edit = { .circuit_id = "1",
				     .set_max = { true, false },
				     .max_bps = { 80000000, 0 },
				     .for_s = 7200 };
	struct network *network;
	struct error err;
	uint64_t revision;

	commit(fixture, ONE_CIRCUIT);
	assert_true(circuits_db_edit(fixture->db, &edit, "alice", 0, &revision, &err));
	assert_true(holds(fixture, "SELECT download_max_bps = 20000000 FROM circuits"));
	assert_true(holds(fixture, "SELECT download_max_bps = 80000000 AND upload_max_bps IS NULL "
				   "FROM overrides"));
	network = load(fixture);
	assert_int_equal(network->circuits[0].max_bps[DOWNLOAD], 80000000);
	network_free(network);

	edit.for_s = 0;
	edit.max_bps[DOWNLOAD] = 30000000;
	assert_true(circuits_db_edit(fixture->db, &edit, "alice", 0, &revision, &err));
	network = load(fixture);
	assert_int_equal(network->circuits[0].max_bps[DOWNLOAD], 30000000);
	assert_int_equal(network->circuits[0].until_s, 0);
	network_free(network);
	assert_true(holds(fixture, "SELECT count(*) = 0 FROM overrides"));
}

/* The whole file as one text, but for the journal. */
static const char picture[] =
	"CREATE TABLE IF NOT EXISTS picture (number INTEGER, row TEXT);"
	"INSERT INTO picture SELECT (SELECT coalesce(max(number), 0) + 1 FROM picture), row FROM ("
	"SELECT 'every picture has a row' AS row UNION ALL SELECT 's' || id || name || "
	"ifnull(parent, '-') || kind || ifnull(download_bps, '-') || "
	"place FROM sites UNION ALL "
	"SELECT 'c' || id || name || ifnull(site, '-') || download_min_bps || '/' || "
	"download_max_bps || '/' || upload_max_bps || suspended || leaf || comment FROM circuits "
	"UNION ALL SELECT 'd' || id || circuit || name || mac FROM devices UNION ALL "
	"SELECT 'p' || device || prefix FROM prefixes UNION ALL "
	"SELECT 't' || circuit || tag FROM tags UNION ALL "
	"SELECT 'o' || circuit || ifnull(download_max_bps, '-') || until FROM overrides)";

static bool pictures_differ(struct fixture *fixture, int a, int b)
{
	char query[600];

	snprintf(
		query, sizeof(query),
		"SELECT EXISTS (SELECT row FROM picture WHERE number = %1$d EXCEPT SELECT row FROM "
		"picture WHERE number = %2$d) OR EXISTS (SELECT row FROM picture WHERE number = "
		"%2$d EXCEPT SELECT row FROM picture WHERE number = %1$d)",
		a, b);
	return holds(fixture, query);
}

static void any_revision_can_be_undone_and_the_undoing_too(void **state)
{
	static const char *const changes[] = {
		"UPDATE circuits SET download_max_bps = 50000000, comment = 'x'",
		"UPDATE circuits SET site = NULL",
		"UPDATE sites SET name = 'Other', download_bps = 1000",
		"UPDATE sites SET id = 't'",
		"UPDATE circuits SET id = '2'",
		"UPDATE devices SET id = 'e'",
		"DELETE FROM circuits WHERE id = '1'",
		"DELETE FROM prefixes",
		"INSERT INTO prefixes VALUES ('d', '192.0.2.2')",
		"INSERT OR REPLACE INTO prefixes VALUES ('d', '192.0.2.1')",
		"UPDATE prefixes SET prefix = '192.0.2.9'",
		"UPDATE tags SET tag = 'silver'",
		"INSERT OR REPLACE INTO circuits (id, download_max_bps, upload_max_bps) "
		"VALUES ('1', 1000000, 1000000)",
		"INSERT INTO circuits (id, download_max_bps, upload_max_bps) VALUES ('1', 1, 1) "
		"ON CONFLICT (id) DO UPDATE SET upload_max_bps = 7000000, site = NULL",
		"INSERT INTO circuits (id, download_max_bps, upload_max_bps) VALUES ('9', 1000000, "
		"1000000); INSERT INTO devices (id, circuit) VALUES ('9d', '9'); "
		"INSERT INTO prefixes VALUES ('9d', '192.0.2.99')",
		"INSERT INTO overrides VALUES ('1', NULL, 3000000, 1, '2099-01-01 00:00:00')",
		"DELETE FROM circuits; DELETE FROM sites",
		"UPDATE circuits SET name = 'a'; UPDATE circuits SET name = 'b'; "
		"DELETE FROM circuits; INSERT INTO circuits (id, download_max_bps, upload_max_bps) "
		"VALUES ('1', 2000000, 1000000)",
		"BEGIN; UPDATE circuits SET id = 'x' WHERE id = '1'; INSERT INTO circuits (id, "
		"download_max_bps, upload_max_bps) VALUES ('1', 3000000, 1000000); COMMIT",
	};
	struct fixture *fixture = *state;
	int number = 0;

	commit(fixture, ONE_CIRCUIT);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		uint64_t revision, undone;

		print_message("# %s\n", changes[i]);
		commit(fixture, picture);
		revision = commit(fixture, changes[i]);
		commit(fixture, picture);
		undone = undo(fixture, revision);
		commit(fixture, picture);
		assert_false(pictures_differ(fixture, number + 1, number + 3));
		undo(fixture, undone);
		commit(fixture, picture);
		assert_false(pictures_differ(fixture, number + 2, number + 4));
		undo(fixture, undone + 1);
		number += 4;
	}
}

/* The journal is a table like others: anybody who may write the file may write there. */
static void sql_in_place_of_a_field_s_name_is_refused(void **state)
{
	struct fixture *fixture = *state;
	uint64_t revision;
	struct error err;

	shell(fixture->path,
	      "INSERT INTO circuits (id, name, download_max_bps, upload_max_bps) VALUES "
	      "('x', 'X', 1000000, 1000000);"
	      "INSERT INTO journal (revision, author, action, kind, subject, field, before, after) "
	      "VALUES (7, 'eve', 'update', 'circuit', 'x', 'comment = ''owned'', name', 'Y', 'X')");
	assert_false(circuits_db_undo(fixture->db, 7, "alice", &revision, &err));
	assert_string_equal(err.text, "the journal says that revision 7 changed a field "
				      "\"comment = 'owned', name\", which no circuit has");
}

static void what_was_changed_since_is_not_undone_and_the_later_revision_is_named(void **state)
{
	struct fixture *fixture = *state;
	uint64_t first, later, revision;
	char expected[40];
	struct error err;

	first = commit(fixture, ONE_CIRCUIT);
	first = commit(fixture, "UPDATE circuits SET comment = 'x', download_max_bps = 30000000");
	later = commit(fixture, "UPDATE circuits SET download_max_bps = 40000000");
	assert_false(circuits_db_undo(fixture->db, first, "alice", &revision, &err));
	assert_int_equal(err.code, ERROR_CONFLICT);
	snprintf(expected, sizeof(expected), "again in revision %d", (int)later);
	if (!strstr(err.text, expected))
		fail_msg("\"%s\" lacks \"%s\"", err.text, expected);
	assert_true(holds(fixture, "SELECT comment = 'x' FROM circuits"));
	assert_false(circuits_db_undo(fixture->db, 99, "alice", &revision, &err));
	assert_int_equal(err.code, ERROR_MISSING);

	/* A later change of another field is no obstacle. */
	first = commit(fixture, "UPDATE circuits SET download_max_bps = 50000000");
	commit(fixture, "UPDATE circuits SET comment = 'y'");
	undo(fixture, first);
	assert_true(holds(fixture, "SELECT download_max_bps = 40000000 AND comment = 'y' "
				   "FROM circuits"));
}

static void an_undo_asked_for_in_the_file_is_done_or_a_problem(void **state)
{
	struct fixture *fixture = *state;
	uint64_t revision;
	struct error err;
	char command[80];

	commit(fixture, ONE_CIRCUIT);
	revision = commit(fixture, "UPDATE circuits SET comment = 'x'");
	snprintf(command, sizeof(command), "INSERT INTO undo VALUES (%d), (77)", (int)revision);
	shell(fixture->path, command);
	assert_true(circuits_db_take_undo_requests(fixture->db, &err));
	assert_true(holds(fixture, "SELECT comment = '' FROM circuits"));
	assert_true(holds(fixture, "SELECT count(*) = 0 FROM undo"));
	assert_true(holds(fixture, "SELECT subject = 'undo of revision 77' AND reason LIKE '%no "
				   "revision 77%' FROM problems"));
}

#define CSV_ROW(id, address) id ",Name,dev-" id ",r,,,,," address ",,0,0,10,2,\n"

static void a_request_that_can_t_be_removed_is_told_and_not_taken_for_ever(void **state)
{
	struct fixture *fixture = *state;
	struct error err;

	commit(fixture, ONE_CIRCUIT);
	shell(fixture->path, "INSERT INTO undo VALUES (1), (1); CREATE TRIGGER kept BEFORE DELETE "
			     "ON undo BEGIN SELECT raise(IGNORE); END");
	assert_false(circuits_db_take_undo_requests(fixture->db, &err));
	assert_string_equal(err.text, "the row that asks for an undo of revision 1 can't be "
				      "removed from the table undo");
}

static void in_replace_mode_what_an_import_does_not_name_goes_but_never_too_much(void **state)
{
	static const char five[] = SHAPED_HEADER CSV_ROW("1", "192.0.2.1") CSV_ROW("2", "192.0.2.2")
		CSV_ROW("3", "192.0.2.3") CSV_ROW("4", "192.0.2.4") CSV_ROW("5", "192.0.2.5");
	static const char three[] = SHAPED_HEADER CSV_ROW("1", "192.0.2.1")
		CSV_ROW("2", "192.0.2.2") CSV_ROW("3", "192.0.2.3");
	/* 4 is there, but its row can't be taken; 6 is new. */
	static const char four[] = SHAPED_HEADER CSV_ROW("1", "192.0.2.1") CSV_ROW("2", "192.0.2.2")
		CSV_ROW("3", "192.0.2.3") CSV_ROW("6", "192.0.2.6") CSV_ROW("4", "");
	struct fixture *fixture = *state;

	import(fixture, five);
	import(fixture, three);
	assert_true(holds(fixture, "SELECT count(*) = 5 FROM circuits"));

	commit(fixture, "UPDATE settings SET value = 'replace' WHERE key = 'import_mode'");
	import_refused(fixture, three);
	assert_true(holds(fixture, "SELECT count(*) = 5 FROM circuits"));
	assert_true(holds(fixture, "SELECT count(*) = 0 FROM staged_devices"));
	assert_true(holds(fixture, "SELECT reason LIKE '%would remove 2 of 5 circuits%' "
				   "FROM problems"));

	import(fixture, four);
	assert_true(holds(fixture, "SELECT group_concat(id) = '1,2,3,4,6' FROM "
				   "(SELECT id FROM circuits ORDER BY id)"));

	commit(fixture, "UPDATE settings SET value = '50' WHERE key = 'removal_limit_percent'");
	import(fixture, three);
	assert_true(holds(fixture, "SELECT group_concat(id) = '1,2,3' FROM "
				   "(SELECT id FROM circuits ORDER BY id)"));
}

static void sqm_sets_the_leaf_and_a_file_without_it_leaves_the_leaf(void **state)
{
	static const char header[] = "Circuit ID,Circuit Name,Device ID,Device Name,Parent Node,"
				     "Parent Node ID,Anchor Node ID,MAC,IPv4,IPv6,Download Min "
				     "Mbps,Upload Min Mbps,Download Max Mbps,Upload Max Mbps,"
				     "Comment,sqm\n";
	struct fixture *fixture = *state;
	char csv[1000];

	snprintf(csv, sizeof(csv), "%s%s", header,
		 "1,N,1d,r,,,,,192.0.2.1,,0,0,10,2,,fq_codel\n"
		 "2,N,2d,r,,,,,192.0.2.2,,0,0,10,2,,none\n"
		 "3,N,3d,r,,,,,192.0.2.3,,0,0,10,2,,cake/fq_codel\n"
		 "4,N,4d,r,,,,,192.0.2.4,,0,0,10,2,,\n"
		 "5,N,5d,r,,,,,192.0.2.5,,0,0,10,2,,codel\n"
		 "6,N,6d,r,,,,,192.0.2.6,,0,0,10,2,,CAKE nat rtt 50ms\n"
		 "7,N,7d,r,,,,,192.0.2.7,,0,0,10,2,,cake fast\n");
	import(fixture, csv);
	assert_true(
		holds(fixture,
		      "SELECT group_concat(leaf) = 'fq_codel,pfifo,cake,,cake nat rtt 50ms' FROM "
		      "(SELECT leaf FROM circuits ORDER BY id)"));
	assert_true(holds(fixture,
			  "SELECT group_concat(sqm) = 'fq_codel,none,cake,,cake nat rtt 50ms' FROM "
			  "(SELECT sqm FROM shaped_devices ORDER BY \"Circuit ID\")"));
	assert_true(holds(fixture, "SELECT count(*) = 3 FROM problems"));
	import(fixture, SHAPED_HEADER CSV_ROW("1", "192.0.2.1"));
	assert_true(holds(fixture, "SELECT leaf = 'fq_codel' FROM circuits WHERE id = '1'"));
}

static void the_first_row_of_a_circuit_has_its_rates_and_others_are_told(void **state)
{
	struct fixture *fixture = *state;

	import(fixture, SHAPED_HEADER "1,N,a,r,,,,,192.0.2.1,,0,0,10,2,\n"
				      "1,N,b,r,,,,,192.0.2.2,,0,0,20,2,\n");
	assert_true(holds(fixture, "SELECT download_max_bps = 10000000 FROM circuits"));
	assert_true(holds(fixture, "SELECT count(*) = 2 FROM prefixes"));
	assert_true(holds(fixture, "SELECT reason LIKE 'its rates%first row' FROM problems"));
}

static void text_in_windows_1252_is_understood(void **state)
{
	struct fixture *fixture = *state;

	import(fixture, SHAPED_HEADER "1,M\xfcller,a,r,,,,,192.0.2.1,,0,0,10,2,\n"
				      "2,M\xc3\xbcller,b,r,,,,,192.0.2.2,,0,0,20,2,\n");
	assert_true(holds(fixture, "SELECT count(DISTINCT name) = 1 FROM circuits"));
}

static void settings_keep_to_what_is_allowed(void **state)
{
	static const char *const refused[] = {
		"UPDATE settings SET value = 'all' WHERE key = 'import_mode'",
		"UPDATE settings SET value = '101' WHERE key = 'removal_limit_percent'",
		"UPDATE settings SET value = '5x' WHERE key = 'removal_limit_percent'",
		"UPDATE settings SET value = '0' WHERE key = 'journal_days'",
		"UPDATE settings SET value = '-1' WHERE key = 'revision'",
		"INSERT OR REPLACE INTO settings VALUES ('revision', '0')",
		"INSERT INTO settings VALUES ('colour', 'blue')",
		"DELETE FROM settings",
		"INSERT INTO overrides VALUES ('1', 1, 1, 0, 'tomorrow')",
		"INSERT INTO overrides VALUES ('1', 0, 1, 0, datetime('now'))",
		"INSERT INTO tags VALUES ('1', '')",
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (shell(fixture->path, refused[i]) == 0)
			fail_msg("taken: %s", refused[i]);
	assert_int_equal(shell(fixture->path, "INSERT OR REPLACE INTO settings VALUES "
					      "('import_mode', 'replace')"),
			 0);
}

static void journal_rows_older_than_the_setting_go(void **state)
{
	struct fixture *fixture = *state;
	struct error err;

	commit(fixture, ONE_CIRCUIT);
	commit(fixture, "UPDATE circuits SET comment = 'new'");
	commit(fixture, "UPDATE journal SET time_ms = time_ms - 401 * 86400000 WHERE revision = 1");
	assert_true(circuits_db_trim_journal(fixture->db, &err));
	assert_true(holds(fixture, "SELECT min(revision) = 2 FROM journal"));
}

static void a_copy_is_whole_and_never_replaces_a_file(void **state)
{
	struct fixture *fixture = *state;
	char target[128];
	struct error err;

	commit(fixture, ONE_CIRCUIT);
	snprintf(target, sizeof(target), "%s/copy.db", fixture->directory);
	if (!circuits_db_backup(fixture->path, target, &err))
		fail_msg("%s", err.text);
	assert_int_equal(shell(target, "CREATE TEMP TABLE truth (it CHECK (it)); INSERT INTO truth "
				       "SELECT count(*) = 1 FROM circuits"),
			 0);
	assert_false(circuits_db_backup(fixture->path, target, &err));
	assert_int_equal(err.code, ERROR_CONFLICT);
}

static void a_file_that_others_could_write_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct error err;

	assert_int_equal(chmod(fixture->path, 0666), 0);
	assert_null(circuits_db_open(fixture->path, false, &err));
	if (!strstr(err.text, "mode 666"))
		fail_msg("said \"%s\"", err.text);
	assert_int_equal(chmod(fixture->path, 0640), 0);
	if (geteuid() != 0)
		return;
	assert_int_equal(chown(fixture->path, 12345, 0), 0);
	assert_null(circuits_db_open(fixture->path, false, &err));
	if (!strstr(err.text, "uid 12345"))
		fail_msg("said \"%s\"", err.text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(an_override_holds_in_place_of_the_plan_until_its_end),
		TEST(an_edit_for_a_while_is_an_override_and_one_for_good_ends_it),
		TEST(any_revision_can_be_undone_and_the_undoing_too),
		TEST(sql_in_place_of_a_field_s_name_is_refused),
		TEST(what_was_changed_since_is_not_undone_and_the_later_revision_is_named),
		TEST(an_undo_asked_for_in_the_file_is_done_or_a_problem),
		TEST(a_request_that_can_t_be_removed_is_told_and_not_taken_for_ever),
		TEST(in_replace_mode_what_an_import_does_not_name_goes_but_never_too_much),
		TEST(sqm_sets_the_leaf_and_a_file_without_it_leaves_the_leaf),
		TEST(the_first_row_of_a_circuit_has_its_rates_and_others_are_told),
		TEST(text_in_windows_1252_is_understood),
		TEST(settings_keep_to_what_is_allowed),
		TEST(journal_rows_older_than_the_setting_go),
		TEST(a_copy_is_whole_and_never_replaces_a_file),
		TEST(a_file_that_others_could_write_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
