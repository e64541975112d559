#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The console on a terminal, driven by keys, against a fake engine.
# shellcheck source=tests/tui/lib.sh
. "$(dirname "$0")/lib.sh"

# --- an engine away at the start -----------------------------------------------------------------
start_console 80x24
expect "No engine yet at $socket" "without an engine it names the socket and keeps trying"
start_engine still
expect "▾ North POP" "it connects once the engine is there"

# --- screens ---------------------------------------------------------------------------------------
expect_golden 80x24/tree "AP Alder-1 \(12\)" "the tree at 80x24 is the golden screen"
keys Down Down Right
expect "1044 Farm Hollow.* 200M" "Right unfolds a site"
keys Down Down
expect "Alder-1 › 1042 Grün, Käthe · class [0-9a-f:]+ · 192" "the line below tells of the selected row"
keys Enter
expect_golden 80x24/circuit "Quality" "Enter on a circuit opens it"
keys Escape
expect "▾ AP Alder-1" "Esc goes back to the tree"
keys Left
expect " 3/82 *$" "Left on a circuit selects the site above"
keys Left
expect "AP Alder-1 \(12\)" "Left on an open site folds it"
keys '*'
expect " 3/99 *$" "* unfolds all sites and the selection stays on its row"
keys '*'
expect "North POP \(31\)" "* again folds them"
keys w
expect "South POP › OLT Cedar" "w goes to the worst child of a site"
keys w
expect " 2058 Grün.*class" "and on to the worst circuit"
keys w
expect "Quality" "and opens it"
keys 1 Home F
expect_golden sites_80x24 " 1/8 *$" "F shows all sites side by side, the worst first"
keys Home Down Down Down Down Down
expect "^ North POP › Tower Alder › AP Alder-2" "and the line below where one is"
keys Enter
expect "^     ▾ AP Alder-2 " "Enter shows it in the tree, unfolded"
keys F Escape
expect "^   ▾ Tower Alder" "Esc goes back to the tree"
keys F
wait_until has " 1/8 *$"
keys End w
expect " 2058 Grün.*class" "w among the sites goes to the worst circuit of one"
keys Enter
wait_until has "Quality"
keys v
expect_golden circuit_devices_80x24 "02:00:5e:10:00:01" "v shows the circuit's devices"
keys v
expect_golden circuit_histogram_80x24 "16 +88" "and how its round trips are spread"
keys v
expect "24 customer no +192.0.2.10:40002" "and its last round trips one by one"
keys v
expect "Best Effort +809k +421" "and what its queue has counted, by tin"
keys v
expect "download_max_bps" "and its journal"
keys v
expect "50M, by its plan" "and why it is treated as it is"
keys M
expect_not "Grün|Miller|Farm" "M masks names"
keys M Escape
expect "NAME.*QoO" "and Esc goes back to the tree"
keys 2
expect_golden 80x24/circuits "1044 Farm Holloway" "the circuits at 80x24 are the golden screen"
keys End
expect "North POP › 901 Village hall.*class" "End selects the last row"
expect " 91/91 *$" "the place of the selection is told"
keys 3
expect_golden 80x24/flows "198.51.100.1:443" "the flows at 80x24 are the golden screen"
keys 4
expect_golden 80x24/rtt "Round trips to customers of the network, [1-9]" "the round trips at 80x24 are the golden screen"
keys 5
expect_golden 80x24/queues "41k" "the queues at 80x24 are the golden screen"
keys 6
expect_golden 80x24/unknown "192.0.2.250" "unknown addresses at 80x24 are the golden screen"
keys Enter
expect_golden why_80x24 "limit, download" "Enter on an unknown address says why"
keys Escape
expect "ADDRESS +▼DOWN" "Esc goes back to the unknown addresses"
keys 7
expect "download_max_bps +5M +10M" "the journal shows rates before and after"
keys 8
expect "192.0.2.7 belongs to circuit 1042 already" "problems are listed"
keys 2 c
expect "Captured for a minute is circuit 901" "c on a circuit captures its packets"
expect_golden captures_80x24 "198.51.100.3:443 > 192.0.2.10" "the captures and the last packets are the golden screen"
keys c
expect "No longer captured is circuit 1042" "c stops the capture under the cursor"
keys Down c
expect "It has ended already" "and says when there is nothing to stop"
keys Escape
expect "CIRCUIT" "Esc goes back to the circuits"
keys 3 c
expect "Captured for a minute is circuit 10" "c on a flow captures the flow"
keys 1 C
expect "STATE +TIME" "C shows the captures"
keys 9
expect "XDP, internet +generic" "the engine's state is a screen"
keys 1 '?'
expect "unfold all sites; again: fold all" "? explains the keys"
keys Escape

