# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For the tests of the console: a fake engine, lqos-top in a tmux of its own, and TAP.
# Sourced. Needs tmux and what `make tests` builds in the directory BUILD.
# UPDATE_GOLDEN=1 writes the golden screens anew: read the difference before keeping it.

set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
export LC_ALL=C.UTF-8 TZ=UTC
export XDG_CONFIG_HOME=/nonexistent # but for the tests of the configuration
unset TMUX NO_COLOR
build=${BUILD:-build}
[[ $build == /* ]] || build=$PWD/$build
top=$build/lqos-top
fake_engine=$build/tests/tui/fake_engine
golden=$PWD/tests/tui/golden
work=$(mktemp -d)
socket=$work/control.sock
count=0 failed=0 engine=
tmux() { command tmux -S "$work/tmux" -f /dev/null "$@"; }

finish()
{
	[[ -n $engine ]] && kill "$engine" 2>/dev/null
	tmux kill-server 2>/dev/null
	rm -rf "$work"
}
trap finish EXIT

for program in "$top" "$fake_engine"; do
	[[ -x $program ]] || { echo "Bail out! $program is not built: make tests"; exit 1; }
done
command -v tmux >/dev/null || { echo "1..0 # SKIP tmux is not installed"; exit 0; }
# A session that stays: without one the server ends while the next console is about to start.
tmux new-session -d -s keep 'exec cat' || { echo "Bail out! tmux does not start"; exit 1; }

report() # STATUS SENTENCE
{
	count=$((count + 1))
	if [[ $1 == 0 ]]; then
		echo "ok $count - $2"
	else
		failed=$((failed + 1))
		echo "not ok $count - $2"
		screen | sed 's/^/# |/'
	fi
}

plan()
{
	echo "1..$count"
	[[ $failed == 0 ]]
}

start_engine() # FLAG...
{
	"$fake_engine" "$socket" "$@" &
	engine=$!
	wait_until test -S "$socket"
}

stop_engine()
{
	kill "$engine"
	wait "$engine" 2>/dev/null
	rm -f "$socket"
	engine=
}

wait_until() # COMMAND...: up to 10 seconds
{
	local end=$((SECONDS + 10))

	until "$@"; do
		((SECONDS > end)) && return 1
		sleep 0.02
	done
}

# The screen as text; "dead" behind it once the program has ended.
screen()
{
	tmux capture-pane -p -t console 2>/dev/null
}

# The same with colours and weights in braces: {1} bold, {2} dim, {4} underlined, {7} reverse.
weighted_screen()
{
	tmux capture-pane -e -p -t console 2>/dev/null |
		sed -E $'s/\e\\[([0-9;]*)m/{\\1}/g; s/\x0f|\\{39\\}|\\{49\\}//g; s/( *\\{0\\})+ *$//; s/^\\{0\\}//'
}

start_console() # COLUMNSxROWS OPTION...
{
	local size=$1
	shift

	tmux kill-session -t console 2>/dev/null
	tmux new-session -d -s console -x "${size%x*}" -y "${size#*x}" \
		"exec env TERM=${console_term:-tmux-256color} ${console_env:-} \
		sh -c 'trap : INT; $top -S $socket $*; echo status \$?; exec cat'"
}

keys()
{
	tmux send-keys -t console "$@"
}

resize() # COLUMNSxROWS
{
	tmux resize-window -t console -x "${1%x*}" -y "${1#*x}"
}

has() { screen | grep -qE -- "$1"; }
has_not() { ! has "$1"; }

expect() # PATTERN SENTENCE
{
	wait_until has "$1"
	report $? "$2"
}

expect_not() # PATTERN SENTENCE
{
	wait_until has_not "$1"
	report $? "$2"
}

# The screen is the golden one. $capture: what prints it, if not `screen`.
is_golden() { [[ -r $golden/$1 && $("${capture:-screen}") == "$(<"$golden/$1")" ]]; }

# Writes the golden screen anew, once PATTERN is there and nothing moves any more.
update_golden() # NAME PATTERN
{
	local was

	is_settled() { was=$(screen); [[ $was != *"Waiting for"* ]] || return; sleep 0.5; [[ $was == "$(screen)" ]]; }
	wait_until has "$2"
	mkdir -p "$(dirname "$golden/$1")"
	wait_until is_settled
	"${capture:-screen}" >"$golden/$1"
}

expect_golden() # NAME PATTERN SENTENCE: PATTERN tells, for a new golden one, that it is there
{
	[[ -z ${UPDATE_GOLDEN:-} ]] || update_golden "$1" "$2"
	if wait_until is_golden "$1"; then
		report 0 "$3"
	else
		report 1 "$3"
		diff <("${capture:-screen}") "$golden/$1" | sed 's/^/# /'
	fi
}
