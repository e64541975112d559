#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What sqlite3 commits under the running engine is enforced, and stands in the journal.
. "$(dirname "$0")/../lib/e2e.sh"
e2e_up
class=$(e2e_class_of 1001)

ceil_is()
{
	[[ $(e2e_ceil "$class") == "$1" ]]
}

committed_in_force_ms() # SQL CEIL: ms from the commit to the class
{
	local start_ms
	sqlite3 "$ISP_CIRCUITS" "$1"
	start_ms=$(date +%s%3N)
	until ceil_is "$2"; do
		(($(date +%s%3N) - start_ms < 3000)) || break
	done
	echo $(($(date +%s%3N) - start_ms))
}

for mbps in 30 40 35 45 20; do
	ms=$(committed_in_force_ms \
		"UPDATE circuits SET download_max_bps = ${mbps}000000 WHERE id = '1001'" "${mbps}Mbit")
	tap_check "a committed ${mbps}M is in the kernel within 250 ms" e2e_within "$ms" 0 250
done

journal_row()
{
	sqlite3 "$ISP_CIRCUITS" "SELECT author, field, before, after, result FROM journal
		WHERE circuit = '1001' ORDER BY id DESC LIMIT 1"
}
applied_row()
{
	[[ $(journal_row) == 'file|download_max_bps|45000000|20000000|applied' ]]
}
tap_check "the journal says who, what, before, after and that it was applied" \
	isp_wait_for 2 applied_row

sqlite3 "$ISP_CIRCUITS" "UPDATE circuits SET download_max_bps = 40000000 WHERE id = '1001'"
tap_check "the committed rate is the rate on the wire" e2e_goodput_is $ADDRESS down 40

sqlite3 "$ISP_CIRCUITS" "UPDATE circuits SET download_min_bps = 90000000 WHERE id = '1001'"
has_problem()
{
	[[ $(isp_request '{"id":1,"verb":"problems"}' | jq -r '.result.rows[0].reason') == \
		*"minimum 90.0M is above its maximum 40.0M"* ]]
}
tap_check "a plan that can't be is a problem in words" isp_wait_for 2 has_problem
tap_check "the last good plan stays in force meanwhile" ceil_is 40Mbit

sqlite3 "$ISP_CIRCUITS" "DELETE FROM circuits WHERE id = '1064'"
is_gone()
{
	[[ $(isp_request '{"id":1,"verb":"circuit","circuit":"1064"}' | jq -r .error.code) == missing ]]
}
tap_check "a deleted circuit is gone" isp_wait_for 2 is_gone
tap_end
