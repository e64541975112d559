#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A person at 2 a.m.: from the tree to the worst circuit by keys alone, raises it, sees the rate
# follow, and takes it back.
. "$(dirname "$0")/../lib/e2e.sh"
e2e_up
console()
{
	tmux -S "$ISP_RUN/tmux" -f /dev/null "$@"
}
unset TMUX
trap 'console kill-server 2>/dev/null; isp_down' EXIT
shows()
{
	console capture-pane -p | grep -qE -- "$1"
}
keys()
{
	console send-keys "$@"
}

# 1003 of 10M is full: its own queue makes it slow. 1005 elsewhere is not.
isp_goodput 100.64.3.10 down 60 -P 4 >"$ISP_RUN/full" &
isp_goodput 100.64.5.10 down 60 -b 5M >"$ISP_RUN/easy" &
scored()
{
	isp_request '{"id":1,"verb":"circuits"}' | jq -e '.result.rows |
		(map(select(.id == "1003"))[0].qoo // 100) < (map(select(.id == "1005"))[0].qoo // 0)' >/dev/null
}
tap_check "the full circuit has the lower score" isp_wait_for 20 scored

console new-session -d -x 80 -y 24 "LC_ALL=C.UTF-8 $ISP_BUILD/lqos-top --socket $ISP_SOCKET"
isp_wait_for 5 shows "North POP"
keys Home
keys w
tap_check "w goes to the worst tower" isp_wait_for 5 shows "^ North POP › birch Tower Birch"
keys w
tap_check "again to its worst access point" isp_wait_for 5 shows "^ North POP › Tower Birch › birch-1 AP Birch-1"
keys w
tap_check "and to the circuit" isp_wait_for 5 shows "› AP Birch-1 › 1003 Baker"
keys Enter
tap_check "Enter opens it: full to its plan" isp_wait_for 5 shows "Download +(9\.[5-9]|10\.)[0-9]*M of 10M"
keys e
isp_wait_for 5 shows "Edit circuit 1003"
keys -l 30M
isp_wait_for 5 shows "10M -> 30M"
keys Enter
tap_check "30M is applied" isp_wait_for 5 shows "Applied in"
tap_check "the measured rate follows" isp_wait_for 15 shows "Download +(2[7-9]\.|30\.)[0-9]*M of 30M"
keys u
isp_wait_for 5 shows "30M -> 10M"
keys Enter
tap_check "u takes it back" isp_wait_for 5 shows "Download .* of 10M"
tap_check "and the rate goes down again" isp_wait_for 15 shows "Download +(9\.[5-9]|10\.)[0-9]*M of 10M"
# Two at once, and back at once.
plan_of()
{
	isp_request "{\"id\":1,\"verb\":\"circuit\",\"circuit\":\"$1\"}" | jq .result.download_max_bps
}
keys 2
isp_wait_for 5 shows "CIRCUIT"
keys Home m m e
isp_wait_for 5 shows "Edit 2 circuits"
before=$(plan_of 1001)
keys -l +50%
isp_wait_for 5 shows "change class"
keys Enter
raised()
{
	[[ $(plan_of 1001) == $((before * 3 / 2)) ]]
}
tap_check "two marked circuits are raised by a share" isp_wait_for 5 raised
isp_wait_for 5 shows "Applied in"
keys u
isp_wait_for 5 shows "Take back revision"
keys Enter
isp_wait_for 5 shows "y yes"
keys y
back()
{
	[[ $(plan_of 1001) == "$before" ]]
}
tap_check "u takes both back" isp_wait_for 5 back
tap_end
