/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/base/memory.h"
#include "engine/wire/line.h"

#define REPLY_LIMIT_BYTES (16u << 20)
#define BACKLOG_LIMIT_BYTES (1u << 20) /* unsent: an engine that reads nothing is as good as gone */
#define RETRY_FIRST_NS (100 * NS_PER_MS)
#define RETRY_LAST_NS (2 * NS_PER_SECOND)

struct client {
	char *path;
	const struct client_handler *handler;
	void *data;
	int fd;
	struct line_buffer input;
	char *output;
	size_t output_length, output_capacity;
	json_int_t last_id;
	uint64_t retry_at_ns, retry_after_ns;
	char trouble[400];
};

struct client *client_new(const char *path, const struct client_handler *handler, void *data)
{
	struct client *client = xcalloc(1, sizeof(*client));

	client->path = xstrdup(path);
	client->handler = handler;
	client->data = data;
	client->fd = -1;
	client->retry_after_ns = RETRY_FIRST_NS;
	line_buffer_init(&client->input, REPLY_LIMIT_BYTES);
	snprintf(client->trouble, sizeof(client->trouble), "connecting to %s", path);
	return client;
}

void client_free(struct client *client)
{
	if (!client)
		return;
	if (client->fd >= 0)
		close(client->fd);
	line_buffer_release(&client->input);
	free(client->output);
	free(client->path);
	free(client);
}

const char *client_path(const struct client *client)
{
	return client->path;
}

bool client_is_connected(const struct client *client)
{
	return client->fd >= 0;
}

const char *client_trouble(const struct client *client)
{
	return client->fd >= 0 ? NULL : client->trouble;
}

int client_fd(const struct client *client)
{
	return client->fd;
}

short client_events(const struct client *client)
{
	return client->fd < 0 ? 0 : client->output_length ? POLLIN | POLLOUT : POLLIN;
}

uint64_t client_due_ns(const struct client *client)
{
	return client->fd < 0 ? client->retry_at_ns : UINT64_MAX;
}

static void retry_later(struct client *client, uint64_t now_ns)
{
	client->retry_at_ns = now_ns + client->retry_after_ns;
	client->retry_after_ns *= 2;
	if (client->retry_after_ns > RETRY_LAST_NS)
		client->retry_after_ns = RETRY_LAST_NS;
}

static void drop(struct client *client, uint64_t now_ns)
{
	close(client->fd);
	client->fd = -1;
	client->output_length = 0;
	line_buffer_reset(&client->input);
	retry_later(client, now_ns);
	client->handler->lost(client->data);
}

/* Ends the connection for a reason of the socket's. */
static void lose(struct client *client, uint64_t now_ns, int errnum)
{
	/* A refusal that came before the end says more than the end. */
	if (!client->trouble[0]) {
		if (errnum)
			snprintf(client->trouble, sizeof(client->trouble), "%s: %s", client->path,
				 strerror(errnum));
		else
			snprintf(client->trouble, sizeof(client->trouble),
				 "the engine closed the connection at %s", client->path);
	}
	drop(client, now_ns);
}

static const char *connect_reason(int errnum)
{
	switch (errnum) {
	case ENOENT:
		return "there is no such socket, so no engine";
	case ECONNREFUSED:
		return "no engine is listening there";
	case EACCES:
		return "this user may not open it (membership in group lqos is needed)";
	case EAGAIN:
		return "the engine has too many connections waiting";
	default:
		return strerror(errnum);
	}
}

static void try_connect(struct client *client, uint64_t now_ns)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(client->path) >= sizeof(address.sun_path)) {
		snprintf(client->trouble, sizeof(client->trouble),
			 "%.200s: a socket's path has at most %zu characters", client->path,
			 sizeof(address.sun_path) - 1);
		retry_later(client, now_ns);
		return;
	}
	copy_text(address.sun_path, sizeof(address.sun_path), client->path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		snprintf(client->trouble, sizeof(client->trouble), "%s: %s", client->path,
			 connect_reason(errno));
		if (fd >= 0)
			close(fd);
		retry_later(client, now_ns);
		return;
	}
	client->fd = fd;
	client->trouble[0] = '\0';
	client->handler->connected(client->data);
}

static void flush_output(struct client *client, uint64_t now_ns)
{
	while (client->fd >= 0 && client->output_length) {
		ssize_t sent =
			send(client->fd, client->output, client->output_length, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0) {
			/* What came before the end may say why: the reading side closes. */
			if (errno != EAGAIN && errno != EPIPE && errno != ECONNRESET)
				lose(client, now_ns, errno);
			return;
		}
		client->output_length -= (size_t)sent;
		memmove(client->output, client->output + sent, client->output_length);
	}
}

/* An engine that turns us away says so in one refusal that answers no request. */
static void note_refusal(struct client *client, const json_t *message)
{
	const char *words =
		json_string_value(json_object_get(json_object_get(message, "error"), "message"));

	if (!json_is_number(json_object_get(message, "id")) && words)
		copy_text(client->trouble, sizeof(client->trouble), words);
}

static void take_lines(struct client *client, uint64_t now_ns)
{
	enum line_result result;
	char *line;
	size_t length;

	while (client->fd >= 0 &&
	       (result = line_buffer_take(&client->input, &line, &length)) != LINE_NONE) {
		json_t *message = result == LINE_READY
					  ? json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL)
					  : NULL;

		if (!json_is_object(message)) {
			json_decref(message);
			snprintf(client->trouble, sizeof(client->trouble),
				 "%s: what answers there does not speak the engine's protocol",
				 client->path);
			drop(client, now_ns);
			return;
		}
		if (json_is_true(json_object_get(message, "ok")))
			client->retry_after_ns = RETRY_FIRST_NS;
		note_refusal(client, message);
		client->handler->message(client->data, message);
		json_decref(message);
	}
}

static void read_input(struct client *client, uint64_t now_ns)
{
	char bytes[65536];

	/* A few at a time, so that keys are not kept waiting by a flood. */
	for (int i = 0; client->fd >= 0 && i < 16; i++) {
		ssize_t size = recv(client->fd, bytes, sizeof(bytes), 0);

		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0 && errno == EAGAIN)
			return;
		if (size <= 0) {
			lose(client, now_ns, size ? errno : 0);
			return;
		}
		line_buffer_feed(&client->input, bytes, (size_t)size);
		take_lines(client, now_ns);
	}
}

void client_run(struct client *client, uint64_t now_ns)
{
	if (client->fd < 0 && now_ns >= client->retry_at_ns)
		try_connect(client, now_ns);
	if (client->fd < 0)
		return;
	flush_output(client, now_ns);
	read_input(client, now_ns);
	flush_output(client, now_ns);
}

json_int_t client_request(struct client *client, const char *verb, json_t *arguments_take)
{
	json_t *request = arguments_take ? arguments_take : json_object();
	size_t length;
	char *text;

	if (client->fd < 0 || client->output_length > BACKLOG_LIMIT_BYTES) {
		json_decref(request);
		return 0;
	}
	json_object_set_new(request, "id", json_integer(++client->last_id));
	json_object_set_new(request, "verb", json_string(verb));
	text = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	if (!text)
		return 0;
	length = strlen(text);
	while (client->output_length + length + 1 > client->output_capacity) {
		client->output_capacity =
			client->output_capacity ? client->output_capacity * 2 : 4096;
		client->output = xreallocarray(client->output, client->output_capacity, 1);
	}
	memcpy(client->output + client->output_length, text, length);
	client->output_length += length;
	client->output[client->output_length++] = '\n';
	free(text);
	return client->last_id;
}
