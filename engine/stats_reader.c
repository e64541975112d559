/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/stats_reader.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "engine/base/memory.h"

struct stats_reader {
	struct kernel *kernel;
	stats_handler *handler;
	void *data;
	int done; /* an eventfd */
	struct watch *watch;
	pthread_t thread;
	bool running;
	struct interface interfaces[DIRECTIONS];
	struct stats_reading reading;
};

static void *read_stats(void *data)
{
	struct stats_reader *reader = data;
	struct stats_reading *reading = &reader->reading;
	uint64_t one = 1;

	reading->read_ns = clock_now_ns();
	for (int d = 0; d < DIRECTIONS; d++)
		kernel_read_stats(reader->kernel, &reader->interfaces[d], 0, &reading->stats[d],
				  &reading->counts[d], &reading->reasons[d]);
	/* Can't fail: the counter is 0. */
	return write(reader->done, &one, sizeof(one)) < 0 ? reader : NULL;
}

static void finish(struct stats_reader *reader)
{
	pthread_join(reader->thread, NULL);
	reader->running = false;
}

static void forget(struct stats_reading *reading)
{
	for (int d = 0; d < DIRECTIONS; d++)
		free(reading->stats[d]);
	*reading = (struct stats_reading){ 0 };
}

static void on_done(void *data, uint32_t events)
{
	struct stats_reader *reader = data;
	uint64_t count;

	if (read(reader->done, &count, sizeof(count)) < 0)
		return;
	finish(reader);
	reader->handler(reader->data, &reader->reading);
	forget(&reader->reading);
}

struct stats_reader *stats_reader_new(struct loop *loop, stats_handler *handler, void *data,
				      struct error *err)
{
	struct kernel *kernel = kernel_open(err);
	struct stats_reader *reader;
	int done;

	if (!kernel)
		return NULL;
	done = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (done < 0) {
		error_set_errno(err, errno, "can't make an eventfd");
		kernel_close(kernel);
		return NULL;
	}
	reader = xcalloc(1, sizeof(*reader));
	reader->kernel = kernel;
	reader->handler = handler;
	reader->data = data;
	reader->done = done;
	reader->watch = loop_add_fd(loop, done, EPOLLIN, on_done, reader);
	return reader;
}

void stats_reader_free(struct stats_reader *reader)
{
	if (!reader)
		return;
	if (reader->running)
		finish(reader);
	forget(&reader->reading);
	watch_remove(reader->watch);
	close(reader->done);
	kernel_close(reader->kernel);
	free(reader);
}

void stats_reader_start(struct stats_reader *reader, const struct interface interfaces[DIRECTIONS])
{
	int result;

	if (reader->running)
		return;
	memcpy(reader->interfaces, interfaces, sizeof(reader->interfaces));
	result = pthread_create(&reader->thread, NULL, read_stats, reader);
	reader->running = !result;
	if (result)
		log_debug("no class statistics this tick: %s", strerror(result));
}
