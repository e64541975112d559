/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets of all kinds through the programs in the kernel: verdict, metadata, flow, counters. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <string.h>

#include "tests/bpf/fixture.h"

#define CONTROL_CLASS (1u << 16 | 3)

static struct datapath *datapath;

/* Addresses: customer 1 has slot 1, customer 2 slot 2; nobody has customer 200. */
static int set_up(void **state)
{
	datapath = fixture_open(1024, 1024, 64);
	if (!datapath)
		return -1;
	for (uint32_t slot = 1; slot <= 2; slot++)
		fixture_make_circuit(datapath, slot);
	fixture_map(datapath, "100.64.0.1", 1);
	fixture_map(datapath, "2001:db8:1::1", 1);
	fixture_map(datapath, "100.64.0.2", 2);
	fixture_map(datapath, "2001:db8:1::2", 2);
	return 0;
}

static int tear_down(void **state)
{
	fixture_close(datapath);
	return 0;
}

/* --- packets of a circuit ------------------------------------------------------------------------- */

struct shaped_row {
	const char *name, *words;
	uint8_t protocol;
	uint16_t customer_port, remote_port;
	uint8_t tos;
	bool partial;
};

static const struct shaped_row shaped[] = {
	{ "TCP", "eth ip4 tcp:data=100", 6, 1000, 80 },
	{ "TCP, IPv6", "eth ip6 tcp:data=100", 6, 1000, 80 },
	{ "UDP", "eth ip4 udp:data=100", 17, 1000, 80 },
	{ "UDP, IPv6", "eth ip6 udp:data=100", 17, 1000, 80 },
	{ "an ACK padded to the least frame", "eth ip4 tcp pad:60", 6, 1000, 80 },
	{ "an ACK with nothing behind it", "eth ip4 tcp", 6, 1000, 80 },
	{ "type of service", "eth ip4:tos=0xb8 udp", 17, 1000, 80, 0xb8 },
	{ "ECN", "eth ip4:tos=3 udp", 17, 1000, 80, 3 },
	{ "traffic class", "eth ip6:tos=0xb8 udp", 17, 1000, 80, 0xb8 },
	{ "traffic class with ECN", "eth ip6:tos=0x23 udp", 17, 1000, 80, 0x23 },
	/* Tags */
	{ "802.1Q", "eth q:10 ip4 tcp", 6, 1000, 80 },
	{ "802.1Q, IPv6", "eth q:10 ip6 tcp", 6, 1000, 80 },
	{ "802.1Q of priority 5 and VLAN 0", "eth q:0xa000 ip4 tcp", 6, 1000, 80 },
	{ "802.1Q of priority 7, DEI", "eth q:0xf064 ip6 udp", 17, 1000, 80 },
	{ "802.1ad", "eth ad:10 ip4 tcp", 6, 1000, 80 },
	{ "0x9100", "eth 9100:10 ip4 tcp", 6, 1000, 80 },
	{ "802.1ad, 802.1Q", "eth ad:10 q:20 ip4 tcp", 6, 1000, 80 },
	{ "0x9100, 802.1Q, IPv6", "eth 9100:0x2010 q:0x6020 ip6 tcp", 6, 1000, 80 },
	{ "three tags", "eth ad:1 q:2 q:3 ip4 tcp", 6, 1000, 80 },
	{ "four tags", "eth 9100:1 ad:2 q:3 q:4 ip4 tcp", 6, 1000, 80 },
	{ "four tags, IPv6", "eth q:1 q:2 q:3 q:0xe004 ip6 udp", 17, 1000, 80 },
	/* PPPoE, MPLS */
	{ "PPPoE", "eth pppoe ip4 tcp", 6, 1000, 80 },
	{ "PPPoE, IPv6", "eth pppoe ip6 tcp", 6, 1000, 80 },
	{ "VLAN, PPPoE", "eth q:10 pppoe ip4 tcp:ts=5,te=6", 6, 1000, 80 },
	{ "two tags, PPPoE, IPv6", "eth ad:10 q:0xa010 pppoe ip6 udp", 17, 1000, 80 },
	{ "four tags, PPPoE", "eth ad:1 q:2 q:3 q:4 pppoe ip4 udp", 17, 1000, 80 },
	{ "MPLS", "eth mpls ip4 tcp", 6, 1000, 80 },
	{ "MPLS, IPv6", "eth mpls ip6 tcp", 6, 1000, 80 },
	{ "MPLS, two labels", "eth mpls:2 ip4 tcp", 6, 1000, 80 },
	{ "MPLS, six labels, IPv6", "eth mpls:6 ip6 udp", 17, 1000, 80 },
	{ "VLAN, MPLS", "eth q:10 mpls:3 ip4 udp", 17, 1000, 80 },
	/* IPv4 options, IPv6 extensions */
	{ "IPv4 options", "eth ip4:opt=1 tcp", 6, 1000, 80 },
	{ "IPv4 options, all there can be", "eth ip4:opt=10 udp", 17, 1000, 80 },
	{ "four tags, IPv4 options", "eth ad:1 q:2 q:3 q:4 pppoe ip4:opt=10 tcp:ts=1,te=2", 6, 1000,
	  80 },
	{ "hop-by-hop", "eth ip6 hop tcp", 6, 1000, 80 },
	{ "routing header", "eth ip6 route:2 tcp", 6, 1000, 80 },
	{ "destination options", "eth ip6 dst:1 udp", 17, 1000, 80 },
	{ "AH", "eth ip6 ah tcp", 6, 1000, 80 },
	{ "AH of IPv4 is opaque", "eth ip4 ah tcp", 51, 0, 0 },
	{ "a fragment header that fragments nothing", "eth ip6 frag udp", 17, 1000, 80 },
	{ "all of them", "eth ip6 hop:1 dst route:2 frag:0 ah:4 dst:3 tcp", 6, 1000, 80 },
	{ "eight of them", "eth ip6 hop dst dst dst dst dst dst dst udp", 17, 1000, 80 },
	{ "nine are not looked behind", "eth ip6 hop dst dst dst dst dst dst dst dst udp", 60, 0, 0,
	  0, true },
	{ "a long extension", "eth ip6 hop:31 udp", 17, 1000, 80 },
	/* Fragments */
	{ "first fragment", "eth ip4:mf udp:data=64", 17, 1000, 80 },
	{ "later fragment", "eth ip4:frag=100,mf udp:data=64", 17, 0, 0 },
	{ "last fragment", "eth ip4:frag=200 udp:data=64", 17, 0, 0 },
	{ "later fragment of TCP", "eth ip4:frag=100 tcp:flags=SF,data=64", 6, 0, 0 },
	{ "a later fragment of a few bytes", "eth ip4:frag=100,proto=17 raw:3", 17, 0, 0 },
	{ "first fragment, IPv6", "eth ip6 frag:0,mf udp:data=64", 17, 1000, 80 },
	{ "later fragment, IPv6", "eth ip6 frag:8,mf udp:data=64", 17, 0, 0 },
	{ "last fragment behind hop-by-hop", "eth ip6 hop frag:8 tcp:data=64", 6, 0, 0 },
	{ "a first fragment of 8 bytes, all that there must be", "eth ip4:mf,len=28 tcp cut:42", 6,
	  1000, 80, 0, true },
	{ "of 8 bytes behind IPv6", "eth ip6:len=16 frag:0,mf tcp cut:70", 6, 1000, 80, 0, true },
	{ "a first fragment of just the ports", "eth ip4:mf,len=24 udp cut:38", 17, 1000, 80, 0,
	  true },
	{ "a first fragment too short for them", "eth ip4:mf,len=22 udp cut:36", 17, 0, 0, 0,
	  true },
	{ "a first fragment too short, padded", "eth ip4:mf,len=23 tcp pad:60", 6, 0, 0, 0, true },
	{ "a later fragment's extensions are payload", "eth ip6 frag:8 dst udp", 60, 0, 0 },
	/* Other protocols */
	{ "echo request", "eth ip4 icmp:type=8,id=77", 1, 77, 77 },
	{ "echo reply", "eth ip4 icmp:type=0,id=77", 1, 77, 77 },
	{ "unreachable", "eth ip4 icmp:type=3,id=77 ip4 udp", 1, 0, 0 },
	{ "echo request, ICMPv6", "eth ip6 icmp6:type=128,id=77", 58, 77, 77 },
	{ "echo reply, ICMPv6", "eth ip6 icmp6:type=129,id=77", 58, 77, 77 },
	{ "too big, ICMPv6", "eth ip6 icmp6:type=2,id=77 ip6 udp", 58, 0, 0 },
	{ "SCTP by addresses", "eth ip4 sctp", 132, 0, 0 },
	{ "ESP", "eth ip6 esp", 50, 0, 0 },
	{ "no next header", "eth ip6:proto=59 raw:8", 59, 0, 0 },
	{ "nothing behind IP", "eth ip4:proto=200", 200, 0, 0 },
	/* Tunnels, by their outer addresses */
	{ "GRE", "eth ip4 gre ip4 tcp", 47, 0, 0 },
	{ "Ethernet in GRE", "eth ip4 gre eth ip4 tcp", 47, 0, 0 },
	{ "6in4", "eth ip4 ip6 tcp", 41, 0, 0 },
	{ "IP in IP", "eth ip4 ip4 tcp", 4, 0, 0 },
	{ "4in6", "eth ip6 ip4 tcp", 4, 0, 0 },
	{ "VXLAN", "eth ip4 udp:cp=5555,rp=4789 raw:8 eth ip4 tcp", 17, 5555, 4789 },
	{ "GTP-U", "eth ip4 udp:cp=2152,rp=2152 raw:8 ip4 tcp", 17, 2152, 2152 },
	{ "GTP-U, IPv6", "eth ip6 udp:cp=2152,rp=2152 raw:12 ip6 udp", 17, 2152, 2152 },
	/* Lengths */
	{ "TCP cut in its header", "eth ip4 tcp cut:45", 6, 1000, 80, 0, true },
	{ "TCP cut in its ports", "eth ip4 tcp cut:37", 6, 0, 0, 0, true },
	{ "TCP cut in its options", "eth ip4 tcp:opts=020405b40303070101080a cut:58", 6, 1000, 80,
	  0, true },
	{ "UDP cut in its header", "eth ip4 udp cut:40", 17, 1000, 80, 0, true },
	{ "UDP, IPv6, nothing of it", "eth ip6 udp cut:54", 17, 0, 0, 0, true },
	{ "an extension cut", "eth ip6 hop udp cut:58", 0, 0, 0, 0, true },
	{ "an extension longer than the packet", "eth ip6:len=16 hop:9 udp", 0, 0, 0, 0, true },
	{ "IPv4 options cut", "eth ip4:opt=10 udp cut:40", 17, 0, 0, 0, true },
	{ "IP says less than its header", "eth ip4:len=10 udp", 17, 0, 0, 0, true },
	{ "IP says less than TCP's header", "eth ip4:len=30 tcp", 6, 1000, 80, 0, true },
	{ "IP says less than the ports", "eth ip4:len=23 tcp", 6, 0, 0, 0, true },
	{ "IP says more than there is", "eth ip4:len=9000 udp", 17, 1000, 80 },
	{ "IPv6 says more than there is", "eth ip6:len=65535 tcp", 6, 1000, 80 },
	{ "a length of 0, as before segmentation", "eth ip4:len=0 tcp:data=1000", 6, 1000, 80 },
	{ "a length of 0, IPv6", "eth ip6:len=0 tcp:data=1000", 6, 1000, 80 },
	{ "TCP says less than its header", "eth ip4 tcp:off=1", 6, 1000, 80, 0, true },
	{ "TCP says more than there is", "eth ip4 tcp:off=15", 6, 1000, 80, 0, true },
	{ "a TCP option of length 0", "eth ip4 tcp:opts=0200080a0000000100000002", 6, 1000, 80 },
	{ "a TCP option beyond the header", "eth ip4 tcp:opts=01080aff0000000100000002", 6, 1000,
	  80 },
	/* Control protocols, from further away */
	{ "neighbour solicitation of another network", "eth ip6:ttl=254 icmp6:type=135", 58, 0, 0 },
	{ "BGP of another network", "eth ip4 tcp:rp=179", 6, 1000, 179 },
	{ "port 520 of another network", "eth ip4 udp:rp=520", 17, 1000, 520 },
	{ "port 67 with any other", "eth ip4 udp:rp=67", 17, 1000, 67 },
};

