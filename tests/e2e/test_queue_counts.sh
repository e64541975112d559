#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# time limit: 200
# One queue, and the 64 that are the most: sites on all of them, plans kept, adopted after a kill.
export ISP_LINK=10G ISP_RTT_MS=0 ISP_START_S=60
CROWD=1300 CROWD_SITES=130
. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/crowd.sh

queues_in_use() # INTERFACE: with classes of sites or circuits
{
	isp_in "$ISP_SHAPER" tc class show dev "$1" |
		awk '$2 == "htb" && $3 !~ /:[1-4]$/ { split($3, id, ":"); if (!seen[id[1]]++) n++ } END { print n }'
}
rate_of() # CIRCUIT: what it gets of twice its plan
{
	isp_paced "100.64.$(($1 / 200)).$(($1 % 200 + 1))" 40M 2 | jq '.rate_bps | floor'
}

for ISP_QUEUES in 1 64; do
	if ! crowd_prepare || ! isp_start_engine; then
		echo "Bail out! the ISP with $ISP_QUEUES queues did not come up"
		exit 1
	fi
	tap_check "of $ISP_QUEUES queues all are used for downloads" \
		test "$(queues_in_use lan0)" = "$ISP_QUEUES"
	tap_check "and for uploads" test "$(queues_in_use wan0)" = "$ISP_QUEUES"
	for circuit in 0 77 1299; do
		tap_check "circuit $circuit gets its plan" e2e_within "$(rate_of $circuit)" 19000000 20500000
	done
	crowd_class_counts >"$ISP_RUN/before"
	isp_stop_engine KILL
	isp_start_engine
	tap_check "after a kill all is adopted" \
		test "$(crowd_status adopted),$(crowd_status start_operations)" = true,0
	tap_check "with as many classes" test "$(crowd_class_counts)" = "$(<"$ISP_RUN/before")"
	isp_down
done
tap_end
