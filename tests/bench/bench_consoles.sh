#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What consoles cost the engine: its CPU time with ten of them, each on another screen, and an eleventh
# that reads nothing; and without any. 100,000 circuits (SIZE), a tenth of which has all of the 1,000,000
# flows (FLOWS); they are alive, as each has a packet every ten seconds.
bench_argument=${1:-}
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
rows consoles-live consoles-none
set --
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/bench/shaper.sh
. tests/bench/shaper.sh
SIZE=${SIZE:-100000} FLOWS=${FLOWS:-1000000}
SHAPER_FLOWS=$((2 * FLOWS)) # room, so that hardly one takes another's place
SECONDS_MEASURED=20
RUNS=3
screens=("-t tree" "-t sites" "-t tree -f Customer" "-t circuits" "-t circuits -s download"
	"-t circuits -f 99 -s qoo" "-t rtt" "-t flows" "-t flows -s bytes" "-t queues")

tmux() { command tmux -S "$ISP_RUN/tmux" -f /dev/null "$@"; }
end()
{
	tmux kill-server 2>/dev/null
	[[ -z ${stuck:-} ]] || kill "$stuck" 2>/dev/null
	[[ -z ${load:-} ]] || kill "$load" 2>/dev/null
	isp_down
}
trap end EXIT

# sample_cpu ROW WHAT: the engine's CPU time, in per cent of a core
engine_ticks() { awk '{ print $14 + $15 }' "/proc/$(<"$ISP_RUN/lqosd.pid")/stat"; }
sample_cpu()
{
	local run before start_us

	wants "$1" || return 0
	for ((run = 0; run < RUNS; run++)); do
		before=$(engine_ticks) start_us=$(now_us)
		read -rt $SECONDS_MEASURED <> <(:)
		sample "$1" "$2" % "$SIZE" "$(awk -v ticks=$(($(engine_ticks) - before)) \
			-v us=$(($(now_us) - start_us)) -v hz="$(getconf CLK_TCK)" \
			'BEGIN { print 100 * ticks / hz / (us / 1e6) }')"
	done
}

shown() { tmux capture-pane -p -t "$1" 2>/dev/null | grep -qE "[0-9]+/[0-9]+ *$"; }
flows_alive() { ask '{"id":1,"verb":"status"}' | jq -es "length == 1 and .[0].result.counts.flows > 0.9 * $FLOWS" >/dev/null; }

shaper_up && network "$SIZE" && sql ".read $ISP_RUN/sites.sql" || { echo "no engine came up"; exit 1; }
sql ".import --csv --skip 1 $ISP_RUN/rows.csv shaped_devices"
isp_wait_for 300 circuits_in_force "$SIZE" || { echo "the circuits did not come in force"; exit 1; }
mkfifo "$ISP_RUN/ready"
"$ISP_BUILD/tests/bench/raw_flows" "$ISP_PINS" $((SIZE / 10)) "$FLOWS" >"$ISP_RUN/ready" &
load=$!
read -rt 120 <"$ISP_RUN/ready" && isp_wait_for 60 flows_alive || { echo "the flows did not come"; exit 1; }
echo "$(ask '{"id":1,"verb":"status"}' | jq -r '.result | "\(.counts.flows) flows, \(.classes.circuits) circuits with a class"')"

sample_cpu consoles-none "engine's CPU with 1 M flows, no console"
for ((i = 0; i < ${#screens[@]}; i++)); do
	tmux new-session -d -s "c$i" -x 80 -y 24 "exec env TERM=tmux-256color LC_ALL=C.UTF-8 \
		$ISP_BUILD/lqos-top -S $ISP_SOCKET ${screens[i]}"
done
for ((i = 0; i < ${#screens[@]}; i++)); do
	isp_wait_for 30 shown "c$i" || { echo "no screen with ${screens[i]}"; exit 1; }
done
# Subscribes and never reads.
mkfifo "$ISP_RUN/requests"
socat -u "GOPEN:$ISP_RUN/requests" "UNIX-CONNECT:$ISP_SOCKET" &
stuck=$!
exec 9>"$ISP_RUN/requests"
echo '{"id":1,"verb":"subscribe","to":"circuits","args":{"limit":1000}}' >&9
sample_cpu consoles-live "engine's CPU with 1 M flows, 10 consoles and a stuck one"
