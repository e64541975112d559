/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the database keeps of its rows is what a fresh read gives, after any transactions of other
 * writers; and a patched network is what resolving all rows gives. SEED, ROUNDS in the environment.
 */
#include "tests/lib/circuits_file.h"

#include <sqlite3.h>
#include <time.h>

#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "tests/lib/random_network.h"

#define IDS 12

struct writer {
	struct fixture *fixture;
	sqlite3 *sqlite; /* another program's connection, with the shell's settings */
	struct random random;
	struct arena *arena;
};

/* --- transactions ----------------------------------------------------------------------------------- */

static const char *any(struct writer *writer, const char *prefix)
{
	return arena_format(writer->arena, "%s%u", prefix, random_below(&writer->random, IDS));
}

static unsigned int any_rate(struct writer *writer)
{
	static const unsigned int rates[] = { 0, 500, 1000, 2000000, 5000000, 50000000 };

	return rates[random_below(&writer->random, 6)];
}

static const char *write_circuit(struct writer *writer)
{
	const char *id = any(writer, "c"), *site = any(writer, "s");
	unsigned int rate = any_rate(writer);

	switch (random_below(&writer->random, 8)) {
	case 0:
		return arena_format(writer->arena,
				    "INSERT OR REPLACE INTO circuits (id, site, download_max_bps, "
				    "upload_max_bps) VALUES ('%s', '%s', %u, 1000000)",
				    id, site, rate);
	case 1:
		return arena_format(writer->arena,
				    "INSERT INTO circuits (id, download_max_bps, upload_max_bps) "
				    "VALUES ('%s', %u, 9000000) ON CONFLICT (id) DO UPDATE SET "
				    "upload_max_bps = excluded.download_max_bps",
				    id, rate);
	case 2:
		return arena_format(writer->arena, "DELETE FROM circuits WHERE id = '%s'", id);
	case 3:
		return arena_format(writer->arena,
				    "UPDATE OR REPLACE circuits SET id = '%s' WHERE id = '%s'",
				    any(writer, "c"), id);
	case 4:
		return arena_format(writer->arena,
				    "UPDATE circuits SET suspended = 1 - suspended, name = 'n%u', "
				    "comment = 'x' WHERE id = '%s'",
				    rate, id);
	case 5:
		return arena_format(writer->arena,
				    "UPDATE circuits SET site = '%s', leaf = 'pfifo' "
				    "WHERE id = '%s'",
				    site, id);
	default:
		return arena_format(writer->arena,
				    "UPDATE circuits SET download_max_bps = %u, download_min_bps = "
				    "%u WHERE id = '%s'",
				    rate, rate / 2, id);
	}
}

static const char *write_device(struct writer *writer)
{
	const char *id = any(writer, "d"), *other = any(writer, "d"), *circuit = any(writer, "c");

	switch (random_below(&writer->random, 7)) {
	case 0:
		return arena_format(writer->arena,
				    "INSERT OR REPLACE INTO devices (id, circuit) "
				    "VALUES ('%s', '%s')",
				    id, circuit);
	case 1:
		return arena_format(writer->arena,
				    "UPDATE OR REPLACE devices SET id = '%s' WHERE id = '%s'",
				    other, id);
	case 2:
		return arena_format(writer->arena, "DELETE FROM devices WHERE id = '%s'", id);
	case 3:
		return arena_format(writer->arena,
				    "UPDATE OR REPLACE prefixes SET device = "
				    "iif(device = '%s', '%s', '%s') WHERE device IN ('%s', '%s')",
				    id, other, id, id, other);
	case 4:
		return arena_format(writer->arena,
				    "DELETE FROM prefixes WHERE device = '%s' AND prefix > '%u'",
				    id, random_below(&writer->random, 9));
	case 5:
		return arena_format(writer->arena,
				    "UPDATE devices SET circuit = '%s' WHERE id = '%s'", circuit,
				    id);
	default:
		return arena_format(writer->arena,
				    "INSERT OR REPLACE INTO prefixes VALUES ('%s', '10.0.0.%u')",
				    id, random_below(&writer->random, 20));
	}
}

