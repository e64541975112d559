#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel routes between the two sides. (With VLANs: tests/vm/test_router_tagged.sh.)
. "$(dirname "$0")/../lib/wiring.sh"
wired_up router
tap_check "packets are routed" isp_wait_for 5 wired_reachable
tap_check "nothing is amiss with the wiring" \
	test "$(wired_status 'warnings | map(select(test("route|bridge"))) | length')" = 0
wired_check_rates untagged
tap_check "the verdict of XDP comes along" test "$(isp_counter tc_with_metadata)" -gt 1000

# What the router itself sends, as a cache on it would: download like any other.
wired_stream "$ISP_SHAPER" 10.9.1.254 "$ISP_ACCESS" 10.9.1.3 40M 3 "$ISP_RUN/own" &
own=$!
tap_check "what this machine itself sends a subscriber is counted" isp_wait_for 5 wired_gets 3 8000000
wait $own
tap_check "and has the subscriber's plan" wired_rate_is "$ISP_RUN/own" 20

# What is between two subscribers behind the access interface goes back by it.
wired_routed_neighbour lan0 type macvlan mode private
isp_request '{"id":1,"verb":"capture.start","circuit":"5","snap":64}' >"$ISP_RUN/capture"
wired_check_neighbours 2 4
wired_check_neighbours 2 6
isp_request '{"id":1,"verb":"capture.stop","capture":1}' >"$ISP_RUN/capture"
tap_check "a capture has, or counts as lost, all that arrived as the circuit's" jq -e \
	'.result | .packets > 1000 and .circuit_packets == .packets + .lost' "$ISP_RUN/capture"
wired_check_edit_and_adoption
isp_in "$ISP_SHAPER" sysctl -qw net.ipv4.ip_forward=0
isp_start_engine
tap_check "a router that does not route is named" \
	grep -q net.ipv4.ip_forward <(wired_status 'warnings[]')
tap_end
