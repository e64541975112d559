/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the rows on a screen cost the engine: trees and lists of circuits as ten consoles ask for them
 * every second, made and written as JSON. 100,000 circuits with made-up measurements; the sampler's and
 * the data path's answers are put in their place by the linker (see the Makefile).
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/memory.h"
#include "engine/handles.h"
#include "engine/sampler.h"
#include "engine/state.h"
#include "engine/verbs.h"
#include "tests/bench/bench.h"

#define CIRCUITS 100000
#define SITES (CIRCUITS / 100)
#define ROUNDS 5

static const struct bench_row rows[] = {
	{ "page-tree", "a page of the tree, folded but for two levels", "ms" },
	{ "page-open", "a page of the tree, all unfolded", "ms" },
	{ "page-name", "a page of the circuits, by name", "ms" },
	{ "page-rate", "a page of the circuits, by download", "ms" },
	{ "page-find", "a page of the circuits, filtered", "ms" },
	{ "consoles", "engine's CPU for the pages of ten consoles a second", "%" },
};
enum { PAGE_TREE, PAGE_OPEN, PAGE_NAME, PAGE_RATE, PAGE_FIND, CONSOLES, ROWS };

/* What the ten ask for; the row it counts for. */
static const struct {
	int row;
	const char *verb, *args;
} consoles[] = {
	{ PAGE_TREE, "tree", "{\"depth\": 2, \"limit\": 72}" },
	{ PAGE_TREE, "tree", "{\"depth\": 2, \"limit\": 72, \"sort\": \"qoo\"}" },
	{ PAGE_OPEN, "tree", "{\"depth\": -1, \"limit\": 72, \"offset\": 50000}" },
	{ PAGE_NAME, "circuits", "{\"limit\": 72}" },
	{ PAGE_NAME, "circuits",
	  "{\"limit\": 72, \"offset\": 99900, \"follow\": \"circuit:c77\", \"reverse\": true}" },
	{ PAGE_RATE, "circuits", "{\"limit\": 72, \"sort\": \"download\"}" },
	{ PAGE_RATE, "circuits",
	  "{\"limit\": 72, \"sort\": \"load\", \"follow\": \"circuit:c50000\"}" },
	{ PAGE_RATE, "circuits", "{\"limit\": 72, \"sort\": \"qoo\"}" },
	{ PAGE_FIND, "circuits", "{\"limit\": 72, \"filter\": \"99\"}" },
	{ PAGE_FIND, "circuits", "{\"limit\": 72, \"filter\": \"rtt>100 & site=Site\"}" },
};

/* --- made-up measurements --------------------------------------------------------------------------- */

static struct metrics *metrics;

const struct metrics *__wrap_sampler_circuit(const struct sampler *sampler, uint32_t circuit);
const struct metrics *__wrap_sampler_circuit(const struct sampler *sampler, uint32_t circuit)
{
	return &metrics[SITES + circuit];
}

const struct metrics *__wrap_sampler_site(const struct sampler *sampler, uint32_t site);
const struct metrics *__wrap_sampler_site(const struct sampler *sampler, uint32_t site)
{
	return &metrics[site];
}

int64_t __wrap_sampler_time_ms(const struct sampler *sampler);
int64_t __wrap_sampler_time_ms(const struct sampler *sampler)
{
	return 0;
}

uint32_t __wrap_datapath_epoch(const struct datapath *datapath);
uint32_t __wrap_datapath_epoch(const struct datapath *datapath)
{
	return 0;
}

static void measure_traffic(void)
{
	for (int i = 0; i < SITES + CIRCUITS; i++) {
		struct metrics *one = &metrics[i];

		one->rate_bps[DOWNLOAD] = (uint64_t)(random() % 50000000);
		one->rate_bps[UPLOAD] = one->rate_bps[DOWNLOAD] / 10;
		one->rtt.samples = random() % 3 ? 100 : 0;
		one->rtt.p50_us = (uint32_t)(random() % 300000);
		one->rtt.p95_us = one->rtt.p50_us * 3;
		one->score = one->rtt.samples ? (double)(random() % 101) : -1;
	}
}

