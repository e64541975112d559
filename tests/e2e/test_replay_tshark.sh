#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lqosd --replay against tshark, packet by packet: addresses, protocol, ports, lengths, payload, type
# of service, timestamps, the sums of every flow, and round trips; and against tcptrace: samples and
# retransmits of each connection. Over a capture made of frames of all kinds, one of a lossy transfer
# between namespaces, and those of CAPTURES. What differs by intention is explained in
# tests/lib/replay_agrees.awk, and its number printed.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lint/tap.sh
BUILD=${BUILD:-build}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/lqos-replay.XXXXXX") || exit 1
names=lqrp$$
trap 'lossy_path_down; rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM HUP

for tool in tshark tcptrace tcpdump iperf3; do
	command -v $tool >/dev/null && continue
	echo "1..0 # SKIP there is no $tool"
	exit 0
done

fields=(frame.number frame.len frame.protocols ip.src ipv6.src ip.dst ipv6.dst ip.proto
	tcp.srcport tcp.dstport udp.srcport udp.dstport icmp.type icmp.ident icmpv6.type
	icmpv6.echo.identifier tcp.len ip.dsfield ipv6.tclass tcp.options.timestamp.tsval
	tcp.options.timestamp.tsecr tcp.analysis.ack_rtt tcp.analysis.acks_frame
	tcp.analysis.retransmission tcp.analysis.fast_retransmission
	tcp.analysis.spurious_retransmission tcp.analysis.out_of_order tcp.analysis.keep_alive
	tcp.analysis.zero_window_probe tcp.stream tcp.seq tcp.nxtseq frame.time_relative
	ip.opt.type ip.flags.mf ipv6.plen ipv6.fraghdr.more)

# Fragments stay fragments, as on a wire.
read_by_tshark() # FILE
{
	tshark -n -r "$1" -o ip.defragment:FALSE -o ipv6.defragment:FALSE \
		-o tcp.desegment_tcp_streams:FALSE -T fields -E separator='|' \
		"${fields[@]/#/-e}" 2>/dev/null
}

packet_columns='[.number, .bytes, .kind, .source, .target, .protocol, .source_port, .target_port,
	.payload, .tos, .tsval, .tsecr, .rtt_us, .rtt_by]'
flow_columns='[.protocol, .customer, .customer_port, .remote, .remote_port, .upload_packets,
	.upload_bytes, .download_packets, .download_bytes]'

columns() # TYPE COLUMNS
{
	jq -r "select(.type == \"$1\") | $2 | map(tostring) | join(\"|\")"
}

compare() # FILE
{
	local replayed=$scratch/replayed

	"$BUILD/lqosd" --replay "$1" --packets --json >"$replayed" || echo "BAD $1: not replayed"
	awk -F '|' -f tests/lib/replay_agrees.awk <(read_by_tshark "$1") \
		<(columns packet "$packet_columns" <"$replayed") \
		<(columns flow "$flow_columns" <"$replayed") | sed "s|^|${1##*/}: |"
}

compare_all() # FILE...
{
	local file

	for file; do
		compare "$file"
	done >"$scratch/result"
	awk '
	/: BAD / { print "# " $0 }
	/: missing / { print "# " $0 }
	/: explained / { sub(/.*: explained /, ""); count = $NF; sub(/ [0-9]+$/, ""); sum[$0] += count }
	/: count / { packets += $(NF - 3); flows += $(NF - 2); samples += $(NF - 1); found += $NF }
	END {
		for (why in sum)
			print "# explained: " why ", " sum[why]
		print "# " packets " packets, " flows " flows, " found " of " samples " round trips found"
	}' "$scratch/result"
}

packets_agree()
{
	grep -q ': count [1-9]' "$scratch/result" &&
		! grep ': BAD packet' "$scratch/result" | grep -qv ', round trip:'
}

flows_agree()
{
	! grep -q ': BAD flow\|not replayed' "$scratch/result"
}

# At least 99 of 100 found, none other than theirs.
round_trips_agree()
{
	! grep -q ', round trip:' "$scratch/result" &&
		awk '/: count / { samples += $(NF - 1); found += $NF }
		END { exit !(samples && found >= 0.99 * samples) }' "$scratch/result"
}

