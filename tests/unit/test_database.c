/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The circuits file, as the engine and the sqlite3 shell write it. */
#include "tests/lib/circuits_file.h"

#include <sqlite3.h>
#include <sys/stat.h>

static void a_csv_becomes_circuits_devices_and_prefixes(void **state)
{
	struct fixture *fixture = *state;
	struct network *network;

	shell(fixture->path, "INSERT INTO sites (id, name) VALUES ('s1', 'AP Alder')");
	import(fixture, SHAPED_HEADER
	       "7,\"Miller, J.\",7-r,router,AP Alder,,,02:00:00:00:00:01,\"192.0.2.1, "
	       "192.0.2.8/29\",2001:db8::/48,1,0.5,25.5,5,hello\n"
	       "7,\"Miller, J.\",7-b,phone,AP Alder,,,,192.0.2.9,,1,0.5,25.5,5,\n"
	       "8, Trailing blanks  ,8-r,router,,,, ,192.0.2.20 ,,0,0,10,2,\n");
	network = load(fixture);
	assert_int_equal(network->problem_count, 0);
	assert_int_equal(network->circuit_count, 2);
	assert_int_equal(network->device_count, 3);
	assert_int_equal(network->prefix_count, 5);
	assert_string_equal(network->circuits[0].name, "Miller, J.");
	assert_string_equal(network->sites[network->circuits[0].site].id, "s1");
	assert_int_equal(network->circuits[0].max_bps[DOWNLOAD], 25500000);
	assert_int_equal(network->circuits[0].min_bps[UPLOAD], 500000);
	assert_string_equal(network->circuits[1].name, "Trailing blanks");
	assert_int_equal(network->circuits[1].site, NETWORK_NONE);
	network_free(network);
}

static void the_older_order_of_13_columns_is_recognised(void **state)
{
	struct fixture *fixture = *state;
	struct network *network;

	import(fixture, "Circuit ID,Circuit Name,Device ID,Device Name,Parent Node,MAC,IPv4,IPv6,"
			"Download Min Mbps,Upload Min Mbps,Download Max Mbps,Upload Max "
			"Mbps,Comment\n"
			"9,Old,9-r,router,,02:00:00:00:00:09,192.0.2.9,,1,1,30,3,old order\n");
	network = load(fixture);
	assert_int_equal(network->circuit_count, 1);
	assert_int_equal(network->circuits[0].max_bps[DOWNLOAD], 30000000);
	assert_string_equal(network->circuits[0].comment, "old order");
	assert_string_equal(network->devices[0].mac, "02:00:00:00:00:09");
	network_free(network);
}

static void a_row_that_cannot_be_taken_is_a_problem_and_the_rest_is_taken(void **state)
{
	static const char *const reasons[] = { "it has no Circuit ID", "\"fast\", not a number",
					       "neither an IPv4 nor an IPv6 address",
					       "not that of the circuit's first row" };
	struct fixture *fixture = *state;
	struct network *network;

	import(fixture, SHAPED_HEADER "1,Good,1-r,r,,,,,192.0.2.1,,0,0,10,2,\n"
				      ",No id,x,r,,,,,192.0.2.2,,0,0,10,2,\n"
				      "3,Bad rate,3-r,r,,,,,192.0.2.3,,0,0,fast,2,\n"
				      "4,No address,4-r,r,,,,,,,0,0,10,2,\n"
				      "1,Good,1-s,s,Elsewhere,,,,192.0.2.5,,0,0,10,2,\n");
	network = load(fixture);
	assert_int_equal(network->circuit_count, 1);
	assert_int_equal(network->prefix_count, 1);
	assert_int_equal(network->problem_count, 4);
	for (size_t i = 0; i < 4; i++)
		if (!strstr(network->problems[i].reason, reasons[i]))
			fail_msg("\"%s\" lacks \"%s\"", network->problems[i].reason, reasons[i]);
	network_free(network);
}

static void importing_the_same_again_changes_nothing(void **state)
{
	static const char csv[] = SHAPED_HEADER "1,Good,1-r,r,,,,,192.0.2.1,,0,0,10,2,\n";
	struct fixture *fixture = *state;
	uint64_t first, second;
	struct error err;

	import(fixture, csv);
	assert_true(circuits_db_close_revision(fixture->db, &first, &err));
	import(fixture, csv);
	assert_true(circuits_db_close_revision(fixture->db, &second, &err));
	assert_int_equal(first, 1);
	assert_int_equal(second, 1);
}

