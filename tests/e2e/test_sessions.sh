#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The sessions in the EXAMPLES of lqos-db(5), as they stand there, against a running engine.
. "$(dirname "$0")/../lib/e2e.sh"
isp_up && isp_write_config && "$ISP_BUILD/lqosd" -c "$ISP_CONFIG" --init && isp_start_engine || exit 1

{
	head -n 1 contrib/demo/ShapedDevices.csv
	echo '1043,"Nilsson, O.",1043-r,router,AP Alder-1,,,,192.0.2.43,,1,1,50,10,,'
	echo '1044,"Ortega, P.",1044-r,router,AP Alder-1,,,,192.0.2.44,,1,1,25.5,10,,'
} >"$ISP_RUN/ShapedDevices.csv"

# As the page says: the shell waits for the engine's own writing.
echo ".timeout 5000" >"$ISP_RUN/.sqliterc"

# session TITLE: the commands of the example whose text begins so. Lines after a command that are
# neither a command nor its continuation are what is typed into it.
session()
{
	mandoc -T ascii -O width=200 man/lqos-db.5 | sed 's/.\x08//g' | awk -v title="$1" '
		function flush() {
			if (typed) printf "%s <<\"END\"\n%sEND\n", command, typed
			else if (command) print command
			command = typed = ""
		}
		# A command goes on while a quote is open or its line ends in a backslash.
		function goes_on(text) {
			return gsub(/"/, "", text) % 2 || text ~ /\\$/
		}
		/^EXAMPLES/ { examples = 1 }
		/^SEE ALSO/ { examples = 0 }
		examples && /^     [^ ]/ { wanted = index($0, title) }
		!examples || !wanted || !/^           / { next }
		{ line = substr($0, 12) }
		line ~ /^\$ / { flush(); command = substr(line, 3); next }
		goes_on(command) { command = command "\n" line; next }
		{ typed = typed line "\n" }
		END { flush() }'
}

# run TITLE: true when every command of it succeeds, and there is one.
run()
{
	local script
	script=$(session "$1")
	[[ -n $script ]] || return 1
	(cd "$ISP_RUN" && HOME=$ISP_RUN bash -e <<<"$script") </dev/null >"$ISP_RUN/session.log" 2>&1 && return
	sed 's/^/# /' "$ISP_RUN/session.log"
	return 1
}

circuit()
{
	isp_request "{\"id\":1,\"verb\":\"circuit\",\"circuit\":\"$1\"}" | jq -r ".result | $2"
}
is() # CIRCUIT QUERY VALUE: in the engine, soon
{
	isp_wait_for 2 is_now "$@" && return
	echo "# $2 of $1 is $(circuit "$1" "$2"), not $3"
	return 1
}
is_now()
{
	[[ $(circuit "$1" "$2") == "$3" ]]
}
prefixes='[.devices[].prefixes[]] | sort | join(" ")'

tap_check "a tower, an access point and a circuit" run "A tower with"
tap_check "they are in force" is 1042 .download_max_bps 50000000
tap_check "the bulk import" run "Bulk import"
tap_check "it is in force" is 1044 .download_max_bps 25500000
exports() { [[ $(grep -c Miller "$ISP_RUN/out.csv") == 1 ]]; }
tap_check "the export has the circuits" exports
tap_check "every 50M plan is raised to 60M" run "Raise every"
tap_check "it is in force" is 1043 .download_max_bps 60000000
tap_check "others stay" is 1044 .download_max_bps 25500000
tap_check "a tower is moved" run "Move a tower"
tap_check "it is in force" is 1042 '.ancestors[-1].name' "South POP"
tap_check "who has an address is found" run "Find who has"
tap_check "it is the one" grep -q 'Miller' "$ISP_RUN/session.log"
tap_check "two circuits' addresses are swapped" run "Swap two"
tap_check "it is in force for the one" is 1042 "$prefixes" 192.0.2.43
tap_check "and for the other" is 1043 "$prefixes" '192.0.2.7 2001:db8:7::/48'
tap_check "200M for two hours" run "200M for two hours"
tap_check "it is in force" is 1042 .download_max_bps 200000000
tap_check "the last change is undone" run "What happened lately"
tap_check "it is in force" is 1042 .download_max_bps 60000000
tap_check "imports become the whole truth" run "From now on"
tap_check "what is wrong is told" run "What is wrong"
tap_check "a copy, and back" run "A copy for safety"
tap_check "it is in force" is 1042 "$prefixes" 192.0.2.43

# An override ends by itself, also while no engine runs.
override="INSERT OR REPLACE INTO overrides (circuit, download_max_bps, until) VALUES"
sqlite3 -cmd ".timeout 5000" "$ISP_CIRCUITS" "$override ('1042', 90000000, datetime('now', '+3 seconds'))"
tap_check "an override is in force" is 1042 .download_max_bps 90000000
ends() { isp_wait_for 5 is_now 1042 .download_max_bps 60000000; }
tap_check "it ends by itself" ends
sqlite3 -cmd ".timeout 5000" "$ISP_CIRCUITS" "$override ('1042', 90000000, datetime('now', '+2 seconds'))"
tap_check "another is in force" is 1042 .download_max_bps 90000000
isp_stop_engine KILL
over() { [[ $(sqlite3 "$ISP_CIRCUITS" "SELECT max(until) <= datetime('now') FROM overrides") == 1 ]]; }
isp_wait_for 5 over
isp_start_engine
tap_check "it has ended when the engine comes back" is 1042 .download_max_bps 60000000
gone() { [[ $(sqlite3 "$ISP_CIRCUITS" "SELECT count(*) FROM overrides") == 0 ]]; }
tap_check "and is gone from the file" isp_wait_for 2 gone
tap_end
