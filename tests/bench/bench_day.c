// SPDX-License-Identifier: GPL-2.0-or-later
/* A day of 20,000 circuits in simulated time, after two that the placement learnt from. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/bench/bench.h"
#include "tests/lib/day.h"

enum { BUILDS, REMOVALS, MOVES, UNEVEN, UNEVEN_FIRST, ROWS };
static const struct bench_row rows[ROWS] = {
	[BUILDS] = { "day-builds", "classes made in three simulated days", "classes" },
	[REMOVALS] = { "day-removals", "classes taken away in them", "classes" },
	[MOVES] = { "day-moves", "sites moved to another queue in them", "moves" },
	[UNEVEN] = { "day", "fullest queue of busy hours, of the best possible: third day", "%" },
	[UNEVEN_FIRST] = { "day-first", "the same on the first day, placed by plan", "%" },
};

int main(int argc, char **argv)
{
	struct day day;
	double values[ROWS];

	if (bench_rows_asked(argc, argv, rows, ROWS))
		return 0;
	for (uint64_t seed = 1; seed <= 3; seed++) {
		day_open(&day, seed);
		day_run(&day);
		values[BUILDS] = (double)day.builds;
		values[REMOVALS] = (double)day.removals;
		values[MOVES] = (double)day.moves;
		values[UNEVEN] = 100 * day_worst(&day, 48, 72);
		values[UNEVEN_FIRST] = 100 * day_worst(&day, 0, 24);
		for (size_t i = 0; i < ROWS; i++)
			if (bench_wants(&rows[i]))
				bench_sample(&rows[i], DAY_CIRCUITS, values[i]);
		day_close(&day);
	}
	return 0;
}
