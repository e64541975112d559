#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a change costs: 10,000 circuits built (and the same classes by netlink alone, beside it), one
# edited live, all changed at once; 20,000 adopted by the next engine after kill -9. 16 queues.
# RUNS (5): how often.
bench_argument=${1:-}
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
rows build raw-build edit edit-p99 change adopt
set --
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/bench/shaper.sh
. tests/bench/shaper.sh
RUNS=${RUNS:-5}
ISP_LAZY=no # every circuit has its classes
EDITS=${EDITS:-1000}

wants_any()
{
	local row
	for row; do wants "$row" && return; done
	return 1
}

fill() # COUNT: the import, until it is in force
{
	network "$1" && sql ".read $ISP_RUN/sites.sql" && isp_wait_for 20 circuits_in_force 0 &&
		began_us=$(now_us) &&
		sql ".import --csv --skip 1 $ISP_RUN/rows.csv shaped_devices" &&
		isp_wait_for 300 circuits_in_force "$1"
}

# A build and the yardstick in turn, each on empty interfaces.
measure_build() # COUNT
{
	local run took

	for ((run = 0; run < RUNS; run++)); do
		shaper_up && fill "$1" || return 1
		sample build "import of circuits until all are shaped" ms "$1" "$(since_ms "$began_us")"
		isp_stop_engine TERM
		took=$(isp_in "$ISP_SHAPER" "$ISP_BUILD/tests/bench/raw_batch" lan0 wan0) || return 1
		sample raw-build "the same classes and leaves by netlink alone" ms "$1" "$took"
		isp_down
	done
}

# One after the other, over one connection; the reply comes when the kernel has it.
measure_edits() # COUNT
{
	local took

	wants_any edit edit-p99 || return 0
	for ((i = 0; i < EDITS; i++)); do
		echo "{\"id\":$i,\"verb\":\"circuit.set\",\"circuit\":\"c$((i * 37 % $1))\",\"download_max_bps\":\"$((20 + i % 50))M\"}"
	done | "$ISP_BUILD/contrib/demo/request" --stamp "$ISP_SOCKET" >"$ISP_RUN/edits" || return 1
	(($(grep -c '"ok":true' "$ISP_RUN/edits") == EDITS)) || { grep -m1 -v '"ok":true' "$ISP_RUN/edits"; return 1; }
	for took in $(awk '{ printf "%.2f\n", ($2 - $1) / 1e6 }' "$ISP_RUN/edits"); do
		sample edit "live edit of a circuit, request to reply" ms "$1" "$took"
	done
	sample edit-p99 "the slowest but one in a hundred of them" ms "$1" \
		"$(awk '{ printf "%.2f\n", ($2 - $1) / 1e6 }' "$ISP_RUN/edits" | sort -g | sed -n "$((EDITS * 99 / 100))p")"
}

# The engine's own figure: from what it found in the file to the last class.
measure_change() # COUNT
{
	local run rate took

	wants change || return 0
	for ((run = 0; run < RUNS; run++)); do
		rate=$((100 + run))000000
		sql "UPDATE circuits SET download_max_bps = $rate, upload_max_bps = $rate / 4"
		isp_wait_for 30 plan_in_force c77 $rate || return 1
		took=$(sed -n 's/.* operations in \([0-9.]*\) ms.*/\1/p' "$ISP_RUN/lqosd.log" | tail -n 1)
		sample change "all circuits get another rate, both ways" ms "$1" "$took"
	done
}

measure_adoption() # COUNT
{
	local run began_us

	for ((run = 0; run < RUNS; run++)); do
		isp_stop_engine KILL
		began_us=$(now_us)
		isp_start_engine || return 1
		sample adopt "engine killed and started again, until it answers" ms "$1" "$(since_ms "$began_us")"
		[[ $(ask '{"id":1,"verb":"status"}' | jq .result.start_operations) == 0 ]] || return 1
	done
}

fail()
{
	ask '{"id":1,"verb":"status"}' | jq -r .result.message
	tail -n 3 "$ISP_RUN/lqosd.log"
	exit 1
}

if wants_any build raw-build; then
	measure_build 10000 || fail
fi
if wants_any edit edit-p99 change; then
	shaper_up && fill 10000 && measure_edits 10000 && measure_change 10000 || fail
	isp_down
fi
if wants adopt; then
	shaper_up && fill 20000 && measure_adoption 20000 || fail
	isp_down
fi
