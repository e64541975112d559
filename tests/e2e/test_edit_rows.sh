#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The verb "edit": circuits, sites, devices and prefixes added, set and deleted at once or not at all.
. "$(dirname "$0")/../lib/e2e.sh"
e2e_up

edit() # EDITS [MORE]: the reply goes to $ISP_RUN/reply
{
	isp_request "{\"id\":1,\"verb\":\"edit\",\"edits\":[${1//[$'\n\t']/}]${2:+,$2}}" >"$ISP_RUN/reply"
	jq -e .ok "$ISP_RUN/reply" >/dev/null
}
refused() # NAME WORDS EDITS [MORE]
{
	local before after

	before=$(sqlite3 "$ISP_CIRCUITS" "SELECT value FROM settings WHERE key = 'revision'")
	edit "$3" "${4:-}" && echo "# it was taken"
	after=$(sqlite3 "$ISP_CIRCUITS" "SELECT value FROM settings WHERE key = 'revision'")
	tap_check "$1 is refused in words" grep -qF "$2" <(jq -r .error.message "$ISP_RUN/reply")
	tap_check "and nothing of it was written" test "$before" = "$after"
}
verdict() # ADDRESS
{
	isp_request "{\"id\":1,\"verb\":\"why\",\"address\":\"$1\"}" |
		jq -r '.result.rows[] | select(.name == "verdict").value'
}
raise='{"action":"set","kind":"circuit","id":"1001","download_max_bps":"+50%"},
	{"action":"set","kind":"circuit","id":"1002","download_max_bps":"60M"}'
was_1001=$(e2e_ceil "$(e2e_class_of 1001)")

edit "$raise" '"dry_run":true'
tap_check "a dry run says what it would do to each" test "$(grep -o 'ceil [0-9]*M -> [0-9]*M' "$ISP_RUN/reply" |
	sort -u | wc -l)" = 2
tap_check "and does nothing" test "$(e2e_ceil "$(e2e_class_of 1001)")" = "$was_1001"
tap_check "two circuits are raised at once" edit "$raise"
tap_check "one by its share" test "$(e2e_ceil "$(e2e_class_of 1001)")" = 30Mbit
tap_check "one to a rate" test "$(e2e_ceil "$(e2e_class_of 1002)")" = 60Mbit
tap_check "in one revision by the person who asked" test "$(sqlite3 "$ISP_CIRCUITS" \
	"SELECT count(DISTINCT revision) || author FROM journal WHERE circuit IN ('1001', '1002')
		AND action = 'update'")" = '1root (uid 0)'
tap_check "the journal verb has those of the circuit" test "$(isp_request \
	'{"id":1,"verb":"journal","circuit":"1001","limit":1}' | jq -r '.result.rows[0].after')" = 30000000

add='{"action":"add","kind":"circuit","id":"new","name":"New, N.","site":"alder-1",
	"download_max_bps":"40M","upload_max_bps":"10M"},
	{"action":"add","kind":"device","id":"new-1","circuit":"new"},
	{"action":"add","kind":"prefix","id":"100.64.9.9","device":"new-1"}'
edit "$add" '"dry_run":true'
tap_check "a dry run of a new circuit counts its classes" test "$(jq .result.summary.classes_added \
	"$ISP_RUN/reply")" = 2
tap_check "and makes none" test "$(e2e_class_of new)" = null
numbers() { e2e_handles | sed "s, rate .*,," | sort -u; }
before=$(numbers)
tap_check "a circuit is added with device and prefix" edit "$add"
tap_check "its address is shaped" grep -q "^shaped" <(verdict 100.64.9.9)
tap_check "nobody else got other numbers" test -z "$(comm -23 <(echo "$before") <(numbers))"
tap_check "it moves to another site" edit \
	'{"action":"set","kind":"circuit","id":"new","site":"birch-1"}'
tap_check "and says so" test "$(isp_request '{"id":1,"verb":"circuit","circuit":"new"}' |
	jq -r .result.site_id)" = birch-1
tap_check "its prefix is exchanged" edit \
	'{"action":"delete","kind":"prefix","id":"100.64.9.9","device":"new-1"},
	 {"action":"add","kind":"prefix","id":"100.64.9.10","device":"new-1"}'
tap_check "the old one is not shaped any more" grep -qv '^shaped' <(verdict 100.64.9.9)
tap_check "it is deleted" edit '{"action":"delete","kind":"circuit","id":"new"}'
tap_check "with what it had" test -z "$(sqlite3 "$ISP_CIRCUITS" "SELECT * FROM prefixes WHERE device = 'new-1'")"
tap_check "and has no class" test "$(e2e_class_of new)" = null

