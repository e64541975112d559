# SPDX-License-Identifier: GPL-2.0-or-later
# A small ISP in network namespaces, for the demo and the tests; sourced by bash.
#
#   access (subscribers)        shaper                      delay            internet (servers)
#   cust0 ---------------- lan0 [ br0 ] wan0 ---------- far0 [relay] near0 ---------- srv0
#
# lan0 and wan0 are veths with two queues each way (or $ISP_QUEUES); the relay holds every frame for
# half of the round-trip time, and is a plain bridge where that is 0. All names and files of a run
# carry $ISP, so that runs do not meet.

ISP_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
ISP_BUILD=${BUILD:-build}
[[ $ISP_BUILD == /* ]] || ISP_BUILD=$ISP_ROOT/$ISP_BUILD
ISP=${ISP:-lqos$$}
ISP_RUN=${ISP_RUN:-/tmp/$ISP}
ISP_RTT_MS=${ISP_RTT_MS:-20}
ISP_QUEUES=${ISP_QUEUES:-2}
ISP_INTERNET=$ISP-internet ISP_DELAY=$ISP-delay ISP_SHAPER=$ISP-shaper ISP_ACCESS=$ISP-access
ISP_SERVER=192.0.2.1
ISP_SERVER6=2001:db8:0:1::1
ISP_STRANGER=192.0.2.2 # the access router itself: an address of no circuit
ISP_CONFIG=$ISP_RUN/lqosd.conf
ISP_CIRCUITS=$ISP_RUN/circuits.db
ISP_STATE=$ISP_RUN/state.db
ISP_SOCKET=$ISP_RUN/control.sock
ISP_PINS=/sys/fs/bpf/$ISP

# isp_in NETNS COMMAND...: `ip netns exec` would hide bpffs.
isp_in()
{
	local namespace=$1
	shift
	nsenter --net="/run/netns/$namespace" "$@"
}

# Replaces the calling (sub)shell, so that $! of a background call is the command itself.
isp_exec()
{
	local namespace=$1
	shift
	exec nsenter --net="/run/netns/$namespace" "$@"
}

# isp_wait_for SECONDS COMMAND...: until it succeeds; fails when it did not within the limit.
isp_wait_for()
{
	local limit_ms=$(($1 * 1000)) start_ms
	shift
	start_ms=$(date +%s%3N)
	until "$@"; do
		(($(date +%s%3N) - start_ms < limit_ms)) || return 1
		read -rt 0.02 <> <(:) || :
	done
}

isp_make_namespaces()
{
	local namespace

	for namespace in "$ISP_INTERNET" "$ISP_DELAY" "$ISP_SHAPER" "$ISP_ACCESS"; do
		ip netns add "$namespace" || return 1
		ip -n "$namespace" link set lo up
	done
	# Quiet bridges and relays: no addresses of their own, so no router solicitations from them.
	for namespace in "$ISP_DELAY" "$ISP_SHAPER"; do
		isp_in "$namespace" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	done
	isp_in "$ISP_SHAPER" sysctl -eqw net.bridge.bridge-nf-call-iptables=0 \
		net.bridge.bridge-nf-call-ip6tables=0 net.bridge.bridge-nf-call-arptables=0
}

isp_make_links()
{
	local queues=(numtxqueues "$ISP_QUEUES" numrxqueues "$ISP_QUEUES")

	ip -n "$ISP_SHAPER" link add lan0 "${queues[@]}" type veth \
		peer name cust0 netns "$ISP_ACCESS" "${queues[@]}" &&
		ip -n "$ISP_SHAPER" link add wan0 "${queues[@]}" type veth \
			peer name far0 netns "$ISP_DELAY" "${queues[@]}" &&
		ip -n "$ISP_DELAY" link add near0 type veth peer name srv0 netns "$ISP_INTERNET" &&
		ip -n "$ISP_SHAPER" link add br0 type bridge stp_state 0 forward_delay 0 \
			mcast_snooping 0 &&
		ip -n "$ISP_SHAPER" link set lan0 master br0 up &&
		ip -n "$ISP_SHAPER" link set wan0 master br0 up &&
		ip -n "$ISP_SHAPER" link set br0 up &&
		ip -n "$ISP_DELAY" link set far0 up &&
		ip -n "$ISP_DELAY" link set near0 up || return 1
	# XDP redirects drop the "checksum to be done" mark of virtual senders, and the relay passes
	# frames as they would be on a cable: complete, and no longer than one.
	isp_in "$ISP_ACCESS" ethtool -K cust0 tx-checksum-ip-generic off tso off gso off gro off &&
		isp_in "$ISP_INTERNET" ethtool -K srv0 tx-checksum-ip-generic off \
			tso off gso off gro off &&
		isp_in "$ISP_SHAPER" ethtool -K wan0 tx-checksum-ip-generic off tso off gso off &&
		isp_in "$ISP_DELAY" ethtool -K far0 gro off &&
		isp_in "$ISP_DELAY" ethtool -K near0 gro off
} >>"$ISP_RUN/isp.log"

# isp_make_hosts CSV: the subscribers' addresses are the first of each prefix in the columns IPv4
# and IPv6 of a ShapedDevices.csv.
isp_make_hosts()
{
	{
		echo "addr add $ISP_STRANGER/24 dev cust0"
		echo "addr add 2001:db8:0:1::2/64 dev cust0 nodad"
		sqlite3 -separator ' ' :memory: ".import --csv '$1' d" \
			"SELECT IPv4, IPv6 FROM d" | tr ', ' '\n\n' | sed '/^$/d' |
			while read -r prefix; do
				address=${prefix%/*}
				# A network is used by its first host.
				[[ $prefix == *:* && $prefix == */* ]] && address=${address%::}::1
				[[ $prefix == *.*/* && $prefix != */32 ]] &&
					address=${address%.*}.$((${address##*.} + 1))
				[[ $address == *:* ]] && address+="/128 dev cust0 nodad" ||
					address+="/32 dev cust0"
				echo "addr add $address"
			done
		echo "link set cust0 up"
	} >"$ISP_RUN/access.batch"
	ip -n "$ISP_ACCESS" -force -batch "$ISP_RUN/access.batch" &&
		ip -n "$ISP_INTERNET" addr add $ISP_SERVER/24 dev srv0 &&
		ip -n "$ISP_INTERNET" addr add $ISP_SERVER6/64 dev srv0 nodad &&
		ip -n "$ISP_INTERNET" link set srv0 up &&
		ip -n "$ISP_INTERNET" route add 100.64.0.0/10 via $ISP_STRANGER &&
		ip -n "$ISP_INTERNET" -6 route add 2001:db8:8000::/33 via 2001:db8:0:1::2
}

isp_start_relay()
{
	if [[ $ISP_RTT_MS == 0 ]]; then
		ip -n "$ISP_DELAY" link add br0 type bridge stp_state 0 forward_delay 0 \
			mcast_snooping 0 && ip -n "$ISP_DELAY" link set far0 master br0 &&
			ip -n "$ISP_DELAY" link set near0 master br0 &&
			ip -n "$ISP_DELAY" link set br0 up
		return
	fi
	(isp_exec "$ISP_DELAY" "$ISP_BUILD/contrib/demo/relay" "$(awk "BEGIN{print $ISP_RTT_MS/2}")" \
		far0 near0 >"$ISP_RUN/relay.json" 2>"$ISP_RUN/relay.log") &
	echo $! >"$ISP_RUN/relay.pid"
}

isp_reachable()
{
	isp_in "$ISP_ACCESS" ping -qc1 -W1 $ISP_SERVER >/dev/null 2>&1 &&
		isp_in "$ISP_ACCESS" ping -qc1 -W1 $ISP_SERVER6 >/dev/null 2>&1
}

# isp_up [CSV]: everything but the engine; on failure the caller still calls isp_down.
isp_up()
{
	local csv=${1:-$ISP_ROOT/contrib/demo/ShapedDevices.csv} program

	for program in relay paced request; do
		[[ -x $ISP_BUILD/contrib/demo/$program ]] && continue
		echo "isp: $ISP_BUILD/contrib/demo/$program is not built; run make" >&2
		return 1
	done
	mkdir -p "$ISP_RUN" || return 1
	isp_guard
	isp_make_namespaces && isp_make_links && isp_make_hosts "$csv" && isp_start_relay || return 1
	isp_wait_for 5 isp_reachable && return
	echo "isp: $ISP_SERVER does not answer through the shaper; see $ISP_RUN" >&2
	return 1
}

# Whatever happens to this shell, kill -9 too, somebody takes the ISP down: a process outside of
# its group that waits for it to end.
isp_guard()
{
	ISP=$ISP ISP_RUN=$ISP_RUN BUILD=$ISP_BUILD setsid bash -c '
		tail --pid=$1 -s 0.5 -f /dev/null
		. "$2" && isp_down' guard $$ "$ISP_ROOT/contrib/demo/isp.sh" \
		</dev/null >/dev/null 2>&1 &
	echo $! >"$ISP_RUN/guard.pid"
	disown $!
}

isp_gone()
{
	! kill -0 "$1" 2>/dev/null
}

# isp_end PID: asks, then insists.
isp_end()
{
	kill -TERM "$1" 2>/dev/null || return 0
	isp_wait_for 3 isp_gone "$1" || kill -KILL "$1" 2>/dev/null
	isp_wait_for 3 isp_gone "$1"
}

# Takes down everything that isp_up and isp_start_engine made; again is no error.
isp_down()
{
	local namespace pid

	[[ -s $ISP_RUN/lqosd.pid ]] && isp_end "$(<"$ISP_RUN/lqosd.pid")"
	if [[ -d $ISP_PINS && -x $ISP_BUILD/lqosd ]]; then
		isp_in "$ISP_SHAPER" "$ISP_BUILD/lqosd" -c "$ISP_CONFIG" --detach \
			>>"$ISP_RUN/lqosd.log" 2>&1
	fi
	[[ -d $ISP_PINS ]] && rm -r "$ISP_PINS"
	for namespace in "$ISP_ACCESS" "$ISP_INTERNET" "$ISP_DELAY" "$ISP_SHAPER"; do
		[[ -e /run/netns/$namespace ]] || continue
		for pid in $(ip netns pids "$namespace"); do
			kill -TERM "$pid" 2>/dev/null
		done
		for pid in $(ip netns pids "$namespace"); do
			isp_end "$pid"
		done
		ip netns del "$namespace"
	done
	[[ -n ${ISP_KEEP:-} ]] || rm -rf "$ISP_RUN"
}

# isp_cancel_guard: after isp_down, by the shell that called isp_up.
isp_cancel_guard()
{
	[[ -n ${ISP_GUARD:-} ]] && kill "$ISP_GUARD" 2>/dev/null
	ISP_GUARD=
}

# --- the engine ------------------------------------------------------------------------------------

isp_write_config()
{
	cat >"$ISP_CONFIG" <<-END
		[interfaces]
		access = lan0
		internet = wan0
		[link]
		download = ${ISP_LINK:-1G}
		upload = ${ISP_LINK:-1G}
		[database]
		circuits = $ISP_CIRCUITS
		state = $ISP_STATE
		[control]
		socket = $ISP_SOCKET
		[capture]
		directory = $ISP_RUN/captures
		[datapath]
		pin_dir = $ISP_PINS
		flows = 16384
		prefixes = ${ISP_SLOTS:-4096}
		slots = ${ISP_SLOTS:-4096}
	END
}

# isp_import [CSV]: an empty circuits file, the demo's sites, and the subscribers.
isp_import()
{
	local csv=${1:-$ISP_ROOT/contrib/demo/ShapedDevices.csv}

	isp_write_config &&
		"$ISP_BUILD/lqosd" -c "$ISP_CONFIG" --init &&
		sqlite3 "$ISP_CIRCUITS" ".read $ISP_ROOT/contrib/demo/sites.sql" &&
		sqlite3 "$ISP_CIRCUITS" ".import --csv --skip 1 '$csv' shaped_devices"
}

# isp_request JSON...: a reply line for each.
isp_request()
{
	"$ISP_BUILD/contrib/demo/request" "$ISP_SOCKET" "$@"
}

isp_answers()
{
	isp_request '{"id":0,"verb":"status"}' >/dev/null 2>&1
}

isp_start_engine()
{
	(isp_exec "$ISP_SHAPER" "${ISP_LQOSD:-$ISP_BUILD/lqosd}" -c "$ISP_CONFIG" 2>>"$ISP_RUN/lqosd.log") &
	echo $! >"$ISP_RUN/lqosd.pid"
	isp_wait_for "${ISP_START_S:-20}" isp_answers && return
	echo "isp: lqosd did not start:" >&2
	cat "$ISP_RUN/lqosd.log" >&2
	return 1
}

# isp_stop_engine [SIGNAL]: traffic stays shaped.
isp_stop_engine()
{
	local pid
	pid=$(<"$ISP_RUN/lqosd.pid")
	kill -"${1:-TERM}" "$pid" && isp_wait_for 5 isp_gone "$pid"
}

# --- measuring ---------------------------------------------------------------------------------------

# isp_goodput ADDRESS down|up SECONDS [iperf3 option...]: bits a second of TCP, as received. CUBIC
# fills a queue and keeps it filled; others, BBR for one, leave a link idle now and then by design.
# The first 3 s do not count: slow start overfills the queue, and it takes that long to recover.
isp_goodput()
{
	local address=$1 direction=$2 seconds=$3 port reverse=()
	shift 3
	# A port of its own for each address, so that measurements run beside each other.
	port=$((5300 + $(cksum <<<"$address$direction" | cut -d' ' -f1) % 400))
	[[ $direction == down ]] && reverse=(-R)
	(isp_exec "$ISP_INTERNET" iperf3 -s -1 -p $port >/dev/null 2>&1) &
	isp_wait_for 5 isp_listens $port
	isp_in "$ISP_ACCESS" timeout $((seconds + 15)) iperf3 -c $ISP_SERVER -B "$address" -p $port \
		-C cubic -O 3 -t "$seconds" -J "${reverse[@]}" "$@" |
		jq '.end.sum_received.bits_per_second // 0 | floor'
}

isp_listens()
{
	isp_in "$ISP_INTERNET" ss -Hltn "sport = :$1" | grep -q .
}

# isp_paced ADDRESS RATE SECONDS [option...]: a paced download stream to a subscriber; one JSON line.
isp_paced()
{
	local address=$1 rate=$2 seconds=$3
	shift 3
	"$ISP_BUILD/contrib/demo/paced" --from-netns "$ISP_INTERNET" --from $ISP_SERVER \
		--to-netns "$ISP_ACCESS" --to "$address" --rate "$rate" --seconds "$seconds" "$@"
}

# isp_counter NAME: of the data path.
isp_counter()
{
	isp_request '{"id":0,"verb":"status"}' | jq ".result.datapath.$1"
}
