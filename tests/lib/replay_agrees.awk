# SPDX-License-Identifier: GPL-2.0-or-later
# Compares what tshark and what lqosd --replay read in one capture. Three inputs, fields separated by
# "|", in this order: tshark's packets, replay's packets, replay's flows (the columns are named
# below). Prints "BAD ..." for what differs, "explained ..." for what differs by intention, and last
# "count PACKETS FLOWS SAMPLES FOUND".
#
# Explained are, by fields of tshark's:
#  pseudowire    MPLS that carries Ethernet: a packet is a circuit's by its own addresses only
#  source route  tshark shows the last hop of the route as target, the header has the next one
#  first fragment  tshark gives a fragment's TCP no length
#  length 0      tshark reads nothing behind IPv6 of length 0, which is how a segmenting card's look
#  too deep      behind seven MPLS labels, five tags or nine IPv6 extensions nothing is looked for
#  not a header  tshark shows no addresses of an IPv4 header that says less than its own length
#  repeated      ack_rtt of a segment behind which something was repeated or late since, or that is
#                itself a repetition, keep-alive or probe: no round trip (Karn)

function first(text) { sub(/,.*/, "", text); return text }

function bad(what, theirs, ours) {
	printf "BAD packet %s, %s: tshark \"%s\", replay \"%s\" (%s)\n", n, what, theirs, ours, protocols[n]
}

# Also of hexadecimal digits, which not every awk reads.
function read_number(text,    i, value) {
	if (text !~ /^0x/)
		return text + 0
	for (i = 3; i <= length(text); i++)
		value = value * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
	return value + 0
}

function explain(why) { explained[why]++ }

# What stands behind the first IP header and its extensions.
function carried(list,    part, count, i, inside) {
	count = split(list, part, ":")
	for (i = 1; i <= count; i++) {
		if (!inside) {
			inside = part[i] == "ip" || part[i] == "ipv6"
			if (inside)
				family = part[i]
		} else if (part[i] !~ /^ipv6\./ && part[i] != "ah")
			return part[i]
	}
	return inside ? "nothing" : ""
}

FNR == 1 { input++ }

input == 1 {
	n = $1; frames = n
	bytes[n] = $2; protocols[n] = $3
	transport[n] = carried($3)
	four = family == "ip"
	source[n] = first(four ? $4 : $5); target[n] = first(four ? $6 : $7)
	number[n] = four ? first($8) : ""
	if (transport[n] == "tcp") {
		source_port[n] = first($9); target_port[n] = first($10)
	} else if (transport[n] ~ /^udp/) {
		source_port[n] = first($11); target_port[n] = first($12)
	} else if (transport[n] == "icmp" && (first($13) == 0 || first($13) == 8)) {
		source_port[n] = target_port[n] = first($14)
	} else if (transport[n] == "icmpv6" && (first($15) == 128 || first($15) == 129)) {
		source_port[n] = target_port[n] = first($16)
	}
	payload[n] = first($17)
	tos[n] = first(four ? $18 : $19)
	value[n] = first($20); echo_[n] = first($21)
	rtt_us[n] = first($22) == "" ? "" : first($22) * 1e6
	acked[n] = first($23)
	repeated[n] = $24 $25 $26 $27 $28 $29 != ""
	stream[n] = first($30); seq[n] = first($31); end[n] = first($32)
	time_us[n] = $33 * 1e6
	route[n] = $34 ~ /(^|,)(131|137)(,|$)/
	no_length[n] = !four && first($36) == "0"
	depth[n] = gsub(/:ipv6\./, ":", $3)
	fragment[n] = $35 $37 ~ /1|True/
	next
}

# May the acknowledgement n be of another copy, or have waited for another segment?
function is_repeated(n,    f, g) {
	f = acked[n]
	if (repeated[f])
		return 1
	for (g = f + 1; g <= n; g++)
		if (stream[g] == stream[f] && source[g] == source[f] && \
		    source_port[g] == source_port[f] && repeated[g] && seq[g] < end[f])
			return 1
	return 0
}

# By timestamps: since the first segment that carries what is echoed.
function since_value(n,    g) {
	for (g = 1; g < n; g++)
		if (stream[g] == stream[n] && source[g] == target[n] && value[g] == echo_[n] && payload[g] > 0)
			return time_us[n] - time_us[g]
	return -1
}

