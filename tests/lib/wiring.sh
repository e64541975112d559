# SPDX-License-Identifier: GPL-2.0-or-later
# A box wired in one of the ways of lqosd.conf(5), with a subscriber and a server; sourced.
#
#   cust0 --- lan0 [bridge, router or forward] wan0 --- srv0
#   cust0 --- port1 [switch] port2 --- srv0, trunk --- stick0 [stick]
#
# A router may have VLANs: then WIRED_LAN and the others are cust0.100 --- lan0.100 and so on.
. "$(dirname "${BASH_SOURCE[0]}")/e2e.sh"

WIRED_CUST=${WIRED_CUST:-cust0} WIRED_LAN=${WIRED_LAN:-lan0}
WIRED_SRV=${WIRED_SRV:-srv0} WIRED_WAN=${WIRED_WAN:-wan0}

WIRED_SERVER=10.9.0.1
WIRED_SERVER6=fd09:0::1
WIRED_TAGGER=$ISP_BUILD/tests/bpf/tagger.bpf.o

wired_veth() # NETNS1 NAME1 NETNS2 NAME2 [LINK OPTION...]
{
	local first=$1 name=$2 second=$3 peer=$4
	shift 4
	ip -n "$first" link add "$name" "$@" numtxqueues 4 numrxqueues 4 type veth \
		peer name "$peer" netns "$second" numtxqueues 4 numrxqueues 4 &&
		isp_in "$first" ethtool -K "$name" tx-checksum-ip-generic off tso off gso off gro off \
			txvlan off tx-vlan-stag-hw-insert off >/dev/null &&
		isp_in "$second" ethtool -K "$peer" tx-checksum-ip-generic off tso off gso off \
			gro off txvlan off tx-vlan-stag-hw-insert off >/dev/null &&
		ip -n "$first" link set "$name" up mtu "${WIRED_MTU:-1600}" &&
		ip -n "$second" link set "$peer" up mtu "${WIRED_MTU:-1600}"
}

# By a pin: what loads an object file by itself leaves folders of its own in /sys/fs/bpf.
wired_filter() # NETNS INTERFACE ingress|egress PROGRAM
{
	local pins=$ISP_PINS-tagger status

	PATH=$PATH:/usr/sbin bpftool prog loadall "$WIRED_TAGGER" "$pins" type classifier || return 1
	isp_in "$1" tc qdisc replace dev "$2" clsact 2>>"$ISP_RUN/isp.log"
	isp_in "$1" tc filter replace dev "$2" "$3" prio 1 handle 1 bpf da pinned "$pins/$4"
	status=$?
	rm -r "$pins"
	return $status
}

wired_two_ports()
{
	wired_veth "$ISP_ACCESS" cust0 "$ISP_SHAPER" lan0 &&
		wired_veth "$ISP_INTERNET" srv0 "$ISP_SHAPER" wan0
}

wired_bridge()
{
	wired_two_ports &&
		ip -n "$ISP_SHAPER" link add br0 type bridge stp_state 0 forward_delay 0 \
			mcast_snooping 0 &&
		ip -n "$ISP_SHAPER" link set lan0 master br0 &&
		ip -n "$ISP_SHAPER" link set wan0 master br0 &&
		ip -n "$ISP_SHAPER" link set br0 up
}

wired_forward()
{
	wired_two_ports
}

wired_vlan() # NETNS NAME: lan0.100 is VLAN 100 of lan0; what has no number is there
{
	[[ $2 != *.* ]] && return
	ip -n "$1" link add link "${2%.*}" name "$2" type vlan id "${2#*.}" &&
		ip -n "$1" link set "$2" up
}

wired_gateway() # SUBNET INTERFACE
{
	isp_in "$ISP_SHAPER" sysctl -qw "net/ipv6/conf/$2/disable_ipv6=0" \
		"net/ipv4/conf/$2/send_redirects=0" &&
		ip -n "$ISP_SHAPER" addr add "10.9.$1.254/24" dev "$2" &&
		ip -n "$ISP_SHAPER" addr add "fd09:$1::254/64" dev "$2" nodad
}