static void what_is_exported_imports_as_the_same(void **state)
{
	struct fixture *fixture = *state;
	struct network *before, *after;
	char command[256];
	struct error err;
	uint64_t revision, again;
	bool merged;

	import(fixture,
	       SHAPED_HEADER "1,\"Quo\"\"te\",1-r,r,,,,m,\"192.0.2.1, 192.0.2.2\",2001:db8::/48,0."
			     "1,0.2,10.5,2,c\n");
	before = load(fixture);
	assert_true(circuits_db_close_revision(fixture->db, &revision, &err));
	snprintf(command, sizeof(command), ".once %s/out.csv", fixture->directory);
	assert_int_equal(export(fixture->path, command), 0);
	snprintf(command, sizeof(command), ".import --csv --skip 1 %s/out.csv shaped_devices",
		 fixture->directory);
	assert_int_equal(shell(fixture->path, command), 0);
	assert_true(circuits_db_merge_staged(fixture->db, &merged, &err));
	assert_true(circuits_db_close_revision(fixture->db, &again, &err));
	assert_int_equal(revision, again);
	after = load(fixture);
	assert_int_equal(before->prefix_count, after->prefix_count);
	network_free(before);
	network_free(after);
}

static void a_commit_of_another_program_is_noticed_and_our_own_is_not(void **state)
{
	struct fixture *fixture = *state;
	struct error err = { .code = ERROR_NONE };
	uint64_t revision;

	circuits_db_changed(fixture->db, &err);
	assert_false(circuits_db_changed(fixture->db, &err));
	assert_int_equal(shell(fixture->path, "INSERT INTO circuits (id, download_max_bps, "
					      "upload_max_bps) VALUES ('1', 1000000, 1000000)"),
			 0);
	assert_true(circuits_db_changed(fixture->db, &err));
	assert_true(circuits_db_close_revision(fixture->db, &revision, &err));
	assert_int_equal(revision, 1);
	assert_false(circuits_db_changed(fixture->db, &err));
}

/* A file put in place is looked at once it has settled. */
static bool changed_when_settled(struct circuits_db *db, struct error *err)
{
	for (int tries = 0; tries < 500; tries++) {
		err->code = ERROR_NONE;
		if (circuits_db_changed(db, err))
			return true;
		if (err->code != ERROR_BUSY)
			return false;
		sqlite3_sleep(10);
	}
	return false;
}

static void a_replaced_file_is_noticed_once_it_is_sound(void **state)
{
	struct fixture *fixture = *state;
	char copy[128];
	struct error err = { .code = ERROR_NONE };
	struct circuits_db *other;
	FILE *file;

	circuits_db_changed(fixture->db, &err);
	snprintf(copy, sizeof(copy), "%s/copy.db", fixture->directory);
	file = fopen(copy, "w");
	fputs("no database at all, but long enough to look at", file);
	fclose(file);
	assert_int_equal(rename(copy, fixture->path), 0);
	assert_false(changed_when_settled(fixture->db, &err));
	if (!strstr(err.text, "not an SQLite database"))
		fail_msg("said \"%s\"", err.text);

	other = circuits_db_open(copy, true, &err);
	assert_non_null(other);
	circuits_db_close(other);
	assert_int_equal(rename(copy, fixture->path), 0);
	assert_true(changed_when_settled(fixture->db, &err));
}

static void an_edit_is_journalled_with_its_author_and_refused_when_outdated(void **state)
{
	struct fixture *fixture = *state;
	struct circuit_edit edit = { .circuit_id = "1",
				     .set_max = { true, false },
				     .max_bps = { 50000000, 0 } };
	struct journal_row row;
	struct error err;
	struct applied_result applied = { 2, 1.5, 7, "applied" };
	int64_t position = 0;
	size_t written;
	uint64_t revision;

	shell(fixture->path, "INSERT INTO circuits (id, download_max_bps, upload_max_bps) "
			     "VALUES ('1', 20000000, 5000000)");
	assert_true(circuits_db_edit(fixture->db, &edit, "alice", 0, &revision, &err));
	assert_int_equal(revision, 2); /* the insert was closed as 1 first */
	assert_int_equal(circuits_db_read_journal(fixture->db, 0, NULL, &row, 1), 1);
	assert_string_equal(row.author, "alice");
	assert_string_equal(row.field, "download_max_bps");
	assert_string_equal(row.before, "20000000");
	assert_string_equal(row.after, "50000000");
	assert_int_equal(circuits_db_circuit_revision(fixture->db, "1"), 2);

	assert_true(
		circuits_db_record_applied(fixture->db, &applied, 1, &position, &written, &err));
	assert_int_equal(written, 1);
	circuits_db_read_journal(fixture->db, 0, NULL, &row, 1);
	assert_string_equal(row.result, "applied");

	assert_false(circuits_db_edit(fixture->db, &edit, "bob", 1, &revision, &err));
	assert_int_equal(err.code, ERROR_CONFLICT);
	edit.circuit_id = "none";
	assert_false(circuits_db_edit(fixture->db, &edit, "bob", 0, &revision, &err));
	assert_int_equal(err.code, ERROR_MISSING);
}

