#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 500 edits in 10 seconds under TCP and UDP: nothing is lost, no queue is made anew.
. "$(dirname "$0")/../lib/e2e.sh"
e2e_up
e2e_handles >"$ISP_RUN/handles.before"
drops=$(isp_counter cpumap_drops)

# Circuit 1002 between 20M and 50M under a paced 10M, by the verb for edits of several rows, and 1001
# between 20M and 21M under TCP.
for ((i = 0; i < 250; i++)); do
	set_1002="\"action\":\"set\",\"kind\":\"circuit\",\"id\":\"1002\",\"download_max_bps\":\"$((i % 2 ? 50 : 20))M\""
	echo "{\"id\":$i,\"verb\":\"edit\",\"edits\":[{$set_1002}]}"
	echo "{\"id\":$i,\"verb\":\"circuit.set\",\"circuit\":\"1001\",\"download_max_bps\":\"$((20 + i % 2))M\"}"
done >"$ISP_RUN/edits"
# What a console reads meanwhile, 25 times a second.
for i in {1..125}; do
	echo "{\"id\":$i,\"verb\":\"circuits\"}"
	echo "{\"id\":$i,\"verb\":\"sites\"}"
done >"$ISP_RUN/requests"
isp_paced 100.64.3.10 5M 14 >"$ISP_RUN/neighbour.json" &
neighbour=$!
isp_paced 100.64.2.10 10M 14 >"$ISP_RUN/edited.json" &
edited=$!
isp_goodput $ADDRESS down 12 -P 2 >"$ISP_RUN/goodput" &
goodput=$!
read -rt 1 <> <(:)

"$ISP_BUILD/contrib/demo/request" --interval-ms 40 "$ISP_SOCKET" <"$ISP_RUN/requests" >"$ISP_RUN/read" &
reader=$!
start_ms=$(date +%s%3N)
"$ISP_BUILD/contrib/demo/request" --interval-ms 20 "$ISP_SOCKET" <"$ISP_RUN/edits" >"$ISP_RUN/replies"
took_ms=$(($(date +%s%3N) - start_ms))
wait $neighbour $edited $goodput $reader

echo "# 500 edits in $took_ms ms; ms an edit:" \
	"$(jq .result.ms "$ISP_RUN/replies" | sort -n | awk '{ v[NR] = $1 } END { print "p50", v[int(NR / 2)], "p99", v[int(NR * 0.99)] }')"
tap_check "500 edits are applied" test "$(jq -c 'select(.ok)' "$ISP_RUN/replies" | wc -l)" = 500
all_recorded() # the first may have changed nothing
{
	[[ $(sqlite3 -cmd '.timeout 5000' "$ISP_CIRCUITS" "SELECT count(DISTINCT revision) >= 499, sum(result <> 'applied')
		FROM journal WHERE author LIKE 'root%' AND circuit IN ('1001', '1002')") == '1|0' ]]
}
tap_check "each stands in the journal with its result" isp_wait_for 3 all_recorded
tap_check "in 10 seconds and a little" e2e_within $took_ms 9000 12000
tap_check "nothing of the edited circuit's paced stream is lost" \
	test "$(jq .lost "$ISP_RUN/edited.json")" = 0
tap_check "nothing of a neighbour's paced stream is lost" \
	test "$(jq .lost "$ISP_RUN/neighbour.json")" = 0
tap_check "no packet is lost on the way to a CPU" test "$(isp_counter cpumap_drops)" = "$drops"
tap_check "TCP runs on at the plan" e2e_within "$(<"$ISP_RUN/goodput")" 17600000 21000000
least_of() # ID: the least of its rates that was read, but for those of the first 3 s
{
	jq -s "[.[75:][].result.rows[] | select(.id == \"$1\") | .download_bps] | min" "$ISP_RUN/read"
}
site=$(sqlite3 "$ISP_CIRCUITS" "SELECT site FROM circuits WHERE id = '1003'")
echo "# least rates read meanwhile: circuit $(least_of 1003), site $(least_of "$site") bit/s"
tap_check "a neighbour's rate is shown throughout" e2e_within "$(least_of 1003)" 1000000 6000000
tap_check "its site's, too" e2e_within "$(least_of "$site")" 1000000 60000000
e2e_handles >"$ISP_RUN/handles.after"
tap_check "class ids and leaf handles are what they were" \
	cmp "$ISP_RUN/handles.before" "$ISP_RUN/handles.after"

# Packets that wait in a queue while its rate is edited are still there: fill a slow circuit's
# queue, edit, and count what comes out.
e2e_set_download 1003 1M
isp_paced 100.64.3.10 4M 1 >"$ISP_RUN/queued.json" &
queued=$!
for rate in 2M 1M 3M 1M 20M; do
	read -rt 0.3 <> <(:)
	e2e_set_download 1003 $rate
done
wait $queued
tap_check "queued packets are kept through edits" test "$(jq .lost "$ISP_RUN/queued.json")" = 0
tap_end
