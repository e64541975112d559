/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/netlink.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/base/memory.h"

#define SEND_BYTES (256 << 10) /* at once; larger batches gain nothing */
#define SOCKET_BUFFER_BYTES (4 << 20)
#define RECEIVE_BYTES (1 << 16)

struct netlink {
	int fd;
	uint32_t sequence;
	char *buffer; /* RECEIVE_BYTES */
};

struct message {
	struct nl_msg *message;
	size_t tag;
	uint32_t sequence;
};

struct batch {
	struct message *messages;
	size_t count, capacity;
};

static void set_option(int fd, int forced, int plain, int value)
{
	/* Forcing needs CAP_NET_ADMIN; without it the request itself will be refused in words. */
	if (setsockopt(fd, SOL_SOCKET, forced, &value, sizeof(value)) < 0)
		setsockopt(fd, SOL_SOCKET, plain, &value, sizeof(value));
}

struct netlink *netlink_open(struct error *err)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), on = 1;
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	struct netlink *netlink;

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		error_set_errno(err, errno, "can't open a netlink socket");
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	set_option(fd, SO_SNDBUFFORCE, SO_SNDBUF, SOCKET_BUFFER_BYTES);
	set_option(fd, SO_RCVBUFFORCE, SO_RCVBUF, SOCKET_BUFFER_BYTES);
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	netlink = xcalloc(1, sizeof(*netlink));
	netlink->fd = fd;
	netlink->buffer = xcalloc(1, RECEIVE_BYTES);
	return netlink;
}

void netlink_close(struct netlink *netlink)
{
	if (!netlink)
		return;
	close(netlink->fd);
	free(netlink->buffer);
	free(netlink);
}

uint32_t netlink_port(const struct netlink *netlink)
{
	struct sockaddr_nl address = { 0 };
	socklen_t size = sizeof(address);

	getsockname(netlink->fd, (struct sockaddr *)&address, &size);
	return address.nl_pid;
}

/* --- batches ---------------------------------------------------------------------------------- */

struct batch *batch_new(void)
{
	return xcalloc(1, sizeof(struct batch));
}

void batch_free(struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++)
		nlmsg_free(batch->messages[i].message);
	free(batch->messages);
	free(batch);
}

void batch_add(struct batch *batch, struct nl_msg *message, size_t tag)
{
	batch->messages =
		grow(batch->messages, batch->count, &batch->capacity, sizeof(*batch->messages));
	batch->messages[batch->count++] = (struct message){ .message = message, .tag = tag };
}

size_t batch_count(const struct batch *batch)
{
	return batch->count;
}

/* The kernel's own words in an answer, or "". See NETLINK_EXT_ACK in netlink(7). */
static const char *find_words(const struct nlmsghdr *header)
{
	const struct nlmsgerr *answer = NLMSG_DATA(header);
	size_t skip = sizeof(*answer);
	struct nlattr *words;

	if (!(header->nlmsg_flags & NLM_F_ACK_TLVS))
		return "";
	if (!(header->nlmsg_flags & NLM_F_CAPPED))
		skip += answer->msg.nlmsg_len - sizeof(answer->msg);
	words = nla_find((struct nlattr *)((char *)answer + skip),
			 (int)(header->nlmsg_len - NLMSG_HDRLEN - skip), NLMSGERR_ATTR_MSG);
	return words ? nla_get_string(words) : "";
}

static const struct message *find_sequence(const struct message *messages, size_t count,
					   uint32_t sequence)
{
	uint32_t index = sequence - messages[0].sequence;

	return index < count ? &messages[index] : NULL;
}

/* Reads answers until that of the last message, which asked for one. */
static bool read_answers(struct netlink *netlink, const struct message *messages, size_t count,
			 batch_refused *refused, void *data, struct error *err)
{
	uint32_t last = messages[count - 1].sequence;

	for (;;) {
		ssize_t size = recv(netlink->fd, netlink->buffer, RECEIVE_BYTES, 0);
		struct nlmsghdr *header = (struct nlmsghdr *)netlink->buffer;

		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0)
			return error_set_errno(err, errno, "no answer from the kernel");
		for (; NLMSG_OK(header, size); header = NLMSG_NEXT(header, size)) {
			const struct nlmsgerr *answer = NLMSG_DATA(header);
			const struct message *message =
				find_sequence(messages, count, header->nlmsg_seq);

			if (header->nlmsg_type != NLMSG_ERROR || !message)
				continue;
			if (answer->error)
				refused(data, message->tag, answer->error, find_words(header));
			if (header->nlmsg_seq == last)
				return true;
		}
	}
}

