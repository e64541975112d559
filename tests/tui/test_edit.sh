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
expect "Applied in 3.1 ms: change class 2:4a download ceil 100M -> 150M, epoch 4128" \
	"Enter applies and tells time, class and epoch"
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

start_console 80x24 --read-only -f 1042
wait_until has "1042 Gr"
keys End e
expect "started with --read-only" "--read-only refuses to edit"

stop_engine
start_engine still reader
start_console 80x24 -f 1042
wait_until has "1042 Gr"
keys End e
expect "membership in group lqos-admin" "who may only read is told what is missing"
keys Home e
expect "Only circuits are edited here" "a site is not edited, and that is said"

plan
