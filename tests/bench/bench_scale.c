// SPDX-License-Identifier: GPL-2.0-or-later
/* What the data path's tables take with a million flows and 100,000 circuits in them: room for two
 * million, as sets of four fill unevenly. */
#include <stdio.h>

#include "tests/bench/bench.h"
#include "tests/bench/circuits.h"
#include "tests/bench/stream.h"

#define CIRCUITS 100000
#define FLOWS 1000000

enum { FLOWS_USED, MEGABYTES, ROWS };
static const struct bench_row rows[ROWS] = {
	[FLOWS_USED] = { "scale-flows", "flows in the table", "flows" },
	[MEGABYTES] = { "scale", "1 M flows, 200 k prefixes, 100 k slots: memory of the maps",
			"MB" },
};

int main(int argc, char **argv)
{
	struct datapath_table tables[DATAPATH_TABLES];
	struct datapath *datapath;
	struct stream stream;
	double bytes = 0;

	if (bench_rows_asked(argc, argv, rows, ROWS))
		return 0;
	stream_init(&stream);
	datapath = circuits_open(CIRCUITS, 2 * FLOWS_DEFAULT);
	frame_build("eth ip4 udp:data=100", &stream.frame);
	*stream.pattern = (struct pattern){ .step_bits = 17, .ip_offset = 14, .new_each_pass = 1 };
	circuits_write_steps(&stream, 1u << 17, CIRCUITS, false);
	/* Some meet a full set and take another's place: until so many are there. */
	do {
		stream_run(&stream, datapath->program[PROGRAM_XDP_INTERNET], 1 << 16);
		datapath_read_tables(datapath, tables);
	} while (tables[0].used < FLOWS);
	for (size_t i = 0; i < DATAPATH_TABLES; i++) {
		printf("%s: %u of %u in use, %.1f MB\n", tables[i].name, tables[i].used,
		       tables[i].size, (double)tables[i].bytes / 1e6);
		bytes += (double)tables[i].bytes;
	}
	if (bench_wants(&rows[FLOWS_USED]))
		bench_sample(&rows[FLOWS_USED], CIRCUITS, tables[0].used);
	if (bench_wants(&rows[MEGABYTES]))
		bench_sample(&rows[MEGABYTES], CIRCUITS, bytes / 1e6);
	fixture_close(datapath);
	stream_release(&stream);
	return 0;
}
