#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a customer feels with each kind of leaf, how exact rates are, and that an edit and the death
# of the engine leave a CAKE leaf alone: on a kernel with CAKE, over 20 ms of netem.
. "$(dirname "$0")/guest.sh"

guest_up "
	INSERT INTO sites (id, name, download_bps, upload_bps)
		VALUES ('ap', 'AP', 200000000, 200000000);
	INSERT INTO circuits (id, site, download_max_bps, upload_max_bps, leaf) VALUES
		('pfifo', 'ap', 20000000, 5000000, 'pfifo'),
		('fq_codel', 'ap', 20000000, 5000000, 'fq_codel'),
		('cake', 'ap', 20000000, 5000000, '');
	INSERT INTO devices (id, circuit) SELECT id, id FROM circuits;
	INSERT INTO prefixes (device, prefix) VALUES
		('pfifo', '100.64.1.1'), ('fq_codel', '100.64.1.2'), ('cake', '100.64.1.3'),
		('cake', '2001:db8:8001::/48');
" 100.64.1.1 100.64.1.2 100.64.1.3 2001:db8:8001::/48

status()
{
	isp_request '{"id":1,"verb":"status"}' | jq -r ".result.$1"
}
tap_check "the best leaf of this kernel is cake" test "$(status leaf)" = cake

# --- latency under load ------------------------------------------------------------------------

# rtts ADDRESS FIRST COUNT: of pings from a customer, "p50 p95" in ms; those before FIRST don't count.
rtts()
{
	isp_in "$ISP_ACCESS" ping -n -i 0.05 -W 5 -c $(($2 + $3)) -I "$1" $ISP_SERVER |
		sed -n 's/.*icmp_seq=\([0-9]*\) .*time=\([0-9.]*\) ms/\1 \2/p' |
		awk -v first="$2" '$1 > first { print $2 }' | sort -n |
		awk '{ v[NR] = $1 } END { printf "%.1f %.1f\n", v[int((NR + 1) / 2)], v[int(NR * 0.95)] }'
}

# loaded LEAF ADDRESS: four TCP connections down and two up; sets p50, p95, down, up.
loaded()
{
	local first=80 count=120 # 4 s in which the queues fill, and 6 s that count
	local streams

	isp_goodput "$2" down 9 -P 4 >"$ISP_RUN/down" &
	streams=$!
	isp_goodput "$2" up 9 -P 2 >"$ISP_RUN/up" &
	streams+=" $!"
	read -r p50 p95 < <(rtts "$2" $first $count)
	wait $streams # a list
	down=$(<"$ISP_RUN/down") up=$(<"$ISP_RUN/up")
	printf '# %-9s %10s %10s %9.1f %9.1f\n' "$1" "$p50" "$p95" \
		"$(awk "BEGIN { print $down / 1e6 }")" "$(awk "BEGIN { print $up / 1e6 }")"
}

read -r p50 p95 < <(rtts 100.64.1.3 10 50)
echo "# round trips of a 20/5 Mbit/s circuit, 20 ms away, with 4 TCP connections down and 2 up"
echo "# leaf      p50 ms     p95 ms   Mbit/s down      up"
printf '# %-9s %10s %10s\n' idle "$p50" "$p95"
tap_check "an idle circuit answers in the path's 20 ms" guest_within "$p95" 20 22
loaded pfifo 100.64.1.1
tap_check "pfifo: a full queue adds more than 100 ms" guest_within "$p50" 120 5000
loaded fq_codel 100.64.1.2
tap_check "fq_codel: the queue adds no more than 20 ms to 95 of 100 pings" guest_within "$p95" 20 40
tap_check "fq_codel: the download runs at the plan beside it" \
	guest_within "$down" 18000000 19200000
loaded cake 100.64.1.3
tap_check "cake: the queue adds no more than 20 ms to 95 of 100 pings" guest_within "$p95" 20 40
tap_check "cake: the download runs at the plan beside it" \
	guest_within "$down" 18000000 19200000

# --- rates -----------------------------------------------------------------------------------------

