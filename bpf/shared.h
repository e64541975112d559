/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every struct that both the data path and the engine know. Included by BPF programs and by user
 * space; sizes are asserted, spare fields are named reserved and zero.
 */
#ifndef LQOS_BPF_SHARED_H
#define LQOS_BPF_SHARED_H

#include <linux/types.h>

#define LQOS_DIRECTIONS 2 /* 0 download, 1 upload: enum direction of the engine */
#define LQOS_SIDES 2	  /* of an RTT: 0 customer, 1 internet */

/* circuit_row.flags */
#define LQOS_ROW_IN_USE 1u
#define LQOS_ROW_SITE 2u      /* the row names a site: it only keeps its numbers for adoption */
#define LQOS_ROW_SUSPENDED 4u /* packets are dropped and counted */
#define LQOS_ROW_WAITING 8u   /* no class of its own yet: in its site's waiting class until then */

/*
 * What a slot is: written by the engine in place, read for every packet. `owner` is written
 * before the class is made, so that after kill -9 it says whose class is whose.
 */
struct circuit_row {
	__u64 owner; /* assignment_owner(); 0 = free */
	__u64 ceil_bps[LQOS_DIRECTIONS];
	__u32 class_id[LQOS_DIRECTIONS]; /* queue << 16 | minor; 0 = not built: pass unshaped */
	__u32 epoch;			 /* the number of the last change of this row */
	__u32 flags;
	__u16 cpu[LQOS_DIRECTIONS];
	__u16 handle;
	__u16 waiting_handle; /* sites */
	__u32 old_class;      /* after a move: the class that still drains; else 0 */
	__u32 is_called;      /* tc: traffic came while it waits, and the engine was told */
	__u8 reserved[8];
};
_Static_assert(sizeof(struct circuit_row) == 64, "circuit_row is a cache line");

/* Of either family, IPv4 as ::ffff:a.b.c.d; network order. */
union address {
	__u8 byte[16];
	__u32 word[4];
	__u64 half[2];
};

/* Key of the prefix table: IPv4 as ::ffff:a.b.c.d, its lengths + 96; bits behind the length are 0. */
struct prefix_key {
	__u32 length;
	union {
		__u8 address[16];
		__u32 word[4];
	};
};
_Static_assert(sizeof(struct prefix_key) == 20, "prefix_key has no holes");

/*
 * Epochs of addresses: a word for each hash of a customer's /24 (IPv6: /48). A cached answer keeps
 * the word that stood there before it was looked up, and is stale when another stands there now.
 */
#define LQOS_SCOPES 65536
#define LQOS_SCOPE_BITS_IPV4 120 /* /24 in the 128-bit space */
#define LQOS_SCOPE_BITS_IPV6 48

struct epochs {
	__u32 counter;	   /* the number of the last bump, of rows and words alike */
	__u32 cpumap_id;   /* whose drops are counted */
	__u64 build;	   /* of the programs that use these maps; written once all is pinned */
	__u32 clsact_made; /* bit a direction: the interface had no clsact before us */
	__u32 capturing;   /* bit a capture that runs; 0: packets are looked at no further */
	/* Which prefix lengths there are, the longest lowest: bit 32 - length, bit 128 - length. */
	__u64 lengths_ipv4, lengths_ipv6[3];
	__u32 reserved_too[2];
	__u32 word[LQOS_SCOPES];
};

/*
 * The scope of an address: the last 16 bits of the number of its /24 or /48, so that neighbours'
 * words are neighbours and few cache lines serve a whole network; turned by the bits before them.
 */
static inline __attribute__((always_inline)) __u32 scope_of(const __u8 address[16])
{
	int ipv4 = *(const __u64 *)address == 0 && address[8] == 0 && address[9] == 0 &&
		   address[10] == 0xff && address[11] == 0xff;
	const __u8 *bytes = ipv4 ? address + 13 : address + 4;
	__u32 network = ipv4 ? address[12] : *(const __u32 *)address;

	return ((__u32)bytes[0] << 8 ^ bytes[1] ^ (network * 0x9e3779b1u >> 16)) % LQOS_SCOPES;
}

