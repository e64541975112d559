/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "db/mirror.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "db/circuits.h"
#include "db/circuits_private.h"
#include "db/read_rows.h"
#include "db/sql.h"
#include "engine/base/memory.h"

#define KEYS_MOST 100	   /* of more, reading all is as fast */
#define JOURNAL_MOST 1000  /* rows looked at */
#define UPDATES_MOST 10000 /* the arena keeps what was replaced; then it is made anew */

struct key {
	enum row_table table;
	char *id;
};

struct mirror {
	struct network *rows; /* NULL: all is to be read */
	/* The newest row of the journal that it knows: gone or another, the journal is
	 * another's. */
	int64_t mark;
	char *mark_text;
	int64_t schema_version; /* of triggers too */
	int64_t expiry_s; /* when the next override ends, which no journal tells; 0: none does */
	unsigned int updates;

	struct key keys[KEYS_MOST]; /* what the journal named since */
	size_t key_count;
	const char *circuits[KEYS_MOST];
	size_t circuit_count;
	bool only_plans;
};

struct mirror *mirror_new(void)
{
	return xcalloc(1, sizeof(struct mirror));
}

static void forget_keys(struct mirror *mirror)
{
	for (size_t i = 0; i < mirror->key_count; i++)
		free(mirror->keys[i].id);
	mirror->key_count = 0;
	mirror->circuit_count = 0;
}

void mirror_free(struct mirror *mirror)
{
	if (!mirror)
		return;
	forget_keys(mirror);
	network_free(mirror->rows);
	free(mirror->mark_text);
	free(mirror);
}

/* --- reading all ------------------------------------------------------------------------------ */

/* What the journal says there, as a text; "" when there is nothing. */
static char *read_mark(sqlite3 *sqlite, int64_t mark)
{
	sqlite3_stmt *select = sql_prepare(
		sqlite,
		"SELECT json_array(time_ms, author, action, kind, subject, field, before, after) "
		"FROM journal WHERE id = ?1",
		NULL);
	char *text;

	sqlite3_bind_int64(select, 1, mark);
	text = xstrdup(sqlite3_step(select) == SQLITE_ROW ? sql_text(select, 0) : "");
	sqlite3_finalize(select);
	return text;
}

static void set_mark(struct mirror *mirror, sqlite3 *sqlite)
{
	mirror->mark = sql_integer(sqlite, "SELECT max(id) FROM journal", 0);
	free(mirror->mark_text);
	mirror->mark_text = read_mark(sqlite, mirror->mark);
}

static void find_expiry(struct mirror *mirror)
{
	mirror->expiry_s = 0;
	for (size_t i = 0; i < mirror->rows->circuit_count; i++) {
		int64_t until_s = mirror->rows->circuits[i].until_s;

		if (until_s && (!mirror->expiry_s || until_s < mirror->expiry_s))
			mirror->expiry_s = until_s;
	}
}

static bool read_all(struct mirror *mirror, sqlite3 *sqlite, struct error *err)
{
	forget_keys(mirror);
	mirror->only_plans = false;
	network_free(mirror->rows);
	mirror->rows = read_network(sqlite, err);
	if (!mirror->rows)
		return false;
	set_mark(mirror, sqlite);
	mirror->schema_version = sql_integer(sqlite, "PRAGMA schema_version", 0);
	mirror->updates = 0;
	find_expiry(mirror);
	return true;
}

/* --- what the journal names ------------------------------------------------------------------- */

static bool add_key(struct mirror *mirror, enum row_table table, const char *id)
{
	for (size_t i = 0; i < mirror->key_count; i++)
		if (mirror->keys[i].table == table && !strcmp(mirror->keys[i].id, id))
			return true;
	if (mirror->key_count == KEYS_MOST)
		return false;
	mirror->keys[mirror->key_count++] = (struct key){ table, xstrdup(id) };
	return true;
}

static bool is_plan_field(const char *field)
{
	static const char *const fields[] = { "name",		"download_min_bps",
					      "upload_min_bps", "download_max_bps",
					      "upload_max_bps", "suspended",
					      "comment" };

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (!strcmp(fields[i], field))
			return true;
	return false;
}

/* A new id is carried on to other tables by triggers, of which not all can tell the journal; an
 * override has its circuit for one. */
