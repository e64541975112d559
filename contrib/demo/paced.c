/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A paced UDP stream with sequence numbers from one network namespace to another, sender and
 * receiver in one process, so that "lost" is a count and not a guess. Rates count Ethernet frames,
 * as HTB does. Ends after --seconds or at SIGTERM, waits for what is still queued on the way, and
 * prints one JSON line; with --samples also when how many bytes arrived.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
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
#define CATCH_UP 4 /* packets sent at once after a stall; the schedule starts afresh beyond */
#define DRAIN_NS (SECOND_NS / 2) /* no arrival for so long: nothing is on its way any more */
#define PAYLOAD_MAX 8972

struct settings {
	const char *from_netns, *to_netns, *from, *to, *samples_path;
	uint16_t port;
	uint64_t rate_bps;
	double seconds;
	uint32_t frame_bytes, bucket_ms;
};

struct stream {
	struct settings settings;
	int sender, receiver;
	uint32_t payload_bytes, headers_bytes;
	uint64_t packets_max, sent, stalls, send_errors;
	uint64_t received, reordered, duplicates;
	uint32_t overflow; /* what the receiver's own socket had no room for */
	uint8_t *seen;
	uint64_t first_ns, last_ns; /* CLOCK_REALTIME of the first and last arrival */
	uint64_t *buckets, bucket_count, samples_start_ns;
	_Atomic bool sending_done;
};

static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
	stopped = signal_number;
}

static uint64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

static bool parse_address(const char *text, uint16_t port, struct sockaddr_storage *address,
			  socklen_t *size)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;

	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		*size = sizeof(*v4);
		return true;
	}
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		*size = sizeof(*v6);
		return true;
	}
	fprintf(stderr, "paced: \"%s\" is neither an IPv4 nor an IPv6 address\n", text);
	return false;
}

/* A UDP socket that belongs to a named namespace; the process itself ends up in the last one. */
static int open_socket(const char *netns, const struct sockaddr_storage *address, socklen_t size)
{
	int on = 1, bytes = 32 << 20, namespace_fd, result;
	char path[256];

	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	namespace_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (namespace_fd < 0 || setns(namespace_fd, CLONE_NEWNET)) {
		fprintf(stderr, "paced: can't enter network namespace %s: %s\n", netns,
			strerror(errno));
		return -1;
	}
	close(namespace_fd);
	result = socket(address->ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (result < 0 || setsockopt(result, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) ||
	    setsockopt(result, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) ||
	    setsockopt(result, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) ||
	    setsockopt(result, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on)) ||
	    bind(result, (const struct sockaddr *)address, size)) {
		fprintf(stderr, "paced: can't open a UDP socket in namespace %s: %s\n", netns,
			strerror(errno));
		return -1;
	}
	return result;
}

static bool open_stream(struct stream *stream)
{
	const struct settings *settings = &stream->settings;
	struct sockaddr_storage from, to;
	socklen_t from_size, to_size;

	if (!parse_address(settings->from, 0, &from, &from_size) ||
	    !parse_address(settings->to, settings->port, &to, &to_size))
		return false;
	if (from.ss_family != to.ss_family) {
		fprintf(stderr, "paced: %s and %s are not of one family\n", settings->from,
			settings->to);
		return false;
	}
	stream->headers_bytes = 14 + (from.ss_family == AF_INET ? 20 : 40) + 8;
	stream->payload_bytes = settings->frame_bytes - stream->headers_bytes;
	stream->receiver = open_socket(settings->to_netns, &to, to_size);
	if (stream->receiver < 0)
		return false;
	/* Port 0 asked the kernel for a free one. */
	getsockname(stream->receiver, (struct sockaddr *)&to, &to_size);
	stream->sender = open_socket(settings->from_netns, &from, from_size);
	if (stream->sender < 0)
		return false;
	if (connect(stream->sender, (struct sockaddr *)&to, to_size)) {
		fprintf(stderr, "paced: no way from %s to %s: %s\n", settings->from, settings->to,
			strerror(errno));
		return false;
	}
	return true;
}