/*
 * A cached answer of the prefix table: slot 0 is "not found". Read and written as one 64-bit word:
 * a slot never stands beside another answer's epoch.
 */
struct cached_answer {
	__u32 slot;
	__u32 epoch; /* the word read before the lookup */
} __attribute__((aligned(8)));

/* Times in the tables: CLOCK_MONOTONIC in units of 2^20 ns, about a millisecond; round in 52 days. */
#define LQOS_TICK_SHIFT 20

/* A flow, customer first. Both directions meet in one entry. */
struct flow_key {
	union address customer, remote;
	__u16 customer_port, remote_port; /* network order; 0 where there are none */
	__u8 protocol;
	__u8 reserved[3];
};
_Static_assert(sizeof(struct flow_key) == 40, "flow_key has no holes");

/* A TCP segment that waits for its acknowledgement (bpf/rtt.h). */
struct rtt_stamp {
	__u32 end;						  /* one past its last byte */
	__u32 value;						  /* its TSval (RFC 7323) */
	__u32 sent_us : 30, has_value : 1, is_first_of_value : 1; /* sent_us is never 0 */
};
_Static_assert(sizeof(struct rtt_stamp) == 12, "rtt_stamp has no holes");

#define TCP_SIDE_SEEN 0x01	  /* next_seq means something */
#define TCP_SIDE_VALUE 0x02	  /* last_value does */
#define TCP_SIDE_GAP 0x04	  /* gap_... do */
#define TCP_SIDE_ZERO_WINDOW 0x08 /* it can take nothing */
#define TCP_SIDE_SECOND_SYN 0x10  /* it sent a SYN on an open connection; syn_... do, not gap_... */
#define TCP_SIDE_FIN 0x20
#define TCP_SIDE_RST 0x40
#define TCP_SIDE_PROBED 0x80 /* the byte at next_seq went out to try a window of 0 */

/* What one end of a TCP connection sent; zero: nothing was seen yet. */
struct tcp_side {
	__u32 next_seq;	  /* one past the highest byte seen */
	__u32 last_value; /* the TSval of the last new segment */
	union {
		/* Bytes not seen when those behind them were: up to gap_end, since gap_at. */
		struct {
			__u32 gap_end;
			__u16 gap_size, gap_at;
		};
		/* As a rtt_stamp's; 0: it was sent more than once. */
		struct {
			__u32 syn_end, syn_sent_us;
		};
	};
	/* Round trips of segments sent in this direction: download's are the customer's side. */
	__u32 rtt_last_us, rtt_smoothed_us, rtt_min_us;
	__u32 retransmits;
	__u16 reordered;
	__u8 flags;
	__u8 tos; /* of any protocol's packets */
};
_Static_assert(sizeof(struct tcp_side) == 36, "tcp_side has no holes");

/* What one direction of a flow writes: a cache line of its own. */
struct flow_side {
	__u64 bytes, packets;
	struct tcp_side tcp;
	struct rtt_stamp stamp; /* zero: nothing waits */
};
_Static_assert(sizeof(struct flow_side) == 64, "flow_side is a cache line");

/* What a lookup reads: a cache line. */
struct flow_head {
	__u32 tag;    /* 0 free, LQOS_TAG_CLAIMED, else the key's fingerprint */
	__u16 claims; /* how often the entry was given away: tells a flow from its successor */
	__u16 strays; /* bit a way: flows that belong here may be there (bpf/flow.h) */
	struct flow_key key;
	struct cached_answer answer;
	__u32 first_seen, last_seen; /* ticks */
};
_Static_assert(sizeof(struct flow_head) == 64, "flow_head is a cache line");

#define LQOS_TAG_CLAIMED 1u /* being written; fingerprints are 2 and up */
#define LQOS_WAYS 4	    /* a power of two */

