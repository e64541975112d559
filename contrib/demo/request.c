/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sends lines to the engine's control socket and prints a reply line for each: the lines are the
 * arguments, or come from standard input. With --stamp every reply is preceded by the wall clock
 * (ns) of its request's sending and of its own arrival; with --interval-ms requests are spaced out.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define REPLY_LIMIT_MS 10000

struct connection {
	FILE *replies;
	int socket_fd;
	bool stamp;
	uint64_t interval_ns, due_ns;
};

static uint64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int result = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct timeval limit = { .tv_sec = REPLY_LIMIT_MS / 1000 };

	if (strlen(path) >= sizeof(address.sun_path)) {
		fprintf(stderr, "request: the path %s is too long for a socket\n", path);
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path));
	if (result < 0 || connect(result, (struct sockaddr *)&address, sizeof(address))) {
		fprintf(stderr, "request: can't connect to %s: %s\n", path, strerror(errno));
		return -1;
	}
	setsockopt(result, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	return result;
}

static bool send_line(int socket_fd, const char *line)
{
	size_t length = strlen(line);

	while (length > 0) {
		ssize_t sent = send(socket_fd, line, length, MSG_NOSIGNAL);

		if (sent < 0)
			return false;
		line += sent;
		length -= (size_t)sent;
	}
	return send(socket_fd, "\n", 1, MSG_NOSIGNAL) == 1;
}

/* One request, one reply; false when the engine has gone or is silent. */
static bool ask(struct connection *connection, const char *line)
{
	struct timespec due = { (time_t)(connection->due_ns / 1000000000),
				(long)(connection->due_ns % 1000000000) };
	char *reply = NULL;
	size_t size = 0;
	uint64_t sent_ns;
	bool answered;

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
	connection->due_ns += connection->interval_ns;
	sent_ns = now_ns(CLOCK_REALTIME);
	answered = send_line(connection->socket_fd, line) &&
		   getline(&reply, &size, connection->replies) > 0;
	if (!answered) {
		fprintf(stderr, "request: no reply within %d s, or the connection was closed\n",
			REPLY_LIMIT_MS / 1000);
	} else {
		if (connection->stamp)
			printf("%llu %llu ", (unsigned long long)sent_ns,
			       (unsigned long long)now_ns(CLOCK_REALTIME));
		fputs(reply, stdout);
		fflush(stdout);
	}
	free(reply);
	return answered;
}

static bool ask_lines(struct connection *connection, FILE *file)
{
	char *line = NULL;
	size_t size = 0;
	bool answered = true;

	while (answered && getline(&line, &size, file) > 0) {
		line[strcspn(line, "\n")] = 0;
		answered = ask(connection, line);
	}
	free(line);
	return answered;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "stamp", 0, NULL, 's' },
		{ "interval-ms", 1, NULL, 'i' },
		{ NULL, 0, NULL, 0 },
	};
	struct connection connection = { .due_ns = now_ns(CLOCK_MONOTONIC) };
	bool answered = true;
	int option;

	while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		if (option == 's')
			connection.stamp = true;
		else if (option == 'i')
			connection.interval_ns = (uint64_t)(strtod(optarg, NULL) * 1e6);
		else
			optind = argc; /* getopt has named what is wrong */
	}
	if (optind >= argc) {
		fprintf(stderr, "usage: request [--stamp] [--interval-ms N] SOCKET [JSON...]\n");
		return 2;
	}
	connection.socket_fd = connect_to(argv[optind]);
	if (connection.socket_fd < 0)
		return 1;
	connection.replies = fdopen(connection.socket_fd, "r");
	if (!connection.replies)
		return 1;
	if (optind + 1 == argc)
		answered = ask_lines(&connection, stdin);
	for (int i = optind + 1; i < argc && answered; i++)
		answered = ask(&connection, argv[i]);
	return answered ? 0 : 1;
}
