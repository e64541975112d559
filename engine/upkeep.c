/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/upkeep.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "engine/base/memory.h"
#include "engine/change.h"
#include "engine/drift.h"
#include "engine/events.h"
#include "engine/measuring.h"
#include "engine/state_saver.h"

#define UPKEEP_MS 100
#define RECORD_MORE_MS 20
#define LOOK_AGAIN_MOST_MS 32
#define RETRY_FIRST_MS 1000
#define RETRY_MOST_MS 60000
#define RETRY_LOCKED_MOST_MS 1000
#define DRAIN_MOST_MS 10000
#define TRIM_EVERY_S 3600

struct upkeep {
	struct engine *engine;
	struct drift *drift;
	int inotify;
	struct watch *file_watch, *look_again, *timer, *record_more;
	struct measuring *measuring;
	uint32_t look_again_ms;
	uint64_t retry_at_ns, drain_since_ns, trim_at_ns;
	uint32_t retry_ms;
	char file_trouble[480]; /* said once, until it is another */
};

/* Later and later. A lock goes sooner than what the kernel refused comes right. */
static void schedule_retry(struct upkeep *upkeep, bool locked)
{
	uint32_t first_ms = locked ? UPKEEP_MS : RETRY_FIRST_MS;
	uint32_t most_ms = locked ? RETRY_LOCKED_MOST_MS : RETRY_MOST_MS;

	upkeep->retry_ms = upkeep->retry_ms ? upkeep->retry_ms * 2 : first_ms;
	if (upkeep->retry_ms > most_ms)
		upkeep->retry_ms = most_ms;
	upkeep->retry_at_ns = clock_now_ns() + upkeep->retry_ms * NS_PER_MS;
}

static void forget_retry(struct upkeep *upkeep)
{
	upkeep->retry_ms = 0;
	upkeep->retry_at_ns = 0;
}

/* --- the circuits file ------------------------------------------------------------------------ */

static void report_file(struct upkeep *upkeep, const char *text)
{
	struct engine *engine = upkeep->engine;

	if (strcmp(text, upkeep->file_trouble)) {
		if (*text)
			log_error("%s; the network stays shaped as it was", text);
		else
			log_info("%s is in force again", engine->config.circuits_path);
		/* Leave a trouble of the kernel's alone. */
		if (*text || !strcmp(engine->trouble, upkeep->file_trouble))
			copy_text(engine->trouble, sizeof(engine->trouble), text);
	}
	copy_text(upkeep->file_trouble, sizeof(upkeep->file_trouble), text);
}

static void take_up(struct upkeep *upkeep)
{
	struct error err;

	bool ok = change_take_up(upkeep->engine, NULL, &err);

	if (!ok)
		log_warning("change not taken up wholly: %s", err.text);
	if (upkeep->engine->unfinished)
		schedule_retry(upkeep, ok || err.code == ERROR_BUSY);
	else
		forget_retry(upkeep);
}

static void look_at_file(struct upkeep *upkeep)
{
	struct engine *engine = upkeep->engine;
	struct error err = { .code = ERROR_NONE };

	if (!engine->circuits_db) {
		engine->circuits_db = circuits_db_open(engine->config.circuits_path, false, &err);
		report_file(upkeep, engine->circuits_db ? "" : err.text);
		if (engine->circuits_db)
			take_up(upkeep);
		return;
	}
	if (circuits_db_changed(engine->circuits_db, &err)) {
		report_file(upkeep, "");
		take_up(upkeep);
	} else if (err.code != ERROR_BUSY) {
		report_file(upkeep, err.code == ERROR_NONE ? "" : err.text);
	}
}

static void on_file_event(void *data, uint32_t events)
{
	struct upkeep *upkeep = data;
	char buffer[4096];

	while (read(upkeep->inotify, buffer, sizeof(buffer)) > 0)
		;
	look_at_file(upkeep);
	upkeep->look_again_ms = 1;
	timer_start(upkeep->look_again, upkeep->look_again_ms, 0);
}

/* A commit is seen a moment after the write that gives the event: it is the change of a memory that
 * writers share. */
static void on_look_again(void *data, uint32_t events)
{
	struct upkeep *upkeep = data;

	look_at_file(upkeep);
	upkeep->look_again_ms *= 2;
	if (upkeep->look_again_ms <= LOOK_AGAIN_MOST_MS)
		timer_start(upkeep->look_again, upkeep->look_again_ms, 0);
}

/* --- what is left to do ----------------------------------------------------------------------- */

static void retry(struct upkeep *upkeep)
{
	struct engine *engine = upkeep->engine;

	if (!engine->unfinished || !engine->circuits_db)
		forget_retry(upkeep);
	else if (!upkeep->retry_at_ns) /* left so by an edit, or by the start */
		schedule_retry(upkeep, false);
	else if (clock_now_ns() >= upkeep->retry_at_ns)
		take_up(upkeep);
}

/* An override ends by itself. Where the file can't be written just now, reading it again is enough:
 * what has ended has no effect. */
static void expire(struct upkeep *upkeep)
{
	struct engine *engine = upkeep->engine;
	struct error err;

	if (!engine->circuits_db || !engine->next_expiry_s || time(NULL) < engine->next_expiry_s)
		return;
	engine->next_expiry_s = 0;
	if (change_expire(engine, &err))
		return;
	log_warning("an override has ended, but stands in the file: %s", err.text);
	take_up(upkeep);
}

static void trim_journal(struct upkeep *upkeep)
{
	uint64_t now_ns = clock_now_ns();
	struct error err;

	if (!upkeep->engine->circuits_db || now_ns < upkeep->trim_at_ns)
		return;
	upkeep->trim_at_ns = now_ns + TRIM_EVERY_S * NS_PER_SECOND;
	if (!circuits_db_trim_journal(upkeep->engine->circuits_db, &err))
		log_debug("journal not trimmed: %s", err.text);
}

/* Classes that wait for their last packets; after a while they go with what is in them. */
static void drain(struct upkeep *upkeep)
{
	uint64_t now_ns = clock_now_ns();
	unsigned int operations;
	struct error err;
	bool force;

	if (!upkeep->engine->deferred) {
		upkeep->drain_since_ns = 0;
		return;
	}
	if (!upkeep->drain_since_ns)
		upkeep->drain_since_ns = now_ns;
	force = now_ns - upkeep->drain_since_ns > DRAIN_MOST_MS * NS_PER_MS;
	if (!change_reconcile(upkeep->engine, force, &operations, &err))
		log_warning("removing what has drained: %s", err.text);
}

/* Results of many rows are written in parts, between which there is time for other things. */
static void record(struct upkeep *upkeep)
{
	struct engine *engine = upkeep->engine;
	struct error err;

	if (!change_record(engine, &err) || !events_record(engine, &err))
		log_debug("results not written yet: %s", err.text);
	else if (engine->unrecorded_count)
		timer_start(upkeep->record_more, RECORD_MORE_MS, 0);
}

static void on_record_more(void *data, uint32_t events)
{
	record(data);
}

static void on_upkeep(void *data, uint32_t events)
{
	struct upkeep *upkeep = data;

	look_at_file(upkeep);
	retry(upkeep);
	expire(upkeep);
	drain(upkeep);
	drift_tick(upkeep->drift);
	trim_journal(upkeep);
	record(upkeep);
	if (upkeep->engine->circuits_db)
		circuits_db_write_through(upkeep->engine->circuits_db);
	state_saver_tick(upkeep->engine->state_saver);
}

/* --- life ------------------------------------------------------------------------------------- */

static int watch_directory(const char *path, struct error *err)
{
	char *copy = xstrdup(path);
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	if (fd >= 0 && inotify_add_watch(fd, dirname(copy),
					 IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE) < 0) {
		close(fd);
		fd = -1;
	}
	if (fd < 0)
		error_set_errno(err, errno, "can't watch the directory of %s", path);
	free(copy);
	return fd;
}

struct upkeep *upkeep_new(struct engine *engine, struct error *err)
{
	int inotify = watch_directory(engine->config.circuits_path, err);
	struct drift *drift = inotify < 0 ? NULL : drift_new(engine, err);
	struct upkeep *upkeep;

	if (!drift) {
		if (inotify >= 0)
			close(inotify);
		return NULL;
	}
	upkeep = xcalloc(1, sizeof(*upkeep));
	upkeep->engine = engine;
	upkeep->inotify = inotify;
	upkeep->drift = drift;
	upkeep->file_watch = loop_add_fd(engine->loop, inotify, EPOLLIN, on_file_event, upkeep);
	upkeep->look_again = loop_add_timer(engine->loop, on_look_again, upkeep);
	upkeep->record_more = loop_add_timer(engine->loop, on_record_more, upkeep);
	upkeep->timer = loop_add_timer(engine->loop, on_upkeep, upkeep);
	upkeep->measuring = measuring_new(engine);
	timer_start(upkeep->timer, UPKEEP_MS, UPKEEP_MS);
	return upkeep;
}

void upkeep_free(struct upkeep *upkeep)
{
	if (!upkeep)
		return;
	drift_free(upkeep->drift);
	watch_remove(upkeep->file_watch);
	watch_remove(upkeep->look_again);
	watch_remove(upkeep->timer);
	watch_remove(upkeep->record_more);
	measuring_free(upkeep->measuring);
	close(upkeep->inotify);
	free(upkeep);
}
