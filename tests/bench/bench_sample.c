// SPDX-License-Identifier: GPL-2.0-or-later
/* What the engine's round of measuring takes each second, with 60,000 circuits (there are handles for
 * not many more) and a million flows in the data path: the counters of all circuits, the sums of
 * their sites, the rates of all flows. What classes have counted is read by a thread, and not in it. */
#include <stdio.h>

#include "engine/flows.h"
#include "engine/handles.h"
#include "engine/loop.h"
#include "engine/queue_tree.h"
#include "engine/sampler.h"
#include "engine/state.h"
#include "tests/bench/bench.h"
#include "tests/bench/circuits.h"
#include "tests/bench/stream.h"

#define CIRCUITS 60000
#define SITES (CIRCUITS / 100)
#define FLOWS 1000000
#define ACTIVE (1 << 16)
#define ROUNDS 11

enum { SAMPLE, ROWS };
static const struct bench_row rows[ROWS] = {
	[SAMPLE] = { "sample", "CPU for a sample a second of 60 k circuits, 1 M flows", "%" },
};

static void add_circuit(struct network *network, struct handles *handles, uint16_t *handle,
			uint32_t number)
{
	struct assignment assignment = { .kind = NODE_CIRCUIT, .slot = number + 1, .queue = 1 };
	char id[32], site[32];
	struct circuit circuit = { .id = id, .name = id, .site_id = site, .leaf = "" };

	snprintf(id, sizeof(id), "c%u", number);
	assignment.id = id;
	assignment.owner = assignment_owner(NODE_CIRCUIT, id);
	snprintf(site, sizeof(site), "s%u", number / 100);
	circuit.max_bps[DOWNLOAD] = circuit.max_bps[UPLOAD] = 50000000;
	network_add_circuit(network, &circuit);
	do /* some are taken */
		assignment.handle = (*handle)++;
	while (!handles_put(handles, &assignment));
}

static struct network *make_network(struct handles *handles)
{
	struct network *written = network_new(), *resolved;
	uint16_t handle = HANDLE_FIRST;

	for (int i = 0; i < SITES; i++) {
		char id[32];

		snprintf(id, sizeof(id), "s%d", i);
		network_add_site(written, &(struct site){ .id = id, .name = id });
	}
	for (uint32_t i = 0; i < CIRCUITS; i++)
		add_circuit(written, handles, &handle, i);
	resolved = network_resolve(written, NULL);
	network_free(written);
	return resolved;
}

static void make_flows(struct datapath *datapath, struct stream *stream)
{
	struct datapath_table tables[DATAPATH_TABLES];

	frame_build("eth ip4 udp:data=100", &stream->frame);
	*stream->pattern = (struct pattern){ .step_bits = 17, .ip_offset = 14, .new_each_pass = 1 };
	circuits_write_steps(stream, 1u << 17, CIRCUITS, false);
	do {
		stream_run(stream, datapath->program[PROGRAM_XDP_INTERNET], ACTIVE);
		datapath_read_tables(datapath, tables);
	} while (tables[0].used < FLOWS);
}

int main(int argc, char **argv)
{
	struct engine engine = { 0 };
	struct stream stream;
	struct flows *flows;
	struct error err;
	size_t count;

	if (bench_rows_asked(argc, argv, rows, ROWS))
		return 0;
	stream_init(&stream);
	engine.datapath = circuits_open(CIRCUITS, 2 * FLOWS_DEFAULT);
	make_flows(engine.datapath, &stream);
	engine.loop = loop_new(&err);
	engine.handles = handles_new(CIRCUITS + 1);
	engine.network = make_network(engine.handles);
	engine.sampler = sampler_new(&engine);
	flows = flows_new(engine.datapath);
	for (int round = 0; round <= ROUNDS; round++) {
		double before_ms;

		stream_run(&stream, engine.datapath->program[PROGRAM_XDP_INTERNET], ACTIVE);
		before_ms = bench_cpu_ms();
		sampler_begin(engine.sampler);
		sampler_finish(engine.sampler);
		flows_begin(flows);
		while (flows_step(flows))
			;
		if (round) /* the first has memory to find */
			bench_sample(&rows[SAMPLE], CIRCUITS, (bench_cpu_ms() - before_ms) / 10);
	}
	flows_list(flows, &count);
	printf("%zu flows, %zu circuits were read\n", count, engine.network->circuit_count);
	flows_free(flows);
	sampler_free(engine.sampler);
	network_free(engine.network);
	handles_free(engine.handles);
	loop_free(engine.loop);
	fixture_close(engine.datapath);
	stream_release(&stream);
	return 0;
}
