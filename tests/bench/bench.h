/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a benchmark in C prints for tests/bench/run: its rows when asked, a line for each single
 * run of those wanted.
 */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A row of the tables: its name, what is measured, its unit ("ns", "ms", "%"). */
struct bench_row {
	const char *name;
	const char *what;
	const char *unit;
};

/* Prints the rows' names and gives true when the program was called with --rows. */
bool bench_rows_asked(int argc, char **argv, const struct bench_row *rows, size_t count);

/* Whether the environment's ROWS (comma separated; none: all) names the row. */
bool bench_wants(const struct bench_row *row);

/* One run's figure with so many circuits in place. */
void bench_sample(const struct bench_row *row, uint32_t circuits, double value);

/* The monotonic clock. */
uint64_t bench_now_ns(void);

/* CPU time that this program has used: others may run meanwhile. */
double bench_cpu_ms(void);

#endif
