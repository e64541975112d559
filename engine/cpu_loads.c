/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/cpu_loads.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/base/memory.h"

#define CPUS_MAX 1024
#define TIMES 8	  /* user nice system idle iowait irq softirq steal; guest is in user already */
#define SOFTIRQ 6 /* of these */
#define TEXT_SIZE (CPUS_MAX * 128)

struct cpu_load {
	uint64_t softirq, all;
	bool seen;
	double share;
};

struct cpu_loads {
	struct cpu_load cpus[CPUS_MAX];
	char text[TEXT_SIZE];
	struct timespec used; /* by this process, at the last tick */
	double own;
};

struct cpu_loads *cpu_loads_new(void)
{
	struct cpu_loads *loads = xcalloc(1, sizeof(*loads));

	for (unsigned int i = 0; i < CPUS_MAX; i++)
		loads->cpus[i].share = -1;
	return loads;
}

void cpu_loads_free(struct cpu_loads *loads)
{
	free(loads);
}

static void compare(struct cpu_load *load, const uint64_t times[TIMES])
{
	uint64_t all = 0, softirq = times[SOFTIRQ];

	for (int i = 0; i < TIMES; i++)
		all += times[i];
	load->share = -1;
	/* Times that went back are those of a CPU that was away. */
	if (load->seen && all > load->all && softirq >= load->softirq)
		load->share = (double)(softirq - load->softirq) / (double)(all - load->all);
	if (load->share > 1)
		load->share = 1;
	load->softirq = softirq;
	load->all = all;
	load->seen = true;
}

void cpu_loads_take(struct cpu_loads *loads, const char *text)
{
	uint64_t times[TIMES];
	unsigned int cpu;

	for (unsigned int i = 0; i < CPUS_MAX; i++)
		loads->cpus[i].share = -1;
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, "cpu", 3) != 0)
			return;
		/* The line of all CPUs has a blank there, which %u would pass over. */
		if (isdigit((unsigned char)line[3]) &&
		    sscanf(line, "cpu%u %lu %lu %lu %lu %lu %lu %lu %lu", &cpu, &times[0],
			   &times[1], &times[2], &times[3], &times[4], &times[5], &times[6],
			   &times[7]) == 1 + TIMES &&
		    cpu < CPUS_MAX)
			compare(&loads->cpus[cpu], times);
	}
}

static void measure_own(struct cpu_loads *loads, uint64_t elapsed_ns)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	loads->own = ((double)(used.tv_sec - loads->used.tv_sec) * NS_PER_SECOND +
		      (double)(used.tv_nsec - loads->used.tv_nsec)) /
		     (double)elapsed_ns;
	loads->used = used;
}

void cpu_loads_tick(struct cpu_loads *loads, uint64_t elapsed_ns)
{
	int fd = open("/proc/stat", O_RDONLY | O_CLOEXEC);
	ssize_t size, length = 0;

	measure_own(loads, elapsed_ns);
	if (fd < 0)
		return;
	/* The CPUs come first; what is behind them is not read. */
	while ((size = read(fd, loads->text + length, TEXT_SIZE - 1 - (size_t)length)) > 0) {
		length += size;
		loads->text[length] = '\0';
		if (strstr(loads->text, "\nintr"))
			break;
	}
	close(fd);
	loads->text[length] = '\0';
	cpu_loads_take(loads, loads->text);
}

double cpu_loads_softirq(const struct cpu_loads *loads, unsigned int cpu)
{
	return cpu < CPUS_MAX ? loads->cpus[cpu].share : -1;
}

double cpu_loads_own(const struct cpu_loads *loads)
{
	return loads->own;
}
