/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What went wrong, in words for the person who asked. Every function that an operator may be
 * refused by returns bool and takes a struct error last; the text is a sentence that names the
 * thing, the value given and the value allowed.
 */
#ifndef LQOS_BASE_ERROR_H
#define LQOS_BASE_ERROR_H

#include <stdbool.h>

enum error_code {
	ERROR_NONE,
	ERROR_INVALID,	/* the request or the value is wrong */
	ERROR_MISSING,	/* the thing named does not exist */
	ERROR_CONFLICT, /* somebody else changed it, or it exists already */
	ERROR_DENIED,	/* the asker's role does not allow it */
	ERROR_BUSY,	/* held by another; the same call may go through later */
	ERROR_SYSTEM,	/* the kernel, a file or a library refused */
};

struct error {
	enum error_code code;
	char text[480];
};

/* Sets code and text (cut at the buffer's end) and returns false, so that a caller can
 * `return error_set(err, ...)`. err may be NULL. */
bool error_set(struct error *err, enum error_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same with ": " and strerror(errnum) appended; errnum may be negative (a -errno). */
bool error_set_errno(struct error *err, int errnum, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "context: " in front of the text that is there. Returns false. */
bool error_prefix(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The word that stands for a code on the control socket ("invalid", "conflict", ...). */
const char *error_code_name(enum error_code code);

#endif
