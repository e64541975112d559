#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The engine's own forwarding from port to port, in place of a bridge.
. "$(dirname "$0")/../lib/wiring.sh"

promiscuous() # COUNT of ports
{
	[[ $(ip -n "$ISP_SHAPER" link show | grep -c PROMISC) == "$1" ]]
}

wired_up forward
tap_check "frames cross without a bridge" isp_wait_for 5 wired_reachable
tap_check "the ports take frames for everybody" promiscuous 2
wired_check_rates untagged
tap_check "the verdict of XDP comes along" test "$(isp_counter tc_with_metadata)" -gt 1000
wired_tag_hosts
tap_check "a VLAN's frames cross with their tag" isp_wait_for 5 wired_reachable
wired_check_rates tagged
wired_check_edit_and_adoption
tap_check "the ports are as they were" promiscuous 0
tap_end
