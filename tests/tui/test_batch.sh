#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lqos-top without a terminal: tables, JSON, refusals and exit statuses.
# shellcheck source=tests/tui/lib.sh
. "$(dirname "$0")/lib.sh"

refused() # STATUS PATTERN SENTENCE OPTION...
{
	local status=$1 pattern=$2 sentence=$3 words
	shift 3

	words=$("$top" "$@" 2>&1 >/dev/null </dev/null)
	[[ $? == "$status" && $(wc -l <<<"$words") == 1 ]] && grep -qE -- "$pattern" <<<"$words"
	report $? "$sentence"
}

refused 1 "$socket: there is no such socket, so no engine" "-b without an engine names the socket" \
	-s "$socket" -b
refused 1 "needs a terminal" "without a terminal it says that it needs one" -s "$socket"
refused 2 "option --wrong is not known" "an unknown option is one sentence and status 2" --wrong
refused 2 "no option -Z" "an unknown letter too" -Z
refused 2 "-n takes a number from 1" "a wrong number too" -b -n 0
refused 2 "option -n needs a value" "a missing value too" -n
refused 2 "no table \"queue\"; take tree" "a wrong table names those there are" -t queue
refused 2 "can't be sorted by \"colour\"; take name, download" "a wrong order too" -b -o colour
refused 2 "\"extra\" is no option" "a stray word too" extra

answers() # WHAT: a socket that says WHAT to who connects, and ends
{
	printf '%s\n' "$1" >"$work/answer"
	rm -f "$socket"
	socat -u "OPEN:$work/answer" "UNIX-LISTEN:$socket" &
	wait_until test -S "$socket"
}
answers '{"id":null,"ok":false,"error":{"code":"denied","message":"user x is in no group of ours"}}'
refused 1 "user x is in no group of ours" "an engine that turns us away is quoted" -s "$socket" -b
answers '<html>'
refused 1 "does not speak the engine's protocol" "a stranger on the socket is said to be one" \
	-s "$socket" -b
rm -f "$socket"

start_engine still
out=$("$top" -s "$socket" -b -n 1)
report $? "-b -n 1 prints the tree once"
[[ $(grep -c . <<<"$out") == 100 ]]
report $? "with all its rows, unfolded, under a heading"
grep -qE "1042 Grün, Käthe +74.0M +100M +8.88M +20M" <<<"$out"
report $? "and the numbers of the screens"
rows=$("$top" -s "$socket" -b -n 1 -t circuits -f tanaka -o download | awk 'NR > 1' | grep -c Tanaka)
[[ $rows == 12 ]]
report $? "-f and -o filter and sort"
ticks=$("$top" -s "$socket" -b -n 3 -d 0.25 --json -t circuits -f 1042)
[[ $(grep -c '^{"version":1,"table":"circuits".*"id":"1042".*}$' <<<"$ticks") == 3 ]]
report $? "--json prints a document a tick"
"$top" -s "$socket" -b -n 1 -t status | grep -qE "epoch +4127"
report $? "the status is a table too"
refused 1 "can't compare" "a bad filter is refused in the engine's words" -s "$socket" -b -n 1 -f "s>1"
LC_ALL=C "$top" -s "$socket" -b -n 1 | LC_ALL=C grep -q '[^ -~]'
report $((!$?)) "outside a UTF-8 locale nothing but ASCII is printed"
"$top" --list-keys | grep -qE "^  Enter +open: a site folds"
report $? "--list-keys prints the keys"
[[ $("$top" --help | wc -l) -le 24 && $("$top" --version) == lqos-top\ * ]]
report $? "--help fits a screen, --version names the program"

plan
