#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# time limit: 300
# Three writers at once and an engine, all of them killed now and then: what the engine has in force
# is what the file says.
. "$(dirname "$0")/../lib/e2e.sh"
e2e_up

TRANSACTIONS=${TRANSACTIONS:-10000}
SEED=${SEED:-$(date +%s)}
echo "# SEED=$SEED TRANSACTIONS=$TRANSACTIONS"

# transactions SEED COUNT: of circuits w0 to w39, each with a device and two addresses of its own.
transactions()
{
	awk -v seed="$1" -v count="$2" '
		function any() { return int(rand() * 40) }
		function rate() { return 1000000 * (1 + int(rand() * 50)) }
		function give(n) {
			return "INSERT OR REPLACE INTO devices (id, circuit) VALUES (\"w" n "-r\", \"w" n "\");" \
				"INSERT OR IGNORE INTO prefixes VALUES (\"w" n "-r\", \"100.100." n ".1\")," \
				"(\"w" n "-r\", \"2001:db8:f0" (10 + n) "::/48\");"
		}
		function change(n, m) {
			kind = int(rand() * 7)
			if (kind == 0)
				return "INSERT OR REPLACE INTO circuits (id, site, download_max_bps, upload_max_bps)" \
					" VALUES (\"w" n "\", \"alder-1\", " rate() ", " rate() ");" give(n)
			if (kind == 1)
				return "INSERT INTO circuits (id, download_max_bps, upload_max_bps) VALUES (\"w" n \
					"\", " rate() ", " rate() ") ON CONFLICT (id) DO UPDATE SET " \
					"download_max_bps = excluded.download_max_bps, site = \"birch-1\";"
			if (kind == 2)
				return "DELETE FROM circuits WHERE id = \"w" n "\";"
			if (kind == 3)
				return "UPDATE OR IGNORE prefixes SET device = iif(device = \"w" n "-r\", \"w" m "-r\", \"w" n \
					"-r\") WHERE device IN (\"w" n "-r\", \"w" m "-r\") AND EXISTS (SELECT 1 FROM " \
					"devices WHERE id = \"w" n "-r\") AND EXISTS (SELECT 1 FROM devices WHERE id = \"w" \
					m "-r\");"
			if (kind == 4)
				return "UPDATE OR IGNORE circuits SET id = \"w" m "\" WHERE id = \"w" n "\";"
			if (kind == 5)
				return "UPDATE circuits SET suspended = 1 - suspended, name = \"n" m \
					"\" WHERE id = \"w" n "\";"
			return "UPDATE circuits SET download_max_bps = " rate() ", site = \"alder-2\" WHERE id = \"w" n "\";"
		}
		BEGIN {
			srand(seed)
			print ".timeout 20000"
			for (i = 0; i < count; i++)
				print "BEGIN IMMEDIATE;" change(any(), any()) "COMMIT;"
		}' | tr '"' "'"
}

write() # SEED: its share, a part of which it does not live to see
{
	local seed=$1 done=0 share=$((TRANSACTIONS / 3)) part=200

	while ((done < share)); do
		transactions $((seed + done)) $part >"$ISP_RUN/writer.$seed"
		if (((done / part) % 4 == 3)); then
			timeout -s KILL 0.05 sqlite3 "$ISP_CIRCUITS" <"$ISP_RUN/writer.$seed"
		fi
		sqlite3 "$ISP_CIRCUITS" <"$ISP_RUN/writer.$seed" >>"$ISP_RUN/writers.log" 2>&1
		done=$((done + part))
	done
}

# As the file says it: an address that stands at two circuits is nobody's to be sure of.
file_says()
{
	sqlite3 -separator ' ' "file:$ISP_CIRCUITS?mode=ro" "SELECT id, download_max_bps, upload_max_bps,
		suspended, coalesce(site, '-') FROM circuits WHERE id LIKE 'w%' ORDER BY id;
		SELECT prefix, d.circuit FROM prefixes p JOIN devices d ON d.id = p.device
		JOIN circuits c ON c.id = d.circuit WHERE c.id LIKE 'w%' AND prefix NOT IN
		(SELECT prefix FROM prefixes GROUP BY prefix HAVING count(*) > 1) ORDER BY prefix"
}

engine_says()
{
	local ids id shared
	shared=$(sqlite3 "file:$ISP_CIRCUITS?mode=ro" \
		"SELECT prefix FROM prefixes GROUP BY prefix HAVING count(*) > 1")
	ids=$(isp_request '{"id":1,"verb":"circuits","limit":500,"sort":"name","filter":"w"}' |
		jq -r '.result.rows[].id | select(startswith("w"))' | LC_ALL=C sort)
	for id in $ids; do
		echo "{\"id\":1,\"verb\":\"circuit\",\"circuit\":\"$id\"}"
	done >"$ISP_RUN/asked"
	[[ -s $ISP_RUN/asked ]] || return
	isp_request <"$ISP_RUN/asked" >"$ISP_RUN/answers"
	jq -r '.result | [.id, .download_max_bps, .upload_max_bps, (if .suspended then 1 else 0 end),
		(.ancestors[0].id // "-")] | join(" ")' "$ISP_RUN/answers"
	jq -r '.result | .id as $id | .devices[].prefixes[] | "\(.) \($id)"' "$ISP_RUN/answers" |
		awk 'NR == FNR { shared[$1]; next } !($1 in shared)' <(echo "shared"; echo "$shared") - |
		LC_ALL=C sort
}

agree()
{
	file_says >"$ISP_RUN/file.says"
	engine_says >"$ISP_RUN/engine.says"
	cmp -s "$ISP_RUN/file.says" "$ISP_RUN/engine.says"
}
agree_soon()
{
	isp_wait_for 20 agree && return
	diff "$ISP_RUN/file.says" "$ISP_RUN/engine.says" | head -n 20 | sed 's/^/# /'
	return 1
}

pids=()
for writer in 1 2 3; do
	write $((SEED * 10 + writer * 1000000)) &
	pids+=($!)
done
writing() { kill -0 "${pids[0]}" 2>/dev/null || kill -0 "${pids[1]}" 2>/dev/null || kill -0 "${pids[2]}" 2>/dev/null; }
not_writing() { ! writing; }
deaths=0
while writing; do
	isp_wait_for 1 not_writing && break
	isp_stop_engine KILL && isp_start_engine && ((++deaths))
done 2>/dev/null
wait "${pids[@]}"
echo "# the engine died $deaths times; $(sqlite3 "$ISP_CIRCUITS" \
	"SELECT value || ' revisions, ' || (SELECT count(*) FROM circuits WHERE id LIKE 'w%') ||
	' circuits left' FROM settings WHERE key = 'revision'")"
tap_check "nobody was refused for good" test ! -s "$ISP_RUN/writers.log"
tap_check "what is in force is what the file says" agree_soon
tap_check "there is something to say" test "$(wc -l <"$ISP_RUN/file.says")" -gt 20
isp_stop_engine KILL && isp_start_engine
tap_check "an engine that reads it afresh says the same" agree_soon
sound() { [[ $(sqlite3 "$ISP_CIRCUITS" "PRAGMA integrity_check") == ok ]]; }
tap_check "the file is sound" sound
tap_end
