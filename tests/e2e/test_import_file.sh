#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lqosd --import and --network: without an engine; what would change is said, and done on --apply.
. "$(dirname "$0")/../lib/e2e.sh"
mkdir -p "$ISP_RUN" && isp_write_config && "$ISP_BUILD/lqosd" -c "$ISP_CONFIG" --init || exit 1
cd "$ISP_RUN" || exit 1
said=$ISP_RUN/said

# import STATUS OPTION...: into the file of the settings; what it says goes to $said.
import()
{
	local status=$1
	shift
	"$ISP_BUILD/lqosd" -c "$ISP_CONFIG" "$@" >"$said" 2>&1
	[[ $? == "$status" ]] && return
	sed 's/^/# /' "$said"
	return 1
}
says()
{
	local text

	for text; do
		grep -qF -- "$text" "$said" && continue
		sed 's/^/# /' "$said"
		return 1
	done
}
imports() # STATUS TEXT OPTION...
{
	local status=$1 text=$2
	shift 2
	import "$status" "$@" && says "$text"
}
sql() { sqlite3 "$ISP_CIRCUITS" "$@"; }
is() # RESULT SQL
{
	[[ $(sql "$2") == "$1" ]] && return
	echo "# $(sql "$2")"
	return 1
}

cat >network.json <<'END'
{"North": {"downloadBandwidthMbps": 1000, "uploadBandwidthMbps": 500, "type": "site", "id": "n1", "children": {
	"Alder": {"downloadBandwidthMbps": 200, "uploadBandwidthMbps": 100.5, "type": "ap",
		"latitude": 52.51, "longitude": 13.4, "children": {}},
	"Group": {"virtual": true, "children": {
		"Birch": {"downloadBandwidthMbps": 0, "type": "ap", "id": 77}}}}},
 "South": {}}
END
tap_check "a network.json is told without being written" imports 0 "5 sites added" --network network.json
tap_check "and says how it is written" says "nothing was written; --apply does it"
tap_check "the file has none of it" is 0 "SELECT count(*) FROM sites"
tap_check "it is written on --apply" imports 0 "written as revision 1" --network network.json --apply
tap_check "as the tree that it is" is "77 Birch Group
Alder Alder n1
Group Group n1
South South -
n1 North -" "SELECT id || ' ' || name || ' ' || coalesce(parent, '-') FROM sites ORDER BY id"
tap_check "with rates, kinds and places" is "200000000|100500000|ap|52.51, 13.4
||ap|
||virtual|" "SELECT download_bps, upload_bps, kind, place FROM sites WHERE name IN ('Alder', 'Birch', 'Group')
	ORDER BY name"
tap_check "a second time it changes nothing" imports 0 "nothing changes" --network network.json --apply

# Any order, Excel's mark, quotes, blanks, ends of line, an unknown column, a comment, a blank line.
printf '\xef\xbb\xbf# from the CRM\r\nipv4,IPv6, circuit id ,Circuit_Name,Colour,Device ID,Parent Node,%s\r\n' \
	'Upload Max Mbps,Download Max Mbps,Upload Min,Download Min' >mixed.csv
printf '"100.64.0.1, 100.64.0.2",,  1  ,"Müller, ""J"" 5"" dish",red,d1,Alder,10,50,1,2.5\r\n\r\n%s\r\n' \
	',2001:db8:2::/48,2,Line,blue,d2,Birch,0.1,0.5,0,0' >>mixed.csv
tap_check "a CSV of any order and make is understood" imports 0 "2 rows: 2 taken, 0 refused" --import mixed.csv --apply
tap_check "each value in its place" is '1|Müller, "J" 5" dish|Alder|2500000|1000000|50000000|10000000
2|Line|77|0|0|500000|100000' "SELECT id, name, site, download_min_bps, upload_min_bps, download_max_bps,
	upload_max_bps FROM circuits ORDER BY id"
tap_check "each address too" is "d1 100.64.0.1
d1 100.64.0.2
d2 2001:db8:2::/48" "SELECT device || ' ' || prefix FROM prefixes ORDER BY 1"
for encoding in UTF-16LE UTF-16BE UTF-16 WINDOWS-1252; do
	sed 's/\xef\xbb\xbf//' mixed.csv | iconv -f UTF-8 -t $encoding >encoded.csv
	tap_check "in $encoding it says the same" imports 0 "nothing changes" --import encoded.csv