wired_router()
{
	wired_two_ports && wired_vlan "$ISP_SHAPER" "$WIRED_LAN" &&
		wired_vlan "$ISP_SHAPER" "$WIRED_WAN" && wired_vlan "$ISP_ACCESS" "$WIRED_CUST" &&
		wired_vlan "$ISP_INTERNET" "$WIRED_SRV" &&
		isp_in "$ISP_SHAPER" sysctl -qw net.ipv4.ip_forward=1 \
			net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.all.forwarding=1 &&
		wired_gateway 1 "$WIRED_LAN" && wired_gateway 0 "$WIRED_WAN"
}

wired_stick()
{
	wired_veth "$ISP_DELAY" trunk "$ISP_SHAPER" stick0 index 100 &&
		wired_veth "$ISP_DELAY" port1 "$ISP_ACCESS" cust0 index 101 &&
		wired_veth "$ISP_DELAY" port2 "$ISP_INTERNET" srv0 index 102 &&
		wired_filter "$ISP_DELAY" port1 ingress access &&
		wired_filter "$ISP_DELAY" port2 ingress internet &&
		wired_filter "$ISP_DELAY" trunk ingress trunk
}

wired_hosts() # KIND
{
	local i via=() via6=() back=() back6=()

	if [[ $1 == router ]]; then
		via=(via 10.9.1.254) via6=(via fd09:1::254)
		back=(via 10.9.0.254) back6=(via fd09:0::254)
	fi
	for i in 1 2 3 4; do
		ip -n "$ISP_ACCESS" addr add 10.9.1.$i/24 dev "$WIRED_CUST" &&
			ip -n "$ISP_ACCESS" addr add fd09:1::$i/64 dev "$WIRED_CUST" nodad || return 1
	done
	ip -n "$ISP_INTERNET" addr add $WIRED_SERVER/24 dev "$WIRED_SRV" &&
		ip -n "$ISP_INTERNET" addr add $WIRED_SERVER6/64 dev "$WIRED_SRV" nodad &&
		ip -n "$ISP_ACCESS" route add 10.9.0.0/24 "${via[@]}" dev "$WIRED_CUST" &&
		ip -n "$ISP_ACCESS" -6 route add fd09:0::/64 "${via6[@]}" dev "$WIRED_CUST" &&
		ip -n "$ISP_INTERNET" route add 10.9.1.0/24 "${back[@]}" dev "$WIRED_SRV" &&
		ip -n "$ISP_INTERNET" -6 route add fd09:1::/64 "${back6[@]}" dev "$WIRED_SRV"
}

# Four circuits with an IPv4 and an IPv6 address each; 20M down, 5M up.
wired_circuits()
{
	"$ISP_BUILD/lqosd" -c "$ISP_CONFIG" --init && sqlite3 "$ISP_CIRCUITS" <<-'END'
		.timeout 5000
		BEGIN;
		INSERT INTO sites (id, name, download_bps, upload_bps)
			VALUES ('alder', 'Alder', 200000000, 80000000);
		WITH n(i) AS (VALUES (1), (2), (3), (4))
		INSERT INTO circuits (id, name, site, download_max_bps, upload_max_bps)
			SELECT i, 'Circuit ' || i, 'alder', 20000000, 5000000 FROM n;
		INSERT INTO devices (id, circuit) SELECT id, id FROM circuits;
		INSERT INTO prefixes (device, prefix) SELECT id, '10.9.1.' || id FROM circuits;
		INSERT INTO prefixes (device, prefix) SELECT id, 'fd09:1::' || id FROM circuits;
		COMMIT;
	END
}

# wired_up KIND: as the word stands in lqosd.conf; with an engine, or the end of the test.
wired_up()
{
	local kind=${1%% *} access=lan0 internet=wan0

	[[ $kind == stick ]] && access=stick0 internet=stick0
	mkdir -p "$ISP_RUN" && isp_guard
	isp_make_namespaces && "wired_$kind" && wired_hosts "$kind" && isp_write_config &&
		sed -i "s/^access = .*/access = $access/; s/^internet = .*/internet = $internet/
			/^internet/a wiring = $1" "$ISP_CONFIG" &&
		wired_circuits && isp_start_engine && return
	echo "Bail out! the box did not come up"
	exit 1
}