static void expect_flow(const struct shaped_row *row, enum direction direction, size_t size)
{
	struct flow_info flows[4];
	struct slot_counters counters;
	unsigned int count = fixture_flows(datapath, flows, 4);

	if (count != 1)
		fail_msg("%s: %u flows", row->name, count);
	if (flows[0].protocol != row->protocol || flows[0].customer_port != row->customer_port ||
	    flows[0].remote_port != row->remote_port || flows[0].slot != 1)
		fail_msg("%s: flow of protocol %u, ports %u and %u, slot %u", row->name,
			 flows[0].protocol, flows[0].customer_port, flows[0].remote_port,
			 flows[0].slot);
	if (flows[0].customer[15] != 1 || flows[0].remote[15] != 1)
		fail_msg("%s: of other addresses", row->name);
	if (flows[0].bytes[direction] != size || flows[0].packets[direction] != 1 ||
	    flows[0].bytes[!direction] || flows[0].packets[!direction])
		fail_msg("%s: the flow counts %llu bytes", row->name,
			 (unsigned long long)flows[0].bytes[direction]);
	if (flows[0].tos[direction] != row->tos)
		fail_msg("%s: type of service %#x", row->name, flows[0].tos[direction]);
	datapath_read_counters(datapath, 1, &counters);
	if (counters.bytes[direction] != size || counters.packets[direction] != 1 ||
	    counters.bytes[!direction])
		fail_msg("%s: the circuit counts %llu bytes", row->name,
			 (unsigned long long)counters.bytes[direction]);
}