done
tr ',' ';' <mixed.csv | sed 's/100.64.0.1;/100.64.0.1,/; s/Müller;/Müller,/' >semicolons.csv
tap_check "and with semicolons" imports 0 "nothing changes" --import semicolons.csv

sed -e 's/10,50,1,2.5/10,60,1,2.5/' -e 's/,2001:db8:2::.*/100.64.0.1,,3,New,,d3,Mars,1,2,0,0/' mixed.csv >change.csv
echo '100.64.0.9,,4,No rate,,d4,Alder,1,fast,0,0' >>change.csv
echo '100.64.0.9,,5,Shifted,,d5,Alder,1,2,0,0,7,8' >>change.csv
before=$(sql .dump | sha256sum)
tap_check "what would be refused is a status of its own" import 3 --import change.csv --network network.json
tap_check "each change is told" says "changed  circuit 1: download_max_bps 50M -> 60M" \
	"added    circuit 3 New" "added    prefix d3 100.64.0.1"
tap_check "and each refusal, with row and reason" says \
	'problem  ShapedDevices row 5 (circuit 4): Download Max Mbps is "fast", not a number' \
	"problem  ShapedDevices row 6 (circuit 5): it has 13 fields, the first line only 11" \
	'problem  circuit 3: its site "Mars" does not exist' "problem  circuit 3: 100.64.0.1 is circuit 1's already"
tap_check "and what it comes to" says "4 rows: 2 taken, 2 refused"
tap_check "all that without a write" test "$(sql .dump | sha256sum)" = "$before"
not_mine() { setpriv --reuid=65534 --clear-groups "$ISP_BUILD/lqosd" --import change.csv --to "$ISP_CIRCUITS" >"$said"; [[ $? == 3 ]]; }
chmod 755 "$ISP_RUN" && chmod 644 ./*.csv "$ISP_CIRCUITS"*
tap_check "by somebody who may only read it" not_mine

sql "UPDATE settings SET value = 'replace' WHERE key = 'import_mode'"
head -n 3 mixed.csv >half.csv
tap_check "half a file is refused in words" imports 1 "it would remove 1 of 2 circuits" --import half.csv --apply
tap_check "and nothing of it taken" is "2" "SELECT count(*) FROM circuits"
sql "UPDATE settings SET value = 50 WHERE key = 'removal_limit_percent'"
echo '{"North": {"id": "n1", "children": {"Alder": {}}}}' >small.json
tap_check "the whole truth removes what it does not name" import 0 --import half.csv --network small.json --apply
tap_check "and tells it" says "removed  circuit 2 Line" "removed  prefix d2 2001:db8:2::/48" "removed  site 77 Birch"
tap_check "what stays is what it names" is "1
Alder
n1" "SELECT id FROM circuits UNION ALL SELECT id FROM (SELECT id FROM sites ORDER BY id)"
says_undo() { sql "SELECT count(DISTINCT revision) FROM journal WHERE author = 'import'" | grep -qx 3; }
tap_check "each import is one revision in the journal" says_undo

sqlite3 "$ISP_CIRCUITS" <<'END' >/dev/null &
.timeout 5000
BEGIN IMMEDIATE;
.shell touch held; while [ ! -e release ]; do sleep 0.05; done
COMMIT;
END
isp_wait_for 5 test -e held
tap_check "somebody's lock is named" imports 1 "another program holds" --import mixed.csv --apply
touch release && wait

printf 'Circuit ID,Name\n1,x\n' >wrong.csv
tap_check "a missing column is named" imports 1 'the first line names no column "Download Min Mbps"' --import wrong.csv
sed 's/Colour/Comment/; s/Circuit_Name/Comment/' mixed.csv >wrong.csv
tap_check "so is one that is there twice" imports 1 'two columns are named "Comment"' --import wrong.csv
sed 's/,red,/,"red,/' mixed.csv >wrong.csv
tap_check "a quote left open is not guessed at" imports 1 "a quote in row" --import wrong.csv
echo '{"A": {}, "A": {}}' >wrong.json
tap_check "a name that is there twice is refused" imports 1 "wrong.json, line 1: duplicate" --network wrong.json
echo '{"A": {"children": {"B": {}}}, "C": {"children": {"B": {"children": {"D": {}}}}}}' >wrong.json
tap_check "and two nodes of one name, without those below" imports 3 \
	"network.json node B: another node has the same name; it was not taken" --network wrong.json
tap_check "a missing file is named" imports 1 "can't open none.csv" --import none.csv
tap_end
