#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The verb leaf says what the kernel's own tool says, and goes on with packets that wait.
. "$(dirname "$0")/../lib/e2e.sh"
e2e_up

leaf()
{
	isp_request '{"id":1,"verb":"leaf","circuit":"1001"}' | jq -r ".result.$1"
}

e2e_set_download 1001 1M
class=$(e2e_class_of 1001)
isp_paced "$ADDRESS" 20M 4 >"$ISP_RUN/paced.json" &
paced=$!
full()
{
	(($(leaf download.drops) > 100))
}
tap_check "drops of a leaf that overflows are counted" isp_wait_for 5 full
tap_check "and so are the packets that wait" test "$(leaf download.backlog_packets)" -gt 400
kill -TERM $paced
wait $paced
# What waits has left: nothing moves any more.
empty()
{
	(($(leaf download.backlog_packets) == 0))
}
isp_wait_for 15 empty
# tc prints "Sent BYTES bytes PACKETS pkt (dropped N, overlimits N requeues 0)".
isp_in "$ISP_SHAPER" tc -s class show dev lan0 classid "$class" |
	awk '$1 == "Sent" { print $2, $4 } $1 == "lended:" { print $2, $4 }' | tr '\n' ' ' >"$ISP_RUN/tc"
isp_in "$ISP_SHAPER" tc -s qdisc show dev lan0 | grep -A1 "parent $class " |
	awk '$1 == "Sent" { print $7 + 0 }' >>"$ISP_RUN/tc"
leaf 'download | "\(.bytes) \(.packets) \(.lends) \(.borrows) \(.drops)"' >"$ISP_RUN/verb"
tap_check "bytes, packets, lends, borrows and drops are tc's" diff "$ISP_RUN/tc" "$ISP_RUN/verb"
tap_check "the upload has a class of its own, which borrowed nothing" \
	test "$(leaf 'upload | "\(.leaf) \(.drops)"')" = "pfifo 0"
tap_check "an unknown circuit is refused" \
	grep -q 'there is no circuit' <<<"$(isp_request '{"id":1,"verb":"leaf","circuit":"x"}')"
tap_end
