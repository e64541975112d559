/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes down every packet that leaves two interfaces of a namespace, with the time at which its
 * queue let it go and the class it was given: counted in the kernel, so that a receiver that is
 * late changes nothing. Says "ready", records until SIGTERM, then writes a CSV:
 *
 *   ns,upload,customer's address (0.0.0.0: no IPv4),class id,frame bytes
 *
 * usage: witness NETNS LAN WAN EVENTS_MAX FILE.csv
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "tests/e2e/witness.h"

#include "tests/e2e/witness.skel.h"

static bool enter(const char *netns, struct stat *status)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, status) || setns(fd, CLONE_NEWNET)) {
		perror(path);
		return false;
	}
	close(fd);
	return true;
}

static struct witness_bpf *load(char **argv)
{
	struct witness_bpf *witness;
	struct stat netns;

	if (!enter(argv[1], &netns))
		return NULL;
	witness = witness_bpf__open();
	if (!witness)
		return NULL;
	witness->rodata->netns_inode = (unsigned int)netns.st_ino;
	witness->rodata->ifindex[0] = (int)if_nametoindex(argv[2]);
	witness->rodata->ifindex[1] = (int)if_nametoindex(argv[3]);
	bpf_map__set_max_entries(witness->maps.events, (unsigned int)strtoul(argv[4], NULL, 10));
	if (!witness_bpf__load(witness) && !witness_bpf__attach(witness))
		return witness;
	witness_bpf__destroy(witness);
	return NULL;
}

static bool write_events(const struct witness_event *events, unsigned int count, const char *path)
{
	FILE *file = fopen(path, "w");
	char address[INET_ADDRSTRLEN];

	if (!file) {
		perror(path);
		return false;
	}
	for (unsigned int i = 0; i < count; i++)
		fprintf(file, "%llu,%u,%s,%u,%u\n", events[i].at_ns, events[i].upload,
			inet_ntop(AF_INET, &events[i].customer, address, sizeof(address)),
			events[i].class_id, events[i].bytes);
	return fclose(file) == 0;
}

int main(int argc, char **argv)
{
	struct witness_bpf *witness;
	struct witness_event *events;
	unsigned int room, count;
	sigset_t ends;
	bool ok;
	int signal_number;

	if (argc != 6) {
		fprintf(stderr, "usage: witness NETNS LAN WAN EVENTS_MAX FILE.csv\n");
		return 2;
	}
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	witness = load(argv);
	if (!witness)
		return 1;
	room = bpf_map__max_entries(witness->maps.events);
	events = mmap(NULL, (size_t)room * sizeof(*events), PROT_READ, MAP_SHARED,
		      bpf_map__fd(witness->maps.events), 0);
	if (events == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	puts("ready");
	fflush(stdout);
	sigwait(&ends, &signal_number);
	witness_bpf__detach(witness);
	count = witness->bss->event_count;
	ok = count <= room && write_events(events, count, argv[5]);
	if (count > room)
		fprintf(stderr, "witness: %u packets, but room for %u\n", count, room);
	witness_bpf__destroy(witness);
	return ok ? 0 : 1;
}
