/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many paced UDP streams at once, each numbered, between customers and one server: what `paced` is
 * for one. Reads a line a stream: "ADDRESS down|up RATE_BPS FRAME_BYTES". Sends for --seconds, waits
 * until nothing comes any more, and writes a line a stream: "ADDRESS down|up SENT RECEIVED".
 * Rates count Ethernet frames.
 *
 * usage: crowd ACCESS_NETNS INTERNET_NETNS SERVER SECONDS <streams
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECOND_NS 1000000000ull
#define TICK_NS 500000ull
#define CATCH_UP                                                                                   \
	1 /* packets of a stream at once after a stall; its schedule starts afresh beyond */
#define QUIET_NS (2 * SECOND_NS) /* no arrival for so long: nothing is on its way any more */
#define HEADERS_BYTES (14 + 20 + 8)
#define FRAME_MAX 1514
#define STREAMS_MAX 20000
#define BATCH 64
#define PORT 7007

enum way { DOWN, UP, WAYS };
static const char *const way_names[WAYS] = { "down", "up" };

struct stream {
	struct in_addr address;
	enum way way;
	uint32_t frame_bytes;
	uint64_t gap_ns, due_ns;
	uint64_t sent, received;
};

struct packet {
	uint32_t stream;
	uint8_t padding[FRAME_MAX - HEADERS_BYTES - sizeof(uint32_t)];
};

/* One direction: a thread that sends, a thread that receives. */
struct side {
	enum way way;
	int sender, receiver;
	struct sockaddr_in server;
	pthread_t sending, receiving;
};

static struct stream streams[STREAMS_MAX];
static uint32_t stream_count;
static uint64_t end_ns;
static _Atomic bool done;

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

/* A UDP socket of a named namespace; the process ends up in the last one. */
static int open_socket(const char *netns, const struct sockaddr_in *address)
{
	int bytes = 64 << 20, fd, namespace_fd;
	char path[256];

	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	namespace_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (namespace_fd < 0 || setns(namespace_fd, CLONE_NEWNET)) {
		perror(path);
		exit(1);
	}
	close(namespace_fd);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) ||
	    bind(fd, (const struct sockaddr *)address, sizeof(*address))) {
		perror("crowd: socket");
		exit(1);
	}
	return fd;
}

static bool read_streams(void)
{
	char address[64], way[8];
	unsigned long long rate_bps;
	unsigned int frame_bytes;

	while (scanf("%63s %7s %llu %u", address, way, &rate_bps, &frame_bytes) == 4) {
		struct stream *stream = &streams[stream_count];

		if (stream_count == STREAMS_MAX || !rate_bps || frame_bytes > FRAME_MAX ||
		    frame_bytes < HEADERS_BYTES + sizeof(uint32_t) ||
		    inet_pton(AF_INET, address, &stream->address) != 1)
			return false;
		stream->way = strcmp(way, way_names[UP]) ? DOWN : UP;
		stream->frame_bytes = frame_bytes;
		stream->gap_ns = frame_bytes * 8ull * SECOND_NS / rate_bps;
		stream_count++;
	}
	return feof(stdin) && stream_count;
}

/* Messages that wait to be sent together. */
struct outbox {
	struct mmsghdr messages[BATCH];
	struct sockaddr_in to[BATCH];
	struct iovec vectors[BATCH];
	struct packet packets[BATCH];
	_Alignas(struct cmsghdr) char control[BATCH][CMSG_SPACE(sizeof(struct in_pktinfo))];
	unsigned int count;
};

static void flush(const struct side *side, struct outbox *outbox)
{
	unsigned int sent = 0;

	while (sent < outbox->count) {
		int result =
			sendmmsg(side->sender, outbox->messages + sent, outbox->count - sent, 0);

		for (int i = 0; i < result; i++) /* what did not leave this host is not lost */
			streams[outbox->packets[sent + (unsigned int)i].stream].sent++;
		sent += result > 0 ? (unsigned int)result : 1;
	}
	outbox->count = 0;
}

