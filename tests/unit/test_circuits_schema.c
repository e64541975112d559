/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The circuits file's schema: what its rules say in words, and files of other versions. */
#include "tests/lib/circuits_file.h"

#include <sqlite3.h>

#include "engine/base/memory.h"

/* What SQLite says of a statement; "" when it takes it. */
static const char *answer(struct fixture *fixture, const char *statement)
{
	static char said[200];
	sqlite3 *sqlite;

	assert_int_equal(sqlite3_open(fixture->path, &sqlite), SQLITE_OK);
	copy_text(said, sizeof(said),
		  sqlite3_exec(sqlite, statement, NULL, NULL, NULL) == SQLITE_OK
			  ? ""
			  : sqlite3_errmsg(sqlite));
	sqlite3_close(sqlite);
	return said;
}

static void a_second_site_of_a_name_is_refused_in_words_and_upsert_and_replace_work(void **state)
{
	static const char *const refused[] = {
		"INSERT INTO sites (id, name) VALUES ('c', 'A')",
		"UPDATE sites SET name = 'A' WHERE id = 'b'",
		"INSERT INTO sites (id, name) VALUES ('b', 'A') "
		"ON CONFLICT (id) DO UPDATE SET name = excluded.name",
	};
	static const char *const taken[] = {
		"INSERT INTO sites (name, kind) VALUES ('A', 'ap') "
		"ON CONFLICT (name) DO UPDATE SET kind = excluded.kind",
		"INSERT INTO sites (id, name, kind) VALUES ('b', 'B', 'ap') "
		"ON CONFLICT (id) DO UPDATE SET kind = excluded.kind",
		"INSERT INTO sites (name) VALUES ('A') ON CONFLICT DO NOTHING",
		"INSERT OR IGNORE INTO sites (name) VALUES ('A')",
		"INSERT OR REPLACE INTO sites (id, name) VALUES ('z', 'A')",
	};
	struct fixture *fixture = *state;

	assert_string_equal(
		answer(fixture, "INSERT INTO sites (id, name) VALUES ('a', 'A'), ('b', 'B')"), "");
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		assert_non_null(
			strstr(answer(fixture, refused[i]), "two sites cannot have one name"));
	for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++)
		assert_string_equal(answer(fixture, taken[i]), "");
	assert_string_equal(
		answer(fixture, "CREATE TEMP TABLE truth (it CHECK (it)); INSERT INTO truth SELECT "
				"group_concat(id || name || kind) = 'bBap,zAsite' FROM "
				"(SELECT * FROM sites ORDER BY id)"),
		"");
}

static void a_second_row_of_an_id_is_refused_in_words_and_upsert_and_replace_work(void **state)
{
	static const struct {
		const char *statement, *said; /* NULL: it is taken */
	} rows[] = {
		{ "INSERT INTO circuits (id, download_max_bps, upload_max_bps) "
		  "VALUES ('1', 1000, 1000), ('2', 1000, 1000)",
		  NULL },
		{ "INSERT INTO circuits (id, download_max_bps, upload_max_bps) "
		  "VALUES ('1', 2000, 2000)",
		  "two circuits cannot have one id" },
		{ "UPDATE circuits SET id = '1' WHERE id = '2'",
		  "two circuits cannot have one id" },
		{ "INSERT INTO circuits (id, download_max_bps, upload_max_bps) "
		  "VALUES ('1', 2000, 2000) ON CONFLICT (id) DO UPDATE SET "
		  "download_max_bps = excluded.download_max_bps",
		  NULL },
		{ "INSERT OR REPLACE INTO circuits (id, download_max_bps, upload_max_bps) "
		  "VALUES ('2', 3000, 3000)",
		  NULL },
		{ "INSERT INTO devices (id, circuit) VALUES ('d', '1')", NULL },
		{ "INSERT INTO devices (id, circuit) VALUES ('d', '2')",
		  "two devices cannot have one id" },
		{ "INSERT INTO devices (id, circuit) VALUES ('d', '2') "
		  "ON CONFLICT (id) DO UPDATE SET circuit = excluded.circuit",
		  NULL },
		{ "INSERT INTO sites (id, name) VALUES ('s', 'S')", NULL },
		{ "INSERT INTO sites (id, name) VALUES ('s', 'T')",
		  "two sites cannot have one id" },
		{ "CREATE TEMP TABLE truth (it CHECK (it)); INSERT INTO truth SELECT "
		  "group_concat(id || download_max_bps || upload_max_bps) = "
		  "'120001000,230003000' FROM (SELECT * FROM circuits ORDER BY id); "
		  "INSERT INTO truth SELECT circuit = '2' FROM devices",
		  NULL },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *said = answer(fixture, rows[i].statement);

		if (rows[i].said ? !strstr(said, rows[i].said) : *said)
			fail_msg("%s: %s", rows[i].statement, said);
	}
}

