#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two towers with traffic on one queue, the third and the other queue idle: one of them is moved
# there. With a load measured over seconds, not hours.
# The streams are slow enough for a leaf to hold what comes while a CPU is taken away for a moment.
export ISP_LINK=125M ISP_RTT_MS=0
. "$(dirname "$0")/../lib/e2e.sh"

# A circuit of each tower, with its address.
circuits=(1002 1009 1005)
addresses=(100.64.2.10 100.64.4.11 100.64.5.10)

queue_of() # CIRCUIT
{
	local class
	class=$(e2e_class_of "$1")
	echo "${class%:*}"
}

placement() # FIELD
{
	isp_request '{"id":1,"verb":"status"}' | jq ".result.placement.$1"
}

is_moved() # COUNT
{
	(($(placement moves) >= $1))
}

has_no_old_classes()
{
	[[ $(e2e_handles | wc -l) == "$classes" ]]
}

journal()
{
	isp_request '{"id":1,"verb":"journal","limit":50}' | jq -r \
		'.result.rows[] | "\(.subject) \(.field) \(.before) -> \(.after) \(.result)"'
}

# Which two of the towers share a queue: by the place of their circuits above.
busy_pair()
{
	local queues=() i
	for i in 0 1 2; do
		queues+=("$(queue_of "${circuits[i]}")")
	done
	[[ ${queues[0]} == "${queues[1]}" ]] && echo 0 1
	[[ ${queues[0]} == "${queues[2]}" ]] && echo 0 2
	[[ ${queues[1]} == "${queues[2]}" ]] && echo 1 2
}

isp_up && isp_import &&
	sed -i 's/^\[database\]/[shaping]\nrebalance = 1\n&/' "$ISP_CONFIG" && isp_start_engine || {
	echo "Bail out! the ISP did not come up"
	exit 1
}
read -r one other <<<"$(busy_pair)"
classes=$(e2e_handles | wc -l)
for i in $one $other; do
	isp_paced ${addresses[i]} 10M 30 >"$ISP_RUN/stream$i" &
	streams+=($!)
done
queues() { isp_request '{"id":1,"verb":"queues"}' | jq -r ".result.rows[] | $1"; }
full=$(queue_of "${circuits[one]}")
hinted() { queues "select(.queue == $full).hint" | grep -Eq '^[0-9]+ % of all traffic \(a share is 50 %\): site .* on queue . would leave'; }
tap_check "until then their queue says that one of them could stand on the other" isp_wait_for 10 hinted
tap_check "and tells how much of its CPUs' time goes into softirqs" test "$(queues "select(.queue == $full) |
	[.download_softirq, .upload_softirq] | all(. != null and . >= 0 and . <= 1)")" = true
isp_wait_for 32 is_moved 1
tap_check "a tower with traffic goes to the queue that has less to do" is_moved 1
isp_wait_for 5 has_no_old_classes
tap_check "its old classes are gone soon after" has_no_old_classes
tap_check "each of the two has a queue of its own now" \
	test "$(queue_of "${circuits[one]}")" != "$(queue_of "${circuits[other]}")"
wait "${streams[@]}"
tap_check "no packet of either was lost" \
	test "$(jq -s 'map(.lost) | add' "$ISP_RUN/stream$one" "$ISP_RUN/stream$other")" = 0
tap_check "it moved once: on a load that stays nothing goes to and fro" test "$(placement moves)" = 1
journal >"$ISP_RUN/journal"
tap_check "the journal says who moved, and with what" \
	grep -Eq '(alder|birch|cedar) queue [12] -> [12] moved with its load of' "$ISP_RUN/journal"
# What is kept of it: the windows, and what the two carried.
saved()
{
	[[ $(sqlite3 -cmd '.timeout 5000' "$ISP_STATE" "SELECT windows >= $windows, (SELECT count(*)
		FROM loads WHERE load_bps > 5000000) FROM measured") == "1|2" ]]
}
windows=$(placement windows)
tap_check "what was measured is written to state.db" isp_wait_for 10 saved
before=$(queue_of "${circuits[one]}"),$(queue_of "${circuits[other]}")
isp_stop_engine KILL
isp_start_engine
tap_check "killed and started again, the engine finds all where it was" test \
	"$(isp_request '{"id":1,"verb":"status"}' | jq -r '.result | "\(.adopted),\(.start_operations)"')" = true,0
tap_check "it knows what was measured before" test "$(placement windows)" -ge "$windows"
tap_check "and leaves it there" \
	test "$before" = "$(queue_of "${circuits[one]}"),$(queue_of "${circuits[other]}")"

# More circuits than there are slots are refused, and the tree of before goes on shaping. That is what
# state.db keeps, whatever is measured meanwhile.
is_refused()
{
	isp_request '{"id":1,"verb":"status"}' | jq -r .result.message | grep -q 'slots are'
}
has_saved_window() # COUNT
{
	(($(sqlite3 -cmd '.timeout 5000' "$ISP_STATE" "SELECT windows FROM measured") >= $1))
}
rows_in_force()
{
	sqlite3 -cmd '.timeout 5000' "$ISP_STATE" "SELECT (SELECT count(*) FROM circuits), revision FROM applied"
}
rows_in_force >"$ISP_RUN/before"
sqlite3 -cmd '.timeout 5000' "$ISP_CIRCUITS" "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1
	FROM n WHERE n < 5000) INSERT INTO circuits (id, download_max_bps, upload_max_bps)
	SELECT 'new' || n, 10000000, 10000000 FROM n"
tap_check "more circuits than slots are refused" isp_wait_for 10 is_refused
tap_check "an edit is refused meanwhile, and says why" grep -q '"ok":false.*slots are' <(isp_request \
	'{"id":1,"verb":"circuit.set","circuit":"1001","download_max_bps":"30M"}')
# Somebody deletes a class, which can't be put right just now; then there is nothing new to be seen. The
# reply that tells of that look tells the refusal: soon the import is tried again, and refused anew.
link_is() # STATE: $reply says so
{
	reply=$(isp_request '{"id":1,"verb":"status"}')
	[[ $(jq -r .result.links.access <<<"$reply") == "$1" ]]
}
is_refused_with_link() # STATE
{
	isp_wait_for 5 link_is "$1" && jq -r .result.message <<<"$reply" | grep -q 'slots are'
}
isp_in "$ISP_SHAPER" tc class del dev lan0 classid "$(e2e_class_of 1001)"
tap_check "queueing that somebody changed can't be put right" \
	isp_wait_for 5 grep -q 'changed by somebody else, and is not right yet' "$ISP_RUN/lqosd.log"
ip -n "$ISP_ACCESS" link set cust0 down
tap_check "and what is refused stays told when nothing else is wrong" is_refused_with_link "no carrier"
ip -n "$ISP_ACCESS" link set cust0 up
tap_check "also with the next look" is_refused_with_link up
windows=$(placement windows)
tap_check "what is measured is written on" isp_wait_for 10 has_saved_window $((windows + 2))
tap_check "but not the network that was never applied" diff "$ISP_RUN/before" <(rows_in_force)
isp_stop_engine TERM
tap_check "nor when the engine ends" diff "$ISP_RUN/before" <(rows_in_force)
rm "$ISP_CIRCUITS"*
isp_in "$ISP_SHAPER" "$ISP_BUILD/lqosd" -c "$ISP_CONFIG" --detach
isp_start_engine
tap_check "without the file it is shaped anew as it was" test "$(e2e_ceil "$(e2e_class_of 1001)")" = 20Mbit
tap_end
