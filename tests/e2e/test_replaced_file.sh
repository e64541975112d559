#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# time limit: 300
# The circuits file replaced under the running engine, by mv and by cp, a hundred times each, with
# others writing to it: the engine keeps shaping, and the last file is in force. And one that is
# deleted, or damaged, is told and changes nothing.
. "$(dirname "$0")/../lib/e2e.sh"
e2e_up
class=$(e2e_class_of 1001)
ceil_is() { [[ $(e2e_ceil "$class") == "$1" ]]; }
isp_wait_for 5 ceil_is 20Mbit

copy() # MBPS: the file as it would be with circuit 1001 at that speed
{
	rm -f "$ISP_RUN/next.db"
	sqlite3 "$ISP_CIRCUITS" ".timeout 5000" ".backup $ISP_RUN/next.db"
	sqlite3 "$ISP_RUN/next.db" "PRAGMA journal_mode = DELETE;
		UPDATE circuits SET download_max_bps = ${1}000000 WHERE id = '1001'" >/dev/null
}

isp_paced 100.64.3.10 2M 60 >"$ISP_RUN/paced.json" 2>&1 &
paced=$!
for ((round = 1; round <= 100; ++round)); do
	copy $((30 + round % 3))
	mv "$ISP_RUN/next.db" "$ISP_CIRCUITS"
done
tap_check "after a hundred by mv the last is in force" isp_wait_for 5 ceil_is 31Mbit
sound() { [[ $(sqlite3 "$ISP_CIRCUITS" "PRAGMA integrity_check") == ok ]]; }
tap_check "and sound" sound

for ((round = 1; round <= 100; ++round)); do
	copy $((40 + round % 3))
	cp "$ISP_RUN/next.db" "$ISP_CIRCUITS"
done
tap_check "after a hundred by cp the last is in force" isp_wait_for 5 ceil_is 41Mbit
tap_check "and sound" sound
status() { isp_request '{"id":1,"verb":"status"}' | jq -r ".result.$1"; }

sqlite3 "$ISP_CIRCUITS" ".timeout 5000" ".backup $ISP_RUN/good.db"
rm "$ISP_CIRCUITS"
says() { [[ $(status message) == *"$1"* ]]; }
tap_check "a deleted file is told" isp_wait_for 5 says "was removed"
tap_check "and what was in force stays" ceil_is 41Mbit
head -c 20000 /dev/urandom >"$ISP_RUN/bad.db"
mv "$ISP_RUN/bad.db" "$ISP_CIRCUITS"
tap_check "a file that is none is told" isp_wait_for 5 says "not an SQLite database"
tap_check "and what was in force stays" ceil_is 41Mbit
sqlite3 "$ISP_RUN/good.db" "UPDATE circuits SET download_max_bps = 50000000 WHERE id = '1001'"
mv "$ISP_RUN/good.db" "$ISP_CIRCUITS"
tap_check "a sound one is in force again" isp_wait_for 5 ceil_is 50Mbit
quiet() { [[ $(status state) == live ]]; }
tap_check "and all is well again" isp_wait_for 5 quiet
wait $paced
tap_check "nothing of a paced stream was lost" jq -e '.lost == 0 and .received > 10000' "$ISP_RUN/paced.json"
tap_end
