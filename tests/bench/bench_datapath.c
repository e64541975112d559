// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a packet costs in XDP, for kinds of packets and numbers of circuits, next to yardsticks of
 * the same machine in the same minute. The stream's own cost is measured each time and taken off;
 * the call of the program is not.
 *
 * Where the time of many flows goes: to cache lines that are not there. Of an established TCP flow's
 * packet five are its own: epoch word, flow head, both sides, slot row; a sample adds one. A new
 * flow's: epoch word, stranger and flow head (one each; four where home is taken), bucket and element
 * of the prefix table for each length probed, both sides, slot row. A quarter of the flow table
 * (256 k flows for 1 M) did not change w8, w64, rA, d1 or d2 beyond what two runs of the same differ
 * by, so that its size is not made to follow its use. Asking for both sides of every packet's flow
 * while its head is still on the way did not change w64 either, and cost a and c 2 to 5 ns.
 */
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "tests/bench/bench.h"
#include "tests/bench/circuits.h"
#include "tests/bench/leaving.h"
#include "tests/bench/stream.h"
#include "tests/bench/stream.skel.h"

#define RUNS 11
#define TCP "tcp:ts=1,te=1,data=100"

enum customers { CUSTOMERS_ALL, CUSTOMERS_1K, CUSTOMERS_NONE };
enum change { CHANGE_NONE, CHANGE_EDIT, CHANGE_RELOAD, CHANGES };
enum table { TABLE_AS_IT_IS, TABLE_EMPTY, TABLE_FULL };

/* A stream: 1 << step_bits flows in turn, all of them before the first again. */
struct kind {
	struct bench_row row[CHANGES]; /* before each run; those with a name are measured in turn */
	const char *frame;
	uint32_t step_bits, ip_offset, tcp_offset;
	uint32_t packets; /* of a run */
	enum customers customers;
	bool new_flows;
	enum table table;
};

