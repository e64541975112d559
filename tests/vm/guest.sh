# SPDX-License-Identifier: GPL-2.0-or-later
# For the tests that need CAKE and netem, which the machine at hand may lack: sourced by one of
# them, it starts it once more inside of a virtual machine with Debian's kernel; there it gives it
# the demo's ISP, with netem in place of the relay.
set -u

if [[ ! -e /lqos/tests/vm/guest.sh ]]; then
	exec "$(dirname "${BASH_SOURCE[0]}")/boot" "$(basename "$0")"
fi

cd /lqos || exit 1
export BUILD=/lqos/build ISP_START_S=120 # the machine is emulated
. tests/lint/tap.sh
. contrib/demo/isp.sh

isp_start_relay()
{
	local port

	ip -n "$ISP_DELAY" link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0 &&
		ip -n "$ISP_DELAY" link set far0 master br0 &&
		ip -n "$ISP_DELAY" link set near0 master br0 &&
		ip -n "$ISP_DELAY" link set br0 up || return 1
	for port in far0 near0; do
		isp_in "$ISP_DELAY" tc qdisc add dev "$port" root netem limit 10000 \
			delay "$((ISP_RTT_MS / 2))ms" || return 1
	done
}

# Nothing survives the machine.
isp_guard()
{
	:
}

# guest_up SQL ADDRESS...: the ISP with its engine, or the end of the test. The SQL fills the
# circuits file; the subscribers have the addresses.
guest_up()
{
	local sql=$1 address
	shift
	mkdir -p "$ISP_RUN" || exit 1
	echo IPv4,IPv6 >"$ISP_RUN/hosts.csv"
	for address; do
		[[ $address == *:* ]] && address=,$address || address+=,
		echo "$address"
	done >>"$ISP_RUN/hosts.csv"
	isp_up "$ISP_RUN/hosts.csv" && isp_write_config && "$BUILD/lqosd" -c "$ISP_CONFIG" --init &&
		sqlite3 "$ISP_CIRCUITS" "$sql" && isp_start_engine && return
	echo "Bail out! the ISP did not come up"
	exit 1
}

# guest_class CIRCUIT
guest_class()
{
	isp_request "{\"id\":1,\"verb\":\"circuit\",\"circuit\":\"$1\"}" | jq -r .result.class
}

guest_set_download() # CIRCUIT RATE
{
	isp_request "{\"id\":1,\"verb\":\"circuit.set\",\"circuit\":\"$1\",\"download_max_bps\":\"$2\"}" |
		jq -e .ok >/dev/null
}

# guest_leaf INTERFACE CLASS: "HANDLE BYTES PACKETS DROPPED BACKLOG_PACKETS" of the leaf on a class.
guest_leaf()
{
	isp_in "$ISP_SHAPER" tc -s -j qdisc show dev "$1" | jq -r --arg parent "$2" \
		'.[] | select(.parent == $parent) | "\(.handle) \(.bytes) \(.packets) \(.drops) \(.qlen)"'
}

guest_within() # VALUE LOW HIGH
{
	awk -v v="$1" -v low="$2" -v high="$3" 'BEGIN { exit !(v >= low && v <= high) }' && return
	echo "# $1 is not between $2 and $3"
	return 1
}
