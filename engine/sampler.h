/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the data path's counters once a tick and turns them into what people look at: rates,
 * round-trip percentiles, shares of retransmits, drops. Sums over sites are made here.
 */
#ifndef LQOS_SAMPLER_H
#define LQOS_SAMPLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/direction.h"
#include "engine/datapath.h"
#include "engine/metrics.h"

struct engine;
struct sampler;

#define TICK_MS 1000
#define SPAN_TICKS 10 /* a point of the history */

struct sampler *sampler_new(struct engine *engine);
void sampler_free(struct sampler *sampler);

/* A sample is taken every TICK_MS, in steps of some half a millisecond, so that what else the
 * engine has to do needs not wait for all of it. Metrics stay those of the sample before until
 * theirs are new: a circuit's with its step, those of sites and all with the last. */
void sampler_begin(struct sampler *sampler); /* not while one is under way */
bool sampler_step(struct sampler *sampler);  /* false: nothing is left to do */
/* All the steps that are left; before the engine gets another network. */
void sampler_finish(struct sampler *sampler);
/* The engine has another network in force: metrics follow their slots. */
void sampler_network_changed(struct sampler *sampler);
/* Circuits may have other slots, or some for the first time. */
void sampler_numbers_changed(struct sampler *sampler);

/* By index into the network's arrays; score -1 where nothing was measured. Valid until the next
 * step. */
const struct metrics *sampler_site(const struct sampler *sampler, uint32_t site);
const struct metrics *sampler_circuit(const struct sampler *sampler, uint32_t circuit);

/* NETWORK_NONE: no circuit has the slot. */
uint32_t sampler_circuit_of_slot(const struct sampler *sampler, uint32_t slot);

/* The whole box: all circuits' rates, RTT of both sides. */
const struct metrics *sampler_total(const struct sampler *sampler);
struct rtt_summary sampler_internet_rtt(const struct sampler *sampler);
const struct queue_loads *sampler_queues(const struct sampler *sampler);
const struct cpu_loads *sampler_cpus(const struct sampler *sampler);
/* The engine's own, of one CPU, over the last tick. */
double sampler_cpu_share(const struct sampler *sampler);
const struct history *sampler_history(const struct sampler *sampler);
int64_t
sampler_time_ms(const struct sampler *sampler); /* wall clock at the end of the last sample */

#endif
