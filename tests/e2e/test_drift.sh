#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Somebody else's hands on the queues: what they deleted or changed comes back by itself.
. "$(dirname "$0")/../lib/e2e.sh"
e2e_up
class=$(e2e_class_of 1001)

tc_shaper()
{
	isp_in "$ISP_SHAPER" tc "$@"
}

leaf_of_circuit()
{
	class=$(e2e_class_of 1001)
	tc_shaper qdisc show dev lan0 | grep -q "^qdisc pfifo .* parent $class "
}

ceil_is()
{
	[[ $(e2e_ceil "$(e2e_class_of 1001)") == "$1" ]]
}

right()
{
	leaf_of_circuit && ceil_is 20Mbit
}

quiet()
{
	! grep -q "somebody else" "$ISP_RUN/lqosd.log"
}

e2e_set_download 1003 12M
e2e_set_download 1003 10M
tap_check "what the engine does itself is nobody else's doing" quiet

isp_paced 100.64.3.10 5M 4 >"$ISP_RUN/paced.json" &
paced=$!
tc_shaper class change dev lan0 parent "$(tc_shaper class show dev lan0 classid "$class" |
	grep -o 'parent [^ ]*' | cut -d' ' -f2)" classid "$class" htb rate 1mbit ceil 2mbit
tap_check "a rate was changed by hand" ceil_is 2Mbit
tap_check "it is put back" isp_wait_for 5 right
tc_shaper class del dev lan0 classid "$class"
tap_check "a class that was deleted comes back with its leaf" isp_wait_for 5 right
tc_shaper qdisc del dev lan0 parent "$(e2e_class_of 1001)"
tap_check "a leaf that was deleted comes back" isp_wait_for 5 right
tap_check "the log says what happened" grep -q "changed by somebody else: put right" "$ISP_RUN/lqosd.log"
wait $paced
tap_check "nothing of another circuit's paced stream was lost" \
	test "$(jq '.lost == 0 and .received > 1000' "$ISP_RUN/paced.json")" = true
isp_in "$ISP_SHAPER" ip link set lan0 down
isp_in "$ISP_SHAPER" ip link set lan0 up
tap_check "a link that went down and up is shaped as before" isp_wait_for 5 right
tc_shaper qdisc del dev wan0 root
wan_is_shaped()
{
	(($(tc_shaper class show dev wan0 | wc -l) == $(tc_shaper class show dev lan0 | wc -l)))
}
tap_check "a whole tree that was deleted is built again" isp_wait_for 10 wan_is_shaped
tc_shaper qdisc replace dev wan0 root handle 9: tbf rate 500mbit burst 100k latency 50ms
says_so()
{
	isp_request '{"id":1,"verb":"status"}' | jq -r .result.message | grep -q 'qdisc "tbf" that is not ours'
}
tap_check "another's root is named" isp_wait_for 5 says_so
tap_check "and left alone" grep -q '^qdisc tbf 9: root' <(tc_shaper qdisc show dev wan0)
tc_shaper qdisc del dev wan0 root
tap_check "once it has gone, the tree is built again" isp_wait_for 10 wan_is_shaped
healthy()
{
	[[ $(isp_request '{"id":1,"verb":"status"}' | jq -r '.result.state') == live ]]
}
tap_check "and all is well" isp_wait_for 5 healthy
isp_stop_engine TERM
isp_start_engine
tap_check "the next engine finds all in order" \
	test "$(isp_request '{"id":1,"verb":"status"}' | jq .result.start_operations)" = 0
tap_end