static void check_shaped(const struct shaped_row *row, enum direction direction,
			 const struct frame *frame)
{
	uint64_t shaped_before = fixture_total(datapath, "shaped");
	uint64_t partial_before = fixture_total(datapath, "partial");
	struct verdict verdict;

	fixture_forget_flows(datapath);
	verdict = fixture_arrive(datapath, direction, frame);
	if (verdict.action != XDP_PASS || !verdict.has_metadata || verdict.metadata.slot != 1 ||
	    verdict.metadata.control)
		fail_msg("%s: XDP says %u, metadata %d, slot %u, control %u", row->name,
			 verdict.action, verdict.has_metadata, verdict.metadata.slot,
			 verdict.metadata.control);
	if (fixture_total(datapath, "shaped") != shaped_before + 1 ||
	    fixture_total(datapath, "partial") != partial_before + row->partial)
		fail_msg("%s: counted as something else", row->name);
	expect_flow(row, direction, frame->size);
	verdict = fixture_leave(datapath, direction, frame);
	if (verdict.action != TC_ACT_OK || verdict.class_id != FIXTURE_CLASS(1, direction))
		fail_msg("%s: tc says %u, class %x", row->name, verdict.action, verdict.class_id);
}

/* The same packet from the customer: "up" in every IP header of it. */
static void turn(const char *words, char *turned, size_t size)
{
	size_t at = 0;

	for (const char *c = words; *c && at + 8 < size; c++) {
		turned[at++] = *c;
		if (c > words && (c[0] == '4' || c[0] == '6') && c[-1] == 'p' &&
		    (c[1] == ' ' || c[1] == ':' || c[1] == '\0')) {
			memcpy(turned + at, ":up,", 4);
			at += 4;
			c += c[1] == ':';
		}
	}
	turned[at] = '\0';
}

