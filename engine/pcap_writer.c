/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/pcap_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "engine/base/memory.h"

#define PCAP_NANOSECONDS 0xa1b23c4d
#define LINKTYPE_ETHERNET 1
#define LABEL_MOST 40
#define BUFFER_BYTES (1u << 20)

struct pcap_header {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t reserved[2];
	uint32_t snap_bytes;
	uint32_t link_type;
};
_Static_assert(sizeof(struct pcap_header) == 24, "as the format has it");

struct pcap_packet {
	uint32_t seconds, nanoseconds;
	uint32_t taken_bytes, frame_bytes;
};
_Static_assert(sizeof(struct pcap_packet) == 16, "as the format has it");

struct pcap_writer {
	int fd;
	char *path;
	uint8_t *buffer; /* whole frames that wait for the next flush */
	size_t buffered, buffered_frames;
	uint64_t written_bytes, dropped_frames;
	int failure; /* errno of a write that failed: nothing is added after it */
};

/* --- where it goes ---------------------------------------------------------------------------- */

/* Names can't be exchanged under us in a directory where nobody else may write. */
static int open_directory(const char *path, struct error *err)
{
	struct stat status;
	int directory;

	if (mkdir(path, 0700) < 0 && errno != EEXIST) {
		error_set_errno(err, errno, "can't make the directory %s", path);
		return -1;
	}
	directory = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (directory < 0) {
		error_set_errno(err, errno, "can't open the directory %s", path);
		return -1;
	}
	if (fstat(directory, &status) == 0 && status.st_uid == geteuid() &&
	    !(status.st_mode & (S_IWGRP | S_IWOTH)))
		return directory;
	error_set(err, ERROR_CONFLICT,
		  "captures are not written to %s, where others may write: chown it to the "
		  "engine's user and chmod it to 700, or set [capture] directory",
		  path);
	close(directory);
	return -1;
}

static void make_name(const char *label, char *name, size_t size)
{
	char plain[LABEL_MOST + 1] = "", when[32];
	time_t now = time(NULL);
	struct tm utc;
	uint32_t random = 0;

	for (size_t i = 0; label[i] && i < LABEL_MOST; i++) {
		bool is_plain = (label[i] >= '0' && label[i] <= '9') ||
				(label[i] >= 'a' && label[i] <= 'z') ||
				(label[i] >= 'A' && label[i] <= 'Z');

		plain[i] = (char)(is_plain ? label[i] : '-');
	}
	gmtime_r(&now, &utc);
	strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &utc);
	if (getrandom(&random, sizeof(random), 0) < 0)
		random = (uint32_t)clock_now_ns(); /* O_EXCL is what keeps two apart */
	snprintf(name, size, "%s-%s-%08x.pcap", plain, when, random);
}

/* --- the file --------------------------------------------------------------------------------- */

/* All or nothing: a file that ends within a frame is read with complaints. */
static void write_buffer(struct pcap_writer *file)
{
	size_t done = 0;

	while (done < file->buffered && !file->failure) {
		ssize_t result = write(file->fd, file->buffer + done, file->buffered - done);

		if (result > 0)
			done += (size_t)result;
		else if (result < 0 && errno != EINTR)
			file->failure = errno;
	}
	if (!file->failure)
		file->written_bytes += file->buffered;
	else if (ftruncate(file->fd, (off_t)file->written_bytes) < 0)
		log_warning("%s ends within a frame: %m", file->path);
	file->dropped_frames += file->failure ? file->buffered_frames : 0;
	file->buffered = file->buffered_frames = 0;
}

static void put(struct pcap_writer *file, const void *data, size_t size)
{
	memcpy(file->buffer + file->buffered, data, size);
	file->buffered += size;
}

struct pcap_writer *pcap_writer_create(const char *directory, const char *label,
				       uint32_t snap_bytes, struct error *err)
{
	const struct pcap_header header = { .magic = PCAP_NANOSECONDS,
					    .major = 2,
					    .minor = 4,
					    .snap_bytes = snap_bytes,
					    .link_type = LINKTYPE_ETHERNET };
	int within = open_directory(directory, err), fd;
	struct pcap_writer *file;
	char name[128];

	if (within < 0)
		return NULL;
	make_name(label, name, sizeof(name));
	fd = openat(within, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		error_set_errno(err, errno, "can't make the file %s in %s", name, directory);
		close(within);
		return NULL;
	}
	file = xcalloc(1, sizeof(*file));
	file->fd = fd;
	file->path = xasprintf("%s/%s", directory, name);
	file->buffer = xcalloc(1, BUFFER_BYTES);
	put(file, &header, sizeof(header));
	if (!pcap_writer_flush(file, err)) {
		struct error ignored;

		unlinkat(within, name, 0);
		pcap_writer_close(file, &ignored);
		file = NULL;
	}
	close(within);
	return file;
}

const char *pcap_writer_path(const struct pcap_writer *file)
{
	return file->path;
}

uint64_t pcap_writer_bytes(const struct pcap_writer *file)
{
	return file->written_bytes + file->buffered;
}

void pcap_writer_add(struct pcap_writer *file, uint64_t time_ns, uint32_t frame_bytes,
		     const uint8_t *frame, uint32_t taken_bytes)
{
	const struct pcap_packet packet = { .seconds = (uint32_t)(time_ns / NS_PER_SECOND),
					    .nanoseconds = (uint32_t)(time_ns % NS_PER_SECOND),
					    .taken_bytes = taken_bytes,
					    .frame_bytes = frame_bytes };

	if (file->buffered + sizeof(packet) + taken_bytes > BUFFER_BYTES)
		write_buffer(file);
	put(file, &packet, sizeof(packet));
	put(file, frame, taken_bytes);
	file->buffered_frames++;
}

uint64_t pcap_writer_dropped(const struct pcap_writer *file)
{
	return file->dropped_frames;
}

bool pcap_writer_flush(struct pcap_writer *file, struct error *err)
{
	write_buffer(file);
	if (!file->failure)
		return true;
	return error_set_errno(err, file->failure, "can't write %s", file->path);
}

bool pcap_writer_close(struct pcap_writer *file, struct error *err)
{
	bool ok;

	if (!file)
		return true;
	ok = pcap_writer_flush(file, err);
	close(file->fd);
	free(file->path);
	free(file->buffer);
	free(file);
	return ok;
}
