# SPDX-License-Identifier: GPL-2.0-or-later
# A crowd of circuits in the demo's ISP, of which some have traffic, and every packet that leaves the
# shaper written down in the kernel with its class. Sourced after e2e.sh or guest.sh.
CROWD=${CROWD:-10000}	     # circuits, N at 100.64.(N / 200).(N % 200 + 1)
CROWD_SITES=${CROWD_SITES:-100} # N % sites is a circuit's

crowd_prepare()
{
	mkdir -p "$ISP_RUN"
	printf 'IPv4,IPv6\n100.64.250.99,2001:db8:8001::/48\n' >"$ISP_RUN/hosts.csv"
	isp_up "$ISP_RUN/hosts.csv" || return 1
	# Every customer's address is the access side's own; nobody talks unasked.
	ip -n "$ISP_ACCESS" route add local 100.64.0.0/10 dev lo &&
		isp_in "$ISP_ACCESS" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 &&
		isp_in "$ISP_INTERNET" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 &&
		isp_write_config && sed -i "s/^\[database\]/[shaping]\nlazy_idle = 600\n&/" "$ISP_CONFIG" &&
		"$ISP_BUILD/lqosd" -c "$ISP_CONFIG" --init &&
		sqlite3 "$ISP_CIRCUITS" "BEGIN;
			CREATE TEMP TABLE n AS WITH RECURSIVE n(n) AS
				(SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < $CROWD - 1) SELECT n FROM n;
			INSERT INTO sites (id, name, download_bps, upload_bps)
				SELECT 'a' || n, 'AP-' || n, 250000000, 100000000 FROM n
					WHERE n < $CROWD_SITES;
			INSERT INTO circuits (id, name, site, download_max_bps, upload_max_bps)
				SELECT 'c' || n, 'Circuit ' || n, 'a' || (n % $CROWD_SITES), 20000000, 5000000
					FROM n;
			INSERT INTO devices (id, circuit) SELECT id, id FROM circuits;
			INSERT INTO prefixes (device, prefix)
				SELECT 'c' || n, '100.64.' || (n / 200) || '.' || (n % 200 + 1) FROM n;
			COMMIT"
}

crowd_status() # FIELD
{
	isp_request '{"id":1,"verb":"status"}' | jq -r ".result.$1"
}

# The classes of both interfaces that are none of the fixed ones.
crowd_class_counts()
{
	local interface

	for interface in lan0 wan0; do
		isp_in "$ISP_SHAPER" tc class show dev $interface |
			awk '$2 == "htb" && $3 !~ /:[1-4]$/ { n++ } END { print n }'
	done | xargs
}

crowd_are_class_counts() # COUNT of each interface
{
	[[ $(crowd_class_counts) == "$1 $1" ]] && return
	echo "# there are $(crowd_class_counts)"
	return 1
}

# Circuits FROM, FROM + STEP, ... as streams of the crowd, each way RATE.
crowd_streams() # FROM STEP RATE
{
	awk -v from="$1" -v step="$2" -v rate="$3" -v most="$CROWD" 'BEGIN {
		for (n = from; n < most; n += step) {
			address = sprintf("100.64.%d.%d", n / 200, n % 200 + 1)
			printf "%s down %d 400\n%s up %d 400\n", address, rate, address, rate } }'
}

# crowd_run SECONDS: the streams of $ISP_RUN/streams; what came of them goes to $ISP_RUN/crowd.
crowd_run()
{
	nice -n -10 "$ISP_BUILD/tests/e2e/crowd" "$ISP_ACCESS" "$ISP_INTERNET" "$ISP_SERVER" "$1" \
		<"$ISP_RUN/streams" >"$ISP_RUN/crowd"
}

# "PARENT CLASS" of the leaves below sites, as the kernel has them.
crowd_leaves()
{
	isp_in "$ISP_SHAPER" tc class show dev lan0 |
		awk '$4 == "parent" && $6 == "leaf" && $5 !~ /:1$/ { print $5, $3 }' | sort
}

# "CUSTOMER CLASS" of circuits 0, STEP, ...
crowd_classes()
{
	local requests

	mapfile -t requests < <(awk -v step="$1" -v most="$CROWD" 'BEGIN {
		for (n = 0; n < most; n += step)
			printf "{\"id\":%d,\"verb\":\"circuit\",\"circuit\":\"c%d\"}\n", n, n }')
	isp_request "${requests[@]}" | jq -r '.result | "\(.addresses[0]) \(.class)"' | sort
}

# crowd_judge STEP: of the witness's events, "PACKETS OWN WAITING WRONG": by their circuit's class, by
# their site's waiting one ($ISP_RUN/waiting: the leaves before there was traffic), by another.
crowd_judge()
{
	crowd_classes "$1" >"$ISP_RUN/classes"
	crowd_leaves >"$ISP_RUN/leaves"
	sqlite3 :memory: >"$ISP_RUN/judged" <<-END
		CREATE TABLE event(ns INT, upload INT, address TEXT, class INT, bytes INT);
		CREATE TABLE own(address TEXT PRIMARY KEY, class TEXT);
		CREATE TABLE leaf(parent TEXT, class TEXT PRIMARY KEY);
		CREATE TABLE waiting(parent TEXT PRIMARY KEY, class TEXT);
		.import --csv $ISP_RUN/events.csv event
		.separator " "
		.import $ISP_RUN/classes own
		.import $ISP_RUN/leaves leaf
		.import $ISP_RUN/waiting waiting
		CREATE VIEW known AS SELECT printf('%x:%x', event.class >> 16, event.class & 65535) AS is_class,
			own.class AS own_class, waiting.class AS waiting_class
			FROM event JOIN own USING (address) JOIN leaf ON leaf.class = own.class
				LEFT JOIN waiting USING (parent);
		SELECT count(*), total(is_class = own_class), total(is_class = waiting_class),
			total(is_class NOT IN (own_class, waiting_class)) FROM known;
	END
	awk '{ printf "%d %d %d %d\n", $1, $2, $3, $4 }' "$ISP_RUN/judged"
}

# The witness of both ports, until crowd_end_witness; EVENTS at most.
crowd_start_witness() # EVENTS
{
	"$ISP_BUILD/tests/e2e/witness" "$ISP_SHAPER" lan0 wan0 "$1" "$ISP_RUN/events.csv" \
		>"$ISP_RUN/witness" 2>&1 &
	witness=$!
	isp_wait_for 60 grep -q ready "$ISP_RUN/witness"
}

crowd_end_witness()
{
	kill -TERM $witness
	wait $witness
}