static void a_circuit_s_packet_is_told_by_its_addresses(void **state)
{
	struct frame frame;
	char turned[512];

	for (size_t i = 0; i < sizeof(shaped) / sizeof(shaped[0]); i++) {
		frame_build(shaped[i].words, &frame);
		check_shaped(&shaped[i], DOWNLOAD, &frame);
		turn(shaped[i].words, turned, sizeof(turned));
		frame_build(turned, &frame);
		if (shaped[i].remote_port == 67)
			continue; /* as customer's port it is another row */
		check_shaped(&shaped[i], UPLOAD, &frame);
	}
}

/* --- all other packets ------------------------------------------------------------------------------ */

static const struct passing_row {
	const char *name, *words, *counter;
	bool is_control;
} passing[] = {
	{ "nobody's address", "eth ip4:c=200 tcp", "unmapped" },
	{ "nobody's address, IPv6", "eth q:1 ip6:c=200 udp", "unmapped" },
	{ "an unknown type", "eth lldp", "not_ip" },
	{ "five tags", "eth q:1 q:2 q:3 q:4 q:5 ip4 tcp", "too_many_tags" },
	{ "seven labels", "eth mpls:7 ip4 tcp", "too_many_tags" },
	{ "MPLS that carries no IP", "eth mpls raw:40", "not_ip" },
	{ "Ethernet and a byte", "eth raw:1", "not_ip" },
	{ "a tag cut", "eth q:1 ip4 tcp cut:16", "truncated" },
	{ "PPPoE cut", "eth pppoe ip4 tcp cut:18", "truncated" },
	{ "a label cut", "eth mpls:2 ip4 tcp cut:20", "truncated" },
	{ "nothing below the label", "eth mpls:2 ip4 tcp cut:22", "truncated" },
	{ "IPv4 cut", "eth ip4 tcp cut:33", "truncated" },
	{ "IPv6 cut", "eth ip6 tcp cut:53", "truncated" },
	{ "IPv4 that says 6", "eth ip4:ver=6 tcp", "malformed" },
	{ "IPv6 that says 4", "eth ip6:ver=4 tcp", "malformed" },
	{ "an IPv4 header of 16 bytes", "eth ip4:ihl=4 tcp", "malformed" },
	{ "PPPoE of another code", "eth pppoe:code=9 ip4 tcp", "not_ip" },
	{ "ARP", "eth arp", "control", true },
	{ "ARP in two tags", "eth ad:1 q:2 arp", "control", true },
	{ "PPPoE discovery", "eth discovery", "control", true },
	{ "PPPoE discovery in a VLAN", "eth q:1 discovery", "control", true },
	{ "LCP", "eth q:1 pppoe lcp", "control", true },
	{ "LACP", "eth:dst=0180c2000002 slow", "control", true },
	{ "STP", "eth:dst=0180c2000000 raw:40", "control", true },
	{ "neighbour solicitation", "eth ip6:ttl=255 icmp6:type=135", "control", true },
	{ "router advertisement", "eth q:1 ip6:ttl=255 icmp6:type=134", "control", true },
	{ "DHCP", "eth ip4:c=200 udp:cp=68,rp=67", "control", true },
	{ "DHCP of a customer", "eth ip4 udp:cp=68,rp=67", "control", true },
	{ "DHCPv6", "eth ip6 udp:cp=546,rp=547", "control", true },
	{ "OSPF", "eth ip4 ospf", "control", true },
	{ "OSPFv3", "eth ip6 ospf", "control", true },
	{ "BGP of a neighbour", "eth ip4:ttl=1 tcp:rp=179", "control", true },
	{ "BGP, GTSM, with options", "eth ip6:ttl=255 tcp:cp=179,ts=1", "control", true },
	{ "BFD", "eth ip4:ttl=255 udp:cp=3784,rp=50000", "control", true },
	{ "RIP", "eth ip4:ttl=1 udp:cp=520,rp=520", "control", true },
};

