#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tests/csv/defects.csv, a row for each defect seen in files of the field: every row is in force, or
# is a problem with its reason; by .import with an engine, and by lqosd --import.
. "$(dirname "$0")/../lib/e2e.sh"
e2e_up
csv=$ISP_ROOT/tests/csv/defects.csv

# Of each row: what the problem's subject and text begin with, or its addresses that are in force, or
# both. Rows 16 and 17 are a comment and a line of nothing.
expected='1||100.70.0.1/32 100.70.1.0/24 2001:db8:7001::/48
2||100.70.0.2/32
3|row 3 (circuit c01): its parent node "birch-1" is not that of|
4|row 4 (circuit c01): its rates or sqm are not those of|100.70.0.4/32
5|row 5 (circuit ?): it has no Circuit ID|
6|row 6 (circuit c02): Download Max Mbps is "fast"|
7|row 7 (circuit c03): it has neither an IPv4 nor an IPv6 address|
8|circuit c04: its download minimum 60.0M is above its maximum 50.0M|
9|circuit c05: its download maximum is 0|
10|circuit c06: its site "AP Mars-1" does not exist; it is shaped by its plan alone|100.70.0.10/32
11|circuit c07: 100.70.0.1 is circuit c01'"'"'s already; 100.70.0.1 stays with|100.70.0.11/32
12||100.70.1.128/25
13|circuit c09: "100.70.0.313" is not an IPv4|100.70.0.13/32
14|row 14 (circuit c10): sqm is "sfq"|
15|row 15 (circuit c11): sqm is "cake/fq_codel", but|100.70.0.15/32
18||100.70.0.17/32 2001:db8:7017::/64
19||100.70.0.18/32
20||100.70.0.19/32
21|circuit c16: its download maximum 500 is not between 1k and 1T|
22||100.70.0.21/32
23|row 23 (circuit c18): Download Min Mbps is "-1"|
24|row 24 (circuit c19): Download Max Mbps is "2000000"|
25||100.70.0.24/32 2001:db8:7024::1/128
26|row 26 (circuit c21): its device is that of row 1, of circuit c01|
27||100.70.0.2/32
28||100.70.0.26/32
29|circuit c23: 100.70.2.77/24 has host bits set|
30||100.70.0.28/32
31||100.70.0.29/32
32|row 32 (circuit c26): Download Min Mbps is "1,5"|'
rows=$(grep -c . <<<"$expected")

# A problem that goes with another: a device of a circuit that is not shaped.
is_consequence() { [[ $1 == "device "*": its circuit "*"does not exist or is not shaped"* ]]; }

# Each of the problems is one that is expected, and each that is expected is there.
problems_are_as_expected() # FILE with "subject: reason; in force"
{
	local row problem addresses line status=0

	while IFS='|' read -r row problem addresses; do
		[[ -z $problem ]] || grep -qF -- "$problem" "$1" && continue
		echo "# row $row: no problem \"$problem\""
		status=1
	done <<<"$expected"
	while IFS= read -r line; do
		is_consequence "$line" || cut -d'|' -f2 <<<"$expected" | grep . |
			awk -v line="$line" 'index(line, $0) { found = 1 } END { exit !found }' && continue
		echo "# not expected: $line"
		status=1
	done <"$1"
	return $status
}
expected_addresses() { cut -d'|' -f3 <<<"$expected" | tr ' ' '\n' | grep . | sort -u; }

# .import, with an engine.
sqlite3 "$ISP_CIRCUITS" ".timeout 5000" ".import --csv --skip 1 $csv shaped_devices" 2>/dev/null
is_in_force()
{
	isp_request '{"id":1,"verb":"circuit","circuit":"c25"}' | jq -e .ok >/dev/null &&
		sqlite3 -separator '' "file:$ISP_CIRCUITS?mode=ro" "SELECT subject, ': ', reason, '; ', in_force
			FROM problems" >engine.says && [[ -s engine.says ]]
}
cd "$ISP_RUN" || exit 1
tap_check "the staged rows are merged by the engine" isp_wait_for 10 is_in_force
settled() { is_in_force && grep -q "circuit c23" engine.says; }
isp_wait_for 10 settled
tap_check "each problem of .import is the row's that has it" problems_are_as_expected engine.says
engine_has_the_addresses()
{
	for circuit in $(sqlite3 "file:$ISP_CIRCUITS?mode=ro" "SELECT id FROM circuits WHERE id LIKE 'c__'"); do
		echo "{\"id\":1,\"verb\":\"circuit\",\"circuit\":\"$circuit\"}"
	done >asked
	isp_request <asked | jq -r 'select(.ok).result.devices[].prefixes[]' | sort -u >engine.has
	expected_addresses | sed 's|/32$||; s|::1/128|::1|' | diff - engine.has | sed 's/^/# /' | grep . && return 1
	return 0
}
tap_check "and every other row's addresses are in force" engine_has_the_addresses

# lqosd --import, without one.
file=$ISP_RUN/other.db
sed "s|^circuits = .*|circuits = $file|; s|^state = .*|state = $file.state|" "$ISP_CONFIG" >other.conf
"$ISP_BUILD/lqosd" -c other.conf --init && sqlite3 "$file" ".read $ISP_ROOT/contrib/demo/sites.sql"
"$ISP_BUILD/lqosd" --import "$csv" --to "$file" --apply >import.says
sed -n 's/^problem  //p' import.says >import.problems
tap_check "each problem of --import is the row's that has it" problems_are_as_expected import.problems
taken=$(awk -F'|' '$2 !~ /^row/ || $3 != ""' <<<"$expected" | wc -l)
tap_check "rows taken and rows refused are all rows" \
	grep -qx "$rows rows: $taken taken, $((rows - taken)) refused" import.says
rows_of() # FILE
{
	sqlite3 "file:$1?mode=ro" "SELECT * FROM circuits WHERE id LIKE 'c__' ORDER BY id;
		SELECT * FROM devices WHERE circuit LIKE 'c__' ORDER BY id;
		SELECT * FROM prefixes WHERE device IN (SELECT id FROM devices WHERE circuit LIKE 'c__') ORDER BY 1, 2"
}
same_file()
{
	rows_of "$ISP_CIRCUITS" >engine.rows && rows_of "$file" >import.rows &&
		(($(wc -l <import.rows) == 18 + 20 + 26)) && diff engine.rows import.rows
}
tap_check "both ways the file says the same" same_file
tap_check "and the same problems" diff <(sort engine.says) <(sort import.problems)
tap_end
