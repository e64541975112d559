#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Damaged circuits files, CSVs and network.jsons, under sanitizers; FUZZ_SECONDS says how long (20),
# FUZZ_SEED which.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build}
output=$(FUZZ_SECONDS=${FUZZ_SECONDS:-20} "$build/tests/unit/test_fuzz_files" 2>&1)
status=$?
tr -d '\0' <<<"$output" | grep -aE '^# (seed|[0-9]+ files)|ERROR|FAIL|error:' | sed 's/^\(# \)\?/# /'
((status)) && echo -n "not "
echo "ok 1 - ${FUZZ_SECONDS:-20} s of damaged files do no harm"
echo "1..1"
exit "$status"
