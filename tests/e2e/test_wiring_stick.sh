#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# On a stick: one interface, a VLAN for each side.
. "$(dirname "$0")/../lib/wiring.sh"
lqosd=$ISP_BUILD/lqosd
wired_up "stick 100 200"

majors() # of the HTBs
{
	isp_in "$ISP_SHAPER" tc qdisc show dev stick0 | grep -o 'htb [0-9a-f]*:' | sort | xargs
}

tap_check "frames turn round with the other side's VLAN" isp_wait_for 5 wired_reachable
tap_check "each direction has half of the queues" \
	test "$(majors)" = "htb 1: htb 2: htb 3: htb 4:"
tap_check "it says that the handles are halved" \
	grep -q "share the handles of stick0: 32447 for each" "$ISP_RUN/lqosd.log"
planned() # by --plan and --check: nothing for what is in force
{
	isp_in "$ISP_SHAPER" "$lqosd" -c "$ISP_CONFIG" --plan "$ISP_CIRCUITS" >"$ISP_RUN/plan" &&
		grep -q "on top of $ISP_STATE: 0 operations" "$ISP_RUN/plan" &&
		"$lqosd" -c "$ISP_CONFIG" --check "$ISP_CIRCUITS" >"$ISP_RUN/plan" &&
		grep -q "plan from what was last applied: classes 0 added, 0 changed" "$ISP_RUN/plan"
}
tap_check "--plan and --check know of the shared interface" isp_wait_for 5 planned
wired_check_rates untagged
tap_check "the verdict of XDP comes along" test "$(isp_counter tc_with_metadata)" -gt 1000
wired_tag_hosts
tap_check "a VLAN within the sides' VLANs crosses" isp_wait_for 5 wired_reachable
wired_check_rates tagged
isp_stop_engine TERM
sed 's/^\[database\]/[shaping]\nqueues = 1\n[database]/' "$ISP_CONFIG" >"$ISP_RUN/other.conf"
isp_in "$ISP_SHAPER" timeout 20 "$lqosd" -c "$ISP_RUN/other.conf" 2>"$ISP_RUN/out"
tap_check "another number of queues is refused while packets have the old one's" \
	grep -q "run lqosd --detach once" "$ISP_RUN/out"
isp_start_engine
wired_check_edit_and_adoption
times_told() # that it is gone
{
	sqlite3 "$ISP_CIRCUITS" ".timeout 5000" "SELECT count(*) FROM journal WHERE action = 'host'
		AND (subject, field, after) = ('stick0', 'interface', 'gone')"
}
isp_start_engine
is_told() { (($(times_told) > 0)); }
ip -n "$ISP_SHAPER" link del stick0
tap_check "an interface that is gone is told" isp_wait_for 5 is_told
tap_check "once, not for each direction" test "$(times_told)" = 1
tap_end
