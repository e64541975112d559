#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The man pages name every option, key, setting, verb and table that there is.
set -u
. "$(dirname "$0")/tap.sh"
cd "$(dirname "$0")/../.." || exit 1

# page NAME: its text in one line, without hyphenation.
page()
{
	mandoc -T ascii -O width=1000 "man/$1" | sed 's/.\x08//g' | tr -s ' \n' '  '
}

# names_all PAGE: every line of the standard input stands in the page, and there is one.
names_all()
{
	local text line lines=0 status=0

	text=$(page "$1")
	while read -r line; do
		((++lines))
		[[ $text == *"$line"* ]] && continue
		echo "# $1 lacks: $line"
		status=1
	done
	((lines > 0)) || echo "# nothing to look for"
	return $((status || lines == 0))
}

options_of()
{
	"$BUILD/$1" --help | grep -o -- '--[a-z-]*' | sort -u
}

daemon_options() { options_of lqosd | names_all lqosd.8; }
console_options() { options_of lqos-top | names_all lqos-top.1; }

console_keys()
{
	XDG_CONFIG_HOME=/nonexistent "$BUILD/lqos-top" --list-keys | awk '/^  / {
		keys = substr($0, 3, 14); action = substr($0, 18, 15); help = substr($0, 34)
		gsub(/ +$/, "", keys); gsub(/ +$/, "", action)
		print keys (action ? " (" action ") " : " ") help }' | names_all lqos-top.1
}

settings() { sed -n 's/^[# ]*\([a-z_]*\) = .*/\1/p' contrib/lqosd.conf | names_all lqosd.conf.5; }

verbs()
{
	sed -n 's/^\t{ "\([a-z.]*\)", ROLE_.*/\1/p' engine/verbs.c | names_all lqos-control.7
}

verb_arguments()
{
	sed -n '/^static const char \*const .*_arguments\[\]/,/;/p' engine/verbs.c |
		grep -o '"[a-z_]*"' | tr -d '"' | sort -u | names_all lqos-control.7
}

tables()
{
	sqlite3 :memory: ".read db/schema.sql" ".read db/rules.sql" "
		SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')
		AND name NOT IN ('writer', 'origin', 'staged_devices') AND name NOT LIKE 'sqlite%'
		UNION SELECT c.name FROM sqlite_schema t, pragma_table_info(t.name) c
		WHERE t.name IN ('sites', 'circuits', 'devices', 'prefixes', 'tags', 'overrides',
			'settings')
		UNION SELECT key FROM settings" | names_all lqos-db.5
}

tap_check "lqosd(8) names every option" daemon_options
tap_check "lqos-top(1) names every option" console_options
tap_check "lqos-top(1) names every key" console_keys
tap_check "lqosd.conf(5) names every setting" settings
tap_check "lqos-control(7) names every verb" verbs
tap_check "lqos-control(7) names every argument" verb_arguments
tap_check "lqos-db(5) names every table, view and column" tables
tap_end
