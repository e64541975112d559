#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The fuzzers of the parser, the TCP options, the RTT tracker and the capture reader, FUZZ_RUNS
# inputs each. What they learn stays in build/fuzz-corpus; a finding is kept there as crash-*.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/fuzz/fuzzers.sh
status=0
for fuzzer in "${fuzzers[@]}"; do
	echo "$fuzzer, $FUZZ_RUNS inputs"
	fuzz "$fuzzer" -runs="$FUZZ_RUNS" || status=1
	tail -n 4 "$corpora/$fuzzer.log"
done
exit $status
