// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A change under load: one CPU runs packets of many flows without pause while another makes the
 * change. Each round is followed by one in which the other CPU is as busy with nothing, as the
 * machine itself stalls now and then; 100,000 circuits.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/bench/bench.h"
#include "tests/bench/circuits.h"
#include "tests/bench/stream.h"

#define CIRCUITS 100000
#define ROUNDS 15
#define BEFORE_SPANS 40 /* that run before the change */
#define AFTER_SPANS 40	/* that are still looked at when it is done */
#define EDITS_A_SECOND 200
#define EDITS_ROUNDS 13
#define EDITS_NS 700000000ULL

enum { WORST, WORST_CONTROL, SHORT, SHORT_CONTROL, FIGURES };

static const struct change {
	struct bench_row row[FIGURES];
	void (*make)(struct datapath *datapath, uint32_t argument);
	uint32_t argument, step_bits;
} changes[] = {
	{ { { "x1", "worst ms after an edit, of before, 8 k flows", "%" },
	    { "x1-control", "the same, without the edit", "%" },
	    { "x1-short", "packets short after an edit", "packets" },
	    { "x1-short-control", "the same, without the edit", "packets" } },
	  circuit_edit,
	  7,
	  13 },
	{ { { "xE", "worst ms while all circuits are edited, 8 k flows", "%" },
	    { "xE-control", "the same, without", "%" },
	    { "xE-short", "packets short while all circuits are edited", "packets" },
	    { "xE-short-control", "the same, without", "packets" } },
	  circuits_edit,
	  CIRCUITS,
	  13 },
	{ { { "xR", "worst ms while all circuits and addresses change, 8 k flows", "%" },
	    { "xR-control", "the same, without", "%" },
	    { "xR-short", "packets short while all circuits and addresses change", "packets" },
	    { "xR-short-control", "the same, without", "packets" } },
	  circuits_reload,
	  CIRCUITS,
	  13 },
	{ { { "xW", "worst ms while no cached answer holds, 8 k flows", "%" },
	    { "xW-control", "the same, without", "%" },
	    { "xW-short", "packets short while no cached answer holds", "packets" },
	    { "xW-short-control", "the same, without", "packets" } },
	  circuits_forget,
	  CIRCUITS,
	  13 },
	{ { { "x1-64k", "worst ms after an edit, of before, 64 k flows", "%" },
	    { "x1-64k-control", "the same, without the edit", "%" },
	    { "x1-64k-short", "packets short after an edit, 64 k flows", "packets" },
	    { "x1-64k-short-control", "the same, without the edit", "packets" } },
	  circuit_edit,
	  7,
	  16 },
	{ { { "xR-64k", "worst ms while all circuits and addresses change, 64 k flows", "%" },
	    { "xR-64k-control", "the same, without", "%" },
	    { "xR-64k-short", "packets short while all circuits and addresses change, 64 k flows",
	      "packets" },
	    { "xR-64k-short-control", "the same, without", "packets" } },
	  circuits_reload,
	  CIRCUITS,
	  16 },
	{ { { "xW-64k", "worst ms while no cached answer holds, 64 k flows", "%" },
	    { "xW-64k-control", "the same, without", "%" },
	    { "xW-64k-short", "packets short while no cached answer holds, 64 k flows", "packets" },
	    { "xW-64k-short-control", "the same, without", "packets" } },
	  circuits_forget,
	  CIRCUITS,
	  16 },
};
#define CHANGES (sizeof(changes) / sizeof(changes[0]))

static const struct bench_row x200 = { "x200", "throughput under 200 edits a second, of without",
				       "%" };

/* --- the CPU that runs packets ---------------------------------------------------------------------- */

struct load {
	struct stream *stream;
	int program;
	pthread_t thread;
};

static void stay_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void *run_packets(void *data)
{
	struct load *load = data;

	stay_on(1);
	/* Before whatever else the machine does; never for long enough to be held back for it. */
	pthread_setschedparam(pthread_self(), SCHED_FIFO, &(struct sched_param){ 1 });
	stream_run_on(load->stream, load->program);
	return NULL;
}

static void start_load(struct load *load)
{
	struct pattern *pattern = load->stream->pattern;
	uint64_t packets = pattern->packets;

	memset(load->stream->spans, 0, SPANS_MOST * sizeof(uint64_t));
	if (pthread_create(&load->thread, NULL, run_packets, load))
		stream_give_up("can't start a thread");
	while (__atomic_load_n(&pattern->packets, __ATOMIC_RELAXED) == packets)
		;
	pattern->since_ns = bench_now_ns();
}

/* Then both rest for a fifth of the time: others have their turn now, and the kernel need not take it
 * from a real-time thread in the middle of the next round (5 % of each second, sched(7)). */
static void end_load(struct load *load)
{
	uint64_t rest_ns = (bench_now_ns() - load->stream->pattern->since_ns) / 5;

	pthread_kill(load->thread, SIGUSR1);
	pthread_join(load->thread, NULL);
	load->stream->pattern->since_ns = 0;
	clock_nanosleep(
		CLOCK_MONOTONIC, 0,
		&(struct timespec){ (time_t)(rest_ns / 1000000000), (long)(rest_ns % 1000000000) },
		NULL);
}

static void on_signal(int number)
{
}

static uint32_t span_now(const struct load *load)
{
	return (uint32_t)((bench_now_ns() - load->stream->pattern->since_ns) >> SPAN_SHIFT);
}

/* The other CPU is never idle, so that neither slows down or wakes up. */
static void be_busy_until(const struct load *load, uint32_t span)
{
	while (span_now(load) < span)
		;
}

