#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The circuits file on a disk that is full, or that can only be read: the network stays shaped, it is
# said in words, and it goes on when there is room.
set -u
ISP=${ISP:-lqos$$}
ISP_RUN=/tmp/$ISP
disk=$ISP_RUN/disk
. "$(dirname "$0")/../lib/e2e.sh"
trap 'umount -l "$disk" 2>/dev/null; isp_down' EXIT
mkdir -p "$disk" && mount -t tmpfs -o size=4M "$ISP" "$disk" || exit 1
ISP_CIRCUITS=$disk/circuits.db
e2e_up
class=$(e2e_class_of 1001)
ceil_is() { [[ $(e2e_ceil "$class") == "$1" ]]; }
trouble_is()
{
	local trouble
	trouble=$(isp_request '{"id":1,"verb":"status"}' | jq -r '.result.message')
	[[ $trouble == *"$1"* ]]
}
trouble_gone() { isp_request '{"id":1,"verb":"status"}' | jq -e '.result.state == "live"' >/dev/null; }
trouble_comes() # WORDS
{
	isp_wait_for 5 trouble_is "$1" && return
	isp_request '{"id":1,"verb":"status"}' | jq -r '"# \(.result.message)"'
	return 1
}
edit() # RATE: the engine's words
{
	isp_request "{\"id\":1,\"verb\":\"circuit.set\",\"circuit\":\"1001\",\"download_max_bps\":\"$1\"}" |
		jq -r '.error.message // "done"'
}
edit_says() # RATE WORDS
{
	local words
	words=$(edit "$1")
	[[ $words == *"$2"* ]] && return
	echo "# $words"
	return 1
}
ceil_was=$(e2e_ceil "$class")

dd if=/dev/zero of="$disk/filler" bs=64k status=none 2>/dev/null
tap_check "an edit is refused in words when the disk is full" edit_says 30M "is full; nothing was changed"
tap_check "the circuit stays shaped as it was" ceil_is "$ceil_was"
engine_runs() { isp_answers && kill -0 "$(<"$ISP_RUN/lqosd.pid")"; }
tap_check "the engine goes on" engine_runs
rm "$disk/filler"
tap_check "with room again the edit is taken" edit_says 30M "done"
tap_check "and in force" ceil_is 30Mbit
sound() { [[ $(sqlite3 "$ISP_CIRCUITS" "PRAGMA integrity_check") == ok ]]; }
tap_check "the file is sound" sound

isp_stop_engine && sqlite3 "$ISP_CIRCUITS" "UPDATE circuits SET download_max_bps = 40000000 WHERE id = '1001'"
mount -o remount,ro "$disk" && isp_start_engine
tap_check "a file that can only be read is said" trouble_comes "the right to write them and their directory"
tap_check "the network is shaped as it last was" ceil_is 30Mbit
tap_check "an edit is refused" edit_says 50M "nothing can be changed"
check_says() { "$ISP_BUILD/lqosd" --check "$ISP_CIRCUITS" | grep -q "^$ISP_CIRCUITS, revision "; }
tap_check "--check reads it all the same" check_says
mount -o remount,rw "$disk"
tap_check "when it can be written it is taken up" isp_wait_for 5 ceil_is 40Mbit
tap_check "and nothing is wrong any more" isp_wait_for 5 trouble_gone
tap_check "and edits are taken" edit_says 50M "done"
tap_end
