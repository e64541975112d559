#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An import of many rows is merged by a process of its own: the engine edits meanwhile, and whatever
# becomes of that process, the import is in force in the end, as one revision.
. "$(dirname "$0")/../lib/e2e.sh"
e2e_up
ROWS=1500

import_rows() # RATE: of circuits m1 to m1500
{
	awk -v count=$ROWS -v rate="$1" 'BEGIN {
		print "Circuit ID,Circuit Name,Device ID,Device Name,Parent Node,Parent Node ID,Anchor Node ID,MAC,IPv4,IPv6,Download Min Mbps,Upload Min Mbps,Download Max Mbps,Upload Max Mbps,Comment,sqm"
		for (i = 1; i <= count; i++)
			printf "m%d,Customer %d,m%d-r,Router,AP Cedar-1,,,,100.80.%d.%d,,0,0,%d,5,,\n", i, i, i,
				int(i / 256), i % 256, rate
	}' >"$ISP_RUN/rows.csv"
	sqlite3 "$ISP_CIRCUITS" ".timeout 5000" ".import --csv --skip 1 $ISP_RUN/rows.csv shaped_devices"
}
count_is() { [[ $(sqlite3 "file:$ISP_CIRCUITS?mode=ro" "$2") == "$1" ]]; }
in_force() # RATE: all of them, by what the engine says
{
	[[ $(isp_request '{"id":1,"verb":"status"}' | jq .result.counts.circuits) == "$all" ]] &&
		[[ $(isp_request "{\"id\":1,\"verb\":\"circuit\",\"circuit\":\"m$ROWS\"}" |
			jq .result.download_max_bps) == "${1}000000" ]]
}
merging() { pgrep -P "$(<"$ISP_RUN/lqosd.pid")" -f -- --merge >"$ISP_RUN/merge.pid"; }
all=$(($(isp_request '{"id":1,"verb":"status"}' | jq .result.counts.circuits) + ROWS))

import_rows 10
tap_check "a process of its own merges many rows" isp_wait_for 5 merging
kill -9 "$(<"$ISP_RUN/merge.pid")"
tap_check "killed, it is begun again and all rows are in force" isp_wait_for 30 in_force 10
tap_check "as one revision" count_is 1 \
	"SELECT count(DISTINCT revision) FROM journal WHERE author = 'import' AND subject LIKE 'm%'"
tap_check "and no row waits" count_is 0 "SELECT count(*) FROM staged_devices"

# Edits one after another from before the import until it is in force; the number of the last.
edit_until_stopped()
{
	local edits=0

	while [[ ! -e $ISP_RUN/stop ]]; do
		e2e_set_download 1001 "$((30 + ++edits))M" || break
		echo "$edits" >"$ISP_RUN/edits"
	done
}
edit_meanwhile()
{
	local editor merged=1

	edit_until_stopped &
	editor=$!
	import_rows 20
	isp_wait_for 60 in_force 20 && merged=0
	touch "$ISP_RUN/stop"
	wait $editor
	echo "# $(<"$ISP_RUN/edits") edits"
	((merged == 0 && $(<"$ISP_RUN/edits") > 3)) &&
		[[ $(isp_request '{"id":1,"verb":"circuit","circuit":"1001"}' |
			jq .result.download_max_bps) == "$((30 + $(<"$ISP_RUN/edits")))000000" ]]
}
tap_check "edits are taken while rows are merged, and both are in force" edit_meanwhile
tap_check "the import as one revision again" count_is 2 \
	"SELECT count(DISTINCT revision) FROM journal WHERE author = 'import' AND subject LIKE 'm%'"
sound() { [[ $(sqlite3 "$ISP_CIRCUITS" "PRAGMA integrity_check") == ok ]]; }
tap_check "the file is sound" sound

isp_stop_engine && import_rows 30
"$ISP_BUILD/lqosd" -c "$ISP_CONFIG" --merge
tap_check "without an engine lqosd --merge does it" count_is "$ROWS" \
	"SELECT count(*) FROM circuits WHERE id LIKE 'm%' AND download_max_bps = 30000000"
tap_end
