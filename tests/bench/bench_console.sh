#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the console costs a thin line: bytes a second to the terminal while the rates move, and
# the time from a key to the changed screen; 100,000 circuits in the (fake) engine.
# shellcheck source=tests/tui/lib.sh
. "$(dirname "$0")/../tui/lib.sh"
SECONDS_MEASURED=10
KEYS=20
start_engine large

written() { stat -c %s "$work/bytes"; }
changed() { [[ $(written) != "$was" ]]; }

for size in 80x24 200x60; do
	start_console "$size" -t circuits
	wait_until has "1/100091" || { echo "the console did not come up"; exit 1; }
	tmux pipe-pane -t console -O "cat >'$work/bytes'"
	wait_until test -e "$work/bytes"
	before=$(written)
	read -rt $SECONDS_MEASURED <> <(:)
	after=$(written)
	printf 'console at %-7s %8d bytes a second to the terminal\n' "$size" \
		$(((after - before) / SECONDS_MEASURED))
done

# With the numbers still, what the terminal gets next is the key's doing.
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
	echo $((${EPOCHREALTIME/./} - start_us))
done | sort -n | awk '{ us[NR] = $1 }
	END { printf "key to screen, tmux and a 20 ms look included: median %.1f ms, worst %.1f ms\n",
		us[int((NR + 1) / 2)] / 1000, us[NR] / 1000 }'