static bool take_journal_row(struct mirror *mirror, const char *action, const char *kind,
			     const char *subject, const char *field)
{
	static const struct {
		const char *kind;
		enum row_table table;
	} kinds[] = { { "site", TABLE_SITES },
		      { "circuit", TABLE_CIRCUITS },
		      { "device", TABLE_DEVICES },
		      { "prefix", TABLE_PREFIXES },
		      { "override", TABLE_CIRCUITS } };
	bool is_override = !strcmp(kind, "override");

	if (!strcmp(field, "id") || (is_override && !strcmp(field, "circuit")))
		return false;
	if (!is_override && (strcmp(action, "update") != 0 || strcmp(kind, "circuit") != 0 ||
			     !is_plan_field(field)))
		mirror->only_plans = false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].kind, kind))
			return add_key(mirror, kinds[i].table, subject);
	return false;
}

/* False when all has to be read instead. */
static bool read_journal(struct mirror *mirror, sqlite3 *sqlite)
{
	sqlite3_stmt *select =
		sql_prepare(sqlite,
			    "SELECT action, kind, subject, field FROM journal "
			    "WHERE id > ?1 AND kind NOT IN ('tag', 'host') ORDER BY id",
			    NULL);
	unsigned int seen = 0;
	bool tells = true;
	int result;

	forget_keys(mirror);
	mirror->only_plans = true;
	sqlite3_bind_int64(select, 1, mirror->mark);
	while ((result = sqlite3_step(select)) == SQLITE_ROW && tells)
		tells = ++seen <= JOURNAL_MOST &&
			take_journal_row(mirror, sql_text(select, 0), sql_text(select, 1),
					 sql_text(select, 2), sql_text(select, 3));
	sqlite3_finalize(select);
	return tells && result == SQLITE_DONE;
}

static bool is_marked(const struct mirror *mirror, sqlite3 *sqlite)
{
	char *text = read_mark(sqlite, mirror->mark);
	bool same = !strcmp(text, mirror->mark_text);

	free(text);
	return same;
}

/* Whether what is held and the journal since make what the file says. */
static bool can_follow(const struct mirror *mirror, sqlite3 *sqlite)
{
	return mirror->rows && mirror->mark && mirror->updates < UPDATES_MOST &&
	       (!mirror->expiry_s || time(NULL) < mirror->expiry_s) && is_marked(mirror, sqlite) &&
	       sql_integer(sqlite, "PRAGMA schema_version", -1) == mirror->schema_version;
}

/* --- reading some again ----------------------------------------------------------------------- */

static const struct {
	size_t rows, count, size, key; /* where in a network; where in a row */
} places[] = {
	[TABLE_SITES] = { offsetof(struct network, sites), offsetof(struct network, site_count),
			  sizeof(struct site), offsetof(struct site, id) },
	[TABLE_CIRCUITS] = { offsetof(struct network, circuits),
			     offsetof(struct network, circuit_count), sizeof(struct circuit),
			     offsetof(struct circuit, id) },
	[TABLE_DEVICES] = { offsetof(struct network, devices),
			    offsetof(struct network, device_count), sizeof(struct device),
			    offsetof(struct device, id) },
	[TABLE_PREFIXES] = { offsetof(struct network, prefixes),
			     offsetof(struct network, prefix_count), sizeof(struct device_prefix),
			     offsetof(struct device_prefix, device_id) },
};

static char *rows_of(const struct network *network, enum row_table table)
{
	return *(char *const *)((const char *)network + places[table].rows);
}

static size_t *count_of(struct network *network, enum row_table table)
{
	return (size_t *)((char *)network + places[table].count);
}