static const char *write_other(struct writer *writer)
{
	const char *id = any(writer, "s"), *other = any(writer, "s"), *circuit = any(writer, "c");

	switch (random_below(&writer->random, 8)) {
	case 0:
		return arena_format(writer->arena,
				    "INSERT OR REPLACE INTO sites (id, name, parent) "
				    "VALUES ('%s', 'Site %s', '%s')",
				    id, other, any(writer, "s"));
	case 1:
		return arena_format(writer->arena,
				    "UPDATE OR REPLACE sites SET id = '%s' WHERE id = '%s'", other,
				    id);
	case 2:
		return arena_format(writer->arena, "DELETE FROM sites WHERE id = '%s'", id);
	case 3:
		return arena_format(writer->arena,
				    "UPDATE OR REPLACE sites SET name = 'Site %s', download_bps = "
				    "%u + 1 WHERE id = '%s'",
				    other, any_rate(writer), id);
	case 4:
		return arena_format(writer->arena,
				    "INSERT OR REPLACE INTO overrides (circuit, download_max_bps, "
				    "until) VALUES ('%s', %u, datetime('now', '+1 hour'))",
				    circuit, any_rate(writer) + 1);
	case 5:
		return arena_format(writer->arena,
				    "UPDATE OR REPLACE overrides SET circuit = '%s', suspended = 1 "
				    "WHERE circuit = '%s'",
				    circuit, any(writer, "c"));
	case 6:
		return arena_format(writer->arena, "DELETE FROM overrides WHERE circuit = '%s'",
				    circuit);
	default:
		return arena_format(writer->arena,
				    "INSERT OR REPLACE INTO tags VALUES ('%s', 'vip')", circuit);
	}
}

/* Rarely, what no trigger or no journal tells. */
static const char *write_unseen(struct writer *writer)
{
	switch (random_below(&writer->random, 3)) {
	case 0:
		return "DELETE FROM journal WHERE id < (SELECT max(id) FROM journal) - 5";
	case 1:
		return "DELETE FROM journal";
	default:
		return "INSERT INTO problems VALUES ('import', 'row 1', 'no', 'nothing')";
	}
}

static void write_transaction(struct writer *writer)
{
	unsigned int statements = 1 + random_below(&writer->random, 4);

	writer->arena = arena_new();
	sqlite3_exec(writer->sqlite, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	for (unsigned int i = 0; i < statements; i++) {
		const char *text = random_chance(&writer->random, 45)	? write_circuit(writer)
				   : random_chance(&writer->random, 60) ? write_device(writer)
				   : random_chance(&writer->random, 95) ? write_other(writer)
									: write_unseen(writer);

		/* What a rule refuses is not written, but may have named rows in the journal. */
		sqlite3_exec(writer->sqlite, text, NULL, NULL, NULL);
	}
	sqlite3_exec(writer->sqlite, random_chance(&writer->random, 90) ? "COMMIT" : "ROLLBACK",
		     NULL, NULL, NULL);
	arena_free(writer->arena);
}

/* --- comparing ------------------------------------------------------------------------------------------ */

/* All that a network says, as a text. */
static char *describe(const struct network *network)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fprintf(out, "revision %llu\n", (unsigned long long)network->revision);
	for (size_t i = 0; i < network->site_count; i++) {
		const struct site *s = &network->sites[i];

		fprintf(out, "site %s|%s|%s|%s|%llu|%llu\n", s->id, s->name,
			s->parent_id ? s->parent_id : "-", s->kind,
			(unsigned long long)s->capacity_bps[0],
			(unsigned long long)s->capacity_bps[1]);
	}
	for (size_t i = 0; i < network->circuit_count; i++) {
		const struct circuit *c = &network->circuits[i];

		fprintf(out, "circuit %s|%s|%s|%s|%s|%llu %llu %llu %llu|%d|%lld\n", c->id, c->name,
			c->site_id ? c->site_id : "-", c->leaf, c->comment,
			(unsigned long long)c->min_bps[0], (unsigned long long)c->min_bps[1],
			(unsigned long long)c->max_bps[0], (unsigned long long)c->max_bps[1],
			c->suspended, (long long)c->until_s);
	}
	for (size_t i = 0; i < network->device_count; i++)
		fprintf(out, "device %s|%s|%s|%s\n", network->devices[i].id,
			network->devices[i].circuit_id, network->devices[i].name,
			network->devices[i].mac);
	for (size_t i = 0; i < network->prefix_count; i++)
		fprintf(out, "prefix %s|%s\n", network->prefixes[i].device_id,
			network->prefixes[i].text);
	for (size_t i = 0; i < network->problem_count; i++)
		fprintf(out, "problem %s|%s|%s\n", network->problems[i].subject,
			network->problems[i].reason, network->problems[i].in_force);
	fclose(out);
	return text;
}

static void assert_same(const struct network *kept, const struct network *fresh)
{
	char *a = describe(kept), *b = describe(fresh);

	assert_string_equal(a, b);
	free(a);
	free(b);
}

/* Patches what is in force as the engine does; whether that was enough. */
static bool patch(struct network *in_force, const struct network *rows,
		  const struct rows_read *read)
{
	for (size_t i = 0; read->only_plans && i < read->circuit_count; i++) {
		uint32_t row = network_find_circuit(rows, read->circuits[i]);

		if (row == NETWORK_NONE || !network_patch_plan(in_force, &rows->circuits[row]))
			return false;
	}
	return read->only_plans;
}