function near(a, b) { return a - b <= 2 && b - a <= 2 }

function compare_samples(ours, by) {
	if (rtt_us[n] != "" && ours == "null" && is_repeated(n))
		return explain("repeated")
	if (rtt_us[n] != "") {
		samples++
		if (ours == "null")
			print "missing packet " n ", " rtt_us[n] " us since " acked[n]
		else if (near(rtt_us[n], ours))
			found++
		else
			bad("round trip", rtt_us[n], ours " by " by)
	} else if (ours != "null" && by == "timestamps" && near(since_value(n), ours))
		explain("by timestamps")
	else if (ours != "null")
		bad("round trip", "none", ours " by " by)
}

function compare_tcp() {
	if (payload[n] == "" && fragment[n])
		explain("first fragment")
	else if (payload[n] != $9 && payload[n] $9 != "null")
		bad("payload", payload[n], $9)
	if (value[n] == "" ? $11 != "null" : value[n] != $11 || echo_[n] != $12)
		bad("timestamps", value[n] "/" echo_[n], $11 "/" $12)
	compare_samples($13, $14)
}

function add_flow(key) {
	packets_of[key]++
	bytes_of[key] += bytes[n]
}

input == 2 {
	n = $1
	if ($2 != bytes[n])
		bad("length", bytes[n], $2)
	if (transport[n] == "") {
		if ($4 != "null")
			bad("address", "none", $4)
		next
	}
	if ($4 == "null") {
		if (protocols[n] ~ /pweth/)
			explain("pseudowire")
		else if (source[n] == "")
			explain("not a header")
		else if ($3 == "too_many_tags")
			explain("too deep")
		else
			bad("address", source[n], $3)
		next
	}
	packets++
	if (source[n] == "" && $4 != "null")
		explain("not a header")
	else if ($4 == source[n] && $5 != target[n] && route[n])
		explain("source route")
	else if ($4 != source[n] || $5 != target[n])
		bad("addresses", source[n] " " target[n], $4 " " $5)
	protocol = $6
	add_flow(protocol "|" $4 "|" $7 "|" $5 "|" $8)
	if (no_length[n] || depth[n] > 8) {
		explain(depth[n] > 8 ? "too deep" : "length 0")
		next
	}
	name = transport[n] == "icmpv6" ? "icmp6" : transport[n]
	if (name ~ /^(tcp|udp|icmp|icmp6)$/ && name != protocol)
		bad("protocol", name, protocol)
	named["tcp"] = 6; named["udp"] = 17; named["icmp"] = 1; named["icmp6"] = 58
	if (number[n] != "" && number[n] != (protocol in named ? named[protocol] : protocol))
		bad("protocol", number[n], protocol)
	if (read_number(source_port[n]) != $7 || read_number(target_port[n]) != $8)
		bad("ports", source_port[n] " " target_port[n], $7 " " $8)
	if (source[n] != "" && tos[n] != "" && read_number(tos[n]) != $10)
		bad("type of service", tos[n], $10)
	if (name == "tcp")
		compare_tcp()
	next
}

# Protocol, customer, port, remote, port, then packets and bytes up and down.
{
	up = $1 "|" $2 "|" $3 "|" $4 "|" $5
	down = $1 "|" $4 "|" $5 "|" $2 "|" $3
	flows++
	if (up == down) {
		if (packets_of[up] != $6 + $8 || bytes_of[up] != $7 + $9)
			print "BAD flow " up ": tshark " packets_of[up] " packets, replay " $6 + $8
	} else if (packets_of[up] + 0 != $6 || bytes_of[up] + 0 != $7 || \
		   packets_of[down] + 0 != $8 || bytes_of[down] + 0 != $9)
		print "BAD flow " up ": tshark " packets_of[up] "/" packets_of[down] " packets, " \
			bytes_of[up] "/" bytes_of[down] " bytes, replay " $6 "/" $8 ", " $7 "/" $9
	delete packets_of[up]
	delete packets_of[down]
}

END {
	for (key in packets_of)
		print "BAD flow " key ": only tshark has it"
	for (why in explained)
		print "explained " why " " explained[why]
	print "count " packets + 0 " " flows + 0 " " samples + 0 " " found + 0
}