/* The first row whose key is not below `id`, or not up to it. */
static size_t find_row(const struct network *network, enum row_table table, size_t count,
		       const char *id, bool behind)
{
	const char *rows = rows_of(network, table);
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const char *row = rows + middle * places[table].size;
		int order = strcmp(*(const char *const *)(row + places[table].key), id);

		if (order < 0 || (behind && !order))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Rows are read to the end of the array; from there they go to where the old ones of the key
 * were. */
static bool read_key(struct mirror *mirror, sqlite3 *sqlite, const struct key *key,
		     struct error *err)
{
	struct network *network = mirror->rows;
	size_t *count = count_of(network, key->table), old = *count, size = places[key->table].size;
	size_t first = find_row(network, key->table, old, key->id, false);
	size_t behind = find_row(network, key->table, old, key->id, true), come;
	char *rows, *fresh;

	if (!read_rows(sqlite, key->table, key->id, network, err))
		return false;
	come = *count - old;
	rows = rows_of(network, key->table);
	fresh = xcalloc(come, size);
	if (come)
		memcpy(fresh, rows + old * size, come * size);
	if (rows)
		memmove(rows + (first + come) * size, rows + behind * size, (old - behind) * size);
	if (come)
		memcpy(rows + first * size, fresh, come * size);
	free(fresh);
	*count = old - (behind - first) + come;
	return true;
}

static bool same_problems(const struct network *a, const struct network *b)
{
	if (a->problem_count != b->problem_count)
		return false;
	for (size_t i = 0; i < a->problem_count; i++)
		if (strcmp(a->problems[i].subject, b->problems[i].subject) != 0 ||
		    strcmp(a->problems[i].reason, b->problems[i].reason) != 0 ||
		    strcmp(a->problems[i].in_force, b->problems[i].in_force) != 0)
			return false;
	return true;
}

static bool read_problems(struct mirror *mirror, sqlite3 *sqlite, struct error *err)
{
	struct network *fresh = network_new();
	bool ok = read_rows(sqlite, TABLE_PROBLEMS, NULL, fresh, err);

	if (ok && !same_problems(mirror->rows, fresh)) {
		mirror->only_plans = false;
		mirror->rows->problem_count = 0;
		for (size_t i = 0; i < fresh->problem_count; i++)
			network_add_problem(mirror->rows, fresh->problems[i].subject,
					    fresh->problems[i].reason, fresh->problems[i].in_force);
	}
	network_free(fresh);
	return ok;
}

/* What no trigger saw, because it was dropped or another's REPLACE swallowed a row. */
static bool counts_agree(const struct mirror *mirror, sqlite3 *sqlite)
{
	const struct network *rows = mirror->rows;

	return sql_integer(sqlite, "SELECT count(*) FROM sites", -1) == (int64_t)rows->site_count &&
	       sql_integer(sqlite, "SELECT count(*) FROM circuits", -1) ==
		       (int64_t)rows->circuit_count &&
	       sql_integer(sqlite, "SELECT count(*) FROM devices", -1) ==
		       (int64_t)rows->device_count &&
	       sql_integer(sqlite, "SELECT count(*) FROM prefixes", -1) ==
		       (int64_t)rows->prefix_count;
}

static bool read_keys(struct mirror *mirror, sqlite3 *sqlite, struct error *err)
{
	for (size_t i = 0; i < mirror->key_count; i++) {
		if (!read_key(mirror, sqlite, &mirror->keys[i], err))
			return false;
		if (mirror->keys[i].table == TABLE_CIRCUITS)
			mirror->circuits[mirror->circuit_count++] = mirror->keys[i].id;
	}
	if (!read_problems(mirror, sqlite, err))
		return false;
	mirror->updates += (unsigned int)mirror->key_count;
	mirror->rows->revision = read_revision(sqlite);
	set_mark(mirror, sqlite);
	find_expiry(mirror);
	return true;
}

bool mirror_update(struct mirror *mirror, sqlite3 *sqlite, struct error *err)
{
	bool ok;

	if (!can_follow(mirror, sqlite) || !read_journal(mirror, sqlite))
		return read_all(mirror, sqlite, err);
	ok = read_keys(mirror, sqlite, err);
	if (ok && !counts_agree(mirror, sqlite))
		return read_all(mirror, sqlite, err);
	if (!ok) {
		network_free(mirror->rows);
		mirror->rows = NULL;
	}
	return ok;
}

const struct network *mirror_rows(const struct mirror *mirror, struct rows_read *read)
{
	*read = (struct rows_read){ .only_plans = mirror->only_plans,
				    .circuits = mirror->circuits,
				    .circuit_count = mirror->circuit_count };
	return mirror->rows;
}

const struct network *circuits_db_rows(struct circuits_db *db, struct rows_read *read,
				       struct error *err)
{
	bool ok;

	if (!db->mirror)
		db->mirror = mirror_new();
	ok = sql_run(db->sqlite, "BEGIN", err) && mirror_update(db->mirror, db->sqlite, err);
	sql_end(db->sqlite, ok, err);
	if (ok && circuits_db_is_in_place(db, err))
		return mirror_rows(db->mirror, read);
	/* What was read and not given is not read again by the next look. */
	mirror_free(db->mirror);
	db->mirror = NULL;
	return NULL;
}
