#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The demo's customers: some busy, most idle; bounded in time. Sourced, or run as
# `ISP=... traffic.sh SECONDS` beside an ISP that is up.

. "$(dirname "${BASH_SOURCE[0]}")/isp.sh"

# traffic_start SECONDS: in the background; isp_down ends it early.
traffic_start()
{
	local seconds=$1 port=5201 address

	# TCP towards customers, and one from a customer.
	for address in 100.64.2.11 100.64.3.12 100.64.4.13 100.64.5.14; do
		((port += 1))
		(isp_exec "$ISP_INTERNET" iperf3 -s -1 -p $port >/dev/null 2>&1) &
		isp_wait_for 5 isp_listens $port
		(isp_exec "$ISP_ACCESS" timeout $((seconds + 5)) iperf3 -c $ISP_SERVER -B $address \
			-p $port -t "$seconds" -b 12M -R >/dev/null 2>&1) &
	done
	((port += 1))
	(isp_exec "$ISP_INTERNET" iperf3 -s -1 -p $port >/dev/null 2>&1) &
	isp_wait_for 5 isp_listens $port
	(isp_exec "$ISP_ACCESS" timeout $((seconds + 5)) iperf3 -c $ISP_SERVER -B 100.64.2.12 \
		-p $port -t "$seconds" -b 2M >/dev/null 2>&1) &
	# A call, a game, pings over both families.
	(isp_paced 100.64.3.11 1M "$seconds" --frame 200 >/dev/null 2>&1) &
	(isp_exec "$ISP_ACCESS" ping -qi 0.2 -w "$seconds" -I 100.64.5.11 $ISP_SERVER >/dev/null 2>&1) &
	(isp_exec "$ISP_ACCESS" ping -qi 0.5 -w "$seconds" -I 2001:db8:83e9::1 $ISP_SERVER6 \
		>/dev/null 2>&1) &
}

[[ ${BASH_SOURCE[0]} == "$0" ]] && traffic_start "${1:-60}"
:
