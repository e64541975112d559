#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the console shows is what iperf3 and the relay's delay say: rates within 3 %, round trips
# within 1 ms and 5 %, directions not swapped, units right.
. "$(dirname "$0")/../lib/e2e.sh"
e2e_up

# One circuit downloads, another uploads, marked as expedited, both below their plans; iperf3 leaves
# out 3 s.
isp_goodput $ADDRESS down 14 -b 8M >"$ISP_RUN/down" &
down=$!
isp_goodput 100.64.2.10 up 14 -b 4M -S 184 >"$ISP_RUN/up" &
up=$!
# Two that wait in no queue: two segments at a time, so that no acknowledgement is held back.
isp_goodput 100.64.5.10 up 14 -b 1M -l 2896 >"$ISP_RUN/calm.up" &
calm_up=$!
isp_goodput 100.64.4.10 down 14 -b 1M -l 2896 >"$ISP_RUN/calm.down" &
calm_down=$!
# What the relay's delay comes to on a busy machine, by ping beside it.
isp_in "$ISP_ACCESS" ping -q -i 0.2 -c 70 $ISP_SERVER >"$ISP_RUN/ping" &
ping=$!
top()
{
	"$ISP_BUILD/lqos-top" -b --socket "$ISP_SOCKET" --json "$@"
}
carries()
{
	top -n 1 -t circuits | jq -e 'any(.rows[]; .id == "1001" and .download_bps > 7000000)' >/dev/null
}
isp_wait_for 10 carries
read -rt 3 <> <(:) # into what iperf3 counts, and until the engine's samples are of that alone
top -n 8 -t tree >"$ISP_RUN/tree" &
tree=$!
top -n 8 -t flows >"$ISP_RUN/flows" &
flows=$!
top -n 1 -t rtt >"$ISP_RUN/rtt"
samples()
{
	isp_request '{"id":1,"verb":"samples","circuit":"1005","limit":1000}'
}
samples >"$ISP_RUN/nothing" # looking begins
many_samples()
{
	samples | tee "$ISP_RUN/samples" | jq -e '.result.samples > 20' >/dev/null
}
isp_wait_for 10 many_samples
wait $tree $flows $down $up $calm_up $calm_down $ping

# On the wire a segment of 1448 bytes is a frame of 1514.
expected_down=$(($(cat "$ISP_RUN/down") * 1514 / 1448))
expected_up=$(($(cat "$ISP_RUN/up") * 1514 / 1448))
near() # VALUE EXPECTED: within 3 %
{
	e2e_within "$1" $(($2 * 97 / 100)) $(($2 * 103 / 100))
}
mean_of() # FIELD CIRCUIT: in the tree
{
	jq -s "[.[].rows[] | select(.id == \"$2\") | .$1] | add / length | floor" "$ISP_RUN/tree"
}
flow_mean() # FIELD CIRCUIT: all its flows, a tick
{
	jq -s "[.[] | [.rows[] | select(.circuit == \"$2\") | .$1] | add // 0] | add / length | floor" \
		"$ISP_RUN/flows"
}
echo "# download: iperf3 $expected_down on the wire, tree $(mean_of download_bps 1001)," \
	"flows $(flow_mean download_bps 1001)"
echo "# upload: iperf3 $expected_up on the wire, tree $(mean_of upload_bps 1002)," \
	"flows $(flow_mean upload_bps 1002)"
tap_check "iperf3 measured something" e2e_within "$expected_down" 7000000 9500000
tap_check "the tree's download is iperf3's" near "$(mean_of download_bps 1001)" "$expected_down"
tap_check "the tree's upload is iperf3's" near "$(mean_of upload_bps 1002)" "$expected_up"
tap_check "the flows' download is iperf3's" near "$(flow_mean download_bps 1001)" "$expected_down"
tap_check "the flows' upload is iperf3's" near "$(flow_mean upload_bps 1002)" "$expected_up"
tap_check "a download is no upload" e2e_within "$(mean_of upload_bps 1001)" 1 $((expected_down / 10))
tap_check "an upload is no download" e2e_within "$(mean_of download_bps 1002)" 1 $((expected_up / 10))
site=$(jq -s '[.[].rows[] | select(.id == "alder") | .download_bps] | add / length | floor' "$ISP_RUN/tree")
tap_check "a site is the sum of what is below it" near "$site" \
	$(($(mean_of download_bps 1001) + $(mean_of download_bps 1002)))

marked() # CIRCUIT DIRECTION DSCP: the last packets of what it transfers
{
	jq -se "[last.rows[] | select(.circuit == \"$1\" and .$2_bps > 500000) |
		[.$2_dscp, .$2_ecn, .state]] == [[\"$3\", \"no\", \"open\"]]" "$ISP_RUN/flows" >/dev/null
}
tap_check "a flow's class is what its packets are marked with" marked 1002 upload EF
tap_check "and another's is the ordinary one" marked 1001 download CS0

# Round trips: the relay stands on the internet's side, so the customer's side is near nothing. Of
# the ticks the calmest counts: what else the machine does can only add.
internet_us=$(jq -s '[.[].rows[] | select(.circuit == "1005") | .rtt_internet_us | numbers] |
	min // 0' "$ISP_RUN/flows")
customer_us=$(jq '.rows[] | select(.id == "1004") | .rtt_p50_us // 0' "$ISP_RUN/rtt")
read -r least_us relay_us < <(awk -F'[ /]' '/^rtt/ { print int($7 * 1000), int($8 * 1000) }' \
	"$ISP_RUN/ping")
echo "# relay set to $ISP_RTT_MS ms, by ping $relay_us us: internet side $internet_us us, customer side $customer_us us"
tap_check "the internet side's round trip is the relay's" e2e_within "$internet_us" \
	$((ISP_RTT_MS * 1000)) $((relay_us * 105 / 100 + 1000))
tap_check "the customer side has none of it" e2e_within "$customer_us" 1 1000
sampled_us=$(jq '[.result.rows[] | select(.rtt_side == "internet") | .rtt_us] | min // 0' \
	"$ISP_RUN/samples")
echo "# one by one: $(jq -c '.result | [.samples, .lost]' "$ISP_RUN/samples") samples and lost, least $sampled_us us, by ping $least_us us"
tap_check "so is the least of the round trips told one by one" e2e_within "$sampled_us" \
	$((ISP_RTT_MS * 1000)) $((least_us * 105 / 100 + 1000))
none_before_and_none_lost()
{
	jq -en --slurpfile before "$ISP_RUN/nothing" --slurpfile after "$ISP_RUN/samples" \
		'$before[0].result.samples == 0 and $after[0].result.lost == 0 and
		$after[0].result.since_ms == $before[0].result.since_ms' >/dev/null
}
tap_check "none were told before anybody asked, and none got lost" none_before_and_none_lost
tap_end
