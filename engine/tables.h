/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows that consoles and scripts read: sites and circuits with their numbers, as JSON. */
#ifndef LQOS_TABLES_H
#define LQOS_TABLES_H

#include <jansson.h>
#include <stdint.h>

#include "engine/plan.h"
#include "engine/sampler.h"

struct engine;

#define TABLE_ROWS_MAX 1000

json_t *table_site_row(const struct engine *engine, uint32_t site);
json_t *table_circuit_row(const struct engine *engine, uint32_t circuit);

/* The sites from this one up, nearest first: id, name and capacities. */
json_t *table_ancestors(const struct network *network, uint32_t site);

/* A capacity: null where there is none. */
json_t *table_rate(uint64_t rate_bps);
json_t *table_summary(const struct plan_summary *summary);
/* {"p50_us", "p95_us", "samples"}, or null without samples. */
json_t *table_rtt(struct rtt_summary rtt);

#endif
