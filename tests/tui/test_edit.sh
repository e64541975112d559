#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Editing a circuit by keys, against a fake engine.
# shellcheck source=tests/tui/lib.sh
. "$(dirname "$0")/lib.sh"
start_engine still

start_console 80x24 -f 1042
wait_until has "1042 Gr"
keys End e
expect "Edit circuit 1042 Grün, Käthe" "e opens the form of the selected circuit"
expect "Download +100M +\[100M +\] +AP Alder-1 320M" "it shows what is now and the highest here"
keys 8 0 x
expect "\"80x\" is not a rate" "what is no rate is said in words, in place"
keys BSpace M
expect_golden form_80x24 "change class 2:4a download ceil 100M -> 80M" "the preview says what would change"
keys C-u 2 G
expect "more than the link of interface lan0 has" "the engine's refusal is shown in place"
keys Enter
expect "Edit circuit" "and Enter does not close the form over it"
keys C-u 4 0 0 M
expect "! more than AP Alder-1 has" "a warning stands beside the preview"
keys C-u 1 5 0 M
wait_until has "100M -> 150M"
keys Enter
expect "Applied in 3.1 ms to 1 class, epoch 4127 -> 4128, u undo: change class 2:4a d" \
	"Enter applies and tells time, classes, epochs and the way back"
expect "1042 Grün.* 150M" "the table shows the new plan"
keys e Down
wait_until has "Download +150M"
keys 3 0 M Escape
expect_not "Edit circuit" "Esc leaves the form"
expect_not "30M" "without a change"

keys / C-u 1 0 4 3 Enter
wait_until has "1043 Tanaka"
keys End e
wait_until has "Edit circuit 1043"
keys 9 M
wait_until has "10M -> 9M"
keys Enter
expect "changed meanwhile, by revision 14" "a change by somebody else in between is a conflict"
expect "Upload +7M +\[7M" "the form then shows what is now"
expect "Download +10M +\[9M" "and keeps what was typed"
keys Enter
expect "Applied in 3.1 ms" "a second Enter applies on top of it"

start_console 80x24 -t circuits -f 10
wait_until has "1040 Mi"
keys Home m m m
expect "3 marked: e edits them all" "m marks circuits one after another"
expect "^\*1060 " "a mark is seen beside the row"
keys e
expect "Edit 3 circuits" "e then edits all of them"
keys + 2 0 %
expect_golden form_many_80x24 "change class" "a share of what each has, and what it would do"
keys Enter
expect "Applied in 4.2 ms to 3 classes, epoch [0-9]+ -> [0-9]+, u undo: change class" "Enter changes them together"
expect_not "^\*" "and the marks are gone"
keys A
expect "30 marked" "A marks all that the filter lets through"
keys e
wait_until has "Edit 30 circuits"
keys 1 0 0 M
wait_until has "change class"
keys Enter
expect "Change 30 circuits" "a wide change asks first"
keys n
expect "Enter apply" "n goes back to the form"
keys Enter
wait_until has "Change 30 circuits"
keys y
expect "Applied in 4.2 ms to 30 classes" "y does it"
wait_until has_not "Applied in" # golden screens do not depend on how long ago that was
keys End Home e
wait_until has "Edit circuit"
keys BTab BTab Space Enter
wait_until has "down 2.46G"
expect_golden form_question_80x24 "Suspend it?" "suspending asks first"
keys n Escape
keys E
expect_golden form_circuit_80x24 "Circuit 10" "E shows name, site and comment"
keys Escape a
wait_until has "New circuit"
keys 9 0 0 1 Tab N e w Space M a n Tab Tab
keys 5 0 M
expect "Still missing: the plan both ways" "a new circuit says what is still missing"
keys Tab 1 0 M Tab 1 9 2 . 0 . 2 . 7 7
expect_golden form_add_80x24 "add class" "a new circuit with its prefixes"
keys Enter
wait_until has "Applied in 4.2 ms to 1 class, .*: add class"
keys / C-u 9 0 0 1 Enter
expect "9001 New Man" "it is there"
keys End D
expect "remove class" "D says what deleting would do"
keys Enter
expect "Delete circuit 9001 New Man\?" "and asks"
keys y
expect "Nothing matches" "then it is gone"

start_console 80x24 -f 1042
wait_until has "1042 Gr"
keys Home Down e
expect "Edit site .*Tower Alder" "e on a site edits its capacity"
expect_golden form_site_80x24 "Below" "with its name and the site above"
keys 6 0 0 M
wait_until has "800M -> 600M"
keys Enter
expect "Tower Alder .*600M" "which the tree then shows"
wait_until has_not "Applied in"
keys End Enter
wait_until has "Flows *Devices"
keys v
wait_until has "192.0.2.10 .*Router"
keys Enter
expect_golden form_device_80x24 "Prefixes" "Enter on a device edits its prefixes"
keys Escape a
expect "New device of circuit 1042" "a adds a device"
keys Escape

# --- an engine that goes while one types ------------------------------------------------------------
start_console 80x24 -f 1042
wait_until has "1042 Gr"
keys End e
wait_until has "Download +150M"
stop_engine
wait_until has "engine away"
keys 7 0 M Enter
expect "no engine to ask: nothing was applied" "Enter without an engine says that nothing was applied"
start_engine still
wait_until has "  live *$"
wait_until has "100M -> 70M"
expect "Download +100M +\[70M" "what was typed stays, and is not applied by itself when it is back"
keys Enter
expect "Applied in 3.1 ms to 1 class" "but by Enter"
expect "1042 Grün.* 70M" "as it was typed"

start_console 80x24 --read-only -f 1042
wait_until has "1042 Gr"
for key in e E a D; do
	keys End "$key"
	expect "started with --read-only" "--read-only refuses $key"
	keys Escape
	wait_until has_not "read-only"
	keys / C-u 1 0 4 2 Enter
	wait_until has "1042 Gr"
done

stop_engine
start_engine still reader
start_console 80x24 -f 1042
wait_until has "1042 Gr"
keys End e
expect "membership in group lqos-admin" "who may only read is told what is missing"

plan
