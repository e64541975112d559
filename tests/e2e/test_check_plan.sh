#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lqosd --check says what an engine would do for a file, and why, from what is in force: without
# asking the engine. What it says is what the engine then does.
. "$(dirname "$0")/../lib/e2e.sh"
e2e_up
file=$ISP_RUN/other.db said=$ISP_RUN/said

says() # TEXT [SQL]: of a copy of the file with that change
{
	rm -f "$file"
	"$ISP_BUILD/lqosd" -c "$ISP_CONFIG" --backup "$file" && sqlite3 "$file" "${2:-}" &&
		"$ISP_BUILD/lqosd" -c "$ISP_CONFIG" --check "$file" >"$said" && grep -qF -- "$1" "$said"
}
tells() # TEXT SQL
{
	says "$@" && return
	sed 's/^/# /' "$said"
	return 1
}
tap_check "for the file in force there is nothing to do" isp_wait_for 5 says \
	"plan from what was last applied: classes 0 added, 0 changed, 0 removed; leaves 0 changed; rows 0, prefixes 0"
change="UPDATE circuits SET download_max_bps = 33000000 WHERE id = '1001'"
tap_check "for a changed plan it changes one class" tells "classes 0 added, 1 changed, 0 removed" "$change"
tap_check "and says why" grep -q "change class .* download ceil 20M -> 33M .*(circuit 1001: has another plan)" "$said"
tap_check "for a new circuit two are made, and what its sites guarantee is changed" tells "classes 2 added, 4 changed, 0 removed" \
	"INSERT INTO circuits (id, site, download_max_bps, upload_max_bps) VALUES ('new', 'alder-1', 5000000, 5000000)"
tap_check "and says so" grep -q "(circuit new: is new)" "$said"
tap_check "one that is deleted goes" tells "(circuit 1064: goes)" "DELETE FROM circuits WHERE id = '1064'"
tap_check "an address more is its circuit's" tells "(circuit 1001: has other addresses)" \
	"INSERT INTO prefixes SELECT id, '100.127.0.1' FROM devices WHERE circuit = '1001' LIMIT 1"
tap_check "a suspended circuit is said" tells "(circuit 1001: is suspended)" \
	"UPDATE circuits SET suspended = 1 WHERE id = '1001'"
tap_check "a site's capacity too" tells "(site alder-1: has another capacity)" \
	"UPDATE sites SET download_bps = 90000000 WHERE id = 'alder-1'"
operations() { "$ISP_BUILD/lqosd" -c "$ISP_CONFIG" --check "$file" --json | jq .plan.operation_count; }
planned=$(says "" "$change" && operations)
sqlite3 "$ISP_CIRCUITS" ".timeout 5000" "$change"
done_as_said()
{
	[[ $(e2e_ceil "$(e2e_class_of 1001)") == 33Mbit ]] &&
		grep -q "revision [0-9]*: $planned operations" "$ISP_RUN/lqosd.log"
}
tap_check "the engine then does what was said" isp_wait_for 5 done_as_said
rm -f "$file"
"$ISP_BUILD/lqosd" -c "$ISP_CONFIG" --backup "$file" && sqlite3 "$file" \
	"INSERT INTO circuits (id, site, download_max_bps, upload_max_bps)
	VALUES ('x' || char(27) || ']0;x' || char(7), 'none' || char(155), 5000000, 5000000)"
"$ISP_BUILD/lqosd" -c "$ISP_CONFIG" --check "$file" >"$said"
isp_in "$ISP_SHAPER" "$ISP_BUILD/lqosd" -c "$ISP_CONFIG" --plan "$file" >>"$said"
tap_check "an escape sequence in a name does not reach the terminal" test \
	"$(grep -c 'x?\]0;x?' "$said")" -gt 3 -a "$(LC_ALL=C grep -c $'\e\\|\a\|\xc2\x9b' "$said")" = 0
nothing() { sed "s|^state = .*|state = $ISP_RUN/none.db|" "$ISP_CONFIG" >"$ISP_RUN/none.conf"
	"$ISP_BUILD/lqosd" -c "$ISP_RUN/none.conf" --check "$file" | grep "^plan from nothing" | grep -qv " 0 added"; }
tap_check "without anything applied it is planned from nothing" nothing
tap_end
