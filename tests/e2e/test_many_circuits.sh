#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# time limit: 300
# 100,000 circuits, more than the kernel has handles for classes: all in force, those with traffic have
# classes of their own, also after the engine was killed, and lose them when they are silent.
export ISP_QUEUES=16 ISP_LINK=10G ISP_SLOTS=262144 ISP_RTT_MS=0 ISP_START_S=60
. "$(dirname "$0")/../lib/e2e.sh"

COUNT=100000 SITES=400

# Circuit N has an address that says so; it is the access side's own, and nobody talks unasked.
address() # N
{
	echo "100.$((64 + $1 / 65536)).$(($1 / 256 % 256)).$(($1 % 256))"
}

prepare()
{
	mkdir -p "$ISP_RUN"
	printf 'IPv4,IPv6\n100.127.250.99,2001:db8:8001::/48\n' >"$ISP_RUN/hosts.csv"
	isp_up "$ISP_RUN/hosts.csv" || return 1
	ip -n "$ISP_ACCESS" route add local 100.64.0.0/10 dev lo &&
		isp_in "$ISP_ACCESS" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 &&
		isp_in "$ISP_INTERNET" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 &&
		isp_write_config && sed -i "s/^\[database\]/[shaping]\nlazy_idle = 600\n&/" "$ISP_CONFIG" &&
		"$ISP_BUILD/lqosd" -c "$ISP_CONFIG" --init &&
		sqlite3 "$ISP_CIRCUITS" "WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n
			WHERE n < $SITES - 1) INSERT INTO sites (id, name, download_bps, upload_bps)
			SELECT 'a' || n, 'AP-' || n, 900000000, 400000000 FROM n" || return 1
	awk -v count=$COUNT -v sites=$SITES 'BEGIN {
		print "Circuit ID,Circuit Name,Device ID,Device Name,Parent Node,Parent Node ID,Anchor Node ID," \
			"MAC,IPv4,IPv6,Download Min,Upload Min,Download Max,Upload Max,Comment,sqm"
		for (n = 0; n < count; n++)
			printf "c%d,Circuit %d,d%d,Router,AP-%d,,,,100.%d.%d.%d,,1,1,20,5,,\n", n, n, n, n % sites,
				64 + n / 65536, int(n / 256) % 256, n % 256
	}' >"$ISP_RUN/rows.csv"
}

status() # FIELD
{
	isp_request '{"id":1,"verb":"status"}' | jq -r ".result.$1"
}

is_status() # FIELD VALUE
{
	[[ $(status "$1") == "$2" ]]
}

# The classes of both interfaces that are none of the fixed ones.
class_counts()
{
	local interface

	for interface in lan0 wan0; do
		isp_in "$ISP_SHAPER" tc class show dev $interface |
			awk '$2 == "htb" && $3 !~ /:[1-4]$/ { n++ } END { print n }'
	done | xargs
}

are_class_counts() # COUNT of each interface
{
	[[ $(class_counts) == "$1 $1" ]] && return
	echo "# there are $(class_counts)"
	return 1
}

knock_at() # N: a packet
{
	isp_in "$ISP_INTERNET" bash -c "echo >/dev/udp/$(address "$1")/9" 2>/dev/null
}

# A packet to every 5,000th circuit.
knock()
{
	local n

	for ((n = 7; n < COUNT; n += 5000)); do
		knock_at $n
	done
}

has_20m() # CIRCUIT
{
	local class
	class=$(e2e_class_of "$1")
	[[ $(e2e_ceil "$class") == 20Mbit ]] && return
	echo "# the ceil of $class is $(e2e_ceil "$class")"
	return 1
}

if ! prepare || ! isp_start_engine; then
	echo "Bail out! the ISP did not come up"
	exit 1
fi
began=$(date +%s%3N)
sqlite3 -cmd ".timeout 5000" "$ISP_CIRCUITS" ".import --csv --skip 1 $ISP_RUN/rows.csv shaped_devices"
isp_wait_for 60 is_status counts.circuits $COUNT
echo "# import of 100,000 circuits until they are in force: $(($(date +%s%3N) - began)) ms"
isp_stop_engine TERM
tap_check "stopped at once, it has told of each row that it is applied" test 0 = \
	"$(sqlite3 "$ISP_CIRCUITS" "SELECT count(*) FROM journal WHERE author = 'import' AND result <> 'applied'")"
isp_start_engine
tap_check "100,000 rows of a CSV are in force" is_status counts.circuits $COUNT
tap_check "without a problem" test 0 = "$(status counts.problems)"
tap_check "and nothing is left to do" is_status state live
tap_check "without traffic there are classes of the sites alone" are_class_counts $((2 * SITES))
knock_at 99999
isp_wait_for 10 is_status classes.builds 1
isp_paced "$(address 99999)" 40M 2 >"$ISP_RUN/paced"
tap_check "the last one has its plan" \
	e2e_within "$(jq '.rate_bps | floor' "$ISP_RUN/paced")" 18000000 21500000
knock
isp_wait_for 10 is_status classes.builds 21
tap_check "those with traffic have classes" are_class_counts $((2 * SITES + 21))
tap_check "with the rates of their plans" has_20m c95007
e2e_handles >"$ISP_RUN/before"

isp_stop_engine KILL
isp_start_engine
tap_check "killed and started again it has nothing to do" \
	test "$(status adopted),$(status start_operations),$(status counts.circuits)" = true,0,$COUNT
tap_check "and every class keeps its handle" diff "$ISP_RUN/before" <(e2e_handles)
isp_stop_engine KILL
sed -i 's/^lazy_idle.*/lazy_idle = 4/' "$ISP_CONFIG"
isp_start_engine
isp_wait_for 30 are_class_counts $((2 * SITES)) >/dev/null
tap_check "silent ones lose their classes" are_class_counts $((2 * SITES))
knock
isp_wait_for 10 is_status classes.builds 20
tap_check "and get them again" has_20m c7
tap_end
