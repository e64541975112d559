/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The arithmetic of HTB classes: what rates, bursts and quanta the kernel can hold, and how much
 * may be guaranteed. Every value made here comes back from the kernel as it was given, so that an
 * adopted tree equals the desired one.
 *
 * Rule R: at every class the children's rates sum to at most the parent's rate, because HTB never
 * asks a parent while a class is under its own rate.
 */
#ifndef LQOS_RATES_H
#define LQOS_RATES_H

#include <stdint.h>

#define RATE_FLOOR_BPS 1000 /* guaranteed to whoever has no committed minimum */
#define RATE_LEAST_BPS 8    /* the kernel holds whole bytes a second, and 0 is refused */
#define PACKET_BYTES 1522

/* Down to a multiple of 8 bits (the kernel's bytes a second), at least RATE_LEAST_BPS. */
uint64_t rates_round(uint64_t rate_bps);

/* HTB's buffers are times, in ticks of 64 ns at the class's rate (burst) or ceil (cburst); see
 * htb_change_class() and PSCHED_SHIFT in the kernel. Both round to the nearest and are cut at
 * 32 bits; a size that came from ticks gives the same ticks again, and the same size. */
uint32_t rates_ticks_of_bytes(uint64_t rate_bps, uint32_t size_bytes);
uint32_t rates_bytes_of_ticks(uint64_t rate_bps, uint32_t ticks);

/* The burst of a class at one of its two rates: 4 ms of it, two full packets at least; rounded as
 * the kernel will. */
uint32_t rates_burst(uint64_t rate_bps);

/* The divisor from rate to quantum: from 10 upward until the link's quantum is at most 60,000. */
uint32_t rates_r2q(uint64_t link_bps);
/* A leaf class's share when it borrows: rate in bytes / r2q, a full packet at least. Classes with
 * children get RATES_INNER_QUANTUM: the kernel reads theirs only while they have no children, so
 * a later change of it would never be seen to arrive. */
uint32_t rates_quantum(uint64_t rate_bps, uint32_t r2q);
#define RATES_INNER_QUANTUM PACKET_BYTES

/* CAKE's rtt for a rate limit of ceil_bps: longer where one packet alone takes long. */
uint32_t rates_cake_rtt_us(uint64_t ceil_bps);
#define RATES_CAKE_RTT_US 100000 /* where nothing asks for longer */

/* The fixed classes of a link. */
uint64_t rates_default_rate(uint64_t link_bps);
uint64_t rates_default_ceil(uint64_t link_bps);
uint64_t rates_control_rate(uint64_t link_bps);
uint64_t rates_control_ceil(uint64_t link_bps);
/* What is left of a link to guarantee to sites and circuits. */
uint64_t rates_link_budget(uint64_t link_bps);

/* What a class gets of `wanted_bps` after so many halvings: never below RATE_FLOOR_BPS until
 * RATES_HALVINGS_TO_FLOOR; more halvings take the floor down as well, to RATE_LEAST_BPS. */
#define RATES_HALVINGS_TO_FLOOR 30 /* 1T >> 30 is below the floor */
#define RATES_HALVINGS_MAX (RATES_HALVINGS_TO_FLOOR + 7)
uint64_t rates_guarantee(uint64_t wanted_bps, unsigned int halvings);

/* What a class asks to be guaranteed: its committed minimum or the floor, within its ceil. */
uint64_t rates_wanted(uint64_t min_bps, uint64_t ceil_bps);

/* The guarantees below a class, summed for every number of halvings. Zero is an empty sum. */
struct guarantee_sum {
	uint64_t bps[RATES_HALVINGS_MAX + 1];
};
void guarantee_sum_add(struct guarantee_sum *sum, uint64_t wanted_bps);
/* Adds those of a child class that halves its own `halvings` times already. */
void guarantee_sum_add_child(struct guarantee_sum *sum, const struct guarantee_sum *child,
			     unsigned int halvings);
/* The fewest halvings with which the sum is at most budget_bps; RATES_HALVINGS_MAX when none. */
unsigned int guarantee_sum_fit(const struct guarantee_sum *sum, uint64_t budget_bps);
/* The sum after so many halvings; more than RATES_HALVINGS_MAX count as that. */
uint64_t guarantee_sum_at(const struct guarantee_sum *sum, unsigned int halvings);

#endif