/* Heads side by side: where none fits, no more than they is touched. */
struct flow_set {
	struct flow_head head[LQOS_WAYS];
	struct flow_side side[LQOS_WAYS][LQOS_DIRECTIONS];
};
_Static_assert(sizeof(struct flow_set) == LQOS_WAYS * 192, "a flow is three cache lines");

/* An address that nobody has, on the customers' side: the answer "not found" and its traffic. */
struct stranger {
	__u32 tag, epoch; /* changed together: one 64-bit word */
	__u32 claims;
	__u32 strays; /* as a flow_head's */
	union address address;
	__u64 bytes[LQOS_DIRECTIONS];
	__u32 packets; /* of both directions */
	__u32 first_seen, last_seen;
	__u32 reserved_too;
};
_Static_assert(sizeof(struct stranger) == 64, "stranger is a cache line");

struct stranger_set {
	struct stranger way[LQOS_WAYS];
};

/*
 * A slot in XDP, a row for each CPU that receives: row stripe * slots + slot. All that a packet
 * needs of its slot; cpu and flags are the engine's copies of circuit_row's.
 */
struct slot_row {
	__u64 bytes[LQOS_DIRECTIONS], packets[LQOS_DIRECTIONS];
	__u64 segments[LQOS_DIRECTIONS]; /* TCP packets with payload */
	__u16 cpu[LQOS_DIRECTIONS];
	__u32 flags;
	__u64 unarrived; /* packets among these that tc counted: XDP did not see them as this slot's */
};
_Static_assert(sizeof(struct slot_row) == 64, "slot_row is a cache line");

/* RTT samples. Bucket 0 is below 1 ms, then four buckets an octave, to 3.5 s. */
#define LQOS_RTT_BUCKETS 48

/* What happens to a slot now and then; every CPU adds to the same row, atomically. */
struct slot_events {
	__u32 bucket[LQOS_SIDES][LQOS_RTT_BUCKETS];
	__u64 retransmits[LQOS_DIRECTIONS];
	__u64 suspended_drops;
	__u64 reserved[5];
};
_Static_assert(sizeof(struct slot_events) == 448, "slot_events is seven cache lines");

/*
 * What a segment told, for those who look at a circuit: round trips and retransmits one by one, in
 * a ring buffer that is written for the slots of `watched` only.
 */
struct tcp_sample {
	__u64 time_ns; /* CLOCK_MONOTONIC */
	struct flow_key key;
	__u32 slot;
	__u32 rtt_us;	/* 0: none */
	__u8 is_upload; /* the segment; its round trip is of the other end's side */
	__u8 by_timestamps;
	__u8 is_retransmit;
	__u8 reserved[5];
};
_Static_assert(sizeof(struct tcp_sample) == 64, "tcp_sample is a cache line");

#define LQOS_WATCHED 15
struct watched {
	__u32 count; /* of the slots; 0: nobody looks */
	__u32 slot[LQOS_WATCHED];
};
_Static_assert(sizeof(struct watched) == 64, "watched is a cache line");
#define LQOS_SAMPLES_BYTES (1u << 20) /* of the ring buffer: 14,000 samples */

/* What the data path did, a row for each CPU. */
#define LQOS_COUNTERS(X)                                                                           \
	X(packets)                                                                                 \
	X(shaped)                                                                                  \
	X(unmapped)                                                                                \
	X(control)                                                                                 \
	X(suspended_drops)                                                                         \
	X(not_ip)                                                                                  \
	X(truncated)                                                                               \
	X(malformed)                                                                               \
	X(partial)                                                                                 \
	X(too_many_tags)                                                                           \
	X(flow_hits)                                                                               \
	X(flow_stale)                                                                              \
	X(flow_new)                                                                                \
	X(flow_evicted)                                                                            \
	X(stranger_hits)                                                                           \
	X(stranger_new)                                                                            \
	X(stranger_evicted)                                                                        \
	X(stranger_known)                                                                          \
	X(prefix_lookups)                                                                          \
	X(rtt_samples)                                                                             \
	X(samples_lost)                                                                            \
	X(tc_with_metadata)                                                                        \
	X(tc_classified)                                                                           \
	X(cpumap_drops)

