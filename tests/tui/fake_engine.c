/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An engine that is none: speaks the control protocol over a canned network, so that the console
 * can be tested without root, kernel and traffic.
 *
 *   fake_engine SOCKET [still] [hostile] [reader] [empty] [quiet] [large]
 *
 * still: numbers do not move; hostile: names that try to steer a terminal; reader: the peer may
 * only look; empty: no network at all; quiet: nothing has been measured; large: 100,000 circuits more. SIGUSR1 makes it deaf and hearing again, SIGUSR2 takes a link's carrier
 * away and brings it back. An edit above 1G is refused; the first edit of circuit 1043 finds that somebody else was faster.
 */
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "engine/wire/line.h"
#include "tests/tui/fake_replies.h"

#define CLIENTS 8
#define SUBSCRIPTIONS 8

struct subscription {
	long long number;
	char to[16];
	json_t *args;
	long long due_ms, interval_ms;
};

struct client {
	int fd;
	struct line_buffer input;
	struct subscription subscriptions[SUBSCRIPTIONS];
};

static struct client clients[CLIENTS];
static long long last_subscription;
static volatile sig_atomic_t deaf;

static void on_usr1(int number)
{
	deaf = !deaf;
}

static void on_usr2(int number)
{
	alarm_is_on = !alarm_is_on;
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* --- clients --------------------------------------------------------------------------------- */

static void hang_up(struct client *client)
{
	close(client->fd);
	line_buffer_release(&client->input);
	for (int i = 0; i < SUBSCRIPTIONS; i++)
		json_decref(client->subscriptions[i].args);
	*client = (struct client){ .fd = -1 };
}

static void send_line(struct client *client, const json_t *message)
{
	char *text = json_dumps(message, JSON_COMPACT);
	size_t length = strlen(text), sent = 0;

	text[length++] = '\n';
	while (client->fd >= 0 && sent < length) {
		ssize_t size = send(client->fd, text + sent, length - sent, MSG_NOSIGNAL);

		if (size <= 0)
			hang_up(client);
		else
			sent += (size_t)size;
	}
	free(text);
}

static void broadcast(const json_t *message)
{
	for (int i = 0; i < CLIENTS; i++)
		if (clients[i].fd >= 0 && clients[i].subscriptions[0].number)
			send_line(&clients[i], message);
}

static json_t *subscribe(struct client *client, const json_t *request, json_t **error)
{
	long long replace = integer_of(request, "replace", 0);
	const json_t *args = json_object_get(request, "args");
	const char *to = text_of(request, "to", "");
	json_t *result = run_verb(to, args, error);

	if (!result)
		return NULL;
	json_decref(result);
	for (int i = 0; i < SUBSCRIPTIONS; i++) {
		struct subscription *subscription = &client->subscriptions[i];

		if (subscription->number != replace)
			continue;
		json_decref(subscription->args);
		*subscription = (struct subscription){
			.number = replace ? replace : ++last_subscription,
			.args = json_deep_copy(args),
			.interval_ms = integer_of(request, "interval_ms", 1000),
		};
		snprintf(subscription->to, sizeof(subscription->to), "%s", to);
		return json_pack("{s:I}", "subscription", subscription->number);
	}
	return fail(error, "missing", "there is no such subscription");
}

static json_t *unsubscribe(struct client *client, const json_t *request)
{
	for (int i = 0; i < SUBSCRIPTIONS; i++) {
		if (client->subscriptions[i].number != integer_of(request, "subscription", -1))
			continue;
		json_decref(client->subscriptions[i].args);
		client->subscriptions[i] = (struct subscription){ 0 };
	}
	return json_object();
}

static void announce(const json_t *result)
{
	json_t *event = json_pack("{s:s, s:I, s:I, s:s, s:f, s:s}", "event", "applied", "revision",
				  revision, "epoch", epoch, "author", "root", "ms", 3.1, "result",
				  "applied");

	broadcast(event);
	json_decref(event);
}

static void answer(struct client *client, const char *line)
{
	json_t *request = json_loads(line, 0, NULL), *error = NULL, *result, *reply;
	const char *verb = text_of(request, "verb", "");

	if (!strcmp(verb, "subscribe"))
		result = subscribe(client, request, &error);
	else if (!strcmp(verb, "unsubscribe"))
		result = unsubscribe(client, request);
	else
		result = run_verb(verb, request, &error);
	reply = json_pack("{s:O, s:b, s:o}", "id", json_object_get(request, "id"), "ok",
			  result != NULL, result ? "result" : "error", result ? result : error);
	send_line(client, reply);
	if (result && !strcmp(verb, "circuit.set") &&
	    !json_is_true(json_object_get(request, "dry_run")))
		announce(result);
	json_decref(reply);
	json_decref(request);
}

static void read_client(struct client *client)
{
	char bytes[4096], *line;
	ssize_t size = recv(client->fd, bytes, sizeof(bytes), 0);

	if (size <= 0) {
		hang_up(client);
		return;
	}
	line_buffer_feed(&client->input, bytes, (size_t)size);
	while (client->fd >= 0 && line_buffer_take(&client->input, &line, NULL) == LINE_READY)
		answer(client, line);
}

static void push(struct client *client)
{
	for (int i = 0; i < SUBSCRIPTIONS && client->fd >= 0; i++) {
		struct subscription *subscription = &client->subscriptions[i];
		json_t *error = NULL, *message;

		if (!subscription->number || now_ms() < subscription->due_ms)
			continue;
		subscription->due_ms = now_ms() + subscription->interval_ms;
		message = json_pack("{s:s, s:I, s:o}", "event", "update", "subscription",
				    subscription->number, "result",
				    run_verb(subscription->to, subscription->args, &error));
		send_line(client, message);
		json_decref(message);
	}
}

static void accept_client(int listener)
{
	for (int i = 0; i < CLIENTS; i++) {
		if (clients[i].fd >= 0)
			continue;
		clients[i] = (struct client){ .fd = accept(listener, NULL, NULL) };
		line_buffer_init(&clients[i].input, 65536);
		return;
	}
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 8)) {
		perror(path);
		exit(1);
	}
	return fd;
}

