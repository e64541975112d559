#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Random keys, sizes and replies, under sanitizers; FUZZ_SECONDS says how long (30), FUZZ_SEED
# which.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build}
output=$(FUZZ_SECONDS=${FUZZ_SECONDS:-30} "$build/tests/unit/test_tui_model" 2>&1)
status=$?
sed 's/^/# /' <<<"$output" | grep -E 'seed|ERROR|FAIL|error:'
((status)) && echo -n "not "
echo "ok 1 - ${FUZZ_SECONDS:-30} s of random keys, sizes and replies do it no harm"
echo "1..1"
exit "$status"
