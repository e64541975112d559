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
COMMITS=${COMMITS:-40}
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

now_ms() { echo $((${EPOCHREALTIME/./} / 1000)); }
circuits_in_force() { isp_request '{"id":1,"verb":"status"}' | jq -e ".result.counts.circuits == $1 and .result.state == \"live\"" >/dev/null; }
