# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What a benchmark script prints; see tests/bench/run.

# rows NAME...: the rows of this benchmark; ends it when only they were asked for ($1 of the script).
rows()
{
	[[ ${bench_argument:-} != --rows ]] || { printf '%s\n' "$@"; exit 0; }
}

# wants ROW: whether the row is to be measured.
wants() { [[ -z ${ROWS:-} || ,$ROWS, == *,$1,* ]]; }

# sample ROW WHAT UNIT CIRCUITS VALUE: one run's figure.
sample() { printf 'sample\t%s\t%s\t%s\t%s\t%s\n' "$@"; }