static void *send_packets(void *argument)
{
	struct stream *stream = argument;
	uint8_t payload[PAYLOAD_MAX] = { 0 };
	uint64_t gap_ns = stream->settings.frame_bytes * 8 * SECOND_NS / stream->settings.rate_bps;
	uint64_t start_ns = now_ns(CLOCK_MONOTONIC), due_ns = start_ns;
	uint64_t end_ns = start_ns + (uint64_t)(stream->settings.seconds * 1e9);

	prctl(PR_SET_TIMERSLACK, 1UL);
	while (!stopped && due_ns < end_ns && stream->sent < stream->packets_max) {
		struct timespec due = { (time_t)(due_ns / SECOND_NS), (long)(due_ns % SECOND_NS) };
		uint64_t late_ns;

		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
		memcpy(payload, &stream->sent, sizeof(stream->sent));
		if (send(stream->sender, payload, stream->payload_bytes, 0) < 0)
			stream->send_errors++; /* never left this host: not sent, not lost */
		else
			stream->sent++;
		due_ns += gap_ns;
		late_ns = now_ns(CLOCK_MONOTONIC) - due_ns;
		/* A machine that stalls must not turn a paced stream into a burst. */
		if ((int64_t)late_ns > (int64_t)(CATCH_UP * gap_ns)) {
			due_ns += late_ns;
			stream->stalls++;
		}
	}
	stream->sending_done = true;
	return NULL;
}

static void note_arrival(struct stream *stream, uint64_t sequence, uint64_t at_ns, uint32_t bytes)
{
	uint64_t bucket;

	if (sequence >= stream->packets_max)
		return; /* not one of ours */
	if (stream->seen[sequence]) {
		stream->duplicates++;
		return;
	}
	stream->seen[sequence] = 1;
	for (uint64_t next = sequence + 1; next < stream->packets_max && next <= sequence + 64;
	     next++) {
		if (stream->seen[next]) {
			stream->reordered++;
			break;
		}
	}
	stream->received++;
	stream->first_ns = stream->first_ns ? stream->first_ns : at_ns;
	stream->last_ns = at_ns;
	bucket = (at_ns - stream->samples_start_ns) / (stream->settings.bucket_ms * 1000000ull);
	if (bucket < stream->bucket_count)
		stream->buckets[bucket] += bytes;
}

static void receive_one(struct stream *stream)
{
	uint8_t payload[PAYLOAD_MAX];
	char control[256];
	struct iovec vector = { payload, sizeof(payload) };
	struct msghdr message = { .msg_iov = &vector,
				  .msg_iovlen = 1,
				  .msg_control = control,
				  .msg_controllen = sizeof(control) };
	ssize_t got = recvmsg(stream->receiver, &message, 0);
	struct timespec arrived = { 0 };
	uint64_t sequence;

	if (got < (ssize_t)sizeof(sequence))
		return;
	for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part;
	     part = CMSG_NXTHDR(&message, part)) {
		if (part->cmsg_type == SO_TIMESTAMPNS)
			memcpy(&arrived, CMSG_DATA(part), sizeof(arrived));
		else if (part->cmsg_type == SO_RXQ_OVFL)
			memcpy(&stream->overflow, CMSG_DATA(part), sizeof(stream->overflow));
	}
	memcpy(&sequence, payload, sizeof(sequence));
	note_arrival(stream, sequence,
		     (uint64_t)arrived.tv_sec * SECOND_NS + (uint64_t)arrived.tv_nsec,
		     (uint32_t)got + stream->headers_bytes);
}

