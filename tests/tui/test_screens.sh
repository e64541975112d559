#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every screen as a golden one: at 80x24, 132x43, in ASCII, without colours (with its weights), of an
# empty network, before anything was measured, of 100,000 circuits, and with the engine away.
# shellcheck source=tests/tui/lib.sh
. "$(dirname "$0")/lib.sh"

# The numbered screens: name and what tells that it is there.
numbered=(
	"tree|NAME" "circuits|CIRCUIT" "flows|CUSTOMER" "rtt|Round trips to" "queues|QUEUE"
	"unknown|ADDRESS" "journal|AUTHOR" "problems|REASON" "engine|ENGINE"
)

# each_numbered DIRECTORY SENTENCE
each_numbered()
{
	local i

	for i in "${!numbered[@]}"; do
		keys $((i + 1))
		expect_golden "$1/${numbered[i]%%|*}" "${numbered[i]#*|}" "$2: ${numbered[i]%%|*}"
	done
}

# every_screen DIRECTORY SENTENCE: also those without a number
every_screen()
{
	local view

	each_numbered "$@"
	keys 2
	wait_until has CIRCUIT
	keys / 1 0 4 2 Enter
	wait_until has " 1/1 *$"
	keys Enter
	expect_golden "$1/circuit" "Quality" "$2: circuit"
	for view in "devices|PREFIX" "histogram|FROM ms" "samples|AGAIN" "leaf|PKTS" "circuit_journal|AUTHOR" "circuit_why|WHY"; do
		keys v
		expect_golden "$1/${view%%|*}" "${view#*|}" "$2: ${view%%|*}"
	done
	keys e
	expect_golden "$1/form" "Edit" "$2: form"
	keys Escape
	wait_until has_not "Enter apply"
	keys 2 Escape '?'
	expect_golden "$1/help" "unmark all" "$2: help"
	keys Escape
	wait_until has_not "unmark all"
	keys 8
}

start_engine still
start_console 80x24
wait_until has "North POP"
every_screen 80x24 "at 80x24"

start_console 132x43
wait_until has "North POP"
every_screen 132x43 "at 132x43"

start_console 80x24 --ascii
wait_until has "North POP"
every_screen ascii "in ASCII"

console_env="NO_COLOR=1" start_console 80x24
wait_until has "North POP"
capture=weighted_screen
every_screen mono "without colours"
capture=

# --- the engine goes: what was seen stays, what was not says so --------------------------------------
aged() { screen | sed "s/ *engine away [0-9]* s$/ engine away N s/; s|^\( Trying again; \).*|\1...|"; }
start_console 80x24
wait_until has "North POP"
for i in 2 3 4 5 6 7 8; do
	keys $i
	wait_until has "${numbered[i - 1]#*|}"
	wait_until has_not "Waiting for"
done
stop_engine
wait_until has "engine away"
capture=aged
each_numbered away "with the engine away"
capture=

# --- nothing there, nothing measured, very much ----------------------------------------------------
start_engine still empty
start_console 80x24
wait_until has "No sites"
each_numbered empty "of an empty network"
stop_engine
start_engine still quiet
start_console 80x24
wait_until has "North POP"
every_screen quiet "before anything was measured"
stop_engine
start_engine still large
start_console 80x24
wait_until has "South POP"
each_numbered large "of 100,000 circuits"

plan