/* Sends messages[0..count), which fit into one send. */
static bool send_some(struct netlink *netlink, struct message *messages, size_t count,
		      batch_refused *refused, void *data, struct error *err)
{
	char *bytes;
	size_t size = 0, used = 0;
	bool ok;

	for (size_t i = 0; i < count; i++)
		size += NLMSG_ALIGN(nlmsg_hdr(messages[i].message)->nlmsg_len);
	bytes = xcalloc(1, size);
	for (size_t i = 0; i < count; i++) {
		struct nlmsghdr *request = nlmsg_hdr(messages[i].message);

		messages[i].sequence = request->nlmsg_seq = ++netlink->sequence;
		request->nlmsg_flags |= NLM_F_REQUEST | (i + 1 == count ? NLM_F_ACK : 0);
		memcpy(bytes + used, request, request->nlmsg_len);
		used += NLMSG_ALIGN(request->nlmsg_len);
	}
	ok = send(netlink->fd, bytes, used, 0) == (ssize_t)used;
	if (!ok)
		error_set_errno(err, errno, "can't send to the kernel");
	free(bytes);
	return ok && read_answers(netlink, messages, count, refused, data, err);
}

bool netlink_send(struct netlink *netlink, struct batch *batch, batch_refused *refused, void *data,
		  struct error *err)
{
	for (size_t from = 0, to; from < batch->count; from = to) {
		size_t bytes = 0;

		for (to = from; to < batch->count && bytes < SEND_BYTES; to++)
			bytes += NLMSG_ALIGN(nlmsg_hdr(batch->messages[to].message)->nlmsg_len);
		if (!send_some(netlink, batch->messages + from, to - from, refused, data, err))
			return false;
	}
	return true;
}

struct single {
	int error;
	char words[200];
};

static void note_refusal(void *data, size_t tag, int error, const char *words)
{
	struct single *single = data;

	single->error = error;
	copy_text(single->words, sizeof(single->words), words);
}

int netlink_request(struct netlink *netlink, struct nl_msg *message, struct error *err)
{
	struct single single = { 0 };
	struct batch *batch = batch_new();

	batch_add(batch, message, 0);
	if (!netlink_send(netlink, batch, note_refusal, &single, err))
		single.error = -EIO;
	else if (single.error && *single.words)
		error_set(err, ERROR_SYSTEM, "%s (%s)", strerror(-single.error), single.words);
	else if (single.error)
		error_set(err, ERROR_SYSTEM, "%s", strerror(-single.error));
	batch_free(batch);
	return single.error;
}

/* --- dumps ------------------------------------------------------------------------------------ */

static int fail(struct error *err, int errnum, const char *text)
{
	error_set_errno(err, errnum, "%s", text);
	return errnum ? -errnum : -EIO;
}

/* Sends a request and hands over what answers it, to the end. */
static int ask(struct netlink *netlink, struct nl_msg *request, uint16_t flags, dump_handler *each,
	       void *data, struct error *err)
{
	struct nlmsghdr *header = nlmsg_hdr(request);
	uint32_t sequence = ++netlink->sequence;
	bool sent;

	header->nlmsg_seq = sequence;
	header->nlmsg_flags |= NLM_F_REQUEST | flags;
	sent = send(netlink->fd, header, header->nlmsg_len, 0) == (ssize_t)header->nlmsg_len;
	nlmsg_free(request);
	if (!sent)
		return fail(err, errno, "can't send to the kernel");
	for (;;) {
		ssize_t size = recv(netlink->fd, netlink->buffer, RECEIVE_BYTES, 0);

		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0)
			return fail(err, errno, "the kernel's list broke off");
		header = (struct nlmsghdr *)netlink->buffer;
		for (; NLMSG_OK(header, size); header = NLMSG_NEXT(header, size)) {
			const struct nlmsgerr *answer = NLMSG_DATA(header);

			if (header->nlmsg_seq != sequence)
				continue;
			if (header->nlmsg_type == NLMSG_DONE ||
			    (header->nlmsg_type == NLMSG_ERROR && !answer->error))
				return 0;
			if (header->nlmsg_type == NLMSG_ERROR)
				return fail(err, -answer->error, "the kernel refuses to list");
			each(data, header);
		}
	}
}

bool netlink_dump(struct netlink *netlink, struct nl_msg *request, dump_handler *each, void *data,
		  struct error *err)
{
	return !ask(netlink, request, NLM_F_DUMP, each, data, err);
}

/* Older kernels answer such a request as if it were a change, told to who wants an echo. */
int netlink_get(struct netlink *netlink, struct nl_msg *request, dump_handler *each, void *data,
		struct error *err)
{
	return ask(netlink, request, NLM_F_ECHO | NLM_F_ACK, each, data, err);
}
