# SPDX-License-Identifier: GPL-2.0-or-later
# For the end-to-end tests: the demo's ISP with a real engine, and TAP. Sourced.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. tests/lint/tap.sh
. contrib/demo/isp.sh
trap isp_down EXIT
trap 'exit 130' INT TERM HUP

ADDRESS=100.64.1.10 # of circuit 1001: 20M down, 5M up

# The ISP with its engine, or the end of the test.
e2e_up()
{
	isp_up && isp_import && isp_start_engine && return
	echo "Bail out! the ISP did not come up"
	exit 1
}

e2e_set_download() # CIRCUIT RATE
{
	isp_request "{\"id\":1,\"verb\":\"circuit.set\",\"circuit\":\"$1\",\"download_max_bps\":\"$2\"}" |
		jq -e .ok >/dev/null
}

# Classes with their leaf handles, without what a change may change.
e2e_handles()
{
	isp_in "$ISP_SHAPER" tc class show dev lan0 | awk '{ print $3, $5, $6, $7 }' | sort
	isp_in "$ISP_SHAPER" tc class show dev wan0 | awk '{ print $3, $5, $6, $7 }' | sort
}

e2e_ceil() # CLASS: as tc prints it
{
	isp_in "$ISP_SHAPER" tc class show dev lan0 classid "$1" | grep -o 'ceil [^ ]*' | cut -d' ' -f2
}

e2e_class_of() # CIRCUIT
{
	isp_request "{\"id\":1,\"verb\":\"circuit\",\"circuit\":\"$1\"}" | jq -r .result.class
}

e2e_within() # VALUE LOW HIGH
{
	(($1 >= $2 && $1 <= $3)) && return
	echo "# $1 is not between $2 and $3"
	return 1
}

# Nothing of an engine is on the interfaces or pinned.
e2e_untouched()
{
	[[ ! -e $ISP_PINS ]] &&
		! isp_in "$ISP_SHAPER" tc qdisc show | grep -Eq 'htb|clsact| 7fff:' &&
		! isp_in "$ISP_SHAPER" ip link show | grep -Eq 'xdp|lqp'
}

e2e_goodput_is() # ADDRESS DIRECTION MBPS
{
	e2e_within "$(isp_goodput "$1" "$2" 4 -P 2)" $(($3 * 880000)) $(($3 * 1000000))
}