# --- sort and filter ----------------------------------------------------------------------------
keys 2 s
expect "▼DOWN" "s sorts by the next column"
expect "Sorted by DOWN" "and says so"
keys r
expect "▲DOWN" "r turns the order round"
keys / t a n a
expect "Filter: tana" "a filter is typed at the bottom"
expect_not "Farm Holloway" "and acts while it is typed"
keys Enter
expect "/tana +[0-9]+/12" "a kept filter stands in the header"
keys / C-u 's' '>'
expect "a filter can't compare" "a bad filter is refused in words"
keys Escape
expect "/tana +[0-9]+/12" "Esc leaves the filter as it was"
keys Escape
expect " [0-9]+/91 *$" "Esc drops the filter"

# --- terminals -----------------------------------------------------------------------------------
start_console 80x24 --ascii
expect_golden ascii/tree "> AP Alder-1" "--ascii draws with ASCII alone"
screen | LC_ALL=C grep -q '[^ -~]'
report $((!$?)) "not one byte beyond ASCII is on it"
console_env="NO_COLOR=1" start_console 80x24
wait_until has "North POP"
tmux capture-pane -e -p -t console | grep -qE $'\e\\[([0-9;]*;)?3[1-7]'
report $((!$?)) "NO_COLOR leaves out all colours"
for name in vt100 linux xterm-256color tmux-256color; do
	console_term=$name start_console 80x24
	expect_golden 80x24/tree "North POP" "TERM=$name will do"
	keys Down
	expect " 2/70 *$" "and takes keys with it"
done

# --- the configuration -----------------------------------------------------------------------------
mkdir -p "$work/config/lqos-top"
cat >"$work/config/lqos-top/config" <<-'END'
	[console]
	theme = high-contrast
	units = bytes
	[sort]
	tree = -name
	[columns]
	tree = name rtt download download_max
	[keys]
	worst = F5 W
	edit = F4
	shine = x
END
console_env="XDG_CONFIG_HOME=$work/config" start_console 80x24
expect_golden tree_configured_80x24 "line 11: there is no action \"shine\"" \
	"columns, order, units and keys are those of the configuration, and what it can't use is said"
tmux capture-pane -e -p -t console | grep -qE $'\e\\[2m'
report $((!$?)) "the high-contrast theme has nothing dim"
keys w
keys F5
expect " 2/70 *$" "a key that was bound does its work"
keys b
expect "Rates are in bits a second" "b changes between bits and bytes"
start_console 80x24 --plain
expect_golden tree_plain "AP Alder-1" "--plain has words for pictures"
keys 4
expect "< +64 +[0-9]+% of all samples" "and numbers for the map of round trips"
keys 5 s
expect "Sorted by DOWN" "a table that comes whole is sorted"
keys / c i r c '>' 1 Enter
expect " 1/1 *$" "and filtered"
keys / C-u h e i g h t '>' 1
expect "there is no column \"height\" here; take queue" "a column that there is not is refused in words"

# --- sizes ---------------------------------------------------------------------------------------
start_console 80x24
wait_until has "AP Alder-1"
keys Down Down
resize 20x5
expect "^ +.+ AP A" "at 20x5 the selected row is still shown"
keys y
resize 80x24
expect_golden tree_80x24_back "3/70" "back at 80x24 nothing is lost"

