#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A router with VLAN interfaces above the two that are shaped: tags are there when XDP sees a frame, and
# beside it when it leaves.
. "$(dirname "$0")/guest.sh"
WIRED_CUST=cust0.100 WIRED_LAN=lan0.100 WIRED_SRV=srv0.200 WIRED_WAN=wan0.200
. tests/lib/wiring.sh

isp_guard() # nothing survives the machine
{
	:
}

others() # PACKETS of the default classes, in which nobody's go
{
	local interface

	for interface in lan0 wan0; do
		isp_in "$ISP_SHAPER" tc -s class show dev $interface
	done | awk '$1 == "class" { name = $3 } $1 == "Sent" && name ~ /:2$/ { sum += $4 }
		END { print sum + 0 }'
}

tags_on_the_wire() # INTERFACE VLAN: frames arrive there with this tag only
{
	isp_in "$1" ip -s -j link show "$2" | jq -e '.[0].stats64.rx.packets > 1000' >/dev/null
}

wired_up router
tap_check "packets are routed from VLAN to VLAN" isp_wait_for 10 wired_reachable
tap_check "nothing is amiss with the wiring" \
	test "$(wired_status 'warnings | map(select(test("route|bridge|VLAN"))) | length')" = 0
before=$(others)
wired_check_rates tagged
tap_check "nothing of it went outside of its class" test "$(others)" = "$before"
tap_check "the verdict of XDP comes along" test "$(isp_counter tc_with_metadata)" -gt 1000
tap_check "download arrives with the access side's tag" tags_on_the_wire "$ISP_ACCESS" cust0.100
tap_check "upload arrives with the other side's" tags_on_the_wire "$ISP_INTERNET" srv0.200

wired_vlan "$ISP_SHAPER" lan0.300
wired_routed_neighbour lan0.300 type vlan id 300
wired_check_neighbours 2 4
wired_check_neighbours 2 6
wired_check_edit_and_adoption

sed -i 's/^access = .*/access = lan0.100/' "$ISP_CONFIG"
isp_in "$ISP_SHAPER" timeout 60 "$BUILD/lqosd" -c "$ISP_CONFIG" 2>"$ISP_RUN/refusal"
tap_check "a VLAN interface is refused with the name of the one below" grep -q \
	"lan0.100 is a VLAN interface of lan0: access = lan0" "$ISP_RUN/refusal"
tap_check "and nothing of the attempt is left" e2e_untouched
tap_check "but --detach looks at it for what another engine left" \
	isp_in "$ISP_SHAPER" timeout 60 "$BUILD/lqosd" -c "$ISP_CONFIG" --detach
tap_end
