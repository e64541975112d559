#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The circuits file under a running engine: an import of many rows, staged and in force; a commit of
# one row until its class has the rate; an edit of another circuit while a huge import is merged.
# SIZES: how many circuits (10000 100000); 16 queues, plain leaves.
bench_argument=${1:-}
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
rows import-staged import commit edit-meanwhile
set --
cd "$(dirname "$0")/../.." || exit 1
. contrib/demo/isp.sh
trap isp_down EXIT
trap 'exit 130' INT TERM HUP
COMMITS=${COMMITS:-30}
ISP_START_S=60

# control_up: a shaper of two veths that lead nowhere, and an engine with an empty file.
control_up()
{
	mkdir -p "$ISP_RUN" && ip netns add "$ISP_SHAPER" || return 1
	for interface in lan0 wan0; do
		ip -n "$ISP_SHAPER" link add $interface numtxqueues 16 numrxqueues 16 type veth \
			peer name ${interface}p numtxqueues 16 numrxqueues 16 &&
			ip -n "$ISP_SHAPER" link set $interface up &&
			ip -n "$ISP_SHAPER" link set ${interface}p up || return 1
	done
	isp_write_config
	sed -i 's/^flows = .*/flows = 16384/; s/^prefixes = .*/prefixes = 262144/; s/^slots = .*/slots = 262144/
		s/= 1G$/= 100G/; s/^\[database\]/[shaping]\nleaf = pfifo\n[database]/' "$ISP_CONFIG"
	"$ISP_BUILD/lqosd" -c "$ISP_CONFIG" --init && isp_start_engine
}

# network COUNT: sites of 100 circuits each, towers of 10 sites; and the rows of a ShapedDevices.csv.
network()
{
	awk -v count="$1" 'BEGIN {
		for (tower = 0; tower * 1000 < count; tower++)
			printf "INSERT INTO sites (id, name, download_bps, upload_bps) VALUES (\"t%d\", \"Tower %d\", 10000000000, 10000000000);\n", tower, tower
		for (site = 0; site * 100 < count; site++)
			printf "INSERT INTO sites (id, name, parent, download_bps, upload_bps) VALUES (\"s%d\", \"Site %d\", \"t%d\", 1000000000, 1000000000);\n", site, site, int(site / 10)
	}' | tr '"' "'" >"$ISP_RUN/sites.sql"
	awk -v count="$1" 'BEGIN {
		print "Circuit ID,Circuit Name,Device ID,Device Name,Parent Node,Parent Node ID,Anchor Node ID,MAC,IPv4,IPv6,Download Min Mbps,Upload Min Mbps,Download Max Mbps,Upload Max Mbps,Comment,sqm"
		for (i = 0; i < count; i++)
			printf "c%d,Customer %d,d%d,Router,Site %d,,,02:00:00:%02x:%02x:%02x,100.%d.%d.%d,,1,1,50,10,,\n", i, i, i,
				int(i / 100), int(i / 65536), int(i / 256) % 256, i % 256, 64 + int(i / 65536), int(i / 256) % 256, i % 256
	}' >"$ISP_RUN/rows.csv"
}

now_us() { echo "${EPOCHREALTIME/./}"; }
since_ms() { awk -v us=$(($(now_us) - $1)) 'BEGIN { printf "%.2f", us / 1000 }'; } # US
sql() { sqlite3 "$ISP_CIRCUITS" ".timeout 20000" "$@"; }
ask() { isp_request "$1" 2>/dev/null; }
circuits_in_force()
{
	ask '{"id":1,"verb":"status"}' | jq -e ".result | .counts.circuits == $1 and .state == \"live\" and
		.applied_revision == .revision" >/dev/null
}
plan_in_force() # CIRCUIT RATE
{
	ask "{\"id\":1,\"verb\":\"circuit\",\"circuit\":\"$1\"}" | jq -e ".result.download_max_bps == $2" >/dev/null
}

measure_import() # COUNT
{
	local count=$1 began_us

	network "$count" && sql ".read $ISP_RUN/sites.sql"
	isp_wait_for 20 circuits_in_force 0 || return 1
	began_us=$(now_us)
	sql ".import --csv --skip 1 $ISP_RUN/rows.csv shaped_devices"
	sample import-staged "rows of a CSV, .import returns" ms "$count" "$(since_ms "$began_us")"
	isp_wait_for 300 circuits_in_force "$count" || return 1
	sample import "rows of a CSV, all in force" ms "$count" "$(since_ms "$began_us")"
}

# One look takes about 4 ms; the class is read back from the kernel at the end.
measure_commits() # COUNT
{
	local i rate began_us

	wants commit || return 0
	for ((i = 0; i < COMMITS; i++)); do
		rate=$((20 + i))000000
		sql "UPDATE circuits SET download_max_bps = $rate WHERE id = 'c77'"
		began_us=$(now_us)
		isp_wait_for 10 plan_in_force c77 $rate || return 1
		sample commit "commit of a row by sqlite3 until it is in force" ms "$1" "$(since_ms "$began_us")"
		read -rt 0.$((RANDOM % 9 + 1)) <> <(:) # not in step with the engine's own rounds
	done
	isp_in "$ISP_SHAPER" tc class show dev lan0 | grep -q "ceil $((20 + COMMITS - 1))Mbit"
}

# Every row of the import is another than it was; meanwhile a console edits a circuit that is not in it.
measure_edits() # COUNT
{
	local began_us rate=60

	wants edit-meanwhile || return 0
	sed -i '1b; s/,50,10,,$/,40,10,,/; /^c77,/d' "$ISP_RUN/rows.csv"
	sql ".import --csv --skip 1 $ISP_RUN/rows.csv shaped_devices" &
	while :; do
		began_us=$(now_us)
		ask "{\"id\":1,\"verb\":\"circuit.set\",\"circuit\":\"c77\",\"download_max_bps\":\"$((++rate))M\"}" |
			jq -e .ok >/dev/null || echo "an edit was refused"
		sample edit-meanwhile "edit of a circuit while an import is taken in" ms "$1" "$(since_ms "$began_us")"
		plan_in_force c0 40000000 && break
		read -rt 0.05 <> <(:)
	done
	wait $!
}

for count in ${SIZES:-10000 100000}; do
	if control_up && measure_import "$count" && measure_commits "$count" && measure_edits "$count"; then
		isp_down
		continue
	fi
	echo "$count circuits: $(ask '{"id":1,"verb":"status"}' | jq -r .result.message)"
	tail -n 3 "$ISP_RUN/lqosd.log"
	exit 1
done