keys 8
wait_until has "192.0.2.7 belongs"
resize 40x10
expect "^ circuit 10… +192.0.2.7 belongs" "on a narrow screen a problem stands beside its reason"
keys 9
wait_until has "ENGINE"
resize 20x5
expect "^ host +edge-1" "and at 20x5 a value beside its name"
resize 80x24
expect "running for +2 h" "and all of it once there is room again"

# --- masked, and held -------------------------------------------------------------------------------
start_console 80x24 -t circuits -f 1044
wait_until has "1044 Farm"
keys Space
expect "paused" "the picture is held"
keys Home Enter
expect "0 of 200M, at least 20M" "a circuit opened meanwhile is shown all the same"
expect "most 53.9M" "with its last minutes"
keys M
expect "highest here: name-[0-9a-f]{4} 320M" "M masks the site that limits a circuit"
keys e
expect "Edit circuit 1044 name-" "and the name in the title of a form"
expect_not "Farm|Alder" "so that no name is left"
keys C-u 4 0 0 M
expect "1 operation, 1 warning; their words are masked" "the engine's words are counted, not shown"
expect_not "Farm|Alder" "as there are names in them"
keys Escape v v v v
expect "download, cake 1:4a" "what is nobody's name stays"
keys 8
expect "site name-[0-9a-f]{4}" "a site's id is masked where it stands for its name"
keys C
expect "address name-" "and the address of a capture"

# --- the terminal is left as it was ----------------------------------------------------------------
keys q
expect "^status 0" "q ends it with status 0"
start_console 80x24
wait_until has "North POP"
keys C-c
expect "^status 0" "so does Ctrl-C"

# --- stopped and continued by the shell ------------------------------------------------------------
tmux kill-session -t console
tmux new-session -d -s console -x 80 -y 24 "exec env PS1='shell: ' TERM=tmux-256color bash --norc -i"
wait_until has "^shell:"
keys "$top -S $socket" Enter
wait_until has "AP Alder-1"
keys C-z
expect "^shell: *$" "Ctrl-Z gives the terminal back to the shell"
keys fg Enter
expect "AP Alder-1" "and fg draws the screen again"
keys Down
expect " 2/70 *$" "and keys work"
keys q

# --- a large network --------------------------------------------------------------------------------
stop_engine
start_engine still large
start_console 80x24
wait_until has "South POP"
keys 2
wait_until has "2Circuits .* 1/100091" # the tree has as many rows: End is for those of the circuits
keys End
expect_golden circuits_large_80x24 "100091/100091" "and so is the end of its circuits"
keys / 1 9 9 9 9 9 Enter
expect "199999" "one of 100,000 is found"

# --- the mouse, as a terminal reports it (SGR) -------------------------------------------------------
click() { keys -l $'\e'"[<0;$1;$2M"$'\e'"[<0;$1;$2m"; } # COLUMN ROW: counted from 1
wheel() { keys -l $'\e'"[<$1;10;7M"; }		      # 64: up, 65: down
mouse_is() { [[ $(tmux display-message -p -t console '#{mouse_standard_flag}#{mouse_sgr_flag}') == "$1" ]]; }
stop_engine
start_engine still
console_term=xterm-256color start_console 80x24 --mouse
wait_until has "1/70"
click 10 7
expect " 4/70 *$" "a click selects the row"
wheel 65
expect " 7/70 *$" "the wheel moves the selection"
wheel 64
expect " 4/70 *$" "and back"
click 28 3
expect "Sorted by DOWN: " "a click on the head of a column sorts by it"
click 28 3
expect "Sorted by DOWN, reversed" "and again the other way round"
click 8 2
click 10 2
expect "CIRCUIT▲" "a click on a screen's name goes there"
click 3 24
expect "at least" "a click on a key in the footer presses it"
click 3 24
expect " 1/91 *$" "wherever that is"
mouse_is 11
report $? "with the switch the terminal is asked for the mouse"
console_term=xterm-256color start_console 80x24
wait_until has "1/70"
mouse_is 00
report $? "and without it is not"
stop_engine

plan