/* --- the tests -------------------------------------------------------------------------------------------- */

static unsigned int number(const char *name, unsigned int fallback)
{
	const char *text = getenv(name);

	return text ? (unsigned int)strtoul(text, NULL, 10) : fallback;
}

static struct network *look(struct writer *writer, struct network *in_force, unsigned int *patched,
			    unsigned int *followed)
{
	struct network *fresh, *resolved;
	const struct network *rows;
	struct rows_read read;
	struct error err;

	rows = circuits_db_rows(writer->fixture->db, &read, &err);
	assert_non_null(rows);
	fresh = circuits_db_load(writer->fixture->db, &err);
	assert_non_null(fresh);
	assert_same(rows, fresh);
	*followed += read.only_plans || read.circuit_count;
	resolved = network_resolve(fresh, in_force);
	if (in_force && patch(in_force, rows, &read)) {
		in_force->revision = resolved->revision;
		assert_same(in_force, resolved);
		(*patched)++;
	}
	network_free(fresh);
	network_free(in_force);
	return resolved;
}

static void the_rows_kept_are_those_of_a_fresh_read(void **state)
{
	unsigned int seed = number("SEED", (unsigned int)time(NULL)), patched = 0, followed = 0;
	unsigned int rounds = number("ROUNDS", 600);
	struct writer writer = { .fixture = *state, .random = { seed } };
	struct network *in_force = NULL;
	struct error err;
	uint64_t revision;

	print_message("# SEED=%u\n", seed);
	assert_int_equal(sqlite3_open(writer.fixture->path, &writer.sqlite), SQLITE_OK);
	sqlite3_exec(writer.sqlite, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
	for (unsigned int round = 0; round < rounds; round++) {
		for (unsigned int n = 1 + random_below(&writer.random, 3); n; n--)
			write_transaction(&writer);
		if (random_chance(&writer.random, 50))
			assert_true(
				circuits_db_close_revision(writer.fixture->db, &revision, &err));
		in_force = look(&writer, in_force, &patched, &followed);
	}
	print_message("# of %u looks %u read only some rows, %u only plans\n", rounds, followed,
		      patched);
	assert_true(followed > rounds / 4 && patched > rounds / 50);
	network_free(in_force);
	sqlite3_close(writer.sqlite);
}

static void what_the_journal_does_not_tell_is_read_all_the_same(void **state)
{
	/* Each leaves the journal without a word of it. */
	static const char *const unseen[] = {
		"DROP TRIGGER circuits_inserted; INSERT INTO circuits (id, download_max_bps, "
		"upload_max_bps) VALUES ('new', 1000000, 1000000)",
		"DROP TRIGGER circuits_updated; UPDATE circuits SET name = 'other' WHERE id = 'a'",
		"DELETE FROM journal; UPDATE circuits SET name = 'a third' WHERE id = 'a'; "
		"DELETE FROM journal",
	};
	struct fixture *fixture = *state;
	struct rows_read read;
	struct error err;

	shell(fixture->path, "INSERT INTO circuits (id, download_max_bps, upload_max_bps) VALUES "
			     "('a', 1000000, 1000000)");
	assert_non_null(circuits_db_rows(fixture->db, &read, &err));
	for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++) {
		struct network *fresh;

		assert_int_equal(shell(fixture->path, unseen[i]), 0);
		fresh = circuits_db_load(fixture->db, &err);
		assert_same(circuits_db_rows(fixture->db, &read, &err), fresh);
		network_free(fresh);
	}
}

static void an_override_that_ends_by_itself_is_seen(void **state)
{
	struct fixture *fixture = *state;
	struct rows_read read;
	struct error err;
	const struct network *rows;
	time_t end;

	shell(fixture->path, "INSERT INTO circuits (id, download_max_bps, upload_max_bps) VALUES "
			     "('a', 1000000, 1000000); INSERT INTO overrides (circuit, "
			     "download_max_bps, until) VALUES ('a', 9000000, "
			     "datetime('now', '+2 seconds'))");
	rows = circuits_db_rows(fixture->db, &read, &err);
	assert_int_equal(rows->circuits[0].max_bps[DOWNLOAD], 9000000);
	for (end = time(NULL) + 10; time(NULL) < end && rows->circuits[0].until_s;)
		rows = circuits_db_rows(fixture->db, &read, &err);
	assert_int_equal(rows->circuits[0].max_bps[DOWNLOAD], 1000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_rows_kept_are_those_of_a_fresh_read, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_the_journal_does_not_tell_is_read_all_the_same,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_override_that_ends_by_itself_is_seen, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
