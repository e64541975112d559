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
	-S "$socket" -b
refused 1 "needs a terminal" "without a terminal it says that it needs one" -S "$socket"
refused 2 "option --wrong is not known" "an unknown option is one sentence and status 2" --wrong
refused 2 "no option -Z" "an unknown letter too" -Z
refused 2 "-n takes a number from 1" "a wrong number too" -b -n 0
refused 2 "option -n needs a value" "a missing value too" -n
refused 2 "no table \"queue\"; take tree" "a wrong table names those there are" -t queue
refused 2 "can't be sorted by \"colour\"; take name, download" "a wrong order too" -b -s colour
refused 2 "\"extra\" is no option" "a stray word too" extra

answers() # WHAT: a socket that says WHAT to who connects, and ends
{
	printf '%s\n' "$1" >"$work/answer"
	rm -f "$socket"
	socat -u "OPEN:$work/answer" "UNIX-LISTEN:$socket" &
	wait_until test -S "$socket"
}
answers '{"id":null,"ok":false,"error":{"code":"denied","message":"user x is in no group of ours"}}'
refused 1 "user x is in no group of ours" "an engine that turns us away is quoted" -S "$socket" -b
answers '<html>'
refused 1 "does not speak the engine's protocol" "a stranger on the socket is said to be one" \
	-S "$socket" -b
rm -f "$socket"

start_engine still
out=$("$top" -S "$socket" -b -n 1)
report $? "-b -n 1 prints the tree once"
[[ $(grep -c . <<<"$out") == 100 ]]
report $? "with all its rows, unfolded, under a heading"
grep -qE "1042 Grün, Käthe +74.0M +100M +8.88M +20M" <<<"$out"
report $? "and the numbers of the screens"
rows=$("$top" -S "$socket" -b -n 1 -t circuits -f tanaka -s download | awk 'NR > 1' | grep -c Tanaka)
[[ $rows == 12 ]]
report $? "-f and -o filter and sort"
ticks=$("$top" -S "$socket" -b -n 3 -d 0.25 --json -t circuits -f 1042)
[[ $(grep -c '^{"version":1,"table":"circuits".*"id":"1042".*}$' <<<"$ticks") == 3 ]]
report $? "--json prints a line with an object a tick"
"$top" -S "$socket" -b -n 1 -t status | grep -qE "epoch +4127"
report $? "the status is a table too"
refused 1 "can't compare" "a bad filter is refused in the engine's words" -S "$socket" -b -n 1 -f "s>1"
LC_ALL=C "$top" -S "$socket" -b -n 1 | LC_ALL=C grep -q '[^ -~]'
report $((!$?)) "outside a UTF-8 locale nothing but ASCII is printed"
"$top" --list-keys | grep -qE "^  Enter +open +open: a site folds"
report $? "--list-keys prints the keys and what their actions are called"
[[ $("$top" --help | wc -l) -le 24 && $("$top" --version) == lqos-top\ * ]]
report $? "--help fits a screen, --version names the program"


# --- every table -----------------------------------------------------------------------------------
table() { "$top" -S "$socket" -b -n 1 "$@"; }
of() { case $1 in devices | histogram | samples | leaf | why) echo "--of 1042" ;; esac }
for name in tree sites circuits flows rtt queues unknown journal problems status captures devices histogram samples leaf why; do
	# shellcheck disable=SC2046
	column=$(table -t "$name" -o none $(of "$name") 2>&1 | sed -n 's/.* take \([a-z_]*\), .*/\1/p')
	# shellcheck disable=SC2046
	[[ -n $column && $(table -t "$name" -o "$column" $(of "$name") | head -n 1 | wc -w) -le 3 ]]
	report $? "$name: a column that there is not is refused with those there are; one alone is shown"
	# shellcheck disable=SC2046
	table -t "$name" --json $(of "$name") |
		jq -e --arg name "$name" '.version == 1 and .table == $name and (.rows | length > 0)' >/dev/null
	report $? "$name: --json gives its rows"
	# shellcheck disable=SC2046
	words=$(table -t "$name" --plain $(of "$name"))
	[[ $words == *": "* ]] && ! grep -q '[█▏▎▍▌▋▊▉·▾▸▁]' <<<"$words"
	report $? "$name: --plain gives sentences without pictures"
done

sorted_by() # NAME OPTION...: the column's numbers in the order they are printed
{
	local name=$1
	shift
	table --json "$@" | jq -c "[.rows[].$name | select(. != null)]"
}
[[ $(sorted_by drops -t queues -s drops) == "$(sorted_by drops -t queues -s -drops | jq -c reverse)" &&
	$(sorted_by drops -t queues -s drops | jq -c '(sort | reverse) == .') == true ]]
report $? "a table that comes whole is sorted too, and the other way round"
[[ $(table --json -t journal -f 215M | jq '.rows | length') == 1 ]]
report $? "and filtered"
[[ $(table --json -t circuits -o name,download -f 1042 | jq -c '.rows[0] | keys') == \
	'["download_bps","id","key","name"]' ]]
report $? "-o leaves only its columns in JSON"
[[ $(table -t circuits -o download,id -f 1042 | tr -s ' ') == $' DOWN ID\n 74.0M 1042' ]]
report $? "-o shows its columns in its order"
table -t circuits -f 1042 --plain |
	grep -q "^1042 Grün, Käthe: download 74.0M, download_max 100M, upload 8.88M"
report $? "--plain says a row in words"
table -t circuits -f 1042 --units bytes | grep -q "9.2MB *12MB *1.1MB *2.5MB"
report $? "--units bytes shows rates in bytes a second"
refused 2 "no column \"height\"; take name, download" "an unknown column is status 2" -b -o height
refused 2 "named twice" "so is one that is named twice" -b -o name,name
refused 2 "no theme \"pink\"" "so is an unknown theme" --theme pink
refused 2 "units are bits or bytes" "so are unknown units" --units furlongs
refused 2 "there is no column \"colour\" here; take queue" "so is a filter that a whole table can't do" \
	-b -t queues -f "colour>1"
refused 2 "exclude each other" "so is what excludes each other" -b --json --plain

# --- the configuration -----------------------------------------------------------------------------
export XDG_CONFIG_HOME=$work/config
mkdir -p "$XDG_CONFIG_HOME/lqos-top"
cat >"$XDG_CONFIG_HOME/lqos-top/config" <<-'END'
	[console]
	units = bytes
	colour = red
	[columns]
	circuits = id download
	[sort]
	circuits = -name
	[keys]
	quit = Q F10
END
[[ $(table -t circuits 2>/dev/null | head -n 2 | tr -s ' ') == $' ID DOWN\n 1045 3.2MB'* ]]
report $? "the configuration chooses columns, order and units"
[[ $(table -t circuits -o name -s name 2>/dev/null | sed -n 2p) == *1044* ]]
report $? "the command line overrules it"
refused 0 "^lqos-top: $XDG_CONFIG_HOME/lqos-top/config: line 3: there is no key \"colour\" in \[console\]; take" \
	"what it can't use is warned of, no more" -S "$socket" -b -n 1
"$top" --list-keys | grep -qE "^  Q F10 +quit "
report $? "--list-keys tells the keys in force"

plan
