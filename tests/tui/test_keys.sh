#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every key of every footer does what the footer says: the footers hold these keys and no others.
# shellcheck source=tests/tui/lib.sh
. "$(dirname "$0")/lib.sh"
start_engine still

# Where | how one gets there from the tree: a key, and what it brings, and so on
places=(
	"tree"
	"circuits|2|1/91"
	"flows|3|1/60"
	"rtt|4|2058 Grün"
	"queues|5|QUEUE"
	"unknown|6|192.0.2.250"
	"journal|7|AUTHOR"
	"problems|8|REASON"
	"engine|9|running for"
	"circuit|2|1/91|Enter|at least"
	"why|6|192.0.2.250|Enter|limit, download"
	"help|?|unfold all sites"
	"form|2|1/91|e|as it is now"
	"filter|2|1/91|/|Filter:"
	"question|2|1/91|D|Delete circuit|Enter|y yes"
)

# Where | the key, as the footer has it | its label there | the key for tmux | what it leads to | the key
# that takes it back (-: it may stay); without one the next row begins anew
rows=(
	"tree|Enter|open|Enter|North POP \(31\)|Enter"
	"tree|e|edit|e|as it is now|Escape"
	"tree|w|worst|w| [2-9]+/70 *$|Home"
	"tree|*|all|*| 1/99 *$|*"
	"tree|F|flat|F|1/[0-9] *$|F"
	"circuits|Enter|open|Enter|at least|Escape"
	"circuits|e|edit|e|as it is now|Escape"
	"flows|Enter|open|Enter|at least|Escape"
	"flows|e|edit|e|as it is now|Escape"
	"rtt|Enter|open|Enter|at least|Escape"
	"rtt|e|edit|e|as it is now|Escape"
	"unknown|Enter|why|Enter|limit, download|Escape"
	"circuit|Esc|back|Escape| 1/91 *$|Enter"
	"circuit|e|edit|e|as it is now|Escape"
	"circuit|v|view|v|02:00:5e:10:00:01"
	"why|Esc|back|Escape|ADDRESS|Enter"
	"help|Esc|back|Escape|1/70|?"
	"form|Enter|apply|Enter|^ Enter open|e"
	"form|Tab Down|next field|Tab|\[200M +\]|BTab"
	"form|Space|yes/no|Space|\[200M +\]|BSpace"
	"form|Esc|cancel|Escape|^ Enter open|e"
	"filter|Esc|cancel|Escape|^ Enter open|/"
	"filter|Enter|keep|Enter|^ Enter open|/"
	"question|n Esc|no|n|Enter apply|Enter"
	"question|y|yes|y|Applied in"
)
for place in tree circuits flows rtt queues unknown journal problems engine circuit why; do
	rows+=("$place|Space|pause|Space|paused|Space" "$place|?|help|?|hold the picture|Escape")
	[[ $place == why ]] ||
		rows+=("$place|/|filter|/|Filter:|Escape" "$place|s|sort|s|Sorted by|-")
	rows+=("$place|q|quit|q|^status 0")
done

go() # PLACE
{
	local place steps i

	for place in "${places[@]}"; do
		[[ ${place%%|*} == "$1" ]] || continue
		IFS='|' read -ra steps <<<"$place"
		start_console 200x50
		wait_until has "1/70"
		for ((i = 1; i < ${#steps[@]}; i += 2)); do
			keys "${steps[i]}"
			wait_until has "${steps[i + 1]}" ||
				{ report 1 "from the tree to $1: ${steps[i + 1]}"; return; }
		done
	done
}

for place in "${places[@]}"; do
	place=${place%%|*}
	hints=$(for row in "${rows[@]}"; do
		IFS='|' read -r where name label _ <<<"$row"
		[[ $where != "$place" ]] || echo "$name $label"
	done | sort)
	go "$place"
	[[ $(screen | sed 's/  *lines [0-9].*//; s/^ //' | tail -n 1 | sed 's/  /\n/g' | sort) == "$hints" ]]
	report $? "$place: the footer holds just these keys: ${hints//$'\n'/, }"
done
for place in "${places[@]}"; do
	place=${place%%|*} back=
	for row in "${rows[@]}"; do
		IFS='|' read -r where name label key pattern undo <<<"$row"
		[[ $where == "$place" ]] || continue
		[[ -n $back ]] || go "$place"
		keys "$key"
		expect "$pattern" "$place: $name is \"$label\""
		back=$undo
		[[ -z $back || $back == - ]] || { keys "$back"; wait_until has_not "$pattern"; }
	done
done

plan
