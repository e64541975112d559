#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# CAKE's options, of the box and of a circuit, changed while packets wait; its statistics; the
# overhead of the link. On a kernel with CAKE.
. "$(dirname "$0")/guest.sh"

guest_up "
	INSERT INTO circuits (id, download_max_bps, upload_max_bps, leaf) VALUES
		('usual', 20000000, 5000000, ''),
		('own', 20000000, 5000000, 'cake besteffort dual-dsthost nat wash ack-filter rtt 50ms'),
		('slow', 2000000, 1000000, '');
	INSERT INTO devices (id, circuit) SELECT id, id FROM circuits;
	INSERT INTO prefixes (device, prefix) VALUES
		('usual', '100.64.1.1'), ('own', '100.64.1.2'), ('slow', '100.64.1.3');
" 100.64.1.1 100.64.1.2 100.64.1.3

status()
{
	isp_request '{"id":1,"verb":"status"}' | jq -r ".result.$1"
}

# options INTERFACE CIRCUIT: of its leaf, as tc prints them.
options()
{
	isp_in "$ISP_SHAPER" tc qdisc show dev "$1" | grep "parent $(guest_class "$2") " | cut -d' ' -f6-
}

has_options() # INTERFACE CIRCUIT WORD...
{
	local words word
	words=" $(options "$1" "$2") "
	shift 2
	for word; do
		[[ $words == *" $word "* ]] && continue
		echo "# no \"$word\" in$words"
		return 1
	done
}

tap_check "a circuit that says nothing has the usual options" \
	has_options lan0 usual diffserv4 triple-isolate nonat nowash no-ack-filter "rtt 100ms"
tap_check "a circuit has the options that it says" \
	has_options wan0 own besteffort dual-dsthost nat wash ack-filter "rtt 50ms"
tap_check "a slow plan has a long rtt" has_options wan0 slow "rtt 300ms"

# --- statistics ------------------------------------------------------------------------------------

leaf() # CIRCUIT FILTER
{
	isp_request "{\"id\":1,\"verb\":\"leaf\",\"circuit\":\"$1\"}" | jq -r ".result.$2"
}

isp_in "$ISP_ACCESS" ping -q -n -c 5 -i 0.2 -Q 0xb8 -I 100.64.1.1 "$ISP_SERVER" >/dev/null
tap_check "each class of service is told apart by name" \
	test "$(leaf usual 'upload.tins | map(.tin) | join(",")')" = "Bulk,Best Effort,Video,Voice"
tap_check "expedited packets are counted in Voice" \
	test "$(leaf usual 'upload.tins[3].packets')" -ge 5
isp_paced 100.64.1.3 8M 5 >"$ISP_RUN/paced.json" &
paced=$!
waiting()
{
	(($(leaf slow download.backlog_packets) >= 50))
}
tap_check "packets wait in a leaf that gets more than its rate" isp_wait_for 20 waiting
tap_check "they have waited for a while" \
	guest_within "$(leaf slow 'download.tins[1].peak_delay_us')" 1000 10000000

# --- options change while they wait ------------------------------------------------------------------

class=$(guest_class slow)
read -r handle bytes packets drops backlog < <(guest_leaf lan0 "$class")
sqlite3 "$ISP_CIRCUITS" ".timeout 5000" "UPDATE circuits SET leaf = 'cake nat flows rtt 400ms' WHERE id = 'slow'"
tap_check "another option is in force" isp_wait_for 20 has_options lan0 slow nat flows diffserv4 "rtt 400ms"
read -r handle2 bytes2 packets2 drops2 backlog2 < <(guest_leaf lan0 "$class")
echo "# before: leaf $handle, $packets packets sent, $drops dropped, $backlog waiting"
echo "# after:  leaf $handle2, $packets2 packets sent, $drops2 dropped, $backlog2 waiting"
tap_check "in the same queue, with its packets and counters" \
	test "$handle" = "$handle2" -a "$bytes2" -ge "$bytes" -a \
	$((backlog2 + packets2 - packets + drops2 - drops)) -ge "$backlog"
wait $paced
sqlite3 "$ISP_CIRCUITS" ".timeout 5000" "UPDATE circuits SET leaf = 'cake fast' WHERE id = 'own'"
said()
{
	isp_request '{"id":1,"verb":"problems"}' | grep -q 'no option \\"fast\\"'
}
tap_check "what CAKE can not do is a problem, in words" isp_wait_for 20 said
tap_check "and leaves the leaf as it was" has_options lan0 own besteffort nat "rtt 50ms"
tap_check "drops of all classes of service are those of the leaf" \
	test "$(leaf slow 'download | (.tins | map(.drops) | add) - .drops')" = 0

# --- another configuration ------------------------------------------------------------------------------

handles()
{
	isp_in "$ISP_SHAPER" tc qdisc show | awk '{ print $2, $3, $5 }' | sort
}
handles >"$ISP_RUN/before"
printf '[shaping]\ncake = diffserv3 wash rtt 80ms\noverhead = 24\nmpu = 84\n' >>"$ISP_CONFIG"
isp_stop_engine TERM
isp_start_engine
tap_check "a new usual option is in force after a restart" has_options lan0 usual diffserv3 wash "rtt 80ms"
tap_check "where a circuit doesn't say otherwise" has_options lan0 own besteffort wash "rtt 50ms"
tap_check "in the same queues" diff "$ISP_RUN/before" <(handles)
tap_check "every class counts the link's overhead" \
	test "$(isp_in "$ISP_SHAPER" tc -d class show dev lan0 | grep -c '^class htb')" = \
	"$(isp_in "$ISP_SHAPER" tc -d class show dev lan0 | grep -c 'overhead 24')"
isp_stop_engine TERM
isp_start_engine
tap_check "started once more there is nothing to do" test "$(status start_operations)" = 0
tap_end
