#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Settings that shaping depends on: set, put right when somebody else undoes them, given back by
# --detach, also after kill -9. Interfaces that are renamed, flap or lose queues: followed, and told.
. "$(dirname "$0")/../lib/e2e.sh"

sysfs() # COMMAND: in the shaper's namespace with its own /sys
{
	ip netns exec "$ISP_SHAPER" bash -c "$1"
}

xps() # INTERFACE QUEUE: a number
{
	printf '%d\n' "0x$(sysfs "cat /sys/class/net/$1/queues/tx-$2/xps_cpus" | tr -d ,)"
}

netfilter()
{
	isp_in "$ISP_SHAPER" sysctl -n net.bridge.bridge-nf-call-iptables
}

journalled() # SUBJECT FIELD BEFORE AFTER RESULT: patterns of SQL
{
	[[ $(sqlite3 "$ISP_CIRCUITS" ".timeout 5000" "SELECT count(*) > 0 FROM journal
		WHERE kind = 'host' AND subject LIKE '$1' AND field LIKE '$2' AND before LIKE '$3'
			AND after LIKE '$4' AND result LIKE '$5'") == 1 ]]
}

isp_up && isp_import || { echo "Bail out! the ISP did not come up"; exit 1; }
sysfs "echo 1 >/sys/class/net/lan0/queues/tx-0/xps_cpus; echo 3 >/sys/class/net/wan0/queues/tx-1/xps_cpus"
isp_in "$ISP_SHAPER" sysctl -qw net.bridge.bridge-nf-call-iptables=1
isp_start_engine || { echo "Bail out! the engine did not start"; exit 1; }
tap_check "no steering overrides a class's queue" test "$(xps lan0 0)$(xps wan0 1)" = 00
tap_check "no bridged packet passes netfilter" test "$(netfilter)" = 0

sysfs "echo 2 >/sys/class/net/lan0/queues/tx-0/xps_cpus"
put_right()
{
	[[ $(xps lan0 0) == 0 ]]
}
tap_check "what somebody else undoes is put right" isp_wait_for 8 put_right
tap_check "and journalled" isp_wait_for 3 journalled lan0 'tx-0 xps_cpus' '%2' 0 '%put right'

isp_in "$ISP_SHAPER" ip link set lan0 name renamed0
tap_check "another name of an interface is journalled" \
	isp_wait_for 3 journalled lan0 name lan0 renamed0 'followed%'
e2e_set_download 1001 33M
class=$(e2e_class_of 1001)
tap_check "and edits go on" grep -q 'ceil 33Mbit' \
	<(isp_in "$ISP_SHAPER" tc class show dev renamed0 classid "$class")
sysfs "echo 2 >/sys/class/net/renamed0/queues/tx-0/xps_cpus"
put_right_too()
{
	[[ $(xps renamed0 0) == 0 ]]
}
tap_check "its settings too are looked after" isp_wait_for 8 put_right_too
isp_in "$ISP_SHAPER" ip link set renamed0 name lan0
isp_wait_for 3 journalled renamed0 name renamed0 lan0 '%'

isp_in "$ISP_SHAPER" ip link set wan0 down
tap_check "a link that goes down is journalled" isp_wait_for 3 journalled wan0 link up down '%'
isp_in "$ISP_SHAPER" ip link set wan0 up
tap_check "and one that comes up" isp_wait_for 3 journalled wan0 link down up '%'
tap_check "traffic passes again" isp_wait_for 5 isp_reachable

on_queue() # QUEUE: circuits
{
	local circuit
	for circuit in $(sqlite3 "$ISP_CIRCUITS" ".timeout 5000" "SELECT id FROM circuits"); do
		[[ $(e2e_class_of "$circuit") == "$1:"* ]] && echo "$circuit"
	done
}
classes_on() # INTERFACE QUEUE
{
	isp_in "$ISP_SHAPER" tc class show dev "$1" | grep -c " htb $2:"
}
moved() # the fixed classes alone are left
{
	[[ $(classes_on lan0 2) == 3 && $(classes_on wan0 2) == 3 && -z $(on_queue 2) ]]
}
by_default() # packets that were in nobody's class
{
	isp_in "$ISP_SHAPER" tc -s -j class show dev lan0 |
		jq '[.[] | select(.handle == "1:2" or .handle == "2:2") | .stats.packets] | add'
}
address_of() # CIRCUIT
{
	sqlite3 "$ISP_CIRCUITS" ".timeout 5000" "SELECT prefix FROM prefixes JOIN devices ON
		device = devices.id WHERE circuit = '$1' AND prefix LIKE '%.%' LIMIT 1" | cut -d/ -f1
}
victim=$(on_queue 2 | head -n 1)
isp_in "$ISP_SHAPER" ethtool -L lan0 tx 1
tap_check "fewer queues than are shaped are journalled" \
	isp_wait_for 3 journalled lan0 'transmit queues' 2 1 'nodes are placed on 1 of the 2 %'
tap_check "whoever was on a queue that went is moved to one that is there" isp_wait_for 5 moved
tap_check "traffic passes" isp_wait_for 5 isp_reachable
before=$(by_default)
isp_paced "$(address_of "$victim")" 2M 2 >"$ISP_RUN/paced.json"
tap_check "a circuit that moved gets all that is sent to it, in its class" \
	test "$(jq '.lost == 0 and .received > 200' "$ISP_RUN/paced.json") $(by_default)" = "true $before"
isp_stop_engine KILL
isp_start_engine
tap_check "an engine that is started then leaves them where they are" \
	test "$(isp_request '{"id":1,"verb":"status"}' | jq -r '.result | "\(.queues) \(.state)"') $(on_queue 2)" = "1 live "
isp_stop_engine KILL
isp_in "$ISP_SHAPER" ethtool -L lan0 tx 2
isp_start_engine
isp_in "$ISP_SHAPER" ethtool -L lan0 tx 1
isp_wait_for 5 moved
isp_in "$ISP_SHAPER" ethtool -L lan0 tx 2
tap_check "their return is journalled" \
	isp_wait_for 3 journalled lan0 'transmit queues' 1 2 'nodes are placed on 2 of the 2 %'
tap_check "none of this is a revision, nor to be undone" grep -q '"ok":false' \
	<(isp_request '{"id":1,"verb":"undo","revision":0}')

isp_stop_engine KILL
isp_start_engine
isp_stop_engine KILL
isp_in "$ISP_SHAPER" "$ISP_BUILD/lqosd" -c "$ISP_CONFIG" --detach
tap_check "--detach gives back what was there before the first engine" \
	test "$(xps lan0 0) $(xps wan0 1) $(netfilter)" = "1 3 1"
tap_check "and remembers nothing" test ! -e "$ISP_STATE.host"
tap_end