/* Until all has come, or sending is over and nothing has come for a while. */
static void receive_packets(struct stream *stream)
{
	struct timeval wait = { .tv_usec = 20000 };
	uint64_t quiet_since_ns = now_ns(CLOCK_MONOTONIC);

	setsockopt(stream->receiver, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	while (!stream->sending_done || stream->received < stream->sent) {
		uint64_t before = stream->received;

		receive_one(stream);
		if (stream->received != before || !stream->sending_done)
			quiet_since_ns = now_ns(CLOCK_MONOTONIC);
		else if (now_ns(CLOCK_MONOTONIC) - quiet_since_ns > DRAIN_NS)
			break;
	}
}

static bool write_samples(const struct stream *stream)
{
	uint64_t bucket_ns = stream->settings.bucket_ms * 1000000ull;
	FILE *file = fopen(stream->settings.samples_path, "w");

	if (!file) {
		fprintf(stderr, "paced: can't write %s: %s\n", stream->settings.samples_path,
			strerror(errno));
		return false;
	}
	for (uint64_t i = 0; i < stream->bucket_count; i++) {
		uint64_t start_ns = stream->samples_start_ns + i * bucket_ns;

		if (start_ns + bucket_ns > stream->first_ns && start_ns <= stream->last_ns)
			fprintf(file, "%llu %llu\n", (unsigned long long)start_ns,
				(unsigned long long)stream->buckets[i]);
	}
	return !fclose(file);
}

static bool run(struct stream *stream)
{
	const struct settings *settings = &stream->settings;
	double seconds;
	pthread_t sender;

	stream->packets_max = (uint64_t)((double)settings->rate_bps / 8 / settings->frame_bytes *
					 settings->seconds) +
			      16;
	/* Ten seconds more than the sending takes, for what is queued. */
	stream->bucket_count = (uint64_t)((settings->seconds + 10) * 1000) / settings->bucket_ms;
	stream->seen = calloc(stream->packets_max, 1);
	stream->buckets = calloc(stream->bucket_count, sizeof(*stream->buckets));
	if (!stream->seen || !stream->buckets || !open_stream(stream))
		return false;
	stream->samples_start_ns = now_ns(CLOCK_REALTIME);
	if (pthread_create(&sender, NULL, send_packets, stream))
		return false;
	receive_packets(stream);
	pthread_join(sender, NULL);
	seconds = (double)(stream->last_ns - stream->first_ns) / 1e9;
	printf("{\"sent\":%llu,\"received\":%llu,\"lost\":%llu,\"reordered\":%llu,"
	       "\"duplicates\":%llu,\"receiver_overflow\":%u,\"send_errors\":%llu,\"stalls\":%llu,"
	       "\"rate_bps\":%.0f}\n",
	       (unsigned long long)stream->sent, (unsigned long long)stream->received,
	       (unsigned long long)(stream->sent - stream->received),
	       (unsigned long long)stream->reordered, (unsigned long long)stream->duplicates,
	       stream->overflow, (unsigned long long)stream->send_errors,
	       (unsigned long long)stream->stalls,
	       stream->received > 1
		       ? (double)(stream->received - 1) * settings->frame_bytes * 8 / seconds
		       : 0.0);
	return !settings->samples_path || write_samples(stream);
}

/* "10M", "2.5M", "500K" or plain bits a second; 0 when it is none of these. */
static uint64_t parse_rate(const char *text)
{
	char *unit;
	double rate = strtod(text, &unit);

	rate *= *unit == 'G' ? 1e9 : *unit == 'M' ? 1e6 : *unit == 'K' ? 1e3 : 1;
	if (unit == text || (*unit && (unit[1] || !strchr("GMK", *unit))) ||
	    !(rate >= 1000 && rate <= 1e11))
		return 0;
	return (uint64_t)rate;
}

static int usage(void)
{
	fprintf(stderr, "usage: paced --from-netns NS --from ADDRESS --to-netns NS --to ADDRESS\n"
			"             --rate RATE --seconds N [--frame BYTES] [--port N]\n"
			"             [--samples FILE] [--bucket-ms N]\n");
	return 2;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "from-netns", 1, NULL, 'F' }, { "from", 1, NULL, 'f' },
		{ "to-netns", 1, NULL, 'T' },	{ "to", 1, NULL, 't' },
		{ "rate", 1, NULL, 'r' },	{ "seconds", 1, NULL, 's' },
		{ "frame", 1, NULL, 'z' },	{ "port", 1, NULL, 'p' },
		{ "samples", 1, NULL, 'o' },	{ "bucket-ms", 1, NULL, 'b' },
		{ NULL, 0, NULL, 0 },
	};
	static struct stream stream = { .settings = { .frame_bytes = 1000, .bucket_ms = 10 } };
	struct settings *settings = &stream.settings;
	struct sigaction action = { .sa_handler = stop };
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'F':
			settings->from_netns = optarg;
			break;
		case 'f':
			settings->from = optarg;
			break;
		case 'T':
			settings->to_netns = optarg;
			break;
		case 't':
			settings->to = optarg;
			break;
		case 'r':
			settings->rate_bps = parse_rate(optarg);
			break;
		case 's':
			settings->seconds = strtod(optarg, NULL);
			break;
		case 'z':
			settings->frame_bytes = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 'p':
			settings->port = (uint16_t)strtoul(optarg, NULL, 10);
			break;
		case 'o':
			settings->samples_path = optarg;
			break;
		case 'b':
			settings->bucket_ms = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		default:
			return usage();
		}
	}
	if (optind != argc || !settings->from_netns || !settings->from || !settings->to_netns ||
	    !settings->to || !settings->rate_bps || !settings->bucket_ms ||
	    !(settings->seconds > 0 && settings->seconds <= 3600) || settings->frame_bytes < 80 ||
	    settings->frame_bytes > PAYLOAD_MAX)
		return usage();
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	return run(&stream) ? 0 : 1;
}
