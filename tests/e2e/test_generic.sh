#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where native XDP is refused (here: veths with fewer queues than their peers send by): generic XDP, when it is allowed.
. "$(dirname "$0")/../lib/e2e.sh"
isp_up && isp_import || { echo "Bail out! the ISP did not come up"; exit 1; }

isp_in "$ISP_SHAPER" ethtool -L lan0 rx 1
isp_in "$ISP_SHAPER" ethtool -L wan0 rx 1

isp_in "$ISP_SHAPER" timeout 20 "$ISP_BUILD/lqosd" -c "$ISP_CONFIG" >"$ISP_RUN/out" 2>&1
tap_check "generic not allowed: exit status 1" test $? = 1
why="its peer has more transmit queues than it has receive queues"
tap_check "generic not allowed: says why" \
	grep -q "can't attach XDP to lan0: $why" "$ISP_RUN/out"
tap_check "generic not allowed: nothing is left" e2e_untouched

sed -i 's/^\[datapath\]/&\ngeneric = yes/' "$ISP_CONFIG"
isp_start_engine || exit 1
tap_check "the mode is said" test generic,generic = \
	"$(isp_request '{"id":1,"verb":"status"}' | jq -r '.result.xdp | .access + "," + .internet')"
tap_check "the log says what was refused" grep -q \
	"lan0: native XDP refused ($why); generic mode is used" \
	"$ISP_RUN/lqosd.log"
tap_check "download is shaped" e2e_goodput_is $ADDRESS down 20
tap_check "upload is shaped" e2e_goodput_is $ADDRESS up 5
tap_check "both families pass" isp_reachable

edit_on_the_wire()
{
	e2e_set_download 1001 40M && e2e_goodput_is $ADDRESS down 40
}
tap_check "an edit is in force" edit_on_the_wire
tap_end