static const struct kind kinds[] = {
	{ { { "a", "TCP/IPv4 with timestamps, one flow", "ns" } },
	  .frame = "eth ip4 " TCP,
	  .packets = 1000000,
	  .ip_offset = 14,
	  .tcp_offset = 34 },
	{ { { "b", "TCP/IPv6 with timestamps, one flow", "ns" } },
	  .frame = "eth ip6 " TCP,
	  .packets = 1000000,
	  .tcp_offset = 54 },
	{ { { "c", "QUIC/IPv4, one flow", "ns" } },
	  .frame = "eth ip4 udp:rp=443,data=100",
	  .packets = 1000000,
	  .ip_offset = 14 },
	{ { { "f", "VLAN + PPPoE + TCP, one flow", "ns" } },
	  .frame = "eth q:5 pppoe ip4 " TCP,
	  .packets = 1000000,
	  .ip_offset = 26,
	  .tcp_offset = 46 },
	{ { { "w8", "8 k TCP flows in turn", "ns" } },
	  .frame = "eth ip4 " TCP,
	  .packets = 1 << 18,
	  .step_bits = 13,
	  .ip_offset = 14,
	  .tcp_offset = 34 },
	{ { { "w64", "64 k TCP flows in turn", "ns" },
	    { "r1", "64 k TCP flows, first pass after an edit", "ns" },
	    { "rA", "64 k TCP flows, first pass after a reload", "ns" } },
	  .frame = "eth ip4 " TCP,
	  .packets = 1 << 16,
	  .step_bits = 16,
	  .ip_offset = 14,
	  .tcp_offset = 34 },
	{ { { "e1", "an unknown address, one flow", "ns" } },
	  .frame = "eth ip4 udp:data=100",
	  .packets = 1000000,
	  .ip_offset = 14,
	  .customers = CUSTOMERS_NONE },
	{ { { "e4", "131 k unknown addresses in turn", "ns" } },
	  .frame = "eth ip4 udp:data=100",
	  .packets = 1 << 18,
	  .step_bits = 17,
	  .ip_offset = 14,
	  .customers = CUSTOMERS_NONE },
	{ { { "d1", "a new UDP flow each packet, 1 k customers", "ns" } },
	  .frame = "eth ip4 udp:data=100",
	  .packets = 1 << 18,
	  .step_bits = 17,
	  .ip_offset = 14,
	  .customers = CUSTOMERS_1K,
	  .new_flows = true,
	  .table = TABLE_EMPTY },
	{ { { "d2", "a new UDP flow each packet, all customers", "ns" } },
	  .frame = "eth ip4 udp:data=100",
	  .packets = 1 << 18,
	  .step_bits = 17,
	  .ip_offset = 14,
	  .new_flows = true,
	  .table = TABLE_EMPTY },
	{ { { "d1-full", "d1 with the flow table full", "ns" } },
	  .frame = "eth ip4 udp:data=100",
	  .packets = 1 << 18,
	  .step_bits = 17,
	  .ip_offset = 14,
	  .customers = CUSTOMERS_1K,
	  .new_flows = true,
	  .table = TABLE_FULL },
	{ { { "w64-full", "w64 with the flow table full", "ns" } },
	  .frame = "eth ip4 " TCP,
	  .packets = 1 << 16,
	  .step_bits = 16,
	  .ip_offset = 14,
	  .tcp_offset = 34,
	  .table = TABLE_FULL },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

enum { Y_PASS, Y_PARSE, Y_HASH_HOT, Y_HASH_COLD, YARDSTICKS };
static const struct bench_row yardsticks[YARDSTICKS] = {
	[Y_PASS] = { "y-pass", "yardstick: a bare XDP_PASS", "ns" },
	[Y_PARSE] = { "y-parse", "yardstick: Ethernet, IPv4 and TCP read", "ns" },
	[Y_HASH_HOT] = { "y-hash-hot", "yardstick: hash of 16-byte keys, 64 of 64 k", "ns" },
	[Y_HASH_COLD] = { "y-hash-cold", "yardstick: hash of 16-byte keys, 64 k", "ns" },
};

enum { TC_WITH_VERDICT, TC_WITHOUT, INSNS_XDP, INSNS_TC, OTHERS };
static const struct bench_row others[OTHERS] = {
	[TC_WITH_VERDICT] = { "tc", "tc, of a packet with XDP's verdict", "ns" },
	[TC_WITHOUT] = { "tc-again", "tc, of a packet without: classified once more", "ns" },
	[INSNS_XDP] = { "insns-xdp", "instructions of XDP, long ways included", "insns" },
	[INSNS_TC] = { "insns-tc", "instructions of tc, long ways included", "insns" },
};

/* --- streams -------------------------------------------------------------------------------------- */

static void set_pattern(struct stream *stream, const struct kind *kind, uint32_t circuits)
{
	uint32_t customers = kind->customers == CUSTOMERS_1K && circuits > 1000 ? 1000 : circuits;

	frame_build(kind->frame, &stream->frame);
	*stream->pattern = (struct pattern){
		.packets = kind->new_flows ? stream->pattern->packets : 0,
		.step_bits = kind->step_bits,
		.ip_offset = kind->ip_offset,
		.tcp_offset = kind->tcp_offset,
		.new_each_pass = kind->new_flows,
	};
	circuits_write_steps(stream, 1u << kind->step_bits, customers,
			     kind->customers == CUSTOMERS_NONE);
}

static void make_change(struct datapath *datapath, enum change change, uint32_t circuits)
{
	if (change == CHANGE_EDIT)
		circuit_edit(datapath, circuits / 2);
	else if (change == CHANGE_RELOAD)
		circuits_forget(datapath, circuits);
}

/* So many flows that none is left free. */
static void fill_flow_table(struct datapath *datapath, struct stream *stream, uint32_t circuits)
{
	static const struct kind filler = {
		.frame = "eth ip4 udp", .step_bits = 17, .ip_offset = 14, .new_flows = true
	};

	set_pattern(stream, &filler, circuits);
	stream_run(stream, datapath->program[PROGRAM_XDP_INTERNET], 4 * datapath_flows(datapath));
}

static bool kind_is_wanted(const struct kind *kind)
{
	bool wanted = false;

	for (int change = 0; change < CHANGES; change++)
		wanted = wanted || (kind->row[change].name && bench_wants(&kind->row[change]));
	return wanted;
}

static void measure_kind(struct datapath *datapath, struct stream *stream, const struct kind *kind,
			 uint32_t circuits)
{
	int program = datapath->program[PROGRAM_XDP_INTERNET];

	if (kind->table == TABLE_FULL)
		fill_flow_table(datapath, stream, circuits);
	set_pattern(stream, kind, circuits);
	stream_run(stream, program, kind->packets);
	for (int run = 0; run < RUNS; run++) {
		for (int change = 0; change < CHANGES && kind->row[change].name; change++) {
			if (kind->table == TABLE_EMPTY)
				fixture_forget_flows(datapath);
			make_change(datapath, (enum change)change, circuits);
			bench_sample(&kind->row[change], circuits,
				     stream_measure(stream, program, kind->packets));
		}
	}
}

/* --- yardsticks ------------------------------------------------------------------------------------- */

static void fill_hash(int map)
{
	for (uint64_t i = 0; i < 65536; i++) {
		uint64_t key[2] = { i, 7 };

		if (bpf_map_update_elem(map, key, &i, BPF_ANY))
			stream_give_up("can't fill the yardstick's hash");
	}
}

static void measure_yardsticks(struct stream *stream)
{
	const struct stream_bpf *skeleton = stream->skeleton;
	const struct bpf_program *programs[YARDSTICKS] = {
		[Y_PASS] = skeleton->progs.yardstick_pass,
		[Y_PARSE] = skeleton->progs.yardstick_parse,
		[Y_HASH_HOT] = skeleton->progs.yardstick_hash_hot,
		[Y_HASH_COLD] = skeleton->progs.yardstick_hash_cold,
	};

	fill_hash(bpf_map__fd(skeleton->maps.yardstick_hash));
	frame_build("eth ip4 " TCP, &stream->frame);
	for (int run = 0; run < RUNS; run++)
		for (int i = 0; i < YARDSTICKS; i++)
			if (bench_wants(&yardsticks[i]))
				bench_sample(&yardsticks[i], 0,
					     stream_run_bare(stream, bpf_program__fd(programs[i]),
							     1000000));
}

static void measure_leaving(const struct datapath *datapath, struct stream *stream,
			    uint32_t circuits)
{
	frame_build("eth ip4 " TCP, &stream->frame);
	leaving_init(datapath, stream);
	for (int run = 0; run < RUNS; run++) {
		bench_sample(&others[TC_WITH_VERDICT], circuits,
			     leaving_with_verdict(datapath, stream, 100000));
		bench_sample(&others[TC_WITHOUT], circuits,
			     leaving_without(datapath, stream, 1000000));
	}
	leaving_release();
}

static void count_instructions(const struct bench_row *row, int program)
{
	struct bpf_prog_info info = { 0 };
	uint32_t size = sizeof(info);

	if (!bench_wants(row))
		return;
	if (bpf_obj_get_info_by_fd(program, &info, &size))
		stream_give_up("can't read about a program");
	bench_sample(row, 0, info.xlated_prog_len / 8);
}

/* --- all of them -------------------------------------------------------------------------------------- */

static bool any_wanted(void)
{
	bool wanted = false;

	for (size_t i = 0; i < KINDS; i++)
		wanted = wanted || kind_is_wanted(&kinds[i]);
	for (size_t i = 0; i < OTHERS; i++)
		wanted = wanted || bench_wants(&others[i]);
	return wanted;
}

static void measure_circuits(struct stream *stream, uint32_t circuits)
{
	struct datapath *datapath = circuits_open(circuits, FLOWS_DEFAULT);

	for (size_t i = 0; i < KINDS; i++)
		if (kind_is_wanted(&kinds[i]))
			measure_kind(datapath, stream, &kinds[i], circuits);
	if (bench_wants(&others[TC_WITH_VERDICT]) || bench_wants(&others[TC_WITHOUT]))
		measure_leaving(datapath, stream, circuits);
	if (circuits == 100000) {
		count_instructions(&others[INSNS_XDP], datapath->program[PROGRAM_XDP_INTERNET]);
		count_instructions(&others[INSNS_TC], datapath->program[PROGRAM_TC_ACCESS]);
	}
	fixture_close(datapath);
}

int main(int argc, char **argv)
{
	static const uint32_t sizes[] = { 1000, 10000, 100000 };
	struct bench_row rows[KINDS * CHANGES + OTHERS + YARDSTICKS];
	struct stream stream;
	size_t count = 0;

	for (size_t i = 0; i < KINDS; i++)
		for (int change = 0; change < CHANGES && kinds[i].row[change].name; change++)
			rows[count++] = kinds[i].row[change];
	for (size_t i = 0; i < OTHERS; i++)
		rows[count++] = others[i];
	for (size_t i = 0; i < YARDSTICKS; i++)
		rows[count++] = yardsticks[i];
	if (bench_rows_asked(argc, argv, rows, count))
		return 0;
	stream_init(&stream);
	measure_yardsticks(&stream);
	for (size_t i = 0; i < 3 && any_wanted(); i++)
		measure_circuits(&stream, sizes[i]);
	stream_release(&stream);
	return 0;
}
