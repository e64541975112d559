/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs XDP programs over streams of packets by BPF_PROG_TEST_RUN and says what a packet costs.
 * Ends the process with words when the kernel refuses.
 */
#ifndef TESTS_BENCH_STREAM_H
#define TESTS_BENCH_STREAM_H

#include <stdint.h>

#include "tests/bench/pattern.h"
#include "tests/lib/frame.h"

struct stream_bpf;

struct stream {
	struct stream_bpf *skeleton;
	struct frame frame;
	struct step *steps; /* STEPS_MOST, to be filled in */
	struct pattern *pattern;
	uint64_t *spans; /* SPANS_MOST */
};

void stream_init(struct stream *stream);
void stream_release(struct stream *stream);

/* Nanoseconds a packet of the program alone, behind the stream's own: both measured. */
double stream_measure(struct stream *stream, int program, uint32_t packets);
/* The stream through the program; what it costs with the stream's own. */
double stream_run(struct stream *stream, int program, uint32_t packets);
/* The stream through the program until a signal comes. */
void stream_run_on(struct stream *stream, int program);
/* Any program over the frame as it is. */
double stream_run_bare(const struct stream *stream, int program, uint32_t packets);

_Noreturn void stream_give_up(const char *what);

#endif