tap_check "a site's capacity is set" edit \
	'{"action":"set","kind":"site","id":"alder-1","download_max_bps":"90M"}'
site_ceil()
{
	e2e_ceil "$(isp_request '{"id":1,"verb":"tree","depth":-1}' |
		jq -r '.result.rows[] | select(.id == "alder-1").class')"
}
tap_check "on the wire too" test "$(site_ceil)" = 90Mbit
tap_check "the site says which revision that was" test "$(isp_request \
	'{"id":1,"verb":"site","site":"alder-1"}' | jq .result.revision)" = \
	"$(sqlite3 "$ISP_CIRCUITS" "SELECT value FROM settings WHERE key = 'revision'")"

taken=$(sqlite3 "$ISP_CIRCUITS" "SELECT prefix FROM prefixes p JOIN devices d ON d.id = p.device
	WHERE circuit = '1003' LIMIT 1")
refused "an address that another circuit has" 1003 \
	"{\"action\":\"add\",\"kind\":\"device\",\"id\":\"x\",\"circuit\":\"1001\"},
	 {\"action\":\"add\",\"kind\":\"prefix\",\"id\":\"$taken\",\"device\":\"x\"}"
refused "a second circuit of one id" 'there is a circuit "1001" already' \
	'{"action":"add","kind":"circuit","id":"1001","download_max_bps":"1M","upload_max_bps":"1M"}'
refused "an unknown circuit" 'there is no circuit "no"' \
	'{"action":"set","kind":"circuit","id":"no","suspended":true}'
refused "an unknown site" 'nowhere' '{"action":"set","kind":"circuit","id":"1001","site":"nowhere"}'
refused "the second of two edits" 'edit 2: "kind"' \
	'{"action":"set","kind":"circuit","id":"1001","suspended":true},
	 {"action":"set","kind":"queue","id":"1"}'
refused "a misspelt field" 'there is no argument' \
	'{"action":"set","kind":"circuit","id":"1001","speed":1}'
refused "a bad address" 'not-an-address' \
	'{"action":"add","kind":"prefix","id":"not-an-address","device":"d"}'
refused "a site that has circuits below it" 'move or delete them first' \
	'{"action":"delete","kind":"site","id":"alder-1"}'
refused "an old revision" 'was changed meanwhile' \
	'{"action":"set","kind":"circuit","id":"1001","suspended":true}' '"expect_revision":1'

# What is set for good ends what was set for a while.
isp_request '{"id":1,"verb":"circuit.set","circuit":"1001","download_max_bps":"90M","for_s":600}' >/dev/null
tap_check "a rate for ten minutes is in force" test "$(e2e_ceil "$(e2e_class_of 1001)")" = 90Mbit
tap_check "one for good takes its place" edit \
	'{"action":"set","kind":"circuit","id":"1001","download_max_bps":"25M"}'
tap_check "and is in force" test "$(e2e_ceil "$(e2e_class_of 1001)")" = 25Mbit
tap_check "nothing is overridden any more" test "$(sqlite3 "$ISP_CIRCUITS" \
	"SELECT count(*) FROM overrides")" = 0

# 4095 slots: all but none are taken.
sqlite3 -cmd '.timeout 5000' "$ISP_CIRCUITS" "WITH RECURSIVE n(n) AS (SELECT 4094 -
		(SELECT count(*) FROM sites) - (SELECT count(*) FROM circuits) UNION ALL
		SELECT n - 1 FROM n WHERE n > 0)
	INSERT INTO circuits (id, download_max_bps, upload_max_bps, suspended)
	SELECT 'many' || n, 1000000, 1000000, 1 FROM n"
all_in_force()
{
	isp_request '{"id":1,"verb":"status"}' | jq -e '.result | .state == "live" and
		.counts.circuits + .counts.sites == 4095 and .revision == .applied_revision' >/dev/null
}
tap_check "there are as many as there are slots" isp_wait_for 20 all_in_force
refused "one more" 'slots are free' \
	'{"action":"add","kind":"circuit","id":"more","download_max_bps":"1M","upload_max_bps":"1M"}'
tap_check "the others are edited on" e2e_set_download 1001 35M
tap_check "and that is in force" test "$(e2e_ceil "$(e2e_class_of 1001)")" = 35Mbit
tap_end