/* `more` is run on the file first. */
static void upgrade_from(struct fixture *fixture, int version, const char *more)
{
	static const char same[] =
		"ATTACH '%s' AS other; CREATE TEMP TABLE truth (it NOT NULL CHECK (it));"
		"INSERT INTO truth SELECT count(*) = 0 FROM (SELECT type, name FROM "
		"main.sqlite_schema EXCEPT SELECT type, name FROM other.sqlite_schema);"
		"INSERT INTO truth SELECT count(*) = 0 FROM (SELECT t.name, c.name, c.type, "
		"c.\"notnull\", c.dflt_value, c.pk FROM main.sqlite_schema t, "
		"pragma_table_info(t.name, 'main') c EXCEPT SELECT t.name, c.name, c.type, "
		"c.\"notnull\", c.dflt_value, c.pk FROM other.sqlite_schema t, "
		"pragma_table_info(t.name, 'other') c)";
	char old[128], copy[160], command[1000];
	struct circuits_db *db;
	struct network *rows;
	struct error err;

	snprintf(old, sizeof(old), "%s/old-%d.db", fixture->directory, version);
	snprintf(command, sizeof(command), ".read tests/db/schema_%d.sql", version);
	assert_int_equal(shell(old, command), 0);
	assert_int_equal(shell(old, more), 0);
	assert_int_equal(shell(old, "INSERT INTO circuits (id, download_max_bps, upload_max_bps, "
				    "leaf, comment) VALUES ('1', 20000000, 5000000, 'cake', "
				    "'last'); UPDATE settings SET value = '41' WHERE key = "
				    "'revision'"),
			 0);
	db = circuits_db_open(old, false, &err);
	if (!db)
		fail_msg("%s", err.text);
	rows = circuits_db_load(db, &err);
	assert_int_equal(rows->circuit_count, 1);
	assert_int_equal(rows->circuits[0].max_bps[UPLOAD], 5000000);
	assert_string_equal(rows->circuits[0].leaf, "cake");
	assert_string_equal(rows->circuits[0].comment, "last");
	assert_int_equal(rows->revision, 41);
	network_free(rows);
	circuits_db_close(db);
	snprintf(command, sizeof(command), same, old);
	assert_int_equal(shell(fixture->path, command), 0);
	snprintf(command, sizeof(command), same, fixture->path);
	assert_int_equal(shell(old, command), 0);
	snprintf(copy, sizeof(copy), "%s.version-%d", old, version);
	snprintf(command, sizeof(command),
		 "CREATE TEMP TABLE truth (it CHECK (it)); INSERT INTO truth SELECT user_version = "
		 "%d FROM pragma_user_version; INSERT INTO truth SELECT count(*) = 1 FROM circuits",
		 version);
	assert_int_equal(shell(copy, command), 0);
}

static void a_file_of_an_older_version_is_upgraded_and_a_copy_is_kept(void **state)
{
	for (int version = 1; version <= 4; version++)
		upgrade_from(*state, version, "");
}

/* They were in version 4 for a while. */
static void a_file_of_version_4_may_have_the_indexes_of_5(void **state)
{
	upgrade_from(*state, 4,
		     "CREATE UNIQUE INDEX \"two sites cannot have one id\" ON sites (id || '');"
		     "CREATE UNIQUE INDEX \"two circuits cannot have one id\" "
		     "ON circuits (id || '');"
		     "CREATE UNIQUE INDEX \"two devices cannot have one id\" "
		     "ON devices (id || '')");
}

static void a_file_of_a_newer_version_is_refused(void **state)
{
	struct fixture *fixture = *state;
	char newer[128];
	struct error err;

	snprintf(newer, sizeof(newer), "%s/newer.db", fixture->directory);
	assert_int_equal(shell(newer, ".read tests/db/schema_2.sql"), 0);
	assert_int_equal(shell(newer, "PRAGMA user_version = 6"), 0);
	assert_null(circuits_db_open(newer, false, &err));
	if (!strstr(err.text, "newer than this program"))
		fail_msg("said \"%s\"", err.text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_second_site_of_a_name_is_refused_in_words_and_upsert_and_replace_work),
		TEST(a_second_row_of_an_id_is_refused_in_words_and_upsert_and_replace_work),
		TEST(a_file_of_an_older_version_is_upgraded_and_a_copy_is_kept),
		TEST(a_file_of_version_4_may_have_the_indexes_of_5),
		TEST(a_file_of_a_newer_version_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
