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
