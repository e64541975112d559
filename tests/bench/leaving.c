// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/leaving.h"

#include <sched.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/pkt_cls.h>

#include "tests/bench/stream.skel.h"

#define LOOPBACK 1

static void attach(int program, uint32_t priority)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = LOOPBACK, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, options, .prog_fd = program, .handle = 1, .priority = priority);

	if (bpf_tc_attach(&hook, &options))
		stream_give_up("can't attach to tc");
}

void leaving_init(const struct datapath *datapath, const struct stream *stream)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = LOOPBACK, .attach_point = BPF_TC_INGRESS);

	if (unshare(CLONE_NEWNET))
		stream_give_up("can't make a network namespace");
	if (bpf_tc_hook_create(&hook))
		stream_give_up("can't make a clsact");
	attach(bpf_program__fd(stream->skeleton->progs.yardstick_tc), 1);
	attach(datapath->program[PROGRAM_TC_ACCESS], 2);
}

void leaving_release(void)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = LOOPBACK,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);

	bpf_tc_hook_destroy(&hook);
}

struct runs {
	uint64_t count, ns;
};

static struct runs read_runs(int program)
{
	struct bpf_prog_info info = { 0 };
	uint32_t size = sizeof(info);

	if (bpf_obj_get_info_by_fd(program, &info, &size))
		stream_give_up("can't read about a program");
	return (struct runs){ .count = info.run_cnt, .ns = info.run_time_ns };
}

static double mean_since(const struct runs *before, int program)
{
	struct runs now = read_runs(program);

	if (now.count == before->count)
		stream_give_up("no packet came to tc");
	return (double)(now.ns - before->ns) / (double)(now.count - before->count);
}

double leaving_with_verdict(const struct datapath *datapath, const struct stream *stream,
			    uint32_t packets)
{
	int program = datapath->program[PROGRAM_TC_ACCESS],
	    empty = bpf_program__fd(stream->skeleton->progs.yardstick_tc);
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = stream->frame.byte,
		    .data_size_in = (uint32_t)stream->frame.size, .repeat = (int)packets,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES);
	int statistics = bpf_enable_stats(BPF_STATS_RUN_TIME);
	struct runs before = read_runs(program), empty_before = read_runs(empty);
	double cost;

	if (statistics < 0)
		stream_give_up("the kernel keeps no statistics of programs");
	if (bpf_prog_test_run_opts(datapath->program[PROGRAM_XDP_INTERNET], &options))
		stream_give_up("BPF_PROG_TEST_RUN with live frames");
	cost = mean_since(&before, program) - mean_since(&empty_before, empty);
	close(statistics);
	return cost;
}

double leaving_without(const struct datapath *datapath, const struct stream *stream,
		       uint32_t packets)
{
	return stream_run_bare(stream, datapath->program[PROGRAM_TC_ACCESS], packets);
}
