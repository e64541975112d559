/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/merge.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/base/heap.h"
#include "engine/base/log.h"
#include "engine/base/memory.h"
#include "engine/state.h"

#define AT_ONCE_ROWS 200 /* some milliseconds */
#define AGAIN_MS 1000
#define NETWORK_BYTES_A_ROW 1600 /* what it takes to read, to plan and to apply it */
#define GIVES_WAY_TIMES 10

struct merge {
	struct engine *engine;
	struct watch *ended, *again;
	pid_t pid; /* 0: none runs */
	int pidfd;
	unsigned int gave_way;
};

/* Forgets the process; its status. */
static int reap(struct merge *merge)
{
	int status = -1;

	waitpid(merge->pid, &status, 0);
	watch_remove(merge->ended);
	close(merge->pidfd);
	merge->pid = 0;
	return status;
}

static void on_ended(void *data, uint32_t events)
{
	struct merge *merge = data;
	int status = reap(merge);

	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS) {
		merge->gave_way = 0;
		return;
	}
	log_warning("the import was not merged; it is tried again");
	timer_start(merge->again, AGAIN_MS, 0);
}

static bool start(struct merge *merge, struct error *err)
{
	char *arguments[] = { "lqosd", "--merge", "--to", merge->engine->config.circuits_path,
			      NULL };
	posix_spawnattr_t attributes;
	sigset_t none;
	pid_t pid;
	int result;

	sigemptyset(&none);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigmask(&attributes, &none);
	result = posix_spawn(&pid, "/proc/self/exe", NULL, &attributes, arguments, environ);
	posix_spawnattr_destroy(&attributes);
	if (result)
		return error_set_errno(err, result, "can't start the merge of an import");
	merge->pidfd = pidfd_open(pid, 0);
	if (merge->pidfd < 0) {
		error_set_errno(err, errno, "can't watch the merge of an import");
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return false;
	}
	merge->ended = loop_add_fd(merge->engine->loop, merge->pidfd, EPOLLIN, on_ended, merge);
	merge->pid = pid;
	return true;
}

bool merge_staged(struct merge *merge, struct error *err)
{
	struct circuits_db *db = merge->engine->circuits_db;
	int64_t rows;
	bool merged;

	if (merge->pid)
		return true;
	rows = circuits_db_count_staged(db);
	if (rows <= AT_ONCE_ROWS)
		return circuits_db_merge_staged(db, &merged, err);
	if (!start(merge, err))
		return false;
	heap_expect((size_t)rows * NETWORK_BYTES_A_ROW);
	return true;
}

static void on_again(void *data, uint32_t events)
{
	struct merge *merge = data;
	struct error err;

	if (merge->engine->circuits_db && !merge_staged(merge, &err))
		timer_start(merge->again, AGAIN_MS, 0);
}

void merge_give_way(struct merge *merge)
{
	if (!merge->pid || merge->gave_way == GIVES_WAY_TIMES)
		return;
	merge->gave_way++;
	kill(merge->pid, SIGKILL);
	reap(merge);
	timer_start(merge->again, AGAIN_MS, 0);
}

struct merge *merge_new(struct engine *engine)
{
	struct merge *merge = xcalloc(1, sizeof(*merge));

	merge->engine = engine;
	merge->again = loop_add_timer(engine->loop, on_again, merge);
	return merge;
}

void merge_free(struct merge *merge)
{
	if (!merge)
		return;
	if (merge->pid) {
		kill(merge->pid, SIGKILL);
		reap(merge);
	}
	watch_remove(merge->again);
	free(merge);
}
