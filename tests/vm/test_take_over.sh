#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Queueing of other tools, with the kinds that only such a kernel has: taken over and given back, or
# refused. (The rest: tests/e2e/test_take_over.sh.)
. "$(dirname "$0")/guest.sh"

guest_up "
	INSERT INTO circuits (id, download_max_bps, upload_max_bps) VALUES ('1', 20000000, 5000000);
	INSERT INTO devices (id, circuit) VALUES ('1', '1');
	INSERT INTO prefixes (device, prefix) VALUES ('1', '100.64.1.1');
" 100.64.1.1
sed -i 's/^\[link\]/take_over = yes\n[link]/' "$ISP_CONFIG"

detach()
{
	isp_in "$ISP_SHAPER" "$BUILD/lqosd" -c "$ISP_CONFIG" --detach
}

describe()
{
	isp_in "$ISP_SHAPER" tc qdisc show dev lan0 | sed 's/ refcnt [0-9]*//; s/ direct_packets_stat [0-9]*//' | grep -v clsact | sort
}

isp_stop_engine TERM
detach

minor=0
isp_in "$ISP_SHAPER" tc qdisc add dev lan0 root handle 1: htb default 1
while read -r leaf; do
	minor=$((minor + 1))
	isp_in "$ISP_SHAPER" tc class add dev lan0 parent 1: classid 1:$minor htb \
		rate 10mbit ceil 50mbit quantum 1514
	isp_in "$ISP_SHAPER" tc qdisc add dev lan0 parent 1:$minor handle 1$minor: $leaf # words
done <<'END'
fq_codel limit 1000 target 7ms interval 90ms memory_limit 4mb ecn
cake bandwidth 30mbit besteffort dual-srchost nat wash ack-filter overhead 18 mpu 64 rtt 60ms
fq limit 5000 flow_limit 50 maxrate 20mbit
sfq perturb 10 limit 100 divisor 512
prio bands 4 priomap 1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 3
tbf rate 5mbit burst 20k latency 40ms
END
describe >"$ISP_RUN/before"
sed 's/^/# /' "$ISP_RUN/before"
tap_check "six kinds of leaves stand there" test "$minor $(wc -l <"$ISP_RUN/before")" = "6 7"
tap_check "the engine takes them over" isp_start_engine
tap_check "and has put its own in their place" test "$(guest_leaf lan0 "$(guest_class 1)" | wc -w)" = 5
isp_stop_engine KILL
tap_check "--detach succeeds" detach
describe >"$ISP_RUN/after"
tap_check "and every qdisc has the options that it had" diff "$ISP_RUN/before" "$ISP_RUN/after"

isp_in "$ISP_SHAPER" tc qdisc del dev lan0 root
isp_in "$ISP_SHAPER" tc qdisc add dev lan0 root handle 3: \
	red limit 100000 min 10000 max 30000 avpkt 1000 burst 20 bandwidth 10mbit
describe >"$ISP_RUN/before"
isp_in "$ISP_SHAPER" timeout 60 "$BUILD/lqosd" -c "$ISP_CONFIG" >"$ISP_RUN/out" 2>&1 </dev/null
tap_check "a kind that could not be given back is refused by name" \
	grep -q '^lqosd: lan0 .* taken over: red could not be given back' "$ISP_RUN/out"
describe >"$ISP_RUN/after"
tap_check "and stays" diff "$ISP_RUN/before" "$ISP_RUN/after"
tap_end
