// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/stream.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "tests/bench/stream.skel.h"

void stream_give_up(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

#define STEPS_BYTES (sizeof(struct step) * STEPS_MOST)
#define SPANS_BYTES (sizeof(uint64_t) * SPANS_MOST)

static void *map_array(const struct bpf_map *map, size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);

	if (memory == MAP_FAILED)
		stream_give_up("can't map an array of the stream");
	return memory;
}

void stream_init(struct stream *stream)
{
	*stream = (struct stream){ .skeleton = stream_bpf__open_and_load() };
	if (!stream->skeleton)
		stream_give_up("can't load the stream's programs");
	stream->pattern = &stream->skeleton->bss->pattern;
	stream->steps = map_array(stream->skeleton->maps.steps, STEPS_BYTES);
	stream->spans = map_array(stream->skeleton->maps.spans, SPANS_BYTES);
}

void stream_release(struct stream *stream)
{
	munmap(stream->steps, STEPS_BYTES);
	munmap(stream->spans, SPANS_BYTES);
	stream_bpf__destroy(stream->skeleton);
}

double stream_run_bare(const struct stream *stream, int program, uint32_t packets)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = stream->frame.byte,
		    .data_size_in = (uint32_t)stream->frame.size, .repeat = (int)packets);

	if (bpf_prog_test_run_opts(program, &options))
		stream_give_up("BPF_PROG_TEST_RUN");
	return options.duration;
}

static double run_next_packet(const struct stream *stream, uint32_t packets)
{
	const struct bpf_program *program = stream->skeleton->progs.next_packet;

	return stream_run_bare(stream, bpf_program__fd(program), packets);
}

static void put_in_place(struct stream *stream, int program)
{
	int place = bpf_map__fd(stream->skeleton->maps.under_test);
	uint32_t zero = 0;

	if (bpf_map_update_elem(place, &zero, &program, BPF_ANY))
		stream_give_up("can't put the program in its place");
}

void stream_run_on(struct stream *stream, int program)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = stream->frame.byte,
		    .data_size_in = (uint32_t)stream->frame.size, .repeat = INT_MAX);

	put_in_place(stream, program);
	if (bpf_prog_test_run_opts(bpf_program__fd(stream->skeleton->progs.next_packet),
				   &options) &&
	    errno != EINTR)
		stream_give_up("BPF_PROG_TEST_RUN");
}

double stream_run(struct stream *stream, int program, uint32_t packets)
{
	put_in_place(stream, program);
	return run_next_packet(stream, packets);
}

double stream_measure(struct stream *stream, int program, uint32_t packets)
{
	int place = bpf_map__fd(stream->skeleton->maps.under_test);
	uint64_t begin = stream->pattern->packets;
	uint32_t zero = 0;
	double alone;

	bpf_map_delete_elem(place, &zero);
	alone = run_next_packet(stream, packets);
	stream->pattern->packets = begin;
	return stream_run(stream, program, packets) - alone;
}
