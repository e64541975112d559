#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the console shows when the engine goes, stays silent, comes back or names things badly.
# shellcheck source=tests/tui/lib.sh
. "$(dirname "$0")/lib.sh"
start_engine still

faint() # a row that is not selected is drawn dim
{
	tmux capture-pane -e -p -t console | grep -E "Tower Alder" | grep -q $'\e\\[2m'
}

start_console 80x24
wait_until has "North POP"
stop_engine
expect "engine away [0-9]+ s" "an engine that went is said to be away, with the age of the numbers"
expect "Trying again; .*there is no such socket" "and why"
expect "575M" "the last numbers stay"
wait_until faint
report $? "greyed"
keys Down Down Down
expect "AP Alder-2" "keys work meanwhile"
start_engine still
expect "  live *$" "it comes back by itself"
keys Down Right
expect "North POP" "and works"
kill -USR1 "$engine"
expect "no answer for [0-9]+ s" "an engine that is silent is said to be so, with the age"
keys 2
expect "Waiting for the engine" "a screen without data says what it waits for"
kill -USR1 "$engine"
expect "1044 Farm Holloway" "and fills once it answers"

keys 1 Space
expect "paused" "Space holds the picture"
keys Space
expect "  live *$" "and lets it go"

# --- what wants to be seen -------------------------------------------------------------------------
kill -USR2 "$engine"
expect "^ 11-14 22:13 wan0: link up -> no carrier: nothing passes by it   Esc seen" \
	"a link that loses its carrier is told in the line above the keys"
keys Down
expect "wan0: link up -> no carrier" "until it was seen"
keys Escape
expect_not "no carrier" "which Esc says"
keys 9
expect "internet link +no carrier" "and the engine's screen goes on saying it"
kill -USR2 "$engine"
expect "internet link +up" "until it is back"
keys 1

# --- names that try to steer the terminal ---------------------------------------------------------
stop_engine
start_engine still hostile
start_console 80x24 -f 666
expect "6660 \?\]0;owned\?" "an escape sequence in a name is shown, not obeyed"
expect "6661 \?\?fake row" "line breaks in a name are shown, not obeyed"
misaligned=$(screen | grep -E "^ +666" | grep -vcE "^.{25,38}50M ")
report "$misaligned" "columns stay aligned behind wide and combining characters"
[[ $(tmux display-message -p -t console '#{pane_title}') != owned ]]
report $? "the title of the terminal is untouched"

stop_engine
start_engine still empty
start_console 80x24
expect "No sites and no circuits" "an empty network says so"

# --- the end of a terminal --------------------------------------------------------------------------
pid=$(tmux list-panes -t console -F '#{pane_pid}')
child=$(pgrep -P "$pid" lqos-top)
tmux kill-session -t console
gone() { ! kill -0 "$child" 2>/dev/null; }
wait_until gone
report $? "a lost terminal ends it"

plan
