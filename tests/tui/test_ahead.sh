#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Keys typed ahead of the engine's answers: none is lost, and none acts on other rows than were meant.
# shellcheck source=tests/tui/lib.sh
. "$(dirname "$0")/lib.sh"
start_engine still

# The engine is deaf when the keys are typed, and hears again after them.
deafen() { kill -USR1 "$engine"; }
hear() { kill -USR1 "$engine"; }

deafen
start_console 80x24
wait_until has "connecting"
keys Down Down Right Down Down Enter
hear
expect "^ 1042 Grün, Käthe +North POP" "keys typed before the first rows act on them when they come"

start_console 80x24 -t circuits
wait_until has "1/91"
deafen
keys / 1 0 4 4 Enter Enter
hear
expect "^ 1044 Farm Holloway +North POP" "Enter behind a filter opens what the filter lets through"

keys Escape
wait_until has "/1044"
deafen
keys e 1 2 3 M Enter
hear
wait_until has "Applied in 3.1 ms to 1 class"
expect "1044 Farm Holloway .* 123M " "a speed typed before the form was filled is the one applied"

deafen
keys s Down 3
expect_not "Sorted by .*CUSTOMER" "a screen's number waits behind a key that waits"
hear
expect "CUSTOMER" "and acts when it is its turn"

start_console 80x24 -t circuits
wait_until has "1/91"
deafen
keys / s p e e d ">" 1 Enter D Enter y
hear
expect "3 of the keys pressed came to nothing: a filter can't compare" \
	"keys behind a filter that is refused are given up, and that is said"
expect_not "Delete circuit" "so that nothing is deleted that was under the cursor before"
keys D
expect "Delete circuit" "what is shown is acted on once it was seen"
keys Escape

start_console 80x24 -t circuits
wait_until has "1/91"
deafen
keys e 1
stop_engine
expect "1 of the keys pressed came to nothing: the engine went away" \
	"keys for a form whose circuit did not come are given up when the engine goes"
start_engine still
wait_until has "  live *$"
keys 8 0 M Enter
expect "Esc closes the form" "and the rest of the text is not taken for the whole once it is back"
keys Escape
expect_not "Esc closes the form" "until Esc closes the form"

deafen
start_console 80x24
wait_until has "connecting"
keys q
expect "^status 0" "q ends it, whatever the engine does"
start_console 80x24
wait_until has "connecting"
keys Down q
expect "^status 0" "though behind a key that waits it does so only once that is given up"

plan
