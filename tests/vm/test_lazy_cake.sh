#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# memory: 3584
# 10,000 circuits with CAKE leaves, of which 1,000 have traffic both ways: what that takes, and by
# which classes their packets leave.
export ISP_QUEUES=16 ISP_LINK=10G ISP_SLOTS=32768 ISP_RTT_MS=0
. "$(dirname "$0")/guest.sh"
. tests/lib/crowd.sh

# Memory of the machine that is in use, in kB; what a cache holds is not.
used_kb()
{
	awk '/^MemTotal/ { total = $2 } /^MemAvailable/ { available = $2 }
		END { print total - available }' /proc/meminfo
}

engine_kb()
{
	awk '/^VmRSS/ { print $2 }' "/proc/$(<"$ISP_RUN/lqosd.pid")/status"
}

cakes()
{
	local interface

	for interface in lan0 wan0; do
		isp_in "$ISP_SHAPER" tc qdisc show dev $interface
	done | grep -c 'qdisc cake'
}

are_built() # COUNT
{
	[[ $(crowd_status classes.circuits) == "$1" ]]
}

since_ms()
{
	echo $(($(date +%s%3N) - began_ms))
}

began_ms=$(date +%s%3N)
if ! crowd_prepare || ! isp_start_engine; then
	echo "Bail out! the ISP did not come up"
	exit 1
fi
echo "# $CROWD circuits are in force $(since_ms) ms after the beginning"
tap_check "leaves are of cake" test "$(crowd_status leaf)" = cake
tap_check "classes are made lazily" test "$(crowd_status classes.lazy)" = true
crowd_leaves >"$ISP_RUN/waiting"
cakes_before=$(cakes) kb_before=$(used_kb)
crowd_start_witness 200000
# Two packets a second from and to every tenth.
crowd_streams 0 10 6400 >"$ISP_RUN/streams"
began_ms=$(date +%s%3N)
crowd_run 5
isp_wait_for 30 are_built 1000
built_ms=$(since_ms)
crowd_end_witness
made=$(($(cakes) - cakes_before)) kb=$(($(used_kb) - kb_before))
echo "# 1,000 circuits built within $built_ms ms of the first packet, $(crowd_status classes.build_p50_ms) ms" \
	"(half) and $(crowd_status classes.build_p99_ms) ms (99 of 100) after their own"
echo "# memory: $made cake leaves take $((kb / 1024)) MB, $((kb / made)) kB each; with all" \
	"$((made + cakes_before)): $(((made + cakes_before) * (kb / made) / 1024)) MB; engine $(($(engine_kb) / 1024)) MB"
tap_check "1,000 circuits with traffic have classes" are_built 1000
tap_check "2,000 leaves, one each way, and no more" test "$made" = 2000
tap_check "a leaf takes 1.06 MB, as README says" guest_within $((kb / made)) 950 1200
tap_check "all leaves take 2.5 GB at most" \
	guest_within $(((made + cakes_before) * (kb / made) / 1024)) 1 2500
tap_check "the engine takes 150 MB at most" guest_within $(($(engine_kb) / 1024)) 1 150
read -r judged own waiting wrong <<<"$(crowd_judge 10)"
echo "# $judged packets: $own by their circuit's class, $waiting by their site's waiting class, $wrong by another"
tap_check "every packet went by its circuit's or its site's class" \
	test "$wrong" = 0 -a "$judged" -gt 10000 -a "$own" -gt 0
tap_end
