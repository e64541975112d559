#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two ports of a Linux bridge.
. "$(dirname "$0")/../lib/wiring.sh"
wired_up bridge
tap_check "frames cross the bridge" isp_wait_for 5 wired_reachable
tap_check "nothing is amiss with the wiring" \
	test "$(wired_status 'warnings | map(select(test("bridge"))) | length')" = 0
wired_check_rates untagged

# A port that sends back what is between two subscribers behind it.
ip -n "$ISP_SHAPER" link set lan0 type bridge_slave hairpin on
wired_neighbour 1 type macvlan mode private
wired_check_neighbours 1 4
wired_check_neighbours 1 6
wired_tag_hosts
tap_check "a VLAN's frames cross with their tag" isp_wait_for 5 wired_reachable
wired_check_rates tagged
wired_check_edit_and_adoption
tap_end
