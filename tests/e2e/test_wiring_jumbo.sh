#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Frames of 9000 bytes: several buffers each to XDP.
WIRED_MTU=9000 WIRED_BUCKET_MS=1000
. "$(dirname "$0")/../lib/wiring.sh"

counted() # what XDP counts, while frames of 40 Mbit/s arrive
{
	local rate
	rate=$(wired_status download_bps)
	((rate > 36000000 && rate < 44000000))
}

wired_up bridge
tap_check "frames cross the bridge" isp_wait_for 5 wired_reachable
tap_check "XDP is native" test "$(wired_status xdp.access)" = native
wired_offer down 1 4 40M 4 "$ISP_RUN/down" --frame 8900 &
down=$!
wired_offer up 2 6 10M 4 "$ISP_RUN/up" --frame 8900 &
up=$!
tap_check "all buffers of a frame are counted" isp_wait_for 4 counted
wait $down $up
tap_check "IPv4 download of 8900-byte frames has its plan" wired_rate_is "$ISP_RUN/down" 20
tap_check "IPv6 upload of 8900-byte frames has its plan" wired_rate_is "$ISP_RUN/up" 5
tap_check "no packet is lost on the way to a CPU" test "$(isp_counter cpumap_drops)" = 0
tap_end
