#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The circuits file under a running engine: an import of many rows, staged and in force; a commit of
# one row until its class has the rate; an edit of another circuit while a huge import is merged.
# SIZES: how many circuits (10000 100000); 16 queues, plain leaves.
bench_argument=${1:-}
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
rows import-staged import commit edit-meanwhile
set --
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/bench/shaper.sh
. tests/bench/shaper.sh
COMMITS=${COMMITS:-30}
IMPORTS=${IMPORTS:-3}
CLASSES_MOST=60000 # more than that the kernel has no handles for

measure_import() # COUNT
{
	local count=$1 began_us

	network "$count" && sql ".read $ISP_RUN/sites.sql"
	isp_wait_for 20 circuits_in_force 0 || return 1
	began_us=$(now_us)
	sql ".import --csv --skip 1 $ISP_RUN/rows.csv shaped_devices"
	sample import-staged "rows of a CSV, .import returns" ms "$count" "$(since_ms "$began_us")"
	isp_wait_for 300 circuits_in_force "$count" || return 1
	sample import "rows of a CSV, all in force" ms "$count" "$(since_ms "$began_us")"
}

# One look takes about 4 ms; where there is a class it is read back from the kernel at the end.
measure_commits() # COUNT
{
	local i rate began_us

	wants commit || return 0
	for ((i = 0; i < COMMITS; i++)); do
		rate=$((20 + i))000000
		sql "UPDATE circuits SET download_max_bps = $rate WHERE id = 'c77'"
		began_us=$(now_us)
		isp_wait_for 10 plan_in_force c77 $rate || return 1
		sample commit "commit of a row by sqlite3 until it is in force" ms "$1" "$(since_ms "$began_us")"
		read -rt 0.$((RANDOM % 9 + 1)) <> <(:) # not in step with the engine's own rounds
	done
	[[ $ISP_LAZY != no ]] ||
		isp_in "$ISP_SHAPER" tc class show dev lan0 | grep -q "ceil $((20 + COMMITS - 1))Mbit"
}

# Every row of the import is another than it was; meanwhile a console edits a circuit that is not in it.
measure_edits() # COUNT
{
	local began_us rate=60

	wants edit-meanwhile || return 0
	sed -i '1b; s/,50,10,,$/,40,10,,/; /^c77,/d' "$ISP_RUN/rows.csv"
	sql ".import --csv --skip 1 $ISP_RUN/rows.csv shaped_devices" &
	while :; do
		began_us=$(now_us)
		ask "{\"id\":1,\"verb\":\"circuit.set\",\"circuit\":\"c77\",\"download_max_bps\":\"$((++rate))M\"}" |
			jq -e .ok >/dev/null || echo "an edit was refused"
		sample edit-meanwhile "edit of a circuit while an import is taken in" ms "$1" "$(since_ms "$began_us")"
		plan_in_force c0 40000000 && break
		read -rt 0.05 <> <(:)
	done
	wait $!
}

# Into an empty file each time; the last one stays.
measure_imports() # COUNT
{
	local run runs=1

	wants import-staged || wants import && runs=$IMPORTS
	for ((run = 1; run <= runs; run++)); do
		shaper_up && measure_import "$1" || return 1
		((run == runs)) || isp_down
	done
}

for count in ${SIZES:-10000 100000}; do
	ISP_LAZY=no
	((count <= CLASSES_MOST)) || ISP_LAZY=full
	if measure_imports "$count" && measure_commits "$count" && measure_edits "$count"; then
		isp_down
		continue
	fi
	echo "$count circuits: $(ask '{"id":1,"verb":"status"}' | jq -r .result.message)"
	tail -n 3 "$ISP_RUN/lqosd.log"
	exit 1
done
