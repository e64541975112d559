#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What lqosd --check and --plan say is what the engine does, also where classes are made when there is
# traffic.
. "$(dirname "$0")/../lib/e2e.sh"
isp_up && isp_import && sed -i '/^\[database\]/i [shaping]\nlazy = full\nlazy_idle = 86400' "$ISP_CONFIG" &&
	isp_start_engine || { echo "Bail out! the ISP did not come up"; exit 1; }

plan() # FILE: the counts of both go to $ISP_RUN/plan and $ISP_RUN/check
{
	isp_in "$ISP_SHAPER" "$ISP_BUILD/lqosd" -c "$ISP_CONFIG" --plan "$1" >"$ISP_RUN/plan"
	"$ISP_BUILD/lqosd" -c "$ISP_CONFIG" --check "$1" >"$ISP_RUN/check"
}
both_say() # ADDED CHANGED REMOVED
{
	grep -q "^classes: $1 added, $2 changes, $3 removed" "$ISP_RUN/plan" &&
		grep -q "classes $1 added, $2 changed, $3 removed" "$ISP_RUN/check" && return
	sed -n 's/^/# /; 1,4p' "$ISP_RUN/plan" "$ISP_RUN/check"
	return 1
}
operations()
{
	sed -n '1s/.*: \([0-9]*\) operations$/\1/p' "$ISP_RUN/plan"
}
did() # OPERATIONS
{
	grep -q "revision [0-9]*: $1 operations" "$ISP_RUN/lqosd.log"
}
copy() # [SQL]
{
	rm -f "$ISP_RUN/new.db"
	"$ISP_BUILD/lqosd" -c "$ISP_CONFIG" --backup "$ISP_RUN/new.db" &&
		sqlite3 "$ISP_RUN/new.db" "${1:-}"
}
is_in_state() # VALUE SQL
{
	[[ $(sqlite3 -cmd '.timeout 5000' "$ISP_STATE" "$2") == "$1" ]]
}
counts_of() # WITH ALL
{
	grep -qx "classes are made when there is traffic: $1 of $2 circuits have one of their own" \
		"$ISP_RUN/plan" && grep -q ": $1 of $2 circuits have one" "$ISP_RUN/check"
}

isp_wait_for 5 is_in_state 64 "SELECT count(*) FROM circuits"
copy
plan "$ISP_RUN/new.db"
tap_check "for the file in force there is nothing to do" both_say 0 0 0
tap_check "it is said that nobody has a class" counts_of 0 64

new="INSERT INTO circuits (id, site, download_max_bps, upload_max_bps)
	VALUES ('new', 'alder-1', 5000000, 5000000)"
copy "$new"
plan "$ISP_RUN/new.db"
tap_check "a new circuit has no class before it has traffic" both_say 0 4 0
planned=$(operations)
sqlite3 -cmd '.timeout 5000' "$ISP_CIRCUITS" "$new"
tap_check "the engine does just as much" isp_wait_for 5 did "$planned"

# One that has a class keeps it; state.db tells of it with the next change.
isp_in "$ISP_ACCESS" ping -qc1 -W5 -I $ADDRESS $ISP_SERVER >/dev/null
sqlite3 -cmd '.timeout 5000' "$ISP_CIRCUITS" "UPDATE circuits SET site = 'alder-2' WHERE id = '1064'"
isp_wait_for 5 is_in_state 1 "SELECT handle > 0 FROM assignments WHERE kind AND id = '1001'"
copy "UPDATE circuits SET download_max_bps = 33000000 WHERE id IN ('1001', '1002')"
plan "$ISP_RUN/new.db"
tap_check "another plan changes the class of the one that has one" both_say 0 1 0
tap_check "and the rows of both" grep -q "slots: 2 set" "$ISP_RUN/plan"
tap_check "it is said that one has a class" counts_of 1 65

sed -i 's/^lazy = full/lazy = no/' "$ISP_CONFIG"
plan "$ISP_RUN/new.db"
tap_check "classes for all are classes for all" both_say 128 1 0
sed "s#^lazy = .*#lazy = full#; s#^state = .*#state = $ISP_RUN/none.db#" "$ISP_CONFIG" \
	>"$ISP_RUN/none.conf"
isp_in "$ISP_SHAPER" "$ISP_BUILD/lqosd" -c "$ISP_RUN/none.conf" --plan "$ISP_RUN/new.db" >"$ISP_RUN/plan"
tap_check "from nothing there are no circuits' classes" \
	test "$(grep -c "^add class .*# circuit" "$ISP_RUN/plan")" = 0
tap_end
