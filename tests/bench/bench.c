// SPDX-License-Identifier: GPL-2.0-or-later
/* See bench.h. */
#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

bool bench_rows_asked(int argc, char **argv, const struct bench_row *rows, size_t count)
{
	if (argc < 2 || strcmp(argv[1], "--rows"))
		return false;
	for (size_t i = 0; i < count; i++)
		puts(rows[i].name);
	return true;
}

bool bench_wants(const struct bench_row *row)
{
	const char *wanted = getenv("ROWS");
	size_t length = strlen(row->name);

	if (!wanted || !*wanted)
		return true;
	while (*wanted) {
		size_t name_length = strcspn(wanted, ",");

		if (name_length == length && !memcmp(wanted, row->name, length))
			return true;
		wanted += name_length;
		wanted += *wanted == ',';
	}
	return false;
}

void bench_sample(const struct bench_row *row, uint32_t circuits, double value)
{
	printf("sample\t%s\t%s\t%s\t%u\t%.3f\n", row->name, row->what, row->unit, circuits, value);
	fflush(stdout);
}

uint64_t bench_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

double bench_cpu_ms(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (double)used.tv_sec * 1e3 + (double)used.tv_nsec / 1e6;
}
