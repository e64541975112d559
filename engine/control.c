/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/control.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "engine/base/memory.h"
#include "engine/subscribe.h"
#include "engine/tables.h"
#include "engine/verbs.h"
#include "engine/wire/line.h"
#include "engine/wire/text.h"

#define PUSH_INTERVAL_MS 250

struct client {
	struct control *control;
	int fd;
	struct watch *watch;
	enum role role;
	char author[96];
	struct line_buffer input;
	char *output; /* not yet taken by the socket */
	size_t output_size, output_capacity;
	struct subscriptions subscriptions;
	bool closing; /* its end is gone or does not read; freed at the next occasion */
	struct client *next;
};

struct control {
	struct engine *engine;
	int fd;
	struct watch *watch, *timer;
	struct client *clients;
	unsigned int client_count;
};

/* --- who is it -------------------------------------------------------------------------------- */

static bool has_group(const gid_t *groups, size_t count, const char *name)
{
	const struct group *group = getgrnam(name);

	for (size_t i = 0; group && i < count; i++)
		if (groups[i] == group->gr_gid)
			return true;
	return false;
}

/* The role by the peer's user and groups at the time it connected (unix(7)). */
static void identify(struct client *client, const struct config *config)
{
	struct ucred peer = { .uid = (uid_t)-1 };
	socklen_t size = sizeof(peer), groups_size;
	gid_t groups[256];
	size_t count = 0;
	const struct passwd *user;

	if (getsockopt(client->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return;
	groups_size = sizeof(groups) - sizeof(groups[0]);
	if (getsockopt(client->fd, SOL_SOCKET, SO_PEERGROUPS, groups, &groups_size) == 0)
		count = groups_size / sizeof(groups[0]);
	groups[count++] = peer.gid;

	if (peer.uid == 0 || has_group(groups, count, config->admin_group))
		client->role = ROLE_ADMIN;
	else if (peer.uid == geteuid() || has_group(groups, count, config->read_group))
		client->role = ROLE_READ;
	user = getpwuid(peer.uid);
	snprintf(client->author, sizeof(client->author), "%.60s (uid %u)",
		 user ? user->pw_name : "unnamed", peer.uid);
}

/* --- output ----------------------------------------------------------------------------------- */

static void free_client(struct client *client)
{
	struct client **place = &client->control->clients;

	while (*place != client)
		place = &(*place)->next;
	*place = client->next;
	client->control->client_count--;
	watch_remove(client->watch);
	close(client->fd);
	line_buffer_release(&client->input);
	subscriptions_release(&client->subscriptions);
	free(client->output);
	free(client);
}

/* Writes what the socket takes now; the rest when it is writable again. */
static void flush(struct client *client)
{
	ssize_t sent = 1;

	while (client->output_size && sent > 0) {
		sent = send(client->fd, client->output, client->output_size,
			    MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent > 0) {
			client->output_size -= (size_t)sent;
			memmove(client->output, client->output + sent, client->output_size);
		}
	}
	if (sent < 0 && errno != EAGAIN)
		client->closing = true;
	watch_set_events(client->watch, client->output_size ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void client_send(struct client *client, json_t *message)
{
	char *text = json_dumps(message, JSON_COMPACT);
	size_t size = text ? strlen(text) : 0, wanted = client->output_size + size + 1;

	json_decref(message);
	if (!text || client->closing)
		goto out;
	if (wanted > CONTROL_BACKLOG_MAX) {
		log_warning("%s does not read its replies; connection closed", client->author);
		client->closing = true;
		goto out;
	}
	if (wanted > client->output_capacity) {
		client->output_capacity = wanted * 2;
		client->output = xreallocarray(client->output, client->output_capacity, 1);
	}
	memcpy(client->output + client->output_size, text, size);
	client->output[wanted - 1] = '\n';
	client->output_size = wanted;
	flush(client);
out:
	free(text);
}

bool client_is_idle(const struct client *client)
{
	return !client->output_size && !client->closing;
}

struct subscriptions *client_subscriptions(struct client *client)
{
	return &client->subscriptions;
}

/* --- requests --------------------------------------------------------------------------------- */

static void refuse(struct client *client, json_t *id, const struct error *err)
{
	/* The words may have been cut within a character. */
	client_send(client,
		    json_pack("{s:O, s:b, s:{s:s, s:o}}", "id", id, "ok", 0, "error", "code",
			      error_code_name(err->code), "message", wire_text(err->text)));
}

static struct request new_request(struct client *client, const json_t *args)
{
	return (struct request){ .engine = client->control->engine,
				 .client = client,
				 .role = client->role,
				 .author = client->author,
				 .args = args };
}

static void push_client(struct client *client)
{
	struct request request = new_request(client, NULL);

	subscriptions_push(&client->subscriptions, &request, clock_now_ns());
}

static bool run(struct client *client, const json_t *message, json_t **result, struct error *err)
{
	struct request request = new_request(client, message);
	const json_t *name = json_object_get(message, "verb");
	const struct verb *verb;

	if (!json_is_string(name))
		return error_set(err, ERROR_INVALID, "a request needs a \"verb\", a string");
	verb = verb_find(json_string_value(name));
	if (!verb)
		return error_set(err, ERROR_INVALID,
				 "there is no verb \"%.40s\"; lqos-control(7) lists them",
				 json_string_value(name));
	return verb_run(verb, &request, result, err);
}

static void answer_line(struct client *client, const char *line, size_t length)
{
	json_error_t reason;
	json_t *message = json_loadb(line, length, JSON_REJECT_DUPLICATES, &reason);
	json_t *id = json_object_get(message, "id"), *result = NULL;
	struct error err = { .code = ERROR_NONE };

	if (!json_is_integer(id) && !json_is_string(id))
		id = json_null();
	if (!message)
		error_set(&err, ERROR_INVALID, "not JSON: %s at column %d", reason.text,
			  reason.column);
	else if (!json_is_object(message))
		error_set(&err, ERROR_INVALID, "a request is a JSON object in one line");
	else if (run(client, message, &result, &err))
		client_send(client,
			    json_pack("{s:O, s:b, s:o}", "id", id, "ok", 1, "result", result));
	if (err.code != ERROR_NONE)
		refuse(client, id, &err);
	json_decref(message);
}

static void answer_lines(struct client *client)
{
	enum line_result taken;
	struct error err;
	size_t length;
	char *line;

	while ((taken = line_buffer_take(&client->input, &line, &length)) != LINE_NONE) {
		if (taken == LINE_READY) {
			answer_line(client, line, length);
			continue;
		}
		error_set(&err, ERROR_INVALID, "a request is longer than %d bytes",
			  CONTROL_LINE_MAX);
		refuse(client, json_null(), &err);
	}
	push_client(client); /* a new subscription gets its first update at once */
}

static void on_client(void *data, uint32_t events)
{
	struct client *client = data;
	char bytes[16384];
	ssize_t size = 0;

	if (events & EPOLLOUT)
		flush(client);
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
		size = recv(client->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (size > 0 && !client->closing) {
			line_buffer_feed(&client->input, bytes, (size_t)size);
			answer_lines(client);
		}
		if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) {
			free_client(client);
			return;
		}
	}
	if (client->closing)
		free_client(client);
}

/* --- connections ------------------------------------------------------------------------------ */

static const char *reason_to_turn_away(const struct control *control, const struct client *client)
{
	if (control->client_count > CONTROL_CLIENTS_MAX)
		return "too many connections are open";
	if (client->role == ROLE_NONE)
		return "you are neither root nor a member of the groups that may ask";
	return NULL;
}

static void on_connection(void *data, uint32_t events)
{
	struct control *control = data;
	int fd = accept4(control->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct client *client;
	const char *reason;
	struct error err;

	if (fd < 0)
		return;
	client = xcalloc(1, sizeof(*client));
	*client = (struct client){ .control = control, .fd = fd, .next = control->clients };
	control->clients = client;
	control->client_count++;
	line_buffer_init(&client->input, CONTROL_LINE_MAX);
	client->watch = loop_add_fd(control->engine->loop, fd, EPOLLIN, on_client, client);
	identify(client, &control->engine->config);
	reason = reason_to_turn_away(control, client);
	if (!reason)
		return;
	error_set(&err, ERROR_DENIED, "%s: %s", client->author, reason);
	refuse(client, json_null(), &err);
	free_client(client);
}

static void on_timer(void *data, uint32_t events)
{
	control_push(data);
}

void control_push(struct control *control)
{
	for (struct client *client = control->clients, *next; client; client = next) {
		next = client->next;
		push_client(client);
		if (client->closing)
			free_client(client);
	}
}

void control_announce_applied(struct control *control, const struct outcome *outcome,
			      const char *author, const struct plan_summary *summary)
{
	if (!control)
		return;
	for (struct client *client = control->clients; client; client = client->next)
		if (subscriptions_count(&client->subscriptions))
			client_send(client,
				    json_pack("{s:s, s:I, s:I, s:o, s:f, s:o, s:o}", "event",
					      "applied", "revision", (json_int_t)outcome->revision,
					      "epoch", (json_int_t)outcome->epoch, "author",
					      wire_text(author), "ms", outcome->apply_ms, "result",
					      wire_text(outcome->text), "summary",
					      table_summary(summary)));
}

/* --- the socket ------------------------------------------------------------------------------- */

static bool answers(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool answered = connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;

	close(fd);
	return answered;
}

static int listen_on(const char *path, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct stat status;
	int fd;

	copy_text(address.sun_path, sizeof(address.sun_path), path);
	if (answers(&address)) {
		error_set(
			err, ERROR_CONFLICT,
			"another program answers on the control socket %s; stop it or set another "
			"[control] socket",
			path);
		return -1;
	}
	if (lstat(path, &status) == 0 && !S_ISSOCK(status.st_mode)) {
		error_set(err, ERROR_CONFLICT,
			  "%s is in the way of the control socket: not a socket", path);
		return -1;
	}
	unlink(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    chmod(path, 0666) < 0 || listen(fd, CONTROL_CLIENTS_MAX) < 0) {
		error_set_errno(err, errno, "can't listen on the control socket %s", path);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

struct control *control_new(struct engine *engine, struct error *err)
{
	int fd = listen_on(engine->config.socket_path, err);
	struct control *control;

	if (fd < 0)
		return NULL;
	control = xcalloc(1, sizeof(*control));
	control->engine = engine;
	control->fd = fd;
	control->watch = loop_add_fd(engine->loop, fd, EPOLLIN, on_connection, control);
	control->timer = loop_add_timer(engine->loop, on_timer, control);
	timer_start(control->timer, PUSH_INTERVAL_MS, PUSH_INTERVAL_MS);
	return control;
}

void control_free(struct control *control)
{
	if (!control)
		return;
	while (control->clients)
		free_client(control->clients);
	watch_remove(control->timer);
	watch_remove(control->watch);
	close(control->fd);
	unlink(control->engine->config.socket_path);
	free(control);
}
