#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The control socket: wrong requests are refused in words and the connection lives; roles.
. "$(dirname "$0")/../lib/e2e.sh"
e2e_up

# refused NAME WORDS LINE: the refusal has the words, and the next request is answered.
refused()
{
	local replies
	replies=$(printf '%s\n{"id":"next","verb":"problems"}\n' "$3" |
		socat -t 3 - "UNIX-CONNECT:$ISP_SOCKET")
	tap_check "$1 is refused in words" grep -qF "$2" <(jq -r '.error.message // empty' <<<"$replies")
	tap_check "the connection lives after $1" \
		grep -q next <(jq -r 'select(.ok) | .id' <<<"$replies")
}
refused "what is not JSON" "not JSON" 'hello'
refused "JSON that is no object" "a request is a JSON object" '[1,2]'
refused "a request without a verb" 'needs a "verb"' '{"id":1}'
refused "an unknown verb" 'there is no verb "dance"' '{"id":1,"verb":"dance"}'
refused "a name cut within a character" 'there is no verb "' \
	"{\"id\":1,\"verb\":\"$(printf 'a%.0s' {1..39})\u044f\"}"
refused "a missing field" '"circuit" is missing' '{"id":1,"verb":"circuit.set"}'
refused "a misspelt argument" 'there is no argument "downlaod"' \
	'{"id":1,"verb":"circuit.set","circuit":"1001","downlaod":1}'
refused "an unknown circuit" 'there is no circuit "x"' '{"id":1,"verb":"circuit","circuit":"x"}'
refused "a wrong rate" 'is not a rate' \
	'{"id":1,"verb":"circuit.set","circuit":"1001","download_max_bps":"fast"}'
refused "a wrong filter" "can't compare" '{"id":1,"verb":"circuits","filter":"speed>1"}'
refused "a line that is too long" "longer than 65536 bytes" "$(printf '%070000d' 0)"
refused "an old revision" "was changed meanwhile" "$(
	e2e_set_download 1002 40M
	sqlite3 "$ISP_CIRCUITS" "UPDATE circuits SET name = 'new' WHERE id = '1002'"
	echo '{"id":1,"verb":"circuit.set","circuit":"1002","suspended":true,"expect_revision":1}'
)"

before=$(e2e_ceil "$(e2e_class_of 1001)")
isp_request '{"id":1,"verb":"circuit.set","circuit":"1001","download_max_bps":"80M","dry_run":true}' \
	>"$ISP_RUN/dry"
tap_check "a dry run says what it would do" grep -q 'ceil 20M -> 80M' "$ISP_RUN/dry"
tap_check "a dry run does nothing" test "$(e2e_ceil "$(e2e_class_of 1001)")" = "$before"

# A stranger: neither root nor in one of the groups.
stranger=$(setpriv --reuid 65534 --regid 65534 --clear-groups \
	socat -u "UNIX-CONNECT:$ISP_SOCKET" -)
tap_check "a stranger is turned away in words" grep -q '"denied"' <<<"$stranger"

# A held write transaction, just behind a commit: that is taken up, an edit is refused soon.
class=$(e2e_class_of 1004)
mkfifo "$ISP_RUN/writer"
sqlite3 -cmd ".timeout 5000" "$ISP_CIRCUITS" <"$ISP_RUN/writer" >"$ISP_RUN/held" &
exec 7>"$ISP_RUN/writer"
echo "UPDATE circuits SET download_max_bps = 41000000 WHERE id = '1004'; BEGIN IMMEDIATE; SELECT 1;" >&7
isp_wait_for 3 test -s "$ISP_RUN/held"
in_force()
{
	[[ $(e2e_ceil "$class") == 41Mbit ]]
}
tap_check "what was committed before is in force within a second" isp_wait_for 1 in_force
start_ms=$(date +%s%3N)
reply=$(isp_request '{"id":1,"verb":"circuit.set","circuit":"1001","download_max_bps":"30M"}')
took_ms=$(($(date +%s%3N) - start_ms))
tap_check "an edit under another's lock is refused naming it" \
	grep -q 'another program holds' <<<"$reply"
tap_check "and within half a second" e2e_within $took_ms 0 500
tap_check "reading goes on meanwhile" isp_answers
slowest_ms=0
for _ in {1..20}; do
	start_ms=$(date +%s%3N)
	isp_answers
	took_ms=$(($(date +%s%3N) - start_ms))
	((took_ms > slowest_ms)) && slowest_ms=$took_ms
done
tap_check "and is not held up by what the engine has to note" e2e_within $slowest_ms 0 200
printf 'ROLLBACK;\n' >&7
exec 7>&-
closed()
{
	[[ $(sqlite3 -cmd ".timeout 5000" "$ISP_CIRCUITS" "SELECT result, revision IS NULL
		FROM journal WHERE circuit = '1004' ORDER BY id DESC LIMIT 1") == "applied|0" ]]
}
tap_check "the commit gets its revision and its result when the lock has gone" isp_wait_for 3 closed

# What is said of a capture is cut within a character, too.
id=$(printf 'я%.0s' {1..100})
sqlite3 -cmd ".timeout 5000" "$ISP_CIRCUITS" "INSERT INTO circuits (id, download_max_bps,
	upload_max_bps) VALUES ('$id', 1000000, 1000000)"
captures()
{
	isp_request "{\"id\":1,\"verb\":\"capture.start\",\"circuit\":\"$id\",\"seconds\":1}" |
		jq -e '.result.capture == 1' >/dev/null
}
tap_check "a capture of a circuit with a long id is answered" isp_wait_for 5 captures

# A request is there before a commit of another program: the commit is taken up on the way.
mkfifo "$ISP_RUN/requests"
socat -t 3 - "UNIX-CONNECT:$ISP_SOCKET" <"$ISP_RUN/requests" >"$ISP_RUN/replies" &
exec 7>"$ISP_RUN/requests"
echo '{"id":1,"verb":"problems"}' >&7
isp_wait_for 3 test -s "$ISP_RUN/replies"
saved()
{
	[[ $(sqlite3 -cmd ".timeout 5000" "$ISP_STATE" "SELECT count(*) FROM assignments
		WHERE id = '$1'") == 1 ]]
}
kill -STOP "$(<"$ISP_RUN/lqosd.pid")"
echo '{"id":2,"verb":"circuit.set","circuit":"1003","download_max_bps":"31M"}' >&7
sqlite3 -cmd ".timeout 5000" "$ISP_CIRCUITS" "INSERT INTO circuits (id, download_max_bps,
	upload_max_bps) VALUES ('late', 1000000, 1000000)"
kill -CONT "$(<"$ISP_RUN/lqosd.pid")"
exec 7>&-
tap_check "an edit that came before a commit was seen is answered" isp_wait_for 5 \
	grep -q '"id":2,"ok":true' "$ISP_RUN/replies"
tap_check "and what that commit added is saved" isp_wait_for 3 saved late
tap_end
