#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# time limit: 600
# A change of every kind at once, against the real kernel: the engine is killed before each of its
# operations in turn, and each is refused in turn. There and back again, each time to the end.
. "$(dirname "$0")/../lib/e2e.sh"
export ISP_LQOSD=$ISP_BUILD/tests/e2e/lqosd-faults LQOS_FAULTS=$ISP_RUN/faults
e2e_up
first=$(isp_request '{"id":1,"verb":"status"}' | jq -r .result.revision)
sqlite3 "$ISP_CIRCUITS" ".timeout 5000" "BEGIN;
	INSERT INTO sites (id, name, parent, download_bps, upload_bps)
		VALUES ('mobile', 'Mobile mast', 'alder', 90000000, 90000000);
	UPDATE circuits SET site = 'mobile' WHERE id = '1008';
	COMMIT"

# A speed, a circuit that moves, one that goes, one that comes, a suspension, an address that changes
# hands, a site that moves with what is below it.
there="BEGIN;
	UPDATE circuits SET download_max_bps = 31000000 WHERE id = '1001';
	UPDATE circuits SET site = 'birch-2' WHERE id = '1002';
	DELETE FROM circuits WHERE id = '1004';
	INSERT INTO circuits (id, site, download_max_bps, upload_max_bps)
		VALUES ('new', 'alder-1', 7000000, 2000000);
	INSERT INTO devices (id, circuit) VALUES ('new-r', 'new');
	INSERT INTO prefixes (device, prefix) VALUES ('new-r', '100.64.99.9');
	UPDATE circuits SET suspended = 1 WHERE id = '1005';
	UPDATE prefixes SET device = '1006-r' WHERE device = '1007-r' AND prefix LIKE '100.%';
	UPDATE sites SET parent = 'birch' WHERE id = 'mobile';
	COMMIT"
