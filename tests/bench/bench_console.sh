#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the console costs a thin line: bytes a second to the terminal while the rates move, and
# the time from a key to the changed screen (100,000 circuits in the fake engine), and from the start
# to the first full screen.
bench_argument=${1:-}
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
rows ssh ssh-wide key start
set --
# shellcheck source=tests/tui/lib.sh
. "$(dirname "$0")/../tui/lib.sh"
SECONDS_MEASURED=10
KEYS=20
STARTS=10
CIRCUITS=100000

written() { stat -c %s "$work/bytes"; }
changed() { [[ $(written) != "$was" ]]; }

# bytes_a_second ROW SIZE
bytes_a_second()
{
	local before

	wants "$1" || return 0
	start_console "$2" -t circuits
	wait_until has "1/100091" || { echo "the console did not come up"; exit 1; }
	tmux pipe-pane -t console -O "cat >'$work/bytes'"
	wait_until test -e "$work/bytes"
	before=$(written)
	read -rt $SECONDS_MEASURED <> <(:)
	sample "$1" "console at $2, steady" B/s $CIRCUITS \
		$((($(written) - before) / SECONDS_MEASURED))
}

start_engine large
bytes_a_second ssh 80x24
bytes_a_second ssh-wide 200x60

# From the shell's start of it until the last row of the tree is there; of a small network, so that it is
# the console that is measured and not the fake engine.
if wants start; then
	stop_engine
	start_engine still
	for ((i = 0; i < STARTS; i++)); do
		start_us=${EPOCHREALTIME/./}
		start_console 80x24
		until has "^ +2010 .*100M"; do :; done
		sample start "start to first full screen, a shell and tmux included" ms 91 \
			"$(awk -v us=$((${EPOCHREALTIME/./} - start_us)) 'BEGIN { print us / 1000 }')"
	done
fi

# With the numbers still, what the terminal gets next is the key's doing.
wants key || exit 0
stop_engine
start_engine still large
start_console 80x24 -t circuits
wait_until has "1/100091"
: >"$work/bytes"
tmux pipe-pane -t console -O "cat >'$work/bytes'"
for ((i = 0; i < KEYS; i++)); do
	read -rt 0.2 <> <(:) # the clock of the last key's message
	was=$(written)
	start_us=${EPOCHREALTIME/./}
	keys Down
	wait_until changed
	sample key "key to screen, tmux and a 20 ms look included" ms $CIRCUITS \
		"$(awk -v us=$((${EPOCHREALTIME/./} - start_us)) 'BEGIN { print us / 1000 }')"
done
