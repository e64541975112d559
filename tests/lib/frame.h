/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames from a line of words, a word a header, outermost first:
 *
 *   "eth q:5 pppoe ip4:opt=2 tcp:flags=S,data=10"
 *
 * Each header is named in the one before it, lengths are filled in. Customer's addresses are
 * 100.64.0.C and 2001:db8:1::C, remote ones 198.51.100.R and 2001:db8:ff::R; an IP header inside
 * another has 10.0.0.1 and 10.0.0.2, or fd00::1 and fd00::2.
 *
 *   eth eth:dst=HEX             q:TCI ad:TCI 9100:TCI       pppoe discovery lcp mpls:LABELS arp slow
 *   ip4:c=,r=,up,opt=WORDS,frag=UNITS,mf,len=,ihl=,ver=,tos=,ttl=,proto=
 *   ip6:c=,r=,up,len=,ver=,tos=,ttl=,proto=                  hop:N route:N dst:N ah:N frag:UNITS,mf
 *   tcp:cp=,rp=,flags=SAFR,seq=,ack=,win=,ts=,te=,opts=HEX,data=,off=
 *   udp:cp=,rp=,data=
 *   icmp:type=,id=  icmp6:type=,id=  gre  esp  ospf  sctp
 *   raw:BYTES  cut:SIZE (of the whole frame)  pad:SIZE
 */
#ifndef LQOS_TESTS_FRAME_H
#define LQOS_TESTS_FRAME_H

#include <stddef.h>
#include <stdint.h>

#define FRAME_MOST 4096

struct frame {
	uint8_t byte[FRAME_MOST];
	size_t size;
};

/* Aborts with the word on a word it doesn't know. */
void frame_build(const char *words, struct frame *frame);

#endif
