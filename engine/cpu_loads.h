/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much of each CPU's time goes into softirqs, which is where packets are handled: from two
 * readings of /proc/stat, see proc_stat(5).
 */
#ifndef LQOS_CPU_LOADS_H
#define LQOS_CPU_LOADS_H

#include <stdint.h>

struct cpu_loads;

struct cpu_loads *cpu_loads_new(void);
void cpu_loads_free(struct cpu_loads *loads);

/* Reads /proc/stat and this process' CPU time, elapsed_ns after the time before. */
void cpu_loads_tick(struct cpu_loads *loads, uint64_t elapsed_ns);
/* Takes such a text: what was between it and the one before counts. */
void cpu_loads_take(struct cpu_loads *loads, const char *text);

/* 0..1; negative: not known. */
double cpu_loads_softirq(const struct cpu_loads *loads, unsigned int cpu);
/* What this process takes, of one CPU. */
double cpu_loads_own(const struct cpu_loads *loads);

#endif
