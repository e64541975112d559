#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What lqosd --plan says a file would do is what it does.
. "$(dirname "$0")/../lib/e2e.sh"
e2e_up

plan() # FILE [CONFIG]
{
	isp_in "$ISP_SHAPER" "$ISP_BUILD/lqosd" -c "${2:-$ISP_CONFIG}" --plan "$1" \
		>"$ISP_RUN/plan" 2>"$ISP_RUN/plan.err"
}

says() # LINE
{
	grep -qxP -- "$1" "$ISP_RUN/plan" && return
	head -n 20 "$ISP_RUN/plan" "$ISP_RUN/plan.err" | sed 's/^/# /'
	return 1
}

edits="UPDATE circuits SET download_max_bps = 31000000 WHERE id = '1001';
	UPDATE circuits SET site = 'birch-2' WHERE id = '1002';
	DELETE FROM circuits WHERE id = '1004';
	INSERT INTO circuits (id, site, download_max_bps, upload_max_bps)
		VALUES ('new', 'alder-1', 7000000, 2000000);
	UPDATE sites SET download_bps = 190000000 WHERE id = 'alder-1';"

# state.db follows an applied change within a second.
saved()
{
	[[ $(sqlite3 "$ISP_STATE" ".timeout 5000" "SELECT count(*) FROM circuits") == 64 ]]
}
isp_wait_for 5 saved
"$ISP_BUILD/lqosd" -c "$ISP_CONFIG" --backup "$ISP_RUN/new.db"
plan "$ISP_RUN/new.db"
tap_check "what is in force already takes nothing" says ".*on top of .*state.db: 0 operations"

sqlite3 "$ISP_RUN/new.db" "$edits"
plan "$ISP_RUN/new.db"
planned=$(sed -n 's/.*: \([0-9]*\) operations$/\1/p' "$ISP_RUN/plan")
tap_check "another plan is told with its reason" \
	says 'change class .* download ceil 20M -> 31M\t# circuit 1001: has another plan'
tap_check "a move is told with where from and where to" \
	says 'add class .*\t# circuit 1002: moves from AP Alder-2 to AP Birch-2'
tap_check "and its old class goes" says 'remove class .*\t# circuit 1002: moves from .*'
tap_check "who goes is told" says 'remove class .* upload\t# circuit 1004: goes'
tap_check "who comes is told" says 'add class .* ceil 7M with pfifo .*\t# circuit new: is new'
tap_check "another capacity is told" \
	says 'change class .* ceil 200M -> 190M\t# site alder-1: has another capacity'
tap_check "and what follows from it" \
	says 'change class .*\t# site birch-2: what is guaranteed below it is another'
tap_check "nobody else is in it" \
	test -z "$(tail -n +3 "$ISP_RUN/plan" | grep -vE '# (circuit (1001|1002|1004|new)|site (alder|birch))')"
plan "$ISP_RUN/new.db"
tap_check "asked again it says the same: nothing was changed" \
	test "$(sed -n 's/.*: \([0-9]*\) operations$/\1/p' "$ISP_RUN/plan")" = "$planned"

sqlite3 "$ISP_CIRCUITS" ".timeout 5000" "BEGIN; $edits COMMIT"
applied()
{
	grep -q " $planned operations in" "$ISP_RUN/lqosd.log"
}
tap_check "the engine does just as much" isp_wait_for 5 applied

sed "s#^state = .*#state = $ISP_RUN/none.db#" "$ISP_CONFIG" >"$ISP_RUN/other.conf"
plan "$ISP_RUN/new.db" "$ISP_RUN/other.conf"
tap_check "without a state file it is the plan for a kernel that has nothing" \
	says 'classes: 172 added, 0 changes, 0 removed; .*'
tap_check "and none is made" test ! -e "$ISP_RUN/none.db"
plan "$ISP_RUN/nowhere.db"
tap_check "a file that is not there is refused in words" grep -q 'nowhere.db' "$ISP_RUN/plan.err"
tap_end
