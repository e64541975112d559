// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VLAN tags where the kernel has no VLAN devices, for the tests of wirings: hosts that send tagged
 * frames, and a switch with an access port, an internet port and a trunk.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_helpers.h>

#define TYPE_8021Q 0x0081 /* in the order of the wire */
#define VLAN_ID 0x0fff
#define PRIORITY_5 (5 << 13)

#define HOST_VLAN 300
/* Made with these numbers by the script. */
#define TRUNK_IFINDEX 100
#define ACCESS_IFINDEX 101
#define INTERNET_IFINDEX 102
#define ACCESS_VLAN 100
#define INTERNET_VLAN 200

SEC("tc/tag")
int tag(struct __sk_buff *skb)
{
	bpf_skb_vlan_push(skb, TYPE_8021Q, PRIORITY_5 | HOST_VLAN);
	return TC_ACT_OK;
}

/* A frame that lost its tag on the way, or has another one, is none of the host's. */
SEC("tc/untag")
int untag(struct __sk_buff *skb)
{
	if (!skb->vlan_present || (skb->vlan_tci & VLAN_ID) != HOST_VLAN)
		return TC_ACT_SHOT;
	bpf_skb_vlan_pop(skb);
	return TC_ACT_OK;
}

SEC("tc/access")
int access(struct __sk_buff *skb)
{
	bpf_skb_vlan_push(skb, TYPE_8021Q, PRIORITY_5 | ACCESS_VLAN);
	return bpf_redirect(TRUNK_IFINDEX, 0);
}

SEC("tc/internet")
int internet(struct __sk_buff *skb)
{
	bpf_skb_vlan_push(skb, TYPE_8021Q, INTERNET_VLAN);
	return bpf_redirect(TRUNK_IFINDEX, 0);
}

SEC("tc/trunk")
int trunk(struct __sk_buff *skb)
{
	__u32 vlan = skb->vlan_tci & VLAN_ID;

	if (!skb->vlan_present || (vlan != ACCESS_VLAN && vlan != INTERNET_VLAN))
		return TC_ACT_SHOT;
	bpf_skb_vlan_pop(skb);
	return bpf_redirect(vlan == ACCESS_VLAN ? ACCESS_IFINDEX : INTERNET_IFINDEX, 0);
}

char tagger_license[] SEC("license") = "GPL";
