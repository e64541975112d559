#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lqosd --check and --backup: without an engine, and without touching what they look at.
. "$(dirname "$0")/../lib/e2e.sh"
mkdir -p "$ISP_RUN" && isp_import 2>/dev/null || exit 1
lqosd=$ISP_BUILD/lqosd
file=$ISP_RUN/check.db

"$lqosd" -c "$ISP_CONFIG" --backup "$file"
tap_check "a copy is made" test -s "$file"
again() { "$lqosd" -c "$ISP_CONFIG" --backup "$file" 2>&1 | grep -q "exists already"; }
tap_check "and never replaces a file" again

sqlite3 "$file" "DELETE FROM staged_devices; INSERT INTO circuits
	(id, name, site, download_max_bps, upload_max_bps) VALUES
	('1', 'Good', 'alder-1', 20000000, 5000000), ('2', 'No rate', NULL, 0, 5000000);
	INSERT INTO devices (id, circuit) VALUES ('1d', '1'); INSERT INTO prefixes VALUES ('1d', '192.0.2.1')"
before=$(sha256sum "$file")
says() # STATUS TEXT [option...]
{
	local status=$1 text=$2
	shift 2
	"$lqosd" --check "$file" "$@" >"$ISP_RUN/said" 2>&1
	[[ $? == "$status" ]] && grep -q "$text" "$ISP_RUN/said" && return
	sed 's/^/# /' "$ISP_RUN/said"
	return 1
}
tap_check "a circuit that can't be shaped is a problem, by status too" says 3 \
	"circuit 2: its download maximum is 0 or missing; it is not shaped"
tap_check "what is there is counted" says 3 "1 circuits, 1 devices, 1 prefixes"
tap_check "as JSON too" says 3 '"circuits":1' --json
tap_check "the file is as it was" test "$(sha256sum "$file")" = "$before"
sqlite3 "$file" "DELETE FROM circuits WHERE id = '2'"
tap_check "without problems the status is 0" says 0 "^0 problems"
tap_check "without settings there is no plan, and that is said" says 0 "^no plan: there are no settings" -c "$ISP_RUN/none.conf"
sqlite3 "$file" "PRAGMA user_version = 99"
tap_check "a newer file is refused in words" says 1 "newer than this program knows"
truncate -s 5000 "$file"
tap_check "a damaged file is refused in words" says 1 "damaged"
echo "no database" >"$file"
tap_check "what is no database is refused in words" says 1 "is not an SQLite database"
rm "$file"
tap_check "a missing file is refused in words" says 1 "there is no"
tap_end
