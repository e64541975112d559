#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A site's capacity holds whatever is sold below it: three access points of 8 Mbit/s below a site
# of 10, each asked for 8, with guarantees that fit and with guarantees that don't.
. "$(dirname "$0")/guest.sh"

guest_up "
	INSERT INTO sites (id, name, parent, download_bps, upload_bps) VALUES
		('tower', 'Tower', NULL, 10000000, 10000000),
		('ap-1', 'AP 1', 'tower', 8000000, 8000000),
		('ap-2', 'AP 2', 'tower', 8000000, 8000000),
		('ap-3', 'AP 3', 'tower', 8000000, 8000000);
	INSERT INTO circuits (id, site, download_max_bps, upload_max_bps, download_min_bps) VALUES
		('1', 'ap-1', 8000000, 2000000, 2000000),
		('2', 'ap-2', 8000000, 2000000, 3000000),
		('3', 'ap-3', 8000000, 2000000, 4000000);
	INSERT INTO devices (id, circuit) SELECT id, id FROM circuits;
	INSERT INTO prefixes (device, prefix) SELECT id, '100.64.1.' || id FROM circuits;
" 100.64.1.1 100.64.1.2 100.64.1.3

# The class of the tower: the parent of the parent of a circuit's class.
parent_of()
{
	isp_in "$ISP_SHAPER" tc class show dev lan0 classid "$1" | sed -n 's/.* parent \([^ ]*\) .*/\1/p'
}
declare -a class rate bytes
for circuit in 1 2 3; do
	class[circuit]=$(guest_class $circuit)
done
class[0]=$(parent_of "$(parent_of "${class[1]}")")
tap_check "the three APs hang below one class" \
	test "${class[0]}" = "$(parent_of "$(parent_of "${class[3]}")")"

# counters: "TIME_ns BYTES BYTES1 BYTES2 BYTES3": what has left through the tower's class and through
# the circuits', read from the kernel at once.
counters()
{
	echo "$(date +%s%N)" "$(isp_in "$ISP_SHAPER" tc -s class show dev lan0 |
		awk -v list="${class[*]}" '
		BEGIN { n = split(list, wanted) }
		$1 == "class" { name = $3 }
		$1 == "Sent" { sent[name] = $2 }
		END { for (i = 1; i <= n; i++) print sent[wanted[i]] }' | paste -sd' ')"
}

full()
{
	for circuit in 1 2 3; do
		read -r _ _ _ _ backlog < <(guest_leaf lan0 "${class[circuit]}")
		((backlog > 0)) || return 1
	done
}

# oversubscribe WHAT: 8 Mbit/s of UDP for each circuit; once all queues are full, sets rate[0] to
# what the tower sends in 8 s and rate[1..3] to what the circuits do, in bits a second of frames.
oversubscribe()
{
	local circuit streams='' before after i

	for circuit in 1 2 3; do
		isp_paced 100.64.1.$circuit 8M 14 --frame 1514 >"$ISP_RUN/paced.$circuit" &
		streams+=" $!"
	done
	isp_wait_for 5 full
	read -ra before < <(counters)
	read -rt 8 <> <(:) # what is measured
	read -ra after < <(counters)
	full || echo "# the queues ran empty"
	wait $streams # a list
	for i in 0 1 2 3; do
		rate[i]=$(((after[i + 1] - before[i + 1]) * 8000000 / ((after[0] - before[0]) / 1000)))
	done
	echo "# $1: ${rate[1]} + ${rate[2]} + ${rate[3]}, together ${rate[0]} bit/s"
}

oversubscribe "guarantees of 2, 3 and 4 Mbit/s"
tap_check "three APs of 8M send no more than 10M together" guest_within "${rate[0]}" 9800000 10010000
tap_check "a guarantee of 2M that fits is kept" guest_within "${rate[1]}" 1950000 8000000
tap_check "a guarantee of 3M that fits is kept" guest_within "${rate[2]}" 2950000 8000000
tap_check "a guarantee of 4M that fits is kept" guest_within "${rate[3]}" 3950000 8000000

sqlite3 "$ISP_CIRCUITS" "UPDATE circuits SET download_min_bps = 8000000"
problem()
{
	sqlite3 "$ISP_CIRCUITS" "SELECT subject, reason FROM problems" | grep -q Tower
}
tap_check "guarantees of 24M below 10M are a problem that names the site" isp_wait_for 5 problem
oversubscribe "guarantees of 8 Mbit/s each"
tap_check "with guarantees that don't fit they send no more than 10M either" \
	guest_within "${rate[0]}" 9800000 10010000
for circuit in 1 2 3; do
	tap_check "circuit $circuit gets a fair part" guest_within "${rate[circuit]}" 3000000 3700000
done
tap_end
