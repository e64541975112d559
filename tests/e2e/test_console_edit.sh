#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A person at the console: finds a circuit, edits it by keys, and the wire has the new rate.
. "$(dirname "$0")/../lib/e2e.sh"
e2e_up
console()
{
	tmux -S "$ISP_RUN/tmux" -f /dev/null "$@"
}
unset TMUX
trap 'console kill-server 2>/dev/null; isp_down' EXIT

console new-session -d -x 80 -y 24 "LC_ALL=C.UTF-8 $ISP_BUILD/lqos-top -S $ISP_SOCKET"
shows()
{
	console capture-pane -p | grep -qF -- "$1"
}
keys()
{
	console send-keys "$@"
}
tap_check "the tree comes up at 80x24" isp_wait_for 5 shows "North POP"
keys 2
tap_check "2 shows the circuits" isp_wait_for 5 shows "Abara"
keys /
isp_wait_for 3 shows "ilter"
keys -l 100.64.1.10
keys Enter
only_abara()
{
	shows "Abara" && ! shows "Chen"
}
tap_check "/ finds a circuit by its address" isp_wait_for 5 only_abara
keys e
tap_check "e opens the edit form" isp_wait_for 5 shows "Edit circuit 1001"
keys C-u
keys -l 50M
tap_check "the form says what it would change" isp_wait_for 5 shows "class"
keys Enter
in_force()
{
	[[ $(e2e_ceil "$(e2e_class_of 1001)") == 50Mbit ]]
}
tap_check "Enter applies it" isp_wait_for 5 in_force
tap_check "the console says so" isp_wait_for 5 shows "Applied in"
tap_check "the journal names the person" grep -q '^root (uid 0)|20000000|50000000' \
	<(sqlite3 "$ISP_CIRCUITS" "SELECT author, before, after FROM journal WHERE circuit = '1001'
		ORDER BY id DESC LIMIT 1")
tap_check "the new rate is on the wire" \
	e2e_within "$(isp_goodput $ADDRESS down 4 -P 2)" 44000000 50000000
# A site has no earlier plan to put in a form again: the engine undoes the revision, and tells before.
keys 1
isp_wait_for 5 shows "Tower Alder"
keys Home Down e
isp_wait_for 5 shows "Edit site alder"
keys -l 90M
isp_wait_for 5 shows "class"
keys Enter
capacity_is()
{
	[[ $(sqlite3 "$ISP_CIRCUITS" "SELECT download_bps FROM sites WHERE id = 'alder'") == "$1" ]]
}
tap_check "a site gets another capacity" isp_wait_for 5 capacity_is 90000000
isp_wait_for 5 shows "Applied in"
keys u
tap_check "u tells what it would take back" \
	isp_wait_for 5 shows "site alder: download_bps 90M -> 400M"
tap_check "and does not do it" capacity_is 90000000
keys Enter
isp_wait_for 5 shows "y yes"
keys y
tap_check "until it is confirmed" isp_wait_for 5 capacity_is 400000000
isp_wait_for 5 shows "Applied in"

isp_stop_engine KILL
tap_check "with the engine gone the console says so" isp_wait_for 5 shows "engine away"
isp_start_engine
tap_check "and comes back with it" isp_wait_for 10 shows "live"
keys q
console_gone()
{
	! console list-sessions >/dev/null 2>&1
}
tap_check "q ends it" isp_wait_for 3 console_gone
tap_end
