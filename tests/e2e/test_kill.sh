#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kill -9 of the engine under traffic: rates stay, nothing is lost, the next one adopts.
. "$(dirname "$0")/../lib/e2e.sh"
e2e_up
e2e_handles >"$ISP_RUN/handles.before"
drops=$(isp_counter cpumap_drops)

isp_paced 100.64.3.10 5M 9 >"$ISP_RUN/paced.json" &
paced=$!
isp_goodput $ADDRESS down 7 -P 2 >"$ISP_RUN/goodput" &
goodput=$!
read -rt 2 <> <(:)
isp_stop_engine KILL
read -rt 3 <> <(:) # seconds of traffic without an engine
tap_check "started again, it answers" isp_start_engine
wait $goodput $paced

status()
{
	isp_request '{"id":1,"verb":"status"}' | jq -r ".result.$1"
}
tap_check "the rate stays at the plan" e2e_within "$(<"$ISP_RUN/goodput")" 17600000 20000000
tap_check "no paced packet is lost" test "$(jq .lost "$ISP_RUN/paced.json")" = 0
tap_check "no packet is lost on the way to a CPU" test "$(isp_counter cpumap_drops)" = "$drops"
tap_check "it adopts what is there" test "$(status adopted)" = true
tap_check "it asks the kernel for nothing" test "$(status start_operations)" = 0
e2e_handles >"$ISP_RUN/handles.after"
tap_check "no class or leaf is made or deleted" \
	cmp "$ISP_RUN/handles.before" "$ISP_RUN/handles.after"

isp_stop_engine KILL
rm -f "$ISP_STATE"*
tap_check "it starts without state.db" isp_start_engine
tap_check "without state.db it adopts as well" test "$(status adopted)" = true
tap_check "without state.db it asks the kernel for nothing" test "$(status start_operations)" = 0
e2e_handles >"$ISP_RUN/handles.after"
tap_check "the kernel's numbers win over a lost state.db" \
	cmp "$ISP_RUN/handles.before" "$ISP_RUN/handles.after"

# A lost one is written anew within a second.
saved()
{
	[[ $(sqlite3 -cmd ".timeout 5000" "$ISP_STATE" "SELECT count(*) FROM applied") == 1 ]]
}
tap_check "a lost state.db is made anew" isp_wait_for 3 saved
isp_stop_engine KILL
mv "$ISP_CIRCUITS" "$ISP_RUN/away.db"
rm -f "$ISP_CIRCUITS"-*
tap_check "without the circuits file it starts from what was last applied" isp_start_engine
tells_circuits()
{
	isp_request '{"id":1,"verb":"circuits"}' | jq -es 'length == 1 and (.[0].result.rows | length > 3)' >/dev/null
}
tap_check "and tells its circuits before anything was measured" tells_circuits
tap_check "and says what is missing" grep -q "there is no $ISP_CIRCUITS" \
	<(status message)
e2e_handles >"$ISP_RUN/handles.after"
tap_check "without the circuits file nobody goes unshaped" \
	cmp "$ISP_RUN/handles.before" "$ISP_RUN/handles.after"
tap_end
