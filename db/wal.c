// SPDX-License-Identifier: GPL-2.0-or-later
/* See wal.h. A thread of its own waits for the name to change hands: the program may be busy. */
#include "db/wal.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/log.h"
#include "engine/base/memory.h"

/* The -shm: a header, twice; how far the -wal was and will be copied; from byte 120 its locks. */
#define SHM_HEADERS_BYTES 96
#define SHM_SALT_AT 32
#define SHM_BACKFILL_AT 96
#define SHM_LOCKS_AT 120
#define SHM_LOCKS 8
#define SHM_BACKFILL_ATTEMPTED_AT 128

struct wal_progress {
	uint64_t salt;
	uint32_t backfill, attempted;
};

struct wal {
	char *path, *wal_path, *shm_path;
	struct stat file, wal, shm;
	int shm_fd, inotify, stop;
	struct wal_progress progress;
	pthread_t thread;
	bool watched;
};

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

static void unlink_if_same(const char *path, const struct stat *ours)
{
	struct stat now;

	if (stat(path, &now) == 0 && same_file(&now, ours))
		unlink(path);
}

void wal_part_from_name(struct wal *wal)
{
	struct stat now;

	if (stat(wal->path, &now) == 0 && same_file(&now, &wal->file))
		return;
	unlink_if_same(wal->shm_path, &wal->shm);
	unlink_if_same(wal->wal_path, &wal->wal);
}

static void *wait_for_replacement(void *data)
{
	struct wal *wal = data;
	struct pollfd fds[] = { { .fd = wal->inotify, .events = POLLIN },
				{ .fd = wal->stop, .events = POLLIN } };
	char buffer[4096];

	while (!fds[1].revents) {
		wal_part_from_name(wal);
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			break;
		while (read(wal->inotify, buffer, sizeof(buffer)) > 0)
			;
	}
	return NULL;
}

static bool start_thread(struct wal *wal)
{
	char *copy = xstrdup(wal->path);
	sigset_t all, before;
	int result;

	wal->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	wal->stop = eventfd(0, EFD_CLOEXEC);
	result = inotify_add_watch(wal->inotify, dirname(copy),
				   IN_CREATE | IN_MOVE | IN_DELETE | IN_ONLYDIR);
	free(copy);
	if (result < 0 || wal->stop < 0)
		return false;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	result = pthread_create(&wal->thread, NULL, wait_for_replacement, wal);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return result == 0;
}

static struct wal_progress read_progress(const struct wal *wal)
{
	struct wal_progress progress = { 0 };

	if (pread(wal->shm_fd, &progress.salt, sizeof(progress.salt), SHM_SALT_AT) < 0 ||
	    pread(wal->shm_fd, &progress.backfill, sizeof(progress.backfill), SHM_BACKFILL_AT) <
		    0 ||
	    pread(wal->shm_fd, &progress.attempted, sizeof(progress.attempted),
		  SHM_BACKFILL_ATTEMPTED_AT) < 0)
		log_debug("%s: %s", wal->shm_path, strerror(errno));
	return progress;
}

struct wal *wal_new(const char *path, const struct stat *file)
{
	struct wal *wal = xcalloc(1, sizeof(*wal));

	wal->path = xstrdup(path);
	wal->wal_path = xasprintf("%s-wal", path);
	wal->shm_path = xasprintf("%s-shm", path);
	wal->file = *file;
	wal->shm_fd = open(wal->shm_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (stat(wal->wal_path, &wal->wal) < 0 || fstat(wal->shm_fd, &wal->shm) < 0)
		log_warning("%s and %s: %s", wal->wal_path, wal->shm_path, strerror(errno));
	wal->progress = read_progress(wal);
	wal->watched = start_thread(wal);
	if (!wal->watched)
		log_warning("can't watch %s: %s", path, strerror(errno));
	return wal;
}

void wal_free(struct wal *wal)
{
	if (!wal)
		return;
	if (wal->watched) {
		eventfd_write(wal->stop, 1);
		pthread_join(wal->thread, NULL);
	}
	close(wal->inotify);
	close(wal->stop);
	close(wal->shm_fd);
	free(wal->path);
	free(wal->wal_path);
	free(wal->shm_path);
	free(wal);
}

bool wal_was_checkpointed(struct wal *wal)
{
	struct wal_progress before = wal->progress;

	wal->progress = read_progress(wal);
	return before.salt != wal->progress.salt || before.backfill != wal->progress.backfill ||
	       before.attempted != wal->progress.attempted ||
	       wal->progress.attempted != wal->progress.backfill;
}

void wal_note_own_commit(struct wal *wal)
{
	struct wal_progress now = read_progress(wal);

	if (!now.backfill && !now.attempted)
		wal->progress = now;
}

int64_t wal_waiting_bytes(const char *path, int64_t *age_s)
{
	char *wal_path = xasprintf("%s-wal", path);
	struct stat status = { 0 };

	if (stat(wal_path, &status) < 0)
		status.st_size = 0;
	free(wal_path);
	*age_s = time(NULL) - status.st_mtime;
	return status.st_size;
}

static bool empty_both(int shm, int wal, const char *path, struct error *err)
{
	static const char nothing[SHM_HEADERS_BYTES];
	struct flock locks = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = SHM_LOCKS_AT, .l_len = SHM_LOCKS
	};

	if (fcntl(shm, F_SETLK, &locks) < 0)
		return error_set(err, ERROR_BUSY,
				 "%s was overwritten while another program works in it", path);
	/* Without a valid header whoever comes next reads the -wal from its start: there is
	 * nothing. */
	if (ftruncate(wal, 0) < 0 || pwrite(shm, nothing, sizeof(nothing), 0) < 0)
		return error_set_errno(err, errno, "can't empty the -wal of %s", path);
	return true;
}

bool wal_discard(const char *path, struct error *err)
{
	char *wal_path = xasprintf("%s-wal", path), *shm_path = xasprintf("%s-shm", path);
	int wal = open(wal_path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	int shm = open(shm_path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	bool ok = true;

	if (wal >= 0 && shm >= 0)
		ok = empty_both(shm, wal, path, err);
	else if (wal >= 0 && ftruncate(wal, 0) < 0)
		ok = error_set_errno(err, errno, "can't empty %s", wal_path);
	if (wal >= 0)
		close(wal);
	if (shm >= 0)
		close(shm);
	free(wal_path);
	free(shm_path);
	return ok;
}
