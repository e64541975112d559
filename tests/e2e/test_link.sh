#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A link whose carrier goes (the other end of the cable is down) is noticed though nobody took the
# interface down, journalled, and told by the status.
. "$(dirname "$0")/../lib/e2e.sh"
e2e_up

far_end() { ip -n "$ISP_ACCESS" link set cust0 "$1"; } # the peer of lan0
status() { isp_request '{"id":1,"verb":"status"}' | jq -r ".result$1"; }
link_is() { [[ $(status .links.access) == "$1" ]]; }
journalled() # BEFORE AFTER RESULT
{
	(($(sqlite3 "$ISP_CIRCUITS" ".timeout 5000" "SELECT count(*) FROM journal WHERE action = 'host'
		AND subject = 'lan0' AND field = 'link' AND before = '$1' AND after = '$2' AND result LIKE '$3'") > 0))
}
alerts_are() { [[ $(status .alert.number) == "$1" ]]; }

tap_check "the links are up" test "$(status '.links | "\(.access) \(.internet)"')" = "up up"
tap_check "and nothing has happened" test "$(status .alert)" = null
far_end down
tap_check "the carrier that went is noticed" isp_wait_for 5 link_is "no carrier"
tap_check "and journalled" isp_wait_for 5 journalled up "no carrier" "nothing passes by it"
tap_check "and an alert says so" \
	test "$(status '.alert | "\(.number) \(.subject) \(.field) \(.after)"')" = "1 lan0 link no carrier"
isp_in "$ISP_SHAPER" ip link show lan0 | grep -q "[<,]UP[,>]"
tap_check "the interface itself is as it was, up" test $? = 0
"$ISP_BUILD/lqos-top" -S "$ISP_SOCKET" -b -n 1 -t status | grep -q "access link *no carrier"
tap_check "the console's table of the engine says it" test $? = 0
far_end up
tap_check "the carrier that is back is noticed" isp_wait_for 5 link_is up
tap_check "and journalled" isp_wait_for 5 journalled "no carrier" up '%'
alerts=$(status .alert.number)
far_end down
far_end up
tap_check "a carrier that was lost for a moment only is an alert, too" isp_wait_for 5 alerts_are $((alerts + 1))
tap_check "and journalled" isp_wait_for 5 journalled up up 'its carrier was gone 1 time in between'
isp_in "$ISP_SHAPER" ip link set lan0 down
tap_check "an interface that was taken down is down" isp_wait_for 5 link_is down
isp_in "$ISP_SHAPER" ip link set lan0 up
tap_check "and up again" isp_wait_for 5 link_is up
far_end down
isp_wait_for 5 link_is "no carrier"
isp_stop_engine TERM
isp_start_engine
tap_check "an engine that starts without a carrier warns of it" \
	grep -q "lan0 has no carrier" <(status '.warnings[]')
tap_end