static void check_passing(const struct passing_row *row)
{
	uint64_t before = fixture_total(datapath, row->counter);
	uint64_t packets = fixture_total(datapath, "packets");
	struct flow_info flow;
	struct verdict verdict;
	struct frame frame;

	frame_build(row->words, &frame);
	fixture_forget_flows(datapath);
	verdict = fixture_arrive(datapath, DOWNLOAD, &frame);
	if (verdict.action != XDP_PASS || verdict.metadata.slot ||
	    (verdict.metadata.control != 0) != row->is_control)
		fail_msg("%s: XDP says %u, slot %u, control %u", row->name, verdict.action,
			 verdict.metadata.slot, verdict.metadata.control);
	if (fixture_total(datapath, row->counter) != before + 1 ||
	    fixture_total(datapath, "packets") != packets + 1)
		fail_msg("%s: not counted as %s", row->name, row->counter);
	if (fixture_flows(datapath, &flow, 1))
		fail_msg("%s: made a flow", row->name);
	/* BPF_PROG_TEST_RUN gives tc no half IP header. */
	if (!strcmp(row->counter, "truncated"))
		return;
	verdict = fixture_leave(datapath, DOWNLOAD, &frame);
	if (verdict.action != TC_ACT_OK ||
	    verdict.class_id != (row->is_control ? CONTROL_CLASS : 0))
		fail_msg("%s: tc says %u, class %x", row->name, verdict.action, verdict.class_id);
}