# wired_neighbour SUBNET LINK...: a fifth subscriber behind the access interface, in $ISP_DELAY: 12M
# down, 3M up. What it and the others send each other goes by the box, and back the way it came.
wired_neighbour()
{
	local subnet=$1
	shift

	ip -n "$ISP_ACCESS" link add link cust0 name near0 netns "$ISP_DELAY" "$@" &&
		isp_in "$ISP_DELAY" sysctl -qw net.ipv6.conf.near0.disable_ipv6=0 &&
		ip -n "$ISP_DELAY" link set near0 up &&
		ip -n "$ISP_DELAY" addr add "10.9.$subnet.5/24" dev near0 &&
		ip -n "$ISP_DELAY" addr add "fd09:$subnet::5/64" dev near0 nodad &&
		sqlite3 -cmd '.timeout 5000' "$ISP_CIRCUITS" "
			BEGIN;
			INSERT INTO circuits (id, site, download_max_bps, upload_max_bps)
				VALUES ('5', 'alder', 12000000, 3000000);
			INSERT INTO devices (id, circuit) VALUES ('5', '5');
			INSERT INTO prefixes (device, prefix)
				VALUES ('5', '10.9.$subnet.5'), ('5', 'fd09:$subnet::5');
			COMMIT;" && isp_wait_for 5 wired_neighbour_is_known
}

# The same behind a router, which has another network on INTERFACE for it.
wired_routed_neighbour() # INTERFACE LINK...
{
	local interface=$1
	shift

	wired_gateway 2 "$interface" && wired_neighbour 2 "$@" &&
		ip -n "$ISP_DELAY" route add default via 10.9.2.254 &&
		ip -n "$ISP_DELAY" -6 route add default via fd09:2::254 &&
		ip -n "$ISP_ACCESS" route add 10.9.2.0/24 via 10.9.1.254 &&
		ip -n "$ISP_ACCESS" -6 route add fd09:2::/64 via fd09:1::254
}

wired_neighbour_is_known()
{
	isp_request '{"id":1,"verb":"circuit","circuit":"5"}' | jq -e .result.class >/dev/null
}

wired_gets() # CIRCUIT BPS: as it is counted
{
	isp_request "{\"id\":1,\"verb\":\"circuit\",\"circuit\":\"$1\"}" |
		jq -e ".result.download_bps > $2" >/dev/null
}

# The first subscriber and the neighbour, both ways at once: the receiver's download is what limits.
wired_check_neighbours() # SUBNET 4|6
{
	local here=10.9.1.1 there=10.9.$1.5 name=IPv$2 pids=()

	[[ $2 == 6 ]] && here=fd09:1::1 there=fd09:$1::5
	wired_stream "$ISP_ACCESS" $here "$ISP_DELAY" "$there" 24M 2 "$ISP_RUN/to.near" & pids+=($!)
	wired_stream "$ISP_DELAY" "$there" "$ISP_ACCESS" $here 40M 2 "$ISP_RUN/to.here" & pids+=($!)
	tap_check "$name between subscribers is counted as the receiver's" \
		isp_wait_for 5 wired_gets 5 6000000
	wait "${pids[@]}"
	tap_check "$name from one subscriber to another has the receiver's download" \
		wired_rate_is "$ISP_RUN/to.near" 12
	tap_check "$name back has the other one's" wired_rate_is "$ISP_RUN/to.here" 20
}

wired_reachable()
{
	isp_in "$ISP_ACCESS" ping -qc1 -W1 -I 10.9.1.1 $WIRED_SERVER >/dev/null 2>&1 &&
		isp_in "$ISP_ACCESS" ping -qc1 -W1 -I fd09:1::1 $WIRED_SERVER6 >/dev/null 2>&1
}

# Hosts that tag what they send, and take only what has their tag.
wired_tag_hosts()
{
	wired_filter "$ISP_ACCESS" cust0 egress tag && wired_filter "$ISP_ACCESS" cust0 ingress untag &&
		wired_filter "$ISP_INTERNET" srv0 egress tag &&
		wired_filter "$ISP_INTERNET" srv0 ingress untag
}

