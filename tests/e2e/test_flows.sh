#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The verb flows: the pages of a list are the list, whatever it is sorted by; what a flow has no number
# of matches no comparison.
. "$(dirname "$0")/../lib/e2e.sh"
e2e_up

flows() # ARGUMENTS: the result, a line
{
	isp_request "{\"id\":1,\"verb\":\"flows\"$1}" | jq -c .result
}
# The list at once and by pages of 3, asked for together: of one tick.
pages_agree() # SORT REVERSE
{
	local replies offset query="\"verb\":\"flows\",\"sort\":\"$1\",\"reverse\":$2"

	replies=$({
		echo "{\"id\":1,$query,\"limit\":1000}"
		for ((offset = 0; offset < 60; offset += 3)); do
			echo "{\"id\":1,$query,\"limit\":3,\"offset\":$offset}"
		done
	} | "$ISP_BUILD/contrib/demo/request" "$ISP_SOCKET") &&
		jq -se 'map(.result) | .[0].total > 15 and .[0].total <= 60 and
			(map(.time_ms) | unique | length) == 1 and
			(.[0].rows | map(.key)) == ([.[1:][].rows[].key])' <<<"$replies" >/dev/null
}
is_sorted() # SORT FIELD: the largest first
{
	flows ",\"sort\":\"$1\",\"limit\":1000" | jq -e "[.rows[] | $2] | . == (sort | reverse)" >/dev/null
}
matches_none() { [[ $(flows ",\"filter\":\"$1\"" | jq .total) == 0 ]]; }
of_circuit() { flows ",\"circuit\":\"$1\",\"limit\":1000" | jq -e "(.rows | length) > 0 and all(.rows[]; .circuit == \"$1\")" >/dev/null; }
found() # FILTER
{
	[[ $(flows ",\"filter\":\"$1\"" | jq .total) == "$(flows ",\"limit\":1000" | jq "[.rows[] | select(.customer == \"$1\")] | length")" ]]
}

isp_goodput "$ADDRESS" down 45 -P 12 >/dev/null &
isp_goodput 100.64.3.10 up 45 -P 8 >/dev/null &
for sort in rate bytes rtt; do
	for reverse in false true; do
		tap_check "by $sort, reversed: $reverse: the pages are the list" isp_wait_for 12 pages_agree $sort $reverse
	done
done
tap_check "by rate the largest comes first" is_sorted rate '.download_bps + .upload_bps'
tap_check "and by download" is_sorted download .download_bps
tap_check "those of a circuit are its own" of_circuit 1001
tap_check "and of another" of_circuit 1003
tap_check "an address finds its flows" isp_wait_for 5 found "$ADDRESS"
for filter in "qoo<50" "drops<1" "load<100" "plan<1G" "retr<100"; do
	tap_check "a flow has no number for $filter: it does not match" matches_none "$filter"
done
e2e_set_download 1001 19M
tap_check "after an edit the flows are there at once" of_circuit 1001
tap_end
