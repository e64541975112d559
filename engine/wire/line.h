/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines out of a stream of bytes: what both ends of the control socket read with. Bytes go in as
 * they come, complete lines come out one by one, and a line over the limit is reported once and
 * skipped up to its end, so that the connection lives on.
 */
#ifndef LQOS_WIRE_LINE_H
#define LQOS_WIRE_LINE_H

#include <stdbool.h>
#include <stddef.h>

struct line_buffer {
	char *data;
	size_t start;	/* of the first byte not taken yet */
	size_t length;	/* bytes held from there on */
	size_t scanned; /* of them, known to hold no newline */
	size_t capacity;
	size_t limit_bytes; /* longest line, without its newline */
	bool skipping;	    /* within a line already reported as too long */
};

enum line_result {
	LINE_NONE, /* no complete line yet: feed more */
	LINE_READY,
	LINE_TOO_LONG, /* a line over the limit came; its bytes are dropped */
};

void line_buffer_init(struct line_buffer *buffer, size_t limit_bytes);
void line_buffer_release(struct line_buffer *buffer);
/* Forgets what is held, for a new connection; keeps the memory and the limit. */
void line_buffer_reset(struct line_buffer *buffer);

/* Appends bytes. Take all lines after each feed: then no more than the limit and one feed is ever
 * held. */
void line_buffer_feed(struct line_buffer *buffer, const void *bytes, size_t size);

/* The next line, terminated, without its newline (or carriage return before it); it is valid, and
 * may be written to, until the next call on the buffer. length tells of bytes of value zero within
 * (it may be NULL). Bytes behind the last newline are no line. */
enum line_result line_buffer_take(struct line_buffer *buffer, char **line, size_t *length);

#endif