static void results_of_a_huge_revision_are_written_in_parts(void **state)
{
	struct fixture *fixture = *state;
	struct applied_result applied = { 7, 1.5, 3, "applied" };
	size_t written = 0;
	int64_t position = 0;
	int parts = 0;
	struct error err;

	/* Others' rows stand between them. */
	shell(fixture->path,
	      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) "
	      "INSERT INTO journal (revision, author, action, kind, subject) "
	      "SELECT iif(i % 10, 7, 0), 'test', 'update', 'circuit', i FROM n");
	for (; !written && parts < 20; parts++)
		assert_true(circuits_db_record_applied(fixture->db, &applied, 1, &position,
						       &written, &err));
	assert_int_equal(position, 0);
	assert_int_equal(parts, 9000 / 1000 + 1);
	assert_int_equal(shell(fixture->path,
			       "CREATE TEMP TABLE told (rows INTEGER CHECK (rows = 9000));"
			       "INSERT INTO told SELECT count(*) FROM journal WHERE revision = 7 "
			       "AND (result, apply_ms, epoch) = ('applied', 1.5, 3);"
			       "INSERT INTO told SELECT count(*) FROM journal WHERE result <> ''"),
			 0);
}

/* Until then the connection is an empty database's. */
static void results_wait_silently_for_a_file_that_can_be_opened(void **state)
{
	const struct applied_result applied = { 1, 1.5, 3, "applied" };
	struct fixture *fixture = *state;
	int before = dup(STDERR_FILENO);
	FILE *said = tmpfile();
	int64_t position = 0;
	struct error err;
	char copy[128];
	size_t written;

	snprintf(copy, sizeof(copy), "%s/copy.db", fixture->directory);
	circuits_db_close(circuits_db_open(copy, true, &err));
	assert_int_equal(chmod(copy, 0666), 0);
	assert_int_equal(rename(copy, fixture->path), 0);
	assert_false(changed_when_settled(fixture->db, &err));
	if (!strstr(err.text, "can be written by everybody"))
		fail_msg("said \"%s\"", err.text);
	dup2(fileno(said), STDERR_FILENO);
	assert_false(
		circuits_db_record_applied(fixture->db, &applied, 1, &position, &written, &err));
	dup2(before, STDERR_FILENO);
	close(before);
	assert_int_equal(lseek(fileno(said), 0, SEEK_END), 0);
	fclose(said);
}

static void the_shell_is_held_to_the_rules_in_words(void **state)
{
	struct fixture *fixture = *state;

	shell(fixture->path, "INSERT INTO sites (id, name) VALUES ('s', 'Site');"
			     "INSERT INTO circuits (id, site, download_max_bps, upload_max_bps) "
			     "VALUES ('1', 's', 1, 1);"
			     "INSERT INTO devices (id, circuit) VALUES ('d', '1');"
			     "INSERT INTO prefixes VALUES ('d', '192.0.2.1')");
	assert_int_not_equal(shell(fixture->path, "DELETE FROM sites"), 0);
	assert_int_not_equal(shell(fixture->path, "UPDATE circuits SET suspended = 2"), 0);
	assert_int_not_equal(shell(fixture->path, "UPDATE circuits SET download_max_bps = -1"), 0);
	assert_int_not_equal(shell(fixture->path, "UPDATE circuits SET download_max_bps = '50M'"),
			     0);
	/* Cascades need no pragma: what belongs to a circuit goes with it. */
	assert_int_equal(shell(fixture->path, "DELETE FROM circuits"), 0);
	assert_int_equal(shell(fixture->path, "SELECT 1 / (NOT EXISTS (SELECT 1 FROM prefixes))"),
			 0);
	{
		struct network *network = load(fixture);

		assert_int_equal(network->device_count, 0);
		assert_int_equal(network->prefix_count, 0);
		network_free(network);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_csv_becomes_circuits_devices_and_prefixes),
		TEST(the_older_order_of_13_columns_is_recognised),
		TEST(a_row_that_cannot_be_taken_is_a_problem_and_the_rest_is_taken),
		TEST(importing_the_same_again_changes_nothing),
		TEST(what_is_exported_imports_as_the_same),
		TEST(a_commit_of_another_program_is_noticed_and_our_own_is_not),
		TEST(a_replaced_file_is_noticed_once_it_is_sound),
		TEST(an_edit_is_journalled_with_its_author_and_refused_when_outdated),
		TEST(results_of_a_huge_revision_are_written_in_parts),
		TEST(results_wait_silently_for_a_file_that_can_be_opened),
		TEST(the_shell_is_held_to_the_rules_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
