#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Another tool's queueing on the interfaces: taken over when lqosd.conf says so, and given back by
# --detach, also after kill -9; refused when it could not be given back.
. "$(dirname "$0")/../lib/e2e.sh"
isp_up && isp_import || { echo "Bail out! the ISP did not come up"; exit 1; }
sed -i 's/^\[link\]/take_over = yes\n[link]/' "$ISP_CONFIG"
lqosd=$ISP_BUILD/lqosd

shaper_tc()
{
	isp_in "$ISP_SHAPER" tc "$@"
}

# Without what only counts, and in one order.
describe() # INTERFACE
{
	{
		shaper_tc qdisc show dev "$1" |
			sed 's/ refcnt [0-9]*//; s/ direct_packets_stat [0-9]*//' | grep -v clsact
		shaper_tc class show dev "$1"
	} | sort
}

detach()
{
	isp_in "$ISP_SHAPER" "$lqosd" -c "$ISP_CONFIG" --detach
}

shaper_tc qdisc add dev lan0 root handle 1: stab overhead 18 linklayer atm htb
isp_in "$ISP_SHAPER" timeout 20 "$lqosd" -c "$ISP_CONFIG" >"$ISP_RUN/out" 2>&1 </dev/null
tap_check "one with a size table is refused" grep -q \
	'^lqosd: lan0 has a root qdisc "htb" that can.t be taken over: its size table' "$ISP_RUN/out"
shaper_tc qdisc del dev lan0 root

# An HTB with two levels and leaves of its own, and an mq whose queues somebody has chosen.
shaper_tc qdisc add dev lan0 root handle 1: htb default 12
shaper_tc class add dev lan0 parent 1: classid 1:1 htb rate 90mbit ceil 90mbit burst 20k
shaper_tc class add dev lan0 parent 1:1 classid 1:11 htb rate 30mbit ceil 90mbit prio 1
shaper_tc class add dev lan0 parent 1:1 classid 1:12 htb rate 60mbit ceil 80mbit overhead 18
shaper_tc qdisc add dev lan0 parent 1:11 handle 11: pfifo limit 77
shaper_tc qdisc add dev lan0 parent 1:12 handle 12: tbf rate 50mbit burst 20k latency 30ms
shaper_tc qdisc add dev wan0 root handle 8: mq
shaper_tc qdisc add dev wan0 parent 8:1 handle 81: bfifo limit 123456
shaper_tc qdisc add dev wan0 parent 8:2 handle 82: pfifo limit 99
describe lan0 >"$ISP_RUN/lan0.before"
describe wan0 >"$ISP_RUN/wan0.before"
tap_check "there is much to give back" test "$(cat "$ISP_RUN"/*.before | wc -l)" -ge 9

shaper_tc filter add dev lan0 parent 1: protocol ip u32 match ip dst 192.0.2.1 flowid 1:11
isp_in "$ISP_SHAPER" timeout 20 "$lqosd" -c "$ISP_CONFIG" >"$ISP_RUN/out" 2>&1 </dev/null
tap_check "one with filters is refused" grep -q \
	'^lqosd: lan0 has a root qdisc "htb" that can.t be taken over: its filters' "$ISP_RUN/out"
shaper_tc filter del dev lan0 parent 1:
tap_check "and all is as it was" diff "$ISP_RUN/wan0.before" <(describe wan0)

tap_check "the engine starts" isp_start_engine
circuit_class=$(e2e_class_of 1001)
tap_check "and shapes" grep -q htb <(shaper_tc class show dev lan0 classid "$circuit_class")
isp_stop_engine KILL
isp_start_engine
tap_check "killed and started again it adopts its own" \
	test "$(isp_request '{"id":1,"verb":"status"}' | jq -r .result.adopted)" = true
isp_stop_engine KILL

# Of a kind that the kernel has not: one of the messages is refused.
remembered=$ISP_STATE.root-$(ip -n "$ISP_SHAPER" -j link show lan0 | jq ".[0].ifindex")
LC_ALL=C sed -i 's/tbf/tbx/g' "$remembered"
tap_check "--detach says when not all can be given back" \
	grep -q '^lqosd: .*former qdiscs and classes of lan0' <(detach 2>&1)
tap_check "then there is none of it" test -z "$(shaper_tc class show dev lan0)"
tap_check "and it stays remembered" test -e "$remembered"
tap_check "what could be given back is" diff "$ISP_RUN/wan0.before" <(describe wan0)
LC_ALL=C sed -i 's/tbx/tbf/g' "$remembered"

# As a --detach leaves it that is killed on the way.
mv "$remembered" "${remembered/root/giving}"
shaper_tc qdisc add dev lan0 root handle 1: htb default 12
shaper_tc class add dev lan0 parent 1: classid 1:1 htb rate 90mbit ceil 90mbit burst 20k
tap_check "--detach succeeds" detach
tap_check "the HTB is as it was, classes and leaves" diff "$ISP_RUN/lan0.before" <(describe lan0)
tap_check "the mq is as it was, with its queues" diff "$ISP_RUN/wan0.before" <(describe wan0)
tap_check "and nothing is remembered" test -z "$(ls "$ISP_STATE".{root,giving}-* 2>/dev/null)"
tap_check "--detach again is no error" detach
tap_check "nor does it touch what is not ours" diff "$ISP_RUN/lan0.before" <(describe lan0)

# Native XDP needs a receive queue for each of the peer's transmit queues, which shows last.
isp_in "$ISP_SHAPER" ethtool -L wan0 rx 1
tap_check "a start that fails on the way says why" grep -q '^lqosd: can.t attach XDP to wan0' \
	<(isp_in "$ISP_SHAPER" timeout 20 "$lqosd" -c "$ISP_CONFIG" 2>&1 </dev/null)
isp_in "$ISP_SHAPER" ethtool -L wan0 rx 2
tap_check "and gives back the HTB" diff "$ISP_RUN/lan0.before" <(describe lan0)
tap_check "and the mq" diff "$ISP_RUN/wan0.before" <(describe wan0)

isp_start_engine
shaper_tc qdisc del dev lan0 root
shaper_tc qdisc add dev lan0 root handle 5: pfifo limit 55
again()
{
	shaper_tc class show dev lan0 classid "$(e2e_class_of 1001)" | grep -q htb
}
tap_check "a root that somebody puts in place later is taken over, too" isp_wait_for 10 again
isp_stop_engine TERM
tap_check "--detach succeeds" detach
tap_check "and gives back the last" grep -q 'qdisc pfifo 5: root .* limit 55p' <(shaper_tc qdisc show dev lan0)
tap_end