static void set_flows(struct stream *stream, uint32_t step_bits)
{
	frame_build("eth ip4 tcp:ts=1,te=1,data=100", &stream->frame);
	*stream->pattern =
		(struct pattern){ .step_bits = step_bits, .ip_offset = 14, .tcp_offset = 34 };
	circuits_write_steps(stream, 1u << step_bits, CIRCUITS, false);
}

/* --- one change --------------------------------------------------------------------------------------- */

static int compare_counts(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static uint64_t median(const uint64_t *counts, uint32_t count)
{
	uint64_t sorted[BEFORE_SPANS];

	memcpy(sorted, counts, count * sizeof(*counts));
	qsort(sorted, count, sizeof(*sorted), compare_counts);
	return sorted[count / 2];
}

struct outcome {
	double worst_percent, packets_short;
};

/* The spans from the change on against those before it; the first ones belong to the start. */
static struct outcome judge(const struct load *load, uint32_t begin, uint32_t end)
{
	const uint64_t *spans = load->stream->spans;
	uint64_t before = median(spans + begin - BEFORE_SPANS, BEFORE_SPANS), worst = ~0ULL,
		 sum = 0;
	double missing;

	for (uint32_t i = begin; i < end; i++) {
		worst = spans[i] < worst ? spans[i] : worst;
		sum += spans[i];
	}
	missing = (double)before * (end - begin) - (double)sum;
	return (struct outcome){ .worst_percent = 100.0 * (double)worst / (double)before,
				 .packets_short = missing > 0 ? missing : 0 };
}

/* *spans_taken: how long the change took, or, with no change, is waited in its place. */
static struct outcome run_round(struct load *load, struct datapath *datapath,
				const struct change *change, bool is_control, uint32_t *spans_taken)
{
	uint32_t begin = 2 * BEFORE_SPANS, end;

	start_load(load);
	be_busy_until(load, begin);
	if (is_control) {
		be_busy_until(load, begin + *spans_taken);
	} else {
		change->make(datapath, change->argument);
		*spans_taken = span_now(load) - begin;
	}
	end = begin + *spans_taken + AFTER_SPANS;
	be_busy_until(load, end + 1);
	end_load(load);
	return judge(load, begin, end < SPANS_MOST ? end : SPANS_MOST);
}

static void measure_change(struct load *load, struct datapath *datapath,
			   const struct change *change)
{
	uint32_t spans_taken = 0;

	set_flows(load->stream, change->step_bits);
	stream_run(load->stream, load->program, 2u << change->step_bits);
	for (int round = 0; round < ROUNDS; round++) {
		struct outcome with = run_round(load, datapath, change, false, &spans_taken);
		struct outcome without = run_round(load, datapath, change, true, &spans_taken);

		bench_sample(&change->row[WORST], CIRCUITS, with.worst_percent);
		bench_sample(&change->row[WORST_CONTROL], CIRCUITS, without.worst_percent);
		bench_sample(&change->row[SHORT], CIRCUITS, with.packets_short);
		bench_sample(&change->row[SHORT_CONTROL], CIRCUITS, without.packets_short);
	}
}

/* --- many edits -------------------------------------------------------------------------------------- */

static double run_edits(struct load *load, struct datapath *datapath, bool edits)
{
	uint64_t begin_ns, packets, now_ns, done = 0;

	start_load(load);
	be_busy_until(load, BEFORE_SPANS);
	begin_ns = bench_now_ns();
	packets = load->stream->pattern->packets;
	while ((now_ns = bench_now_ns()) < begin_ns + EDITS_NS) {
		if (!edits || (now_ns - begin_ns) * EDITS_A_SECOND / 1000000000 < done)
			continue;
		circuit_edit(datapath, (uint32_t)(done * 7919 % CIRCUITS));
		done++;
	}
	packets = load->stream->pattern->packets - packets;
	end_load(load);
	return (double)packets;
}

static void measure_edits(struct load *load, struct datapath *datapath)
{
	set_flows(load->stream, 13);
	stream_run(load->stream, load->program, 2u << 13);
	for (int round = 0; round < EDITS_ROUNDS; round++) {
		double with = run_edits(load, datapath, true);

		bench_sample(&x200, CIRCUITS, 100 * with / run_edits(load, datapath, false));
	}
}

static bool change_is_wanted(const struct change *change)
{
	bool wanted = false;

	for (int i = 0; i < FIGURES; i++)
		wanted = wanted || bench_wants(&change->row[i]);
	return wanted;
}

int main(int argc, char **argv)
{
	struct bench_row rows[CHANGES * FIGURES + 1] = { x200 };
	struct stream stream;
	struct load load = { .stream = &stream };
	struct datapath *datapath;

	for (size_t i = 0; i < CHANGES; i++)
		memcpy(&rows[1 + i * FIGURES], changes[i].row, sizeof(changes[i].row));
	if (bench_rows_asked(argc, argv, rows, CHANGES * FIGURES + 1))
		return 0;
	sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = on_signal }, NULL);
	stream_init(&stream);
	datapath = circuits_open(CIRCUITS, FLOWS_DEFAULT);
	load.program = datapath->program[PROGRAM_XDP_INTERNET];
	stay_on(0);
	for (size_t i = 0; i < CHANGES; i++)
		if (change_is_wanted(&changes[i]))
			measure_change(&load, datapath, &changes[i]);
	if (bench_wants(&x200))
		measure_edits(&load, datapath);
	fixture_close(datapath);
	stream_release(&stream);
	return 0;
}
