/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/bpf/fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>

static char pin_dir[64];

static void remove_pins(void)
{
	static const struct interface nowhere[DIRECTIONS];
	struct error err;

	if (!datapath_detach(pin_dir, nowhere, &err))
		printf("# %s\n", err.text);
}

/* A mistake of the test's own, or the kernel's. */
static _Noreturn void give_up(const char *what, const char *why)
{
	printf("Bail out! %s: %s\n", what, why);
	remove_pins();
	exit(1);
}

struct datapath *fixture_open(uint32_t flows, uint32_t prefixes, uint32_t slots)
{
	struct datapath_settings settings = { .pin_dir = pin_dir,
					      .flows_max = flows,
					      .prefixes_max = prefixes,
					      .slots_max = slots,
					      .strangers_max = 65536 };
	struct datapath *datapath;
	struct error err;

	snprintf(pin_dir, sizeof(pin_dir), "/sys/fs/bpf/lqos-test-%d", (int)getpid());
	datapath = datapath_open(&settings, &err);
	if (!datapath)
		printf("# %s\n", err.text);
	return datapath;
}

void fixture_close(struct datapath *datapath)
{
	datapath_close(datapath);
	remove_pins();
}

/* Download arrives where upload leaves. */
static int arriving_program(const struct datapath *datapath, enum direction direction)
{
	return datapath->program[direction == DOWNLOAD ? PROGRAM_XDP_INTERNET : PROGRAM_XDP_ACCESS];
}

struct verdict fixture_arrive(const struct datapath *datapath, enum direction direction,
			      const struct frame *frame)
{
	int program = arriving_program(datapath, direction);
	uint8_t out[FRAME_MOST + sizeof(struct metadata)];
	struct xdp_md context = { .data_end = (uint32_t)frame->size }, after = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame->byte,
		    .data_size_in = (uint32_t)frame->size, .data_out = out,
		    .data_size_out = sizeof(out), .ctx_in = &context,
		    .ctx_size_in = sizeof(context), .ctx_out = &after,
		    .ctx_size_out = sizeof(after), .repeat = 1);
	struct verdict verdict = { 0 };

	if (bpf_prog_test_run_opts(program, &options))
		give_up("BPF_PROG_TEST_RUN of XDP", strerror(errno));
	verdict.action = options.retval;
	/* What stands in front of the packet comes first. */
	if (after.data - after.data_meta == sizeof(verdict.metadata)) {
		memcpy(&verdict.metadata, out, sizeof(verdict.metadata));
		verdict.has_metadata = verdict.metadata.magic == LQOS_METADATA_MAGIC;
	}
	return verdict;
}

void fixture_arrive_often(const struct datapath *datapath, enum direction direction,
			  const struct frame *frame, unsigned int times)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame->byte,
		    .data_size_in = (uint32_t)frame->size, .repeat = (int)times);

	if (bpf_prog_test_run_opts(arriving_program(datapath, direction), &options))
		give_up("BPF_PROG_TEST_RUN of XDP", strerror(errno));
}

struct verdict fixture_leave(const struct datapath *datapath, enum direction direction,
			     const struct frame *frame)
{
	int program = datapath->program[PROGRAM_TC_ACCESS + (int)direction];
	struct __sk_buff context = { 0 }, after = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame->byte,
		    .data_size_in = (uint32_t)frame->size, .ctx_in = &context,
		    .ctx_size_in = sizeof(context), .ctx_out = &after,
		    .ctx_size_out = sizeof(after), .repeat = 1);

	if (bpf_prog_test_run_opts(program, &options))
		give_up("BPF_PROG_TEST_RUN of tc", strerror(errno));
	return (struct verdict){ .action = options.retval, .class_id = after.priority };
}

/* --- circuits and prefixes ----------------------------------------------------------------------- */

static struct prefix parse(const char *text)
{
	struct prefix prefix;
	struct error err;

	if (!prefix_parse(text, &prefix, &err))
		give_up(text, err.text);
	return prefix;
}

void fixture_map(struct datapath *datapath, const char *text, uint32_t slot)
{
	struct prefix prefix = parse(text);
	struct error err;
	uint32_t epoch;

	if (!datapath_set_prefix(datapath, &prefix, slot, &epoch, &err))
		give_up(text, err.text);
}

void fixture_unmap(struct datapath *datapath, const char *text)
{
	struct prefix prefix = parse(text);
	struct error err;
	uint32_t epoch;

	if (!datapath_remove_prefix(datapath, &prefix, &epoch, &err))
		give_up(text, err.text);
}

void fixture_make_circuit(struct datapath *datapath, uint32_t slot)
{
	struct circuit_row row = { .owner = 1000 + slot, .flags = LQOS_ROW_IN_USE };

	for (uint32_t d = 0; d < DIRECTIONS; d++)
		row.class_id[d] = FIXTURE_CLASS(slot, d);
	datapath_set_row(datapath, slot, &row);
}

/* --- what there is afterwards -------------------------------------------------------------------- */

void fixture_forget_flows(struct datapath *datapath)
{
	static const int maps[] = { MAP_FLOWS, MAP_SLOTS, MAP_EVENTS };

	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		memset(datapath->memory[maps[i]], 0, datapath->memory_bytes[maps[i]]);
	datapath_fill_stripes(datapath);
}

unsigned int fixture_flows(const struct datapath *datapath, struct flow_info *flows,
			   unsigned int max)
{
	unsigned int count = 0;

	for (uint32_t entry = 0; entry < datapath_flows(datapath) && count < max; entry++)
		count += datapath_read_flow(datapath, entry, &flows[count]);
	return count;
}

uint64_t fixture_total(const struct datapath *datapath, const char *name)
{
	struct datapath_counter counters[64];
	unsigned int count = datapath_read_totals(datapath, counters, 64);

	for (unsigned int i = 0; i < count; i++)
		if (!strcmp(counters[i].name, name))
			return counters[i].value;
	give_up(name, "there is no such counter");
}
