/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/base/whole_file.h"

#include <errno.h>
#include <unistd.h>

#include "engine/base/memory.h"

#define NEXT_SIZE (sizeof(((struct whole_file *)0)->path) + 8)

static void name_next(const struct whole_file *file, char next[NEXT_SIZE])
{
	snprintf(next, NEXT_SIZE, "%s.new", file->path);
}

void whole_file_begin(struct whole_file *file, const char *path)
{
	char next[NEXT_SIZE];

	copy_text(file->path, sizeof(file->path), path);
	name_next(file, next);
	file->stream = fopen(next, "we");
}

bool whole_file_commit(struct whole_file *file, bool written, struct error *err)
{
	bool ok = file->stream && written && fflush(file->stream) == 0 &&
		  fsync(fileno(file->stream)) == 0;
	char next[NEXT_SIZE];
	int reason = errno;

	name_next(file, next);
	if (file->stream && fclose(file->stream) && ok) {
		reason = errno;
		ok = false;
	}
	if (ok && rename(next, file->path) == 0)
		return true;
	if (ok)
		reason = errno;
	unlink(next);
	return error_set_errno(err, reason, "can't write %s", file->path);
}
