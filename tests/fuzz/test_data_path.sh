#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 30 s of random packets, options, connections and capture files under sanitizers, on from a small
# corpus; and every malformed capture there is (CAPTURES=DIRECTORY).
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lint/tap.sh
. tests/fuzz/fuzzers.sh

replay_all() # FILE...
{
	local log=$corpora/malformed.log

	"$BUILD/tests/fuzz/fuzz_capture" -rss_limit_mb=1000 "$@" >"$log" 2>&1 && return
	grep -A 30 '^==' "$log" | head -n 40 | sed 's/^/# /'
	return 1
}

for fuzzer in "${fuzzers[@]}"; do
	tap_check "$fuzzer finds nothing in 7 s" fuzz "$fuzzer" -max_total_time=7
done
name="every malformed capture is replayed without a finding"
malformed=("${CAPTURES:-/nonexistent}"/malformed/*)
if [[ -e ${malformed[0]} ]]; then
	echo "# ${#malformed[@]} files"
	tap_check "$name" replay_all "${malformed[@]}"
else
	tap_skip "$name" "CAPTURES is not set to a folder with malformed/"
fi
tap_end
