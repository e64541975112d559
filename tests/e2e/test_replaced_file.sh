#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# time limit: 200
# The circuits file replaced under the running engine, a hundred times by mv and a hundred times by
# cp, while somebody edits: the engine keeps shaping, and the last file is in force, whole. One that
# is deleted or damaged is told, and changes nothing.
. "$(dirname "$0")/../lib/e2e.sh"
e2e_up
class=$(e2e_class_of 1001)
ceil_is() { [[ $(e2e_ceil "$class") == "$1" ]]; }
isp_wait_for 5 ceil_is 20Mbit
status() { isp_request '{"id":1,"verb":"status"}' | jq -r ".result.$1"; }
says() { [[ $(status message) == *"$1"* ]]; }
quiet() { [[ $(status state) == live ]]; }

# The file as it would be with circuit 1001 at 30, 31 and 32 Mbit/s.
for mbps in 30 31 32; do
	sqlite3 "$ISP_CIRCUITS" ".timeout 5000" ".backup $ISP_RUN/at_$mbps.db"
	sqlite3 "$ISP_RUN/at_$mbps.db" "PRAGMA journal_mode = DELETE;
		UPDATE circuits SET download_max_bps = ${mbps}000000 WHERE id = '1001'" >/dev/null
done

edit_on_and_on()
{
	local i

	for ((i = 0; ; ++i)); do
		isp_request '{"id":1,"verb":"circuit.set","circuit":"1002","download_max_bps":"'$((10 + i % 5))'M"}'
	done
}
edit_on_and_on >"$ISP_RUN/edits" 2>&1 &
editor=$!
isp_paced 100.64.3.10 2M 20 >"$ISP_RUN/paced.json" &
paced=$!

replace_100_times() # HOW
{
	local round

	for ((round = 1; round <= 100; ++round)); do
		cp "$ISP_RUN/at_$((30 + round % 3)).db" "$ISP_RUN/next.db"
		"$1" "$ISP_RUN/next.db" "$ISP_CIRCUITS"
	done
}
sound()
{
	local said

	said=$(sqlite3 "$ISP_CIRCUITS" ".timeout 5000" "PRAGMA integrity_check" 2>&1)
	[[ $said == ok ]] || { echo "# $said"; return 1; }
}
for how in mv cp; do
	replace_100_times $how
	tap_check "after a hundred by $how the last is in force" isp_wait_for 5 ceil_is 31Mbit
	tap_check "and sound" sound
	sqlite3 "$ISP_CIRCUITS" ".timeout 5000" \
		"UPDATE circuits SET download_max_bps = 25000000 WHERE id = '1001'"
	tap_check "and what is written to it holds" isp_wait_for 5 ceil_is 25Mbit
done
kill $editor
wait $editor 2>/dev/null
jq -c 'select(.ok | not) | .error' "$ISP_RUN/edits" | sort | uniq -c | sed 's/^/# /'
tap_check "meanwhile edits were done, or refused to be tried again" \
	jq -se 'length > 20 and any(.[]; .result) and all(.[]; .result or .error.code == "busy")' \
	"$ISP_RUN/edits"

sqlite3 "$ISP_CIRCUITS" ".timeout 5000" ".backup $ISP_RUN/good.db"
rm "$ISP_CIRCUITS"
tap_check "a deleted file is told" isp_wait_for 5 says "was removed"
tap_check "and what was in force stays" ceil_is 25Mbit
head -c 20000 /dev/urandom >"$ISP_RUN/bad.db"
mv "$ISP_RUN/bad.db" "$ISP_CIRCUITS"
tap_check "a file that is none is told" isp_wait_for 5 says "not an SQLite database"
tap_check "and what was in force stays" ceil_is 25Mbit
sqlite3 "$ISP_RUN/good.db" "UPDATE circuits SET download_max_bps = 50000000 WHERE id = '1001'"
cp "$ISP_RUN/good.db" "$ISP_CIRCUITS"
tap_check "a sound one is in force again" isp_wait_for 5 ceil_is 50Mbit
tap_check "and all is well again" isp_wait_for 5 quiet
wait $paced
tap_check "nothing of a paced stream was lost" jq -e '.lost == 0 and .received > 1000' "$ISP_RUN/paced.json"
tap_end
