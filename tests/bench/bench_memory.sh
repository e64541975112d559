#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What 10,000 circuits take of which 1,000 have traffic, with CAKE leaves: in the virtual machine, as
# measured by its test.
bench_argument=${1:-}
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
rows memory memory-leaf memory-engine
cd "$(dirname "$0")/../.." || exit 1

figure() # PATTERN: the number in its place
{
	sed -n "s/^# memory: .*$1.*/\1/p" <<<"$output"
}

output=$(tests/vm/test_lazy_cake.sh) || exit 1
wants memory && sample memory "1,000 of 10,000 circuits have traffic: all CAKE leaves" MB 10000 \
	"$(figure 'with all [0-9]*: \([0-9]*\) MB')"
wants memory-leaf && sample memory-leaf "one of them" kB 10000 "$(figure ' \([0-9]*\) kB each')"
wants memory-engine && sample memory-engine "the engine beside them" MB 10000 \
	"$(figure 'engine \([0-9]*\) MB')"
exit 0
