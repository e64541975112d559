/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/import_file.h"

#include <stdlib.h>
#include <string.h>

#include "db/import.h"
#include "db/shaped_file.h"
#include "engine/base/memory.h"
#include "engine/base/plain.h"
#include "engine/base/units.h"
#include "engine/model/network.h"
#include "engine/network_file.h"

enum effect { ADDED, CHANGED, REMOVED, EFFECTS };

static const char *const effect_names[EFFECTS] = { "added", "changed", "removed" };
static const char *const kinds[] = { "site", "circuit", "device", "prefix", "tag", "override" };
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct printing {
	FILE *out;
	char *last; /* what the last line was about: a row of the journal is a field only */
	size_t counts[EFFECTS][KINDS];
};

/* --- a change --------------------------------------------------------------------------------- */

static size_t find_kind(const char *kind)
{
	size_t i = 0;

	while (i < KINDS - 1 && strcmp(kinds[i], kind))
		i++;
	return i;
}

static enum effect find_effect(const char *action)
{
	return !strcmp(action, "insert") ? ADDED : !strcmp(action, "update") ? CHANGED : REMOVED;
}

/* Rates as people write them. */
static const char *format_value(const char *field, const char *value,
				char text[RATE_TEXT_SIZE + 16])
{
	size_t length = strlen(field);

	if (length < 4 || strcmp(field + length - 4, "_bps") || !*value)
		return value;
	return rate_format_exact(strtoull(value, NULL, 10), text);
}

static void print_field(const struct printing *printing, const struct change_row *row)
{
	char before[RATE_TEXT_SIZE + 16], after[RATE_TEXT_SIZE + 16];

	plain_print(printing->out, "changed  %s %s: %s %s -> %s", row->kind, row->subject,
		    row->field, format_value(row->field, row->before, before),
		    format_value(row->field, row->after, after));
}

static void take_change(void *data, const struct change_row *row)
{
	struct printing *printing = data;
	enum effect effect = find_effect(row->action);
	bool is_pair = !*row->field && effect != CHANGED; /* of a prefix or tag: a row is a whole */
	char *about = xasprintf("%s %s %s", row->action, row->kind, row->subject);
	bool is_new = is_pair || !printing->last || strcmp(about, printing->last) != 0;

	free(printing->last);
	printing->last = about;
	printing->counts[effect][find_kind(row->kind)] += is_new;
	if (effect == CHANGED)
		print_field(printing, row);
	else if (is_new)
		plain_print(printing->out, "%-7s  %s %s%s%s", effect_names[effect], row->kind,
			    row->subject, *row->before || *row->after ? " " : "",
			    effect == ADDED ? row->after : row->before);
}

/* --- what came of it -------------------------------------------------------------------------- */

static void print_counts(const struct printing *printing)
{
	bool any = false;

	for (int effect = 0; effect < EFFECTS; effect++)
		for (size_t kind = 0; kind < KINDS; kind++) {
			size_t count = printing->counts[effect][kind];

			if (!count)
				continue;
			fprintf(printing->out, "%s%zu %s%s %s", any ? ", " : "", count, kinds[kind],
				count == 1  ? ""
				: kind == 3 ? "es"
					    : "s",
				effect_names[effect]);
			any = true;
		}
	fprintf(printing->out, "%s\n", any ? "" : "nothing changes");
}

static void print_summary(const struct import_files *files, const struct printing *printing,
			  const struct import_result *result, size_t problems)
{
	print_counts(printing);
	if (files->csv_path)
		fprintf(printing->out, "%zu rows: %zu taken, %zu refused\n", result->rows,
			result->rows - result->rows_refused, result->rows_refused);
	fprintf(printing->out, "%zu problems\n", problems);
	if (!result->revision)
		return;
	if (files->apply)
		fprintf(printing->out, "written as revision %llu of %s\n",
			(unsigned long long)result->revision, files->db_path);
	else
		fprintf(printing->out, "nothing was written; --apply does it\n");
}

/* What a freshly started engine would have in force, after `last`. */
static struct network *read_network(struct circuits_db *db, const struct network *last,
				    struct error *err)
{
	struct network *rows = circuits_db_load(db, err), *network;

	if (!rows)
		return NULL;
	network = network_resolve(rows, last);
	network_free(rows);
	return network;
}

static bool import_into(struct circuits_db *db, const struct import_files *files,
			const struct import *import, FILE *out, size_t *problems, struct error *err)
{
	struct network *before = read_network(db, NULL, err), *after = NULL;
	struct printing printing = { .out = out };
	struct import_result result;
	bool ok;

	ok = before && circuits_db_import(db, import, &result, err) &&
	     (!result.revision ||
	      circuits_db_each_change(db, result.revision, take_change, &printing, err));
	after = ok ? read_network(db, before, err) : NULL;
	if (after) {
		*problems = after->problem_count;
		for (size_t i = 0; i < after->problem_count; i++)
			plain_print(out, "problem  %s: %s; %s", after->problems[i].subject,
				    after->problems[i].reason, after->problems[i].in_force);
		print_summary(files, &printing, &result, after->problem_count);
	}
	free(printing.last);
	network_free(before);
	network_free(after);
	return after != NULL;
}

/* --- the files -------------------------------------------------------------------------------- */

static bool open_and_import(const struct import_files *files, const struct import *import,
			    FILE *out, size_t *problems, struct error *err)
{
	struct circuits_db *db = files->apply ? circuits_db_open(files->db_path, false, err)
					      : circuits_db_open_copy(files->db_path, err);
	bool ok = db && import_into(db, files, import, out, problems, err);

	circuits_db_close(db);
	return ok;
}

bool import_files(const struct import_files *files, FILE *out, size_t *problems, struct error *err)
{
	struct network_file network = { 0 };
	struct shaped_file shaped = { 0 };
	struct import import;
	bool ok = (!files->csv_path || shaped_file_read(files->csv_path, &shaped, err)) &&
		  (!files->network_path || network_file_read(files->network_path, &network, err));

	import = (struct import){ .has_rows = files->csv_path != NULL,
				  .rows = shaped.rows,
				  .row_count = shaped.count,
				  .has_sites = files->network_path != NULL,
				  .sites = network.sites,
				  .site_count = network.site_count,
				  .problems = network.problems,
				  .problem_count = network.problem_count };
	ok = ok && open_and_import(files, &import, out, problems, err);
	if (files->csv_path)
		shaped_file_release(&shaped);
	if (files->network_path)
		network_file_release(&network);
	return ok;
}