static void serve(int listener)
{
	long long next_ms = now_ms();

	for (;;) {
		struct pollfd fds[CLIENTS + 1] = { { .fd = listener, .events = POLLIN } };

		for (int i = 0; i < CLIENTS; i++)
			fds[i + 1] = (struct pollfd){ .fd = clients[i].fd, .events = POLLIN };
		if (poll(fds, CLIENTS + 1, 20) < 0 && errno != EINTR)
			return;
		if (deaf)
			continue;
		if (fds[0].revents & POLLIN)
			accept_client(listener);
		for (int i = 0; i < CLIENTS; i++) {
			if (clients[i].fd >= 0 && fds[i + 1].fd == clients[i].fd &&
			    (fds[i + 1].revents & (POLLIN | POLLHUP)))
				read_client(&clients[i]);
			if (clients[i].fd >= 0)
				push(&clients[i]);
		}
		if (now_ms() >= next_ms) {
			next_ms += 1000;
			ticks++;
		}
	}
}

int main(int argc, char **argv)
{
	bool empty = false, large = false;

	if (argc < 2)
		return 2;
	for (int i = 2; i < argc; i++) {
		still |= !strcmp(argv[i], "still");
		hostile |= !strcmp(argv[i], "hostile");
		reader |= !strcmp(argv[i], "reader");
		quiet |= !strcmp(argv[i], "quiet");
		empty |= !strcmp(argv[i], "empty");
		large |= !strcmp(argv[i], "large");
	}
	for (int i = 0; i < CLIENTS; i++)
		clients[i].fd = -1;
	signal(SIGUSR1, on_usr1);
	signal(SIGUSR2, on_usr2);
	if (!empty)
		make_network();
	if (large)
		make_large();
	serve(listen_at(argv[1]));
	return 1;
}