/* --- the network ------------------------------------------------------------------------------------ */

static void add_site(struct network *network, int number)
{
	char id[32], name[32], parent[32];
	struct site site = { .id = id, .name = name, .parent_id = number % 10 ? parent : NULL };

	snprintf(id, sizeof(id), "s%d", number);
	snprintf(name, sizeof(name), "Site %d", number);
	snprintf(parent, sizeof(parent), "s%d", number / 10 * 10);
	site.capacity_bps[DOWNLOAD] = site.capacity_bps[UPLOAD] = 1000000000;
	network_add_site(network, &site);
}

static void add_circuit(struct network *network, int number)
{
	char id[32], name[32], site[32], device[32], address[32];
	struct circuit circuit = { .id = id, .name = name, .site_id = site, .leaf = "" };
	struct device_prefix prefix = { .text = address, .device_id = device };

	snprintf(id, sizeof(id), "c%d", number);
	snprintf(name, sizeof(name), "Customer %d", (int)((number * 7919LL) % CIRCUITS));
	snprintf(site, sizeof(site), "s%d", number / 100);
	snprintf(device, sizeof(device), "d%d", number);
	snprintf(address, sizeof(address), "100.%d.%d.%d", 64 + number / 65536, number / 256 % 256,
		 number % 256);
	circuit.max_bps[DOWNLOAD] = 50000000;
	circuit.max_bps[UPLOAD] = 10000000;
	network_add_circuit(network, &circuit);
	network_add_device(network, &(struct device){ .id = device,
						      .name = "Router",
						      .mac = "02:00:5e:00:00:01",
						      .circuit_id = id });
	prefix_parse(address, &prefix.prefix, NULL);
	network_add_prefix(network, &prefix);
}

static struct network *make_network(void)
{
	struct network *written = network_new(), *resolved;

	for (int i = 0; i < SITES; i++)
		add_site(written, i);
	for (int i = 0; i < CIRCUITS; i++)
		add_circuit(written, i);
	resolved = network_resolve(written, NULL);
	network_free(written);
	return resolved;
}

/* --- what is measured ------------------------------------------------------------------------------- */

/* A page, made and written. */
static double measure_page(struct engine *engine, size_t i)
{
	json_t *args = json_loads(consoles[i].args, 0, NULL), *result = NULL;
	struct request request = { .engine = engine, .role = ROLE_READ, .args = args };
	double start_ms = bench_cpu_ms();
	struct error err;
	char *text;

	if (!verb_run(verb_find(consoles[i].verb), &request, &result, &err)) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	text = json_dumps(result, JSON_COMPACT);
	free(text);
	json_decref(result);
	json_decref(args);
	return bench_cpu_ms() - start_ms;
}

int main(int argc, char **argv)
{
	struct engine engine = { 0 };

	if (bench_rows_asked(argc, argv, rows, ROWS))
		return 0;
	metrics = xcalloc(SITES + CIRCUITS, sizeof(*metrics));
	engine.network = make_network();
	engine.handles = handles_new(CIRCUITS);
	for (int round = 0; round < ROUNDS; round++) {
		double whole_ms = 0;

		measure_traffic();
		for (size_t i = 0; i < sizeof(consoles) / sizeof(consoles[0]); i++) {
			double ms = measure_page(&engine, i);

			whole_ms += ms;
			if (bench_wants(&rows[consoles[i].row]))
				bench_sample(&rows[consoles[i].row], CIRCUITS, ms);
		}
		if (bench_wants(&rows[CONSOLES]))
			bench_sample(&rows[CONSOLES], CIRCUITS, whole_ms / 10);
	}
	handles_free(engine.handles);
	network_free(engine.network);
	free(metrics);
	return 0;
}