echo "# rate       TCP goodput   of the rate"
for rate in 2 10 50; do
	guest_set_download cake ${rate}M
	# At 2 Mbit/s a packet more or less of each connection is 0.4 % of 6 seconds.
	goodput=$(isp_goodput 100.64.1.3 down $((rate < 10 ? 20 : 6)) -P 4)
	printf '# %3d Mbit/s %9d %12.1f %%\n' $rate "$goodput" \
		"$(awk "BEGIN { print $goodput / $rate / 1e4 }")"
	# Frames of 1514 bytes carry 1448: 95.6 %.
	tap_check "a plan of $rate Mbit/s is what TCP gets, headers included" \
		guest_within "$goodput" $((rate * 930000)) $((rate * 960000))
done

# --- an edit while packets wait ----------------------------------------------------------------------

class=$(guest_class cake)
guest_set_download cake 1M
isp_paced 100.64.1.3 4M 15 >"$ISP_RUN/paced.json" & # longer than all that is asked meanwhile
paced=$!
waiting()
{
	read -r handle bytes packets drops backlog < <(guest_leaf lan0 "$class")
	((backlog >= 100))
}
isp_wait_for 10 waiting
guest_set_download cake 3M
read -r handle2 bytes2 packets2 drops2 backlog2 < <(guest_leaf lan0 "$class")
tap_check "packets came while the rate was edited" kill -0 $paced
wait $paced
echo "# before the edit: leaf $handle, $packets packets sent, $drops dropped, $backlog waiting"
echo "# after it:        leaf $handle2, $packets2 packets sent, $drops2 dropped, $backlog2 waiting"
tap_check "packets waited when the rate was edited" test "$backlog" -ge 100
tap_check "the edit kept the leaf" test "$handle" = "$handle2"
tap_check "the edit kept the leaf's counters" \
	test "$bytes2" -ge "$bytes" -a "$packets2" -ge "$packets" -a "$drops2" -ge "$drops"
tap_check "the edit kept what waited in the leaf" \
	test $((backlog2 + packets2 - packets + drops2 - drops)) -ge "$backlog"
tap_check "and dropped none of it at once" test $((drops2 - drops)) -lt $((backlog / 2))
tap_check "the leaf's rtt follows the rate" grep -q 'rtt 140ms' \
	<(isp_in "$ISP_SHAPER" tc qdisc show dev lan0 | grep "parent $class ")

# --- the death of the engine ---------------------------------------------------------------------------

guest_set_download cake 20M
isp_in "$ISP_SHAPER" tc class show dev lan0 | grep "^class htb" >"$ISP_RUN/classes.before"
isp_in "$ISP_SHAPER" tc qdisc show dev lan0 >"$ISP_RUN/qdiscs.before"
read -r _ bytes _ _ _ < <(guest_leaf lan0 "$class")
isp_paced 100.64.1.3 5M 20 >"$ISP_RUN/paced.json" &
paced=$!
isp_stop_engine KILL
tap_check "after kill -9 it starts again" isp_start_engine
tap_check "while a paced stream runs" kill -0 $paced
wait $paced
read -r _ bytes2 _ _ _ < <(guest_leaf lan0 "$class")
echo "# $(jq -r '"\(.sent) packets sent meanwhile, \(.lost) lost"' "$ISP_RUN/paced.json")"
tap_check "it adopts what is there" test "$(status adopted)" = true
tap_check "it asks the kernel for nothing" test "$(status start_operations)" = 0
isp_in "$ISP_SHAPER" tc class show dev lan0 | grep "^class htb" >"$ISP_RUN/classes.after"
isp_in "$ISP_SHAPER" tc qdisc show dev lan0 >"$ISP_RUN/qdiscs.after"
tap_check "all classes are as they were" diff "$ISP_RUN/classes.before" "$ISP_RUN/classes.after"
tap_check "all leaves are as they were" diff "$ISP_RUN/qdiscs.before" "$ISP_RUN/qdiscs.after"
tap_check "the CAKE leaf counts on" test "$bytes2" -gt "$bytes"
tap_check "nothing of a paced stream was lost meanwhile" \
	test "$(jq '.lost == 0 and .received > 100' "$ISP_RUN/paced.json")" = true
tap_end
