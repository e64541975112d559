# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A real engine with many circuits, for the benchmarks that need no traffic. Sourced from the top
# directory.
. contrib/demo/isp.sh
trap isp_down EXIT
trap 'exit 130' INT TERM HUP
ISP_START_S=60

# shaper_up: a shaper of two veths that lead nowhere, and an engine with an empty file.
shaper_up()
{
	mkdir -p "$ISP_RUN" && ip netns add "$ISP_SHAPER" || return 1
	for interface in lan0 wan0; do
		ip -n "$ISP_SHAPER" link add $interface numtxqueues 16 numrxqueues 16 type veth \
			peer name ${interface}p numtxqueues 16 numrxqueues 16 &&
			ip -n "$ISP_SHAPER" link set $interface up &&
			ip -n "$ISP_SHAPER" link set ${interface}p up || return 1
	done
	isp_write_config
	sed -i 's/^flows = .*/flows = '"${SHAPER_FLOWS:-16384}"'/; s/^prefixes = .*/prefixes = 262144/; s/^slots = .*/slots = 262144/
		s/= 1G$/= 100G/; s/^\[database\]/[shaping]\nleaf = pfifo\nlazy = '"${ISP_LAZY:-auto}"'\n[database]/' "$ISP_CONFIG"
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
# An engine that is busy does not answer: no reply is no.
circuits_in_force() # COUNT
{
	ask '{"id":1,"verb":"status"}' | jq -es "length == 1 and (.[0].result | .counts.circuits == $1 and
		.state == \"live\" and .applied_revision == .revision)" >/dev/null
}
plan_in_force() # CIRCUIT RATE
{
	ask "{\"id\":1,\"verb\":\"circuit\",\"circuit\":\"$1\"}" |
		jq -es "length == 1 and .[0].result.download_max_bps == $2" >/dev/null
}
