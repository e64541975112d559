/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "engine/base/log.h"
#include "engine/base/memory.h"

#define EVENTS_AT_ONCE 64

struct watch {
	struct loop *loop;
	int fd;
	bool is_timer, removed;
	loop_handler *handler;
	void *data;
	struct watch *next_removed;
};

struct loop {
	int epoll;
	bool stopped;
	struct watch *removed; /* freed after the round in which they were removed */
};

struct loop *loop_new(struct error *err)
{
	struct loop *loop = xcalloc(1, sizeof(*loop));

	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll < 0) {
		error_set_errno(err, errno, "can't make an epoll instance");
		free(loop);
		return NULL;
	}
	return loop;
}

static void free_removed(struct loop *loop)
{
	while (loop->removed) {
		struct watch *watch = loop->removed;

		loop->removed = watch->next_removed;
		free(watch);
	}
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	free_removed(loop);
	close(loop->epoll);
	free(loop);
}

struct watch *loop_add_fd(struct loop *loop, int fd, uint32_t events, loop_handler *handler,
			  void *data)
{
	struct watch *watch = xcalloc(1, sizeof(*watch));
	struct epoll_event event = { .events = events, .data.ptr = watch };

	*watch = (struct watch){ .loop = loop, .fd = fd, .handler = handler, .data = data };
	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		log_error("can't watch file descriptor %d: %m", fd);
	return watch;
}

void watch_set_events(struct watch *watch, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	epoll_ctl(watch->loop->epoll, EPOLL_CTL_MOD, watch->fd, &event);
}

struct watch *loop_add_timer(struct loop *loop, loop_handler *handler, void *data)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	struct watch *watch = loop_add_fd(loop, fd, EPOLLIN, handler, data);

	watch->is_timer = true;
	return watch;
}

static struct timespec from_ms(uint32_t ms)
{
	return (struct timespec){ .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };
}

void timer_start(struct watch *timer, uint32_t first_ms, uint32_t repeat_ms)
{
	struct itimerspec when = { .it_value = from_ms(first_ms),
				   .it_interval = from_ms(repeat_ms) };

	if (!first_ms)
		when.it_value.tv_nsec = 1; /* zero would disarm it */
	timerfd_settime(timer->fd, 0, &when, NULL);
}

void timer_stop(struct watch *timer)
{
	timerfd_settime(timer->fd, 0, &(struct itimerspec){ 0 }, NULL);
}

void watch_remove(struct watch *watch)
{
	if (!watch)
		return;
	epoll_ctl(watch->loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
	if (watch->is_timer)
		close(watch->fd);
	watch->removed = true;
	watch->next_removed = watch->loop->removed;
	watch->loop->removed = watch;
}

static void dispatch(struct watch *watch, uint32_t events)
{
	uint64_t expirations;

	if (watch->removed)
		return;
	if (watch->is_timer && read(watch->fd, &expirations, sizeof(expirations)) < 0)
		return; /* restarted since epoll saw it expire */
	watch->handler(watch->data, events);
}

bool loop_run(struct loop *loop, struct error *err)
{
	struct epoll_event events[EVENTS_AT_ONCE];

	while (!loop->stopped) {
		int count = epoll_wait(loop->epoll, events, EVENTS_AT_ONCE, -1);

		if (count < 0 && errno != EINTR)
			return error_set_errno(err, errno, "waiting for events failed");
		for (int i = 0; i < count; i++)
			dispatch(events[i].data.ptr, events[i].events);
		free_removed(loop);
	}
	return true;
}

void loop_stop(struct loop *loop)
{
	loop->stopped = true;
}
