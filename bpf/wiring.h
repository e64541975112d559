/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the box is wired, and what that takes at tc: a frame on a stick turns round. */
#ifndef LQOS_BPF_WIRING_H
#define LQOS_BPF_WIRING_H

#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include "bpf/maps.h"

#define VLAN_ID 0x0fff

static __always_inline const struct wiring *find_wiring(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&lqos_wiring, &zero);
}

/* Back by the port it came from, with the other side's VLAN in the outer tag; its priority bits and
 * all tags below it stay. */
static __always_inline int turn(struct __sk_buff *skb, const struct wiring *wiring)
{
	__u16 protocol = skb->vlan_proto, tag = skb->vlan_tci, vlan = tag & VLAN_ID;

	if (!skb->vlan_present)
		return TC_ACT_UNSPEC;
	if (vlan == wiring->vlan[DOWNLOAD])
		vlan = wiring->vlan[UPLOAD];
	else if (vlan == wiring->vlan[UPLOAD])
		vlan = wiring->vlan[DOWNLOAD];
	else
		return TC_ACT_UNSPEC; /* the kernel's own */
	if (bpf_skb_vlan_pop(skb) || bpf_skb_vlan_push(skb, protocol, (tag & ~VLAN_ID) | vlan))
		return TC_ACT_SHOT;
	return bpf_redirect(skb->ifindex, 0);
}

#endif
