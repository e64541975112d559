/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The programs' log: a line a message on standard error, in the format of sd-daemon(3) so that
 * journald keeps the level; with a time in front when standard error is a terminal or a file.
 */
#ifndef LQOS_BASE_LOG_H
#define LQOS_BASE_LOG_H

enum log_level {
	LOG_LEVEL_ERROR = 3, /* the numbers are those of syslog(3) */
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7,
};

/* Messages above this level are dropped. LOG_LEVEL_INFO unless told. */
void log_set_level(enum log_level level);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
