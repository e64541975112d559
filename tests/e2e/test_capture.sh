#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Packet captures: two at once under load, read by tshark; what is lost is counted.
. "$(dirname "$0")/../lib/e2e.sh"
OTHER=100.64.3.10 # of circuit 1003
PACKETS_PER_S=8000
e2e_up

start() # ARGUMENTS: prints the capture's number
{
	isp_request "{\"id\":1,\"verb\":\"capture.start\",$1}" | jq -r .result.capture
}

# Stops a capture and keeps what is said of it; FIELD prints one thing of that.
stop() # CAPTURE NAME
{
	isp_request "{\"id\":1,\"verb\":\"capture.stop\",\"capture\":$1}" |
		jq .result >"$ISP_RUN/$2.json"
}

said() # NAME FIELD
{
	jq -r ".$2" "$ISP_RUN/$1.json"
}

# Small frames, more than the plan takes: what is captured is what arrives.
offer() # ADDRESS SECONDS FILE
{
	isp_paced "$1" $((PACKETS_PER_S * 800)) "$2" --frame 100 >"$3"
}

field() # NAME FIELD [FILTER]: of each packet, by tshark
{
	tshark -r "$(said "$1" file)" ${3:+-Y "$3"} -T fields -e "$2" 2>"$ISP_RUN/$1.complaints"
}

reads_without_complaint() # NAME
{
	field "$1" frame.time_epoch >"$ISP_RUN/$1.times" &&
		! grep -v '^Running as user' "$ISP_RUN/$1.complaints" &&
		test "$(wc -l <"$ISP_RUN/$1.times")" = "$(said "$1" packets)"
}

all_accounted_for() # NAME
{
	test "$(said "$1" circuit_packets)" -gt 1000 &&
		test "$(said "$1" circuit_packets)" = $(($(said "$1" packets) + $(said "$1" lost)))
}

# ping's packets say when they left (two 64-bit numbers; tshark takes the seconds off): the least that
# lies between that and the packet's time is the error of the clock.
clock_is_right() # NAME
{
	tshark -r "$(said "$1" file)" -Y 'icmp.type == 8' -T fields -e frame.time_epoch -e data.data \
		2>/dev/null | while read -r time data; do
		fraction=${time#*.} hex=
		for i in 6 4 2 0; do
			hex+=${data:$i:2}
		done
		echo $((10#${fraction:0:6} - 16#$hex))
	done | awk '$1 < -500000 { $1 += 1000000 } { print $1 }' | sort -n | head -1 >"$ISP_RUN/error"
	e2e_within "$(<"$ISP_RUN/error")" -1000 1000
}

circuit=$(start '"circuit":"1001","snap":96')
address=$(start "\"address\":\"$OTHER\",\"snap\":9000")
tap_check "a circuit and an address are captured at once" test "$circuit,$address" = 1,2
offer $ADDRESS 4 "$ISP_RUN/first" &
first=$!
offer $OTHER 4 "$ISP_RUN/second" &
second=$!
isp_in "$ISP_ACCESS" ping -qc 100 -i 0.02 -I $ADDRESS $ISP_SERVER >/dev/null
isp_request '{"id":1,"verb":"capture.list"}' | jq .result.rows >"$ISP_RUN/list"
wait $first $second
stop "$circuit" circuit
stop "$address" address
tap_check "while it runs its last packets are told" test true = \
	"$(jq '.[1].lines | length == 16 and all(test("100.64.1.10"))' "$ISP_RUN/list")"
for name in circuit address; do
	tap_check "$name: tshark reads it without complaint" reads_without_complaint $name
	tap_check "$name: its packets are in order" sort -cg "$ISP_RUN/$name.times"
done
tap_check "a circuit's packets are all in the file or counted as lost" all_accounted_for circuit
tap_check "an address's packets are all in the file or counted as lost" \
	test "$(jq .sent "$ISP_RUN/second")" = \
	"$(($(said address packets) + $(said address lost)))"
tap_check "times are those of the wall clock, within a millisecond" clock_is_right circuit
tap_check "frames are cut where it was asked" \
	test 96 = "$(field circuit frame.cap_len | sort -nu | tail -1)"
tap_check "and their length is said" \
	test "$(field address frame.len | sort -u)" = 100
tap_check "tcpdump reads it as well" \
	grep -q "$OTHER" <(tcpdump -nr "$(said address file)" 2>/dev/null)
tap_check "nobody else may read it" \
	test "$(stat -c %a "$(said circuit file)" "$ISP_RUN/captures" | xargs)" = "600 700"

# An engine that is kept from its work for longer than the ring buffer lasts.
circuit=$(start '"circuit":"1001","snap":9216,"seconds":60')
kill -STOP "$(<"$ISP_RUN/lqosd.pid")"
isp_paced $ADDRESS 200M 1 --frame 1400 >/dev/null
kill -CONT "$(<"$ISP_RUN/lqosd.pid")"
isp_answers
stop "$circuit" stalled
tap_check "what found no room is counted" test "$(said stalled lost)" -gt 1000
tap_check "and nothing else is missing" all_accounted_for stalled
tap_check "its packets are in order, too" reads_without_complaint stalled

flow=$(start "\"customer\":\"$ADDRESS\",\"remote\":\"$ISP_SERVER\",\"protocol\":\"icmp\",\"bytes\":4096")
isp_in "$ISP_ACCESS" ping -qc 200 -i 0.005 -I $ADDRESS $ISP_SERVER >/dev/null
isp_wait_for 5 eval "isp_request '{\"id\":1,\"verb\":\"capture.list\"}' |
	jq -e '.result.rows[0].state == \"file is full\"' >/dev/null"
tap_check "a full file ends a capture of a flow" test $? = 0
timed=$(start '"circuit":"1001","seconds":1')
isp_wait_for 5 eval "isp_request '{\"id\":1,\"verb\":\"capture.list\"}' |
	jq -e '.result.rows[0] | .capture == $timed and .state == \"time is over\"' >/dev/null"
tap_check "time ends one" test $? = 0

refused() # ARGUMENTS WORDS
{
	isp_request "{\"id\":1,\"verb\":\"capture.start\",$1}" | jq -r .error.message >"$ISP_RUN/out"
	grep -q "$2" "$ISP_RUN/out"
}
tap_check "nothing to capture is refused" refused '"snap":96' "say what to capture"
tap_check "a circuit that there is not is refused" refused '"circuit":"none"' 'no circuit "none"'
chmod 770 "$ISP_RUN/captures"
tap_check "a directory where others may write is refused" \
	refused '"circuit":"1001"' "where others may write"
chmod 700 "$ISP_RUN/captures"

start '"circuit":"1001"' >/dev/null
isp_stop_engine KILL
isp_start_engine
tap_check "one of an engine that was killed has ended" \
	test "$(isp_request '{"id":1,"verb":"capture.list"}' | jq '.result.rows | length')" = 0
tap_end
