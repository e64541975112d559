/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/check_file.h"

#include <jansson.h>

#include "db/circuits.h"
#include "engine/base/units.h"
#include "engine/model/network.h"
#include "engine/wire/text.h"

/* Of all plans together. */
static uint64_t sum_plans(const struct network *network, int direction)
{
	uint64_t sum_bps = 0;

	for (size_t i = 0; i < network->circuit_count; i++)
		sum_bps += network->circuits[i].max_bps[direction];
	return sum_bps;
}

static void print_text(const char *path, const struct network *network, FILE *out)
{
	char download[RATE_TEXT_SIZE], upload[RATE_TEXT_SIZE];

	fprintf(out,
		"%s, revision %llu: %zu sites, %zu circuits, %zu devices, %zu prefixes\n"
		"plans: %s down, %s up in all\n",
		path, (unsigned long long)network->revision, network->site_count,
		network->circuit_count, network->device_count, network->prefix_count,
		rate_format(sum_plans(network, DOWNLOAD), download),
		rate_format(sum_plans(network, UPLOAD), upload));
	for (size_t i = 0; i < network->problem_count; i++)
		fprintf(out, "%s: %s; %s\n", network->problems[i].subject,
			network->problems[i].reason, network->problems[i].in_force);
	fprintf(out, "%zu problems\n", network->problem_count);
}

static void print_json(const char *path, const struct network *network, FILE *out)
{
	json_t *problems = json_array(), *object;

	for (size_t i = 0; i < network->problem_count; i++)
		json_array_append_new(problems,
				      json_pack("{s:o, s:o, s:o}", "subject",
						wire_text(network->problems[i].subject), "reason",
						wire_text(network->problems[i].reason), "in_force",
						wire_text(network->problems[i].in_force)));
	object = json_pack(
		"{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "path", wire_text(path),
		"revision", (json_int_t)network->revision, "sites", (json_int_t)network->site_count,
		"circuits", (json_int_t)network->circuit_count, "devices",
		(json_int_t)network->device_count, "prefixes", (json_int_t)network->prefix_count,
		"download_max_bps", (json_int_t)sum_plans(network, DOWNLOAD), "upload_max_bps",
		(json_int_t)sum_plans(network, UPLOAD), "problems", problems);
	json_dumpf(object, out, JSON_COMPACT);
	fputc('\n', out);
	json_decref(object);
}

bool check_file(const char *path, bool as_json, FILE *out, size_t *problems, struct error *err)
{
	struct circuits_db *db = circuits_db_open_to_check(path, err);
	struct network *rows, *network;

	if (!db)
		return false;
	rows = circuits_db_load(db, err);
	circuits_db_close(db);
	if (!rows)
		return false;
	network = network_resolve(rows, NULL);
	network_free(rows);
	(as_json ? print_json : print_text)(path, network, out);
	*problems = network->problem_count;
	network_free(network);
	return true;
}