# The frames that the fuzzers begin with, in one capture.
make_capture()
{
	local file

	"$BUILD/tests/fuzz/seeds" "$scratch/seeds" || return
	head -c 24 "$scratch/seeds/fuzz_capture/0"
	for file in "$scratch"/seeds/fuzz_capture/*[02468]; do
		tail -c +25 "$file"
	done
}

# --- a transfer that loses packets -------------------------------------------------------------------

lossy_path_up()
{
	local end

	for end in left middle right; do
		ip netns add "$names-$end" || return
		ip -n "$names-$end" link set lo up
	done
	ip -n "$names-middle" link add bridge0 type bridge || return
	ip -n "$names-middle" link set bridge0 up
	for end in left right; do
		ip -n "$names-middle" link add "to$end" type veth peer name port netns "$names-$end" &&
			ip -n "$names-middle" link set "to$end" up master bridge0 || return
		ip -n "$names-$end" link set port up
		# Segments as they would be on a wire.
		ip netns exec "$names-$end" ethtool -K port tso off gso off gro off tx off >/dev/null
	done
	ip -n "$names-left" addr add 10.9.0.1/24 dev port
	ip -n "$names-right" addr add 10.9.0.2/24 dev port
	# Behind where it is captured: originals and repeats are both seen.
	ip netns exec "$names-middle" tc qdisc add dev toright root tbf rate 20mbit burst 15k limit 40k
}

lossy_path_down()
{
	local end

	for end in left middle right; do
		ip netns pids "$names-$end" 2>/dev/null | xargs -r kill 2>/dev/null
		ip netns del "$names-$end" 2>/dev/null
	done
}

wait_for() # COMMAND...: up to 5 s
{
	local tries=50

	until "$@"; do
		((--tries)) || return 1
		sleep 0.1
	done
}

# shellcheck disable=SC2317 # wait_for calls them
is_listening()
{
	ip netns exec "$names-right" ss -Hltn 'sport = 5201' | grep -q .
}

# shellcheck disable=SC2317
is_capturing()
{
	grep -q 'listening on' "$scratch/tcpdump.log"
}

capture_transfer() # FILE
{
	local tcpdump

	lossy_path_up || return
	ip netns exec "$names-right" iperf3 -s -1 >"$scratch/server.log" 2>&1 &
	ip netns exec "$names-middle" tcpdump -i toleft -s 128 -B 16384 -U -w "$1" tcp \
		2>"$scratch/tcpdump.log" &
	tcpdump=$!
	wait_for is_capturing && wait_for is_listening &&
		ip netns exec "$names-left" iperf3 -c 10.9.0.2 -t 2 -P 3 >"$scratch/client.log" ||
		return
	sync "$1"
	kill -INT $tcpdump
	wait $tcpdump
	lossy_path_down
}

# A line for each connection: ports, samples and repeats each way.
tcptrace_counts() # FILE
{
	tcptrace -nlr "$1" 2>/dev/null | awk '
	/host [a-z]+: / { sub(/.*:/, ""); port[++hosts] = $1 }
	/rexmt data pkts:/ { up = $4; down = $8 }
	/RTT samples:/ { print port[hosts - 1], port[hosts], $3, $6, up, down }' | sort
}

replay_counts() # FILE
{
	"$BUILD/lqosd" --replay "$1" --json | jq -r 'select(.type == "flow") |
		[.customer_port, .remote_port, (.internet_rtt.samples // 0), (.customer_rtt.samples // 0),
		.upload_retransmits, .download_retransmits] | map(tostring) | join(" ")' |
		with_keep_alives "$1" | sort
}

# A single byte, repeated though it was acknowledged already (which got lost behind the capture) or
# repeated before, looks like a keep-alive. Replay takes it for one, tcptrace counts a repeat.
with_keep_alives() # FILE
{
	awk '
	FILENAME != "-" {
		if ($6 != "" && $5 == 1)
			again[$1, $2] += $3 < acked[$1, $2] || repeated[$1, $2, $3]++
		acked[$2, $1] = $4
		next
	}
	{ $5 += again[$1, $2]; $6 += again[$2, $1]; print }' <(
		tshark -n -r "$1" -Y tcp -T fields -e tcp.srcport -e tcp.dstport -e tcp.seq \
			-e tcp.ack -e tcp.len -e tcp.analysis.keep_alive 2>/dev/null
	) -
}

tcptrace_agrees() # FILE
{
	tcptrace_counts "$1" >"$scratch/theirs"
	replay_counts "$1" >"$scratch/ours"
	[[ -s $scratch/theirs ]] && diff "$scratch/theirs" "$scratch/ours" | sed 's/^/# /'
	[[ -s $scratch/theirs ]] && cmp -s "$scratch/theirs" "$scratch/ours"
}

loses_packets()
{
	awk '{ lost += $5 } END { exit !lost }' "$scratch/ours"
}

# --- what is compared --------------------------------------------------------------------------------

make_capture >"$scratch/made.pcap"
compare_all "$scratch/made.pcap"
tap_check "frames of all kinds are read as tshark reads them" packets_agree
tap_check "and summed up into the same flows" flows_agree

if capture_transfer "$scratch/lossy.pcap"; then
	compare_all "$scratch/lossy.pcap"
	tap_check "of a lossy transfer, 99 of 100 of tshark's ack_rtt are found, and no other" \
		round_trips_agree
	tap_check "tcptrace finds as many samples and retransmits in each connection" \
		tcptrace_agrees "$scratch/lossy.pcap"
	sed 's/^/# ports, samples up and down, retransmits up and down: /' "$scratch/ours"
	tap_check "and there were retransmits" loses_packets
else
	cat "$scratch"/*.log
	tap_check "a transfer over a lossy path is captured" false
fi

captures=("${CAPTURES:-/nonexistent}"/layers/*.pcap*)
if [[ -e ${captures[0]} ]]; then
	compare_all "${captures[@]}"
	tap_check "every packet of the captures is read as tshark reads it" packets_agree
	tap_check "their flows have what tshark's packets sum to" flows_agree
	tap_check "99 of 100 of tshark's ack_rtt are found, and no other" round_trips_agree
else
	tap_skip "every packet of the captures is read as tshark reads it" \
		"CAPTURES is not set to a folder with layers/"
fi
tap_end