# wired_offer down|up CIRCUIT 4|6 RATE SECONDS FILE [OPTION...]: a stream of more than the plan; what
# arrives of it goes to FILE as JSON.
wired_offer()
{
	local direction=$1 circuit=$2 server=$WIRED_SERVER customer=10.9.1.$2 rate=$4 seconds=$5
	local file=$6 way

	[[ $3 == 6 ]] && server=$WIRED_SERVER6 customer=fd09:1::$2
	shift 6
	way=("$ISP_INTERNET" "$server" "$ISP_ACCESS" "$customer")
	[[ $direction == up ]] && way=("$ISP_ACCESS" "$customer" "$ISP_INTERNET" "$server")
	wired_stream "${way[@]}" "$rate" "$seconds" "$file" --port "$((6000 + circuit))" "$@"
}

wired_stream() # NETNS ADDRESS NETNS ADDRESS RATE SECONDS FILE [OPTION...]
{
	local way=(--from-netns "$1" --from "$2" --to-netns "$3" --to "$4") rate=$5 seconds=$6 file=$7
	shift 7

	"$ISP_BUILD/contrib/demo/paced" "${way[@]}" --rate "$rate" --seconds "$seconds" \
		--samples "$file.samples" --bucket-ms "${WIRED_BUCKET_MS:-100}" "$@" >"$file"
}

# The rate of what arrived: the median of WIRED_BUCKET_MS pieces, so that a machine that stands still
# for a moment does not count as a slower queue.
wired_rate() # FILE
{
	sort -n "$1.samples" | sed '1d;$d' | awk '{ print $2 }' | sort -n |
		awk -v ms="${WIRED_BUCKET_MS:-100}" '{ bytes[NR] = $1 }
			END { printf "%d\n", bytes[int((NR + 1) / 2)] * 8000 / ms }'
}

wired_rate_is() # FILE MBPS
{
	e2e_within "$(wired_rate "$1")" $(($2 * 960000)) $(($2 * 1040000))
}

# All four ways at once, each through a circuit of its own.
wired_check_rates() # WHAT
{
	local what=$1 pids=()

	wired_offer down 1 4 40M 2 "$ISP_RUN/down4" & pids+=($!)
	wired_offer up 2 4 10M 2 "$ISP_RUN/up4" & pids+=($!)
	wired_offer down 3 6 40M 2 "$ISP_RUN/down6" & pids+=($!)
	wired_offer up 4 6 10M 2 "$ISP_RUN/up6" & pids+=($!)
	wait "${pids[@]}"
	tap_check "$what: IPv4 download has its plan" wired_rate_is "$ISP_RUN/down4" 20
	tap_check "$what: IPv4 upload has its plan" wired_rate_is "$ISP_RUN/up4" 5
	tap_check "$what: IPv6 download has its plan" wired_rate_is "$ISP_RUN/down6" 20
	tap_check "$what: IPv6 upload has its plan" wired_rate_is "$ISP_RUN/up6" 5
}

wired_status() # FIELD
{
	isp_request '{"id":1,"verb":"status"}' | jq -r ".result.$1"
}

# An edit while traffic runs, then kill -9 and another engine: the new plan holds throughout.
wired_check_edit_and_adoption()
{
	local offer

	tap_check "a live edit is taken" e2e_set_download 1 30M
	wired_offer down 1 4 60M 4 "$ISP_RUN/edited" &
	offer=$!
	isp_stop_engine KILL
	tap_check "killed and started again, it answers" isp_start_engine
	tap_check "it adopts what is there" test "$(wired_status adopted)" = true
	tap_check "it asks the kernel for nothing" test "$(wired_status start_operations)" = 0
	wait $offer
	tap_check "the edited plan holds, over kill -9 too" wired_rate_is "$ISP_RUN/edited" 30
	isp_stop_engine TERM
	tap_check "--detach takes everything away" \
		isp_in "$ISP_SHAPER" "$ISP_BUILD/lqosd" -c "$ISP_CONFIG" --detach
	tap_check "nothing of ours is left" e2e_untouched
}
