#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Ids of 120 characters, which are 480 bytes at most: they are as good as short ones.
. "$(dirname "$0")/../lib/e2e.sh"
e2e_up

many=$(printf '𝄞%.0s' {1..119})
one=${many}1 two=${many}2

numbers() # of both, in state.db
{
	sqlite3 -cmd '.timeout 5000' "$ISP_STATE" \
		"SELECT id, slot, queue, handle FROM assignments WHERE id LIKE '$many%' ORDER BY id"
}
saved()
{
	[[ $(numbers | wc -l) == 2 && $(numbers | tail -n 1) == "$two|"* ]]
}
has_class() # CIRCUIT
{
	[[ $(e2e_class_of "$1") == *:* ]]
}
has_flow() # CIRCUIT
{
	isp_request '{"id":1,"verb":"flows"}' |
		jq -e --arg id "$1" '.result.rows | any(.circuit == $id)' >/dev/null
}

sqlite3 -cmd '.timeout 5000' "$ISP_CIRCUITS" "
	BEGIN;
	INSERT INTO circuits (id, site, download_max_bps, upload_max_bps)
		VALUES ('$one', 'alder-1', 9000000, 2000000), ('$two', 'alder-1', 8000000, 2000000);
	INSERT INTO devices (id, circuit) VALUES ('$two', '$two');
	UPDATE prefixes SET device = '$two' WHERE prefix LIKE '$ADDRESS%';
	COMMIT;"
tap_check "two that differ in their last character have a class each" isp_wait_for 5 has_class "$two"
tap_check "not the same" test "$(e2e_class_of "$one")" != "$(e2e_class_of "$two")"
isp_in "$ISP_ACCESS" ping -qc1 -W5 -I $ADDRESS $ISP_SERVER >/dev/null
tap_check "its flows are told to be its own" isp_wait_for 5 has_flow "$two"
tap_check "it can be edited" e2e_set_download "$two" 7M
tap_check "their numbers are saved with all of the id" isp_wait_for 5 saved

# Lower numbers get free: who had none saved would get those.
sqlite3 -cmd '.timeout 5000' "$ISP_CIRCUITS" "DELETE FROM circuits WHERE id LIKE '100%'"
gone()
{
	[[ $(sqlite3 -cmd '.timeout 5000' "$ISP_STATE" "SELECT count(*) FROM circuits
		WHERE id LIKE '100%'") == 0 ]]
}
isp_wait_for 5 gone
before=$(numbers) class=$(e2e_class_of "$two")
isp_stop_engine TERM
isp_in "$ISP_SHAPER" "$ISP_BUILD/lqosd" -c "$ISP_CONFIG" --detach
isp_start_engine
tap_check "with nothing left in the kernel they keep their class" test "$(e2e_class_of "$two")" = "$class"
tap_check "and all their numbers" test "$(numbers)" = "$before"
tap_end