static void what_is_no_circuit_s_passes_and_is_counted(void **state)
{
	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		check_passing(&passing[i]);
}

/* --- cut at every byte -------------------------------------------------------------------------------- */

static void a_packet_cut_anywhere_passes(void **state)
{
	static const char *const words[] = {
		"eth ad:1 q:2 pppoe ip4:opt=10 tcp:opts=020405b40402080a0000000100000002,data=8",
		"eth q:1 mpls:3 ip6 hop:1 dst frag:0 ah route:1 tcp:ts=1,te=2,data=8",
		"eth pppoe ip6 udp:data=8",
	};
	struct frame whole, cut;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		frame_build(words[i], &whole);
		for (cut.size = 14; cut.size <= whole.size; cut.size++) {
			memcpy(cut.byte, whole.byte, cut.size);
			if (fixture_arrive(datapath, DOWNLOAD, &cut).action != XDP_PASS)
				fail_msg("%s, %zu bytes of it", words[i], cut.size);
		}
	}
}

/* --- one flow ---------------------------------------------------------------------------------------------- */

static const struct pair_row {
	const char *name, *down, *up;
} pairs[] = {
	{ "TCP", "eth ip4 tcp", "eth ip4:up tcp" },
	{ "UDP in different tags, IPv6", "eth q:1 ip6 udp", "eth ad:3 q:9 ip6:up udp" },
	{ "a ping", "eth ip4 icmp:type=8,id=9", "eth ip4:up icmp:type=0,id=9" },
	{ "a ping, IPv6", "eth ip6 icmp6:type=129,id=9", "eth ip6:up icmp6:type=128,id=9" },
	{ "fragments", "eth ip4:frag=9,mf udp:data=8", "eth ip4:up,frag=77 udp:cp=1,rp=2,data=8" },
	{ "GRE", "eth ip4 gre ip4 tcp", "eth ip4:up gre eth ip4 udp" },
};

static void both_directions_meet_in_one_flow(void **state)
{
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct flow_info flows[2];
		struct frame down, up;

		frame_build(pairs[i].down, &down);
		frame_build(pairs[i].up, &up);
		fixture_forget_flows(datapath);
		fixture_arrive(datapath, DOWNLOAD, &down);
		fixture_arrive(datapath, UPLOAD, &up);
		fixture_arrive(datapath, UPLOAD, &up);
		if (fixture_flows(datapath, flows, 2) != 1 || flows[0].packets[DOWNLOAD] != 1 ||
		    flows[0].packets[UPLOAD] != 2 || flows[0].bytes[DOWNLOAD] != down.size ||
		    flows[0].bytes[UPLOAD] != 2 * up.size)
			fail_msg("%s", pairs[i].name);
	}
}

