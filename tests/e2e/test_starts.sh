#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Starts that are refused: one sentence, the exit status, nothing half set up. And --detach.
. "$(dirname "$0")/../lib/e2e.sh"
isp_up && isp_import || { echo "Bail out! the ISP did not come up"; exit 1; }
lqosd=$ISP_BUILD/lqosd

# refuses WHAT STATUS WORDS CONFIG [OPTION...]
refuses()
{
	local what=$1 status=$2 words=$3 config=$4
	shift 4
	isp_in "$ISP_SHAPER" timeout 20 "$lqosd" -c "$config" "$@" >"$ISP_RUN/out" 2>&1 </dev/null
	tap_check "$what: exit status $status" test $? = "$status"
	tap_check "$what: says \"$words\"" grep -qF -- "$words" "$ISP_RUN/out"
	tap_check "$what: in one sentence" test "$(grep -c '^lqosd: ' "$ISP_RUN/out")" = 1
}

config_with() # SED-SCRIPT: the demo's settings, changed
{
	sed "$1" "$ISP_CONFIG" >"$ISP_RUN/other.conf"
	echo "$ISP_RUN/other.conf"
}

refuses "no such interface" 1 'there is no interface "lan9"' "$(config_with s/lan0/lan9/)"
refuses "a missing circuits file" 1 "there is no $ISP_RUN/none.db" \
	"$(config_with "s|$ISP_CIRCUITS|$ISP_RUN/none.db|")"
echo "this is no database, whatever it is called; it is just some text" >"$ISP_RUN/text.db"
refuses "a circuits file that is not SQLite" 1 "is not an SQLite database" \
	"$(config_with "s|$ISP_CIRCUITS|$ISP_RUN/text.db|")"
cp "$ISP_CIRCUITS" "$ISP_RUN/newer.db"
sqlite3 "$ISP_RUN/newer.db" "PRAGMA user_version = 99"
refuses "a newer circuits file" 1 "schema version 99, newer than this program" \
	"$(config_with "s|$ISP_CIRCUITS|$ISP_RUN/newer.db|")"
refuses "more queues than there are" 1 "transmit queues in common" \
	"$(config_with 's/^\[database\]/[shaping]\nqueues = 64\n[database]/')"
refuses "an unknown key" 1 'there is no key "speed"' "$(config_with 's/^slots.*/speed = 1/')"
refuses "two things at once" 2 "--detach asks for something else" "$ISP_CONFIG" --init --detach
refuses "an unknown option" 2 "see lqosd --help" "$ISP_CONFIG" extra
others=0
while read -r root; do
	others=$((others + 1))
	isp_in "$ISP_SHAPER" tc qdisc add dev lan0 root $root # words
	[[ $root == *mq ]] &&
		isp_in "$ISP_SHAPER" tc qdisc add dev lan0 parent 7fff:1 handle 1: htb default 2
	refuses "somebody else's $root" 1 'that is not ours; remove it with: tc qdisc del dev lan0 root' \
		"$ISP_CONFIG"
	isp_in "$ISP_SHAPER" tc qdisc del dev lan0 root
done <<<"handle 9: htb
handle 1: htb default 2
handle 7fff: mq"
tap_check "three kinds of them" test $others = 3
mkdir "$ISP_PINS" "$ISP_PINS/else"
refuses "pins of somebody else's" 1 "has \"else\" in it, which is not lqosd's" "$ISP_CONFIG"
refuses "detaching those" 1 "has \"else\" in it, which is not lqosd's" "$ISP_CONFIG" --detach
rmdir "$ISP_PINS/else" "$ISP_PINS"
tap_check "nothing is set up after all that" e2e_untouched

isp_in "$ISP_SHAPER" setpriv --bounding-set -all --inh-caps -all --reuid 65534 --regid 65534 \
	--clear-groups "$lqosd" -c "$ISP_CONFIG" >"$ISP_RUN/out" 2>&1
tap_check "without privileges: exit status 1" test $? = 1

isp_start_engine || exit 1
refuses "a second engine" 1 "another lqosd is running" "$ISP_CONFIG"
refuses "a socket in use" 1 "another program answers on the control socket" \
	"$(config_with "s|$ISP_STATE|$ISP_RUN/other-state.db|; s|$ISP_PINS|$ISP_PINS-other|; s|$ISP_CIRCUITS|$ISP_CIRCUITS|")"
refuses "detaching a running engine" 1 "another lqosd is running" "$ISP_CONFIG" --detach
# With files and a socket of its own it would find the same interfaces, and other circuits to shape.
elsewhere="s|$ISP_STATE|$ISP_RUN/new-state.db|; s|$ISP_SOCKET|$ISP_RUN/new.sock|
	s|$ISP_CIRCUITS|$ISP_RUN/new.db|"
"$lqosd" -c "$(config_with "$elsewhere")" --init
handles=$(e2e_handles)
refuses "an engine on the same pins" 1 "another lqosd is running on $ISP_PINS" "$(config_with "$elsewhere")"
refuses "an engine on the same interfaces" 1 "another XDP program is on it" \
	"$(config_with "$elsewhere; s|$ISP_PINS|$ISP_PINS-new|")"
refuses "detaching by another state file" 1 "another lqosd is running on $ISP_PINS" \
	"$(config_with "$elsewhere")" --detach
tap_check "the classes stand as before" test "$(e2e_handles)" = "$handles"
tap_check "the running engine is not disturbed" isp_answers

isp_stop_engine TERM
tap_check "stopped, it leaves traffic shaped" \
	grep -q htb <(isp_in "$ISP_SHAPER" tc qdisc show dev lan0)
tap_check "--detach succeeds" isp_in "$ISP_SHAPER" "$lqosd" -c "$ISP_CONFIG" --detach
tap_check "no qdisc, program, pin or link of ours is left" e2e_untouched
tap_check "traffic passes unshaped" isp_reachable
tap_check "--detach again is no error" isp_in "$ISP_SHAPER" "$lqosd" -c "$ISP_CONFIG" --detach
tap_end