#define X(name) LQOS_COUNT_##name,
enum lqos_counter { LQOS_COUNTERS(X) LQOS_COUNTER_COUNT };
#undef X

struct totals {
	__u64 value[32];
};
_Static_assert(LQOS_COUNTER_COUNT <= 32, "totals has room for every counter");

/* Tells the engine of the first packet of a circuit that waits. */
struct waiting_call {
	__u64 time_ns; /* CLOCK_MONOTONIC */
	__u32 slot;
	__u32 reserved;
};
#define LQOS_CALLS_BYTES                                                                           \
	(1u << 18) /* of the ring buffer: a call of each of 8,000 circuits at once */

/*
 * Captures: what a packet must have for a copy of it to be taken. 0 and a mask of 0 stand for
 * anything. The engine writes a filter before it sets its bit in epochs.capturing.
 */
#define LQOS_CAPTURES 8
#define LQOS_SNAP_MOST 9216
#define LQOS_CAPTURED_BYTES (8u << 20) /* of the ring buffer */
struct capture_filter {
	__u32 slot;
	__u32 snap_bytes; /* of each frame, at most LQOS_SNAP_MOST */
	union address customer, customer_mask, remote, remote_mask;
	__u16 customer_port, remote_port; /* network order */
	__u8 protocol;
	__u8 either_end; /* `customer` may be the remote as well */
	__u8 reserved[10];
	__u64 matched, lost; /* lost: matched, but there was no room for the copy */
	__u64 reserved_too[2];
};
_Static_assert(sizeof(struct capture_filter) == 120, "capture_filter has no holes");

/* Stands before the bytes of each frame in the ring buffer. */
struct captured {
	__u64 time_ns; /* CLOCK_MONOTONIC */
	__u32 captures;
	__u32 slot;
	__u32 frame_bytes, taken_bytes;
	struct flow_key key;
	__u32 payload; /* of TCP */
	__u8 upload;
	__u8 tcp_flags;
	__u8 reserved[2];
};
_Static_assert(sizeof(struct captured) == 72, "captured has no holes");

struct capture_scratch {
	struct captured note;
	__u8 frame[LQOS_SNAP_MOST];
};

/* In front of the packet, from XDP to tc. */
#define LQOS_METADATA_MAGIC 0x716f736cu
struct metadata {
	__u32 magic;
	__u32 slot; /* 0: known to be nobody's */
	__u32 control;
	__u32 direction; /* it arrived in */
};

/*
 * How the box stands between access network and internet, set by the engine at its start. Where it
 * forwards by itself, what arrives at one side leaves by the other, whatever it is.
 */
enum wiring_kind {
	WIRING_BRIDGE,	/* a Linux bridge of two ports forwards */
	WIRING_ROUTER,	/* the kernel routes between the two */
	WIRING_FORWARD, /* frames go from port to port at tc ingress */
	WIRING_STICK,	/* one port: frames go back by it with the other side's VLAN */
};

struct wiring {
	__u32 kind;
	__u32 promiscuous; /* bit by direction: the engine made that port so */
	/* Of the port that a direction leaves by. */
	__u32 ifindex[LQOS_DIRECTIONS];
	__u16 vlan[LQOS_DIRECTIONS]; /* on a stick */
	/* On a stick both trees share a port: a direction's queues stand behind these. */
	__u16 queue_base[LQOS_DIRECTIONS];
	__u16 queues; /* of each direction */
	__u16 reserved[19];
};
_Static_assert(sizeof(struct wiring) == 64, "wiring is a cache line");

#define LQOS_HASH_KEYS 8

/* Set before loading, the same for the life of the programs. */
struct lqos_settings {
	__u32 slots;
	__u32 stripes; /* of slot rows: CPUs beyond share them */
	__u32 flow_sets, stranger_sets;
	__u64 hash_key[LQOS_HASH_KEYS]; /* random and odd: nobody can choose who collides */
};

#endif
