/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/rates.h"

#include <stddef.h>

#define TICK_NS 64
#define NS 1000000000ULL
#define BURST_NS 4000000ULL
#define QUANTUM_MOST 60000
#define R2Q_LEAST 10
#define CONTROL_CEIL_LEAST_BPS 1000000ULL
#define CONTROL_CEIL_MOST_BPS 100000000ULL

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t most(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* a * b / divisor, to the nearest, cut at 32 bits. */
static uint32_t scale(uint64_t a, uint64_t b, uint64_t divisor)
{
	unsigned __int128 scaled = ((unsigned __int128)a * b + divisor / 2) / divisor;

	return scaled > UINT32_MAX ? UINT32_MAX : (uint32_t)scaled;
}

uint64_t rates_round(uint64_t rate_bps)
{
	return most(rate_bps / 8 * 8, RATE_LEAST_BPS);
}

uint32_t rates_ticks_of_bytes(uint64_t rate_bps, uint32_t size_bytes)
{
	return scale(size_bytes, NS, rate_bps / 8 * TICK_NS);
}

uint32_t rates_bytes_of_ticks(uint64_t rate_bps, uint32_t ticks)
{
	return scale((uint64_t)ticks * TICK_NS, rate_bps / 8, NS);
}

uint32_t rates_burst(uint64_t rate_bps)
{
	uint32_t wanted = scale(rate_bps / 8, BURST_NS, NS);

	if (wanted < 2 * PACKET_BYTES)
		wanted = 2 * PACKET_BYTES;
	return rates_bytes_of_ticks(rate_bps, rates_ticks_of_bytes(rate_bps, wanted));
}

uint32_t rates_r2q(uint64_t link_bps)
{
	uint64_t needed = (link_bps / 8 + QUANTUM_MOST - 1) / QUANTUM_MOST;

	return (uint32_t)most(needed, R2Q_LEAST);
}

uint32_t rates_quantum(uint64_t rate_bps, uint32_t r2q)
{
	return (uint32_t)least(most(rate_bps / 8 / r2q, PACKET_BYTES), QUANTUM_MOST);
}

uint32_t rates_cake_rtt_us(uint64_t ceil_bps)
{
	static const struct {
		uint64_t most_bps;
		uint32_t rtt_us;
	} steps[] = {
		{ 1000000, 300000 },
		{ 2000000, 180000 },
		{ 3000000, 140000 },
		{ 4000000, 120000 },
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (ceil_bps <= steps[i].most_bps)
			return steps[i].rtt_us;
	return RATES_CAKE_RTT_US;
}

uint64_t rates_default_rate(uint64_t link_bps)
{
	return rates_round(link_bps / 4);
}

uint64_t rates_default_ceil(uint64_t link_bps)
{
	return rates_round(link_bps - link_bps / 100);
}

uint64_t rates_control_ceil(uint64_t link_bps)
{
	uint64_t hundredth = most(link_bps / 100, CONTROL_CEIL_LEAST_BPS);

	return rates_round(least(least(hundredth, CONTROL_CEIL_MOST_BPS), link_bps));
}

uint64_t rates_control_rate(uint64_t link_bps)
{
	return rates_round(rates_control_ceil(link_bps) / 10);
}

uint64_t rates_link_budget(uint64_t link_bps)
{
	uint64_t taken = rates_default_rate(link_bps) + rates_control_rate(link_bps);
	uint64_t link = rates_round(link_bps);

	return link > taken ? link - taken : 0;
}

uint64_t rates_guarantee(uint64_t wanted_bps, unsigned int halvings)
{
	uint64_t floor_bps = least(wanted_bps, RATE_FLOOR_BPS);

	if (halvings <= RATES_HALVINGS_TO_FLOOR)
		return rates_round(most(wanted_bps >> halvings, floor_bps));
	return rates_round(floor_bps >> (halvings - RATES_HALVINGS_TO_FLOOR));
}

uint64_t rates_wanted(uint64_t min_bps, uint64_t ceil_bps)
{
	return least(most(min_bps, RATE_FLOOR_BPS), ceil_bps);
}

void guarantee_sum_add(struct guarantee_sum *sum, uint64_t wanted_bps)
{
	uint64_t floor_bps = least(wanted_bps, RATE_FLOOR_BPS),
		 floor_rounded = rates_round(floor_bps);
	unsigned int i = 0;

	/* rates_guarantee() of every number of halvings, without deciding anew for each. */
	for (; i <= RATES_HALVINGS_TO_FLOOR && wanted_bps >> i > floor_bps; i++)
		sum->bps[i] += rates_round(wanted_bps >> i);
	for (; i <= RATES_HALVINGS_TO_FLOOR; i++)
		sum->bps[i] += floor_rounded;
	for (; i <= RATES_HALVINGS_MAX; i++)
		sum->bps[i] += rates_guarantee(wanted_bps, i);
}

void guarantee_sum_add_child(struct guarantee_sum *sum, const struct guarantee_sum *child,
			     unsigned int halvings)
{
	for (unsigned int i = 0; i <= RATES_HALVINGS_MAX; i++)
		sum->bps[i] += guarantee_sum_at(child, i + halvings);
}

unsigned int guarantee_sum_fit(const struct guarantee_sum *sum, uint64_t budget_bps)
{
	unsigned int halvings = 0;

	while (halvings < RATES_HALVINGS_MAX && sum->bps[halvings] > budget_bps)
		halvings++;
	return halvings;
}

uint64_t guarantee_sum_at(const struct guarantee_sum *sum, unsigned int halvings)
{
	return sum->bps[halvings < RATES_HALVINGS_MAX ? halvings : RATES_HALVINGS_MAX];
}