/* To the customer; or, as if from it, to the server. */
static void put(const struct side *side, struct outbox *outbox, uint32_t index)
{
	const struct stream *stream = &streams[index];
	unsigned int at = outbox->count++;
	struct msghdr *header = &outbox->messages[at].msg_hdr;

	outbox->packets[at].stream = index;
	outbox->to[at] = side->server;
	outbox->vectors[at] =
		(struct iovec){ &outbox->packets[at], stream->frame_bytes - HEADERS_BYTES };
	*header = (struct msghdr){ .msg_name = &outbox->to[at],
				   .msg_namelen = sizeof(outbox->to[at]),
				   .msg_iov = &outbox->vectors[at],
				   .msg_iovlen = 1 };
	if (side->way == DOWN) {
		outbox->to[at].sin_addr = stream->address;
	} else {
		struct in_pktinfo from = { .ipi_spec_dst = stream->address };
		struct cmsghdr *part;

		header->msg_control = outbox->control[at];
		header->msg_controllen = sizeof(outbox->control[at]);
		part = CMSG_FIRSTHDR(header);
		part->cmsg_level = IPPROTO_IP;
		part->cmsg_type = IP_PKTINFO;
		part->cmsg_len = CMSG_LEN(sizeof(from));
		memcpy(CMSG_DATA(part), &from, sizeof(from));
	}
	if (outbox->count == BATCH)
		flush(side, outbox);
}

static void *send_all(void *argument)
{
	static struct outbox outboxes[WAYS];
	const struct side *side = argument;
	struct outbox *outbox = &outboxes[side->way];
	uint64_t tick_ns = now_ns();

	prctl(PR_SET_TIMERSLACK, 1UL);
	for (uint32_t i = 0; i < stream_count; i++) /* not all at once */
		streams[i].due_ns =
			streams[i].way == side->way
				? tick_ns + (i * 7919ull) % 1000 * streams[i].gap_ns / 1000
				: streams[i].due_ns;
	for (uint64_t now = tick_ns; now < end_ns; now = now_ns()) {
		struct timespec next;

		for (uint32_t i = 0; i < stream_count; i++) {
			struct stream *stream = &streams[i];

			if (stream->way != side->way)
				continue;
			if (stream->due_ns + CATCH_UP * stream->gap_ns < now)
				stream->due_ns = now;
			for (; stream->due_ns <= now; stream->due_ns += stream->gap_ns)
				put(side, outbox, i);
		}
		flush(side, outbox);
		tick_ns += TICK_NS;
		if (tick_ns < now)
			tick_ns = now;
		next = (struct timespec){ (time_t)(tick_ns / SECOND_NS),
					  (long)(tick_ns % SECOND_NS) };
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
	}
	return NULL;
}

static void *receive_all(void *argument)
{
	const struct side *side = argument;
	struct timeval wait = { .tv_usec = 100000 };
	struct mmsghdr messages[BATCH] = { 0 };
	struct iovec vectors[BATCH];
	uint32_t indices[BATCH];
	uint64_t arrival_ns = now_ns();

	setsockopt(side->receiver, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	for (int i = 0; i < BATCH; i++) {
		vectors[i] = (struct iovec){ &indices[i], sizeof(indices[i]) };
		messages[i].msg_hdr.msg_iov = &vectors[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	while (!done || now_ns() - arrival_ns < QUIET_NS) {
		int got = recvmmsg(side->receiver, messages, BATCH, MSG_WAITFORONE, NULL);

		for (int i = 0; i < got; i++)
			if (indices[i] < stream_count && streams[indices[i]].way == side->way)
				streams[indices[i]].received++;
		if (got > 0)
			arrival_ns = now_ns();
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct side sides[WAYS] = { { .way = DOWN }, { .way = UP } };
	struct sockaddr_in anybody = { .sin_family = AF_INET, .sin_port = htons(PORT) };

	if (argc != 5 || inet_pton(AF_INET, argv[3], &sides[UP].server.sin_addr) != 1 ||
	    !read_streams()) {
		fprintf(stderr,
			"usage: crowd ACCESS_NETNS INTERNET_NETNS SERVER SECONDS <streams\n");
		return 2;
	}
	/* A socket for each namespace: what one side sends, the other receives. */
	sides[DOWN].receiver = sides[UP].sender = open_socket(argv[1], &anybody);
	sides[UP].receiver = sides[DOWN].sender = open_socket(argv[2], &anybody);
	end_ns = now_ns() + (uint64_t)(strtod(argv[4], NULL) * 1e9);
	for (int way = 0; way < WAYS; way++) {
		sides[way].server.sin_family = AF_INET;
		sides[way].server.sin_port = htons(PORT);
		pthread_create(&sides[way].receiving, NULL, receive_all, &sides[way]);
		pthread_create(&sides[way].sending, NULL, send_all, &sides[way]);
	}
	for (int way = 0; way < WAYS; way++)
		pthread_join(sides[way].sending, NULL);
	done = true;
	for (int way = 0; way < WAYS; way++)
		pthread_join(sides[way].receiving, NULL);
	for (uint32_t i = 0; i < stream_count; i++)
		printf("%s %s %llu %llu\n", inet_ntoa(streams[i].address),
		       way_names[streams[i].way], (unsigned long long)streams[i].sent,
		       (unsigned long long)streams[i].received);
	return 0;
}