back=$(sqlite3 "$ISP_CIRCUITS" "SELECT 'BEGIN;
	UPDATE circuits SET download_max_bps = 20000000 WHERE id = ''1001'';
	UPDATE circuits SET site = ''' || (SELECT site FROM circuits WHERE id = '1002') || '''
		WHERE id = ''1002'';
	DELETE FROM circuits WHERE id = ''new'';
	INSERT INTO circuits (id, site, download_max_bps, upload_max_bps, download_min_bps,
		upload_min_bps) VALUES (''1004'', ''' || site || ''', ' || download_max_bps || ', ' ||
		upload_max_bps || ', ' || download_min_bps || ', ' || upload_min_bps || ');
	INSERT INTO devices (id, circuit) VALUES (''1004-r'', ''1004'');
	INSERT INTO prefixes (device, prefix) VALUES (''1004-r'', ''100.64.4.10'');
	UPDATE circuits SET suspended = 0 WHERE id = ''1005'';
	UPDATE prefixes SET device = ''1007-r'' WHERE device = ''1006-r''
		AND prefix LIKE ''100.64.2.%'';
	UPDATE sites SET parent = ''alder'' WHERE id = ''mobile'';
	COMMIT' FROM circuits WHERE id = '1004'")

status()
{
	isp_request '{"id":1,"verb":"status"}' | jq -r ".result.$1"
}

# Everything that is shaped, by rates and those of the class above, without the numbers it has got.
shaped()
{
	local interface

	for interface in lan0 wan0; do
		isp_in "$ISP_SHAPER" tc class show dev $interface | awk -v interface=$interface '
			$2 == "htb" {
				class[++n] = $3
				above[$3] = $4 == "parent" ? $5 : ""
				match($0, / rate .*/)
				rates[$3] = substr($0, RSTART)
			}
			END {
				for (i = 1; i <= n; i++)
					print interface, substr(class[i], 1, 2) rates[class[i]] "<" rates[above[class[i]]]
			}'
	done | sort
	isp_in "$ISP_SHAPER" tc qdisc show | awk '$2 != "clsact" { print $2, $5 }' | sort | uniq -c
}

shaped_is() # there|back
{
	shaped >"$ISP_RUN/shaped.now"
	cmp -s "$ISP_RUN/shaped.now" "$ISP_RUN/shaped.$1"
}

commit() # there|back
{
	sqlite3 "$ISP_CIRCUITS" ".timeout 5000" "${!1}"
}

later() # REVISION
{
	isp_request '{"id":1,"verb":"status"}' 2>/dev/null | jq -e --argjson before "$1" '.result |
		.state == "live" and .revision == .applied_revision and .revision > $before' >/dev/null
}

# settle there|back: applied, and what had to drain has gone.
settle()
{
	isp_wait_for 15 later "$revision" && isp_wait_for 15 shaped_is "$1"
}

# The two states as an engine reaches them that nobody disturbs; there once more, so that what
# drained is gone for certain.
isp_wait_for 5 later "$first"
shaped >"$ISP_RUN/shaped.back"
revision=$(status revision)
commit there
isp_wait_for 5 later "$revision"
isp_stop_engine TERM && isp_start_engine
shaped >"$ISP_RUN/shaped.there"
revision=$(status revision)
commit back
tap_check "there and back again is where it began" settle back

# Nobody's numbers but those that the change is about.
e2e_handles >"$ISP_RUN/handles.back"
revision=$(status revision)
commit there
tap_check "the change comes to the same twice" settle there
e2e_handles >"$ISP_RUN/handles.there"
comm -12 <(sort "$ISP_RUN/handles.back") <(sort "$ISP_RUN/handles.there") |
	grep -o '^[0-9]*:[0-9a-f]*' | sort -u >"$ISP_RUN/untouched"
revision=$(status revision)
commit back
settle back

(isp_exec "$ISP_SHAPER" tc monitor >"$ISP_RUN/monitor" 2>&1) &
(exec "$ISP_BUILD/contrib/demo/paced" --from-netns "$ISP_INTERNET" --from $ISP_SERVER \
	--to-netns "$ISP_ACCESS" --to 100.64.3.10 --rate 2M --seconds 500 >"$ISP_RUN/paced.json") &
paced=$!

# strike kill|refuse N there|back: commits with that mishap before operation N; succeeds when the
# mishap came about and the engine, started again where it died, reached what is desired.
strike()
{
	local pid
	pid=$(<"$ISP_RUN/lqosd.pid") struck=
	revision=$(status revision)
	echo "$1 $2" >"$LQOS_FAULTS"
	commit "$3"
	if [[ $1 == kill ]]; then
		isp_wait_for 15 died_or_done "$pid" "$3" || return 1
		isp_gone "$pid" && struck=1 && { isp_start_engine || return 1; }
	fi
	settle "$3" || say_difference "$@" || return 1
	grep -q "refused by the test" "$ISP_RUN/lqosd.log" && struck=1
	return 0
}

say_difference()
{
	echo "# $1 before operation $2, $3: $(status message)"
	diff "$ISP_RUN/shaped.$3" "$ISP_RUN/shaped.now" | head -n 20 | sed 's/^/# /'
	return 1
}

died_or_done() # PID there|back
{
	isp_gone "$1" || { later "$revision" && shaped_is "$2"; }
}

# every kill|refuse: strikes before each operation, there and back in turn, until there are no more.
every()
{
	local n=0 to=there

	while :; do
		: >"$ISP_RUN/lqosd.log"
		strike "$1" $n $to || return 1
		[[ $struck ]] || break
		[[ $to == there ]] && to=back || to=there
		((n++))
	done
	echo "# $1: before each of $n operations"
	# The switch is still on.
	isp_stop_engine TERM && isp_start_engine && ((n > 30)) && [[ $(status start_operations) == 0 ]]
}

tap_check "killed before any operation, the next engine reaches desired" every kill
revision=$(status revision)
commit back
tap_check "refused at any operation, it is undone, tried again and reached" every refuse
kill -TERM $paced
wait $paced

# By the control socket nobody comes back to it: the engine itself does.
class=$(e2e_class_of 1002)
echo "refuse 0" >"$LQOS_FAULTS"
reply=$(isp_request '{"id":1,"verb":"circuit.set","circuit":"1002","download_max_bps":"33M"}')
tap_check "an edit that is refused by the kernel says so" \
	grep -q 'committed as revision [0-9]*, not applied yet: ' <<<"$reply"
is_applied()
{
	[[ $(e2e_ceil "$class") == 33Mbit ]]
}
tap_check "and is tried again" isp_wait_for 5 is_applied

sed -n 's/^deleted class htb \([^ ]*\) .*/\1/p' "$ISP_RUN/monitor" | sort -u >"$ISP_RUN/deleted"
echo "# $(wc -l <"$ISP_RUN/untouched") classes that the change is not about," \
	"$(wc -l <"$ISP_RUN/deleted") others deleted meanwhile," \
	"$(jq -r '"\(.received) packets received, \(.lost) lost"' "$ISP_RUN/paced.json")"
tap_check "what the change is not about was never deleted" \
	test -s "$ISP_RUN/deleted" -a -z "$(comm -12 "$ISP_RUN/untouched" "$ISP_RUN/deleted")"
tap_check "nothing of another circuit's paced stream was lost" \
	test "$(jq '.lost == 0 and .received > 1000' "$ISP_RUN/paced.json")" = true
tap_end
