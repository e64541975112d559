/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notes every packet at the moment it leaves one of two interfaces; see witness.c. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "tests/e2e/witness.h"

/* Of the kernel's structures just what is read; libbpf finds the places (CO-RE). */
struct ns_common {
	unsigned int inum;
} __attribute__((preserve_access_index));
struct net {
	struct ns_common ns;
} __attribute__((preserve_access_index));
typedef struct {
	struct net *net;
} __attribute__((preserve_access_index)) possible_net_t;
struct net_device {
	int ifindex;
	possible_net_t nd_net;
} __attribute__((preserve_access_index));
struct sk_buff {
	unsigned int len;
	__u32 priority;
	__be16 protocol;
	unsigned char *head;
	__u16 network_header;
} __attribute__((preserve_access_index));

const volatile unsigned int netns_inode;
const volatile int ifindex[2]; /* lan side, internet side */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct witness_event);
} events SEC(".maps");

unsigned int event_count;

SEC("tp_btf/net_dev_start_xmit")
int BPF_PROG(on_transmit, const struct sk_buff *skb, const struct net_device *dev)
{
	struct witness_event *event;
	struct iphdr ip = { 0 };
	__u32 index;

	if ((dev->ifindex != ifindex[0] && dev->ifindex != ifindex[1]) ||
	    dev->nd_net.net->ns.inum != netns_inode)
		return 0;
	if (skb->protocol == bpf_htons(ETH_P_IP))
		bpf_probe_read_kernel(&ip, sizeof(ip), skb->head + skb->network_header);
	index = __sync_fetch_and_add(&event_count, 1);
	event = bpf_map_lookup_elem(&events, &index);
	if (!event)
		return 0;
	event->at_ns = bpf_ktime_get_ns();
	event->upload = dev->ifindex == ifindex[1];
	event->customer = event->upload ? ip.saddr : ip.daddr;
	event->class_id = skb->priority;
	event->bytes = skb->len;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
