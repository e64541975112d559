/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine's event loop: file descriptors and timers over epoll, one thread. Handlers may add
 * and remove any watch, their own too.
 */
#ifndef LQOS_LOOP_H
#define LQOS_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/base/error.h"

struct loop;
struct watch;

typedef void loop_handler(void *data, uint32_t epoll_events);

struct loop *loop_new(struct error *err);
void loop_free(struct loop *loop);

/* Calls handler when fd has one of the events (EPOLLIN, ...). The fd stays the caller's. */
struct watch *loop_add_fd(struct loop *loop, int fd, uint32_t events, loop_handler *handler,
			  void *data);
void watch_set_events(struct watch *watch, uint32_t events);

/* A timer that is not running yet. */
struct watch *loop_add_timer(struct loop *loop, loop_handler *handler, void *data);
/* First after first_ms, then every repeat_ms (0: once). A running timer starts anew. */
void timer_start(struct watch *timer, uint32_t first_ms, uint32_t repeat_ms);
void timer_stop(struct watch *timer);

/* Forgets a watch; its handler is not called any more, also for events already read. */
void watch_remove(struct watch *watch);

/* Runs until loop_stop. */
bool loop_run(struct loop *loop, struct error *err);
void loop_stop(struct loop *loop);

#endif