static void customers_of_the_box_have_a_flow_each(void **state)
{
	struct flow_info flows[4];
	struct frame frame;

	/* From customer 1 to customer 2: up for the one, down for the other. */
	frame_build("eth ip4:up tcp", &frame);
	memcpy(frame.byte + 30, "\x64\x40\0\2", 4);
	fixture_forget_flows(datapath);
	assert_int_equal(fixture_arrive(datapath, UPLOAD, &frame).metadata.slot, 1);
	assert_int_equal(fixture_arrive(datapath, DOWNLOAD, &frame).metadata.slot, 2);
	assert_int_equal(fixture_flows(datapath, flows, 4), 2);
}

/* --- circuits ---------------------------------------------------------------------------------------------- */

static void a_suspended_circuit_s_packets_are_dropped_and_counted(void **state)
{
	struct circuit_row row = *datapath_row(datapath, 2);
	struct slot_counters before, after;
	struct frame frame;

	frame_build("eth ip4:c=2 tcp", &frame);
	datapath_read_counters(datapath, 2, &before);
	row.flags |= LQOS_ROW_SUSPENDED;
	datapath_set_row(datapath, 2, &row);
	assert_int_equal(fixture_arrive(datapath, DOWNLOAD, &frame).action, XDP_DROP);
	datapath_read_counters(datapath, 2, &after);
	assert_int_equal(after.suspended_drops, before.suspended_drops + 1);
	/* One that did not arrive as this circuit's: what the box sends, what turns at a router. */
	assert_int_equal(fixture_leave(datapath, DOWNLOAD, &frame).action, TC_ACT_SHOT);
	datapath_read_counters(datapath, 2, &after);
	assert_int_equal(after.suspended_drops, before.suspended_drops + 2);
	assert_int_equal(after.packets[DOWNLOAD], before.packets[DOWNLOAD]);
	row.flags &= ~LQOS_ROW_SUSPENDED;
	datapath_set_row(datapath, 2, &row);
	assert_int_equal(fixture_arrive(datapath, DOWNLOAD, &frame).metadata.slot, 2);
}

static void an_edit_is_in_force_with_the_next_packet(void **state)
{
	struct circuit_row row = *datapath_row(datapath, 2), old = row;
	uint64_t lookups = fixture_total(datapath, "prefix_lookups");
	struct frame frame;

	frame_build("eth ip4:c=2 tcp", &frame);
	fixture_arrive(datapath, DOWNLOAD, &frame);
	lookups = fixture_total(datapath, "prefix_lookups");
	row.class_id[DOWNLOAD] = 3u << 16 | 77;
	datapath_set_row(datapath, 2, &row);
	fixture_arrive(datapath, DOWNLOAD, &frame);
	assert_int_equal(fixture_total(datapath, "prefix_lookups"), lookups);
	assert_int_equal(fixture_leave(datapath, DOWNLOAD, &frame).class_id, 3u << 16 | 77);
	datapath_set_row(datapath, 2, &old);
}

static void a_circuit_s_packets_go_to_its_cpu(void **state)
{
	struct bpf_cpumap_val value = { .qsize = 16 };
	struct frame frame;
	uint32_t cpu = 0;

	frame_build("eth ip4 tcp", &frame);
	assert_int_equal(bpf_map_update_elem(datapath->map[MAP_CPUS], &cpu, &value, BPF_ANY), 0);
	assert_int_equal(fixture_arrive(datapath, DOWNLOAD, &frame).action, XDP_REDIRECT);
	frame_build("eth ip4:c=200 tcp", &frame);
	assert_int_equal(fixture_arrive(datapath, DOWNLOAD, &frame).action, XDP_PASS);
	bpf_map_delete_elem(datapath->map[MAP_CPUS], &cpu);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_circuit_s_packet_is_told_by_its_addresses),
		cmocka_unit_test(what_is_no_circuit_s_passes_and_is_counted),
		cmocka_unit_test(a_packet_cut_anywhere_passes),
		cmocka_unit_test(both_directions_meet_in_one_flow),
		cmocka_unit_test(customers_of_the_box_have_a_flow_each),
		cmocka_unit_test(a_suspended_circuit_s_packets_are_dropped_and_counted),
		cmocka_unit_test(an_edit_is_in_force_with_the_next_packet),
		cmocka_unit_test(a_circuit_s_packets_go_to_its_cpu),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
