/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stands between two interfaces like a long cable: every frame that arrives on one leaves by the
 * other after a fixed delay. Used where the kernel has no netem. Runs until SIGTERM or SIGINT,
 * then prints what it passed and what it could not, as one JSON line.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
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

#define FRAME_MAX 2048
#define RING_FRAMES 16384 /* at 10 ms and 1 Gbit/s some 900 are under way */
#define BATCH 64

struct frame {
	uint64_t due_ns;
	uint32_t length;
	uint8_t bytes[FRAME_MAX];
};

struct lane {
	int from, to;
	struct frame *ring;
	uint64_t head, tail; /* tail..head-1 are waiting; they only grow */
	uint64_t passed, too_long, refused;
};

static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
	stopped = signal_number;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int open_interface(const char *name)
{
	int socket_fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(name),
	};
	int size = 16 << 20, on = 1;

	if (socket_fd < 0)
		fprintf(stderr, "relay: can't open a packet socket: %s\n", strerror(errno));
	else if (!address.sll_ifindex)
		fprintf(stderr, "relay: there is no interface %s here\n", name);
	else if (setsockopt(socket_fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
		 setsockopt(socket_fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) ||
		 setsockopt(socket_fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) ||
		 bind(socket_fd, (struct sockaddr *)&address, sizeof(address)))
		fprintf(stderr, "relay: can't listen on %s: %s\n", name, strerror(errno));
	else
		return socket_fd;
	return -1;
}

/* Takes what has arrived into the ring; when the ring is full the rest waits in the socket. */
static void take(struct lane *lane, uint64_t delay_ns)
{
	struct mmsghdr messages[BATCH];
	struct iovec vectors[BATCH];
	uint64_t room = RING_FRAMES - (lane->head - lane->tail);
	unsigned int wanted = room < BATCH ? (unsigned int)room : BATCH;
	uint64_t due_ns, slot = lane->head;
	int got;

	memset(messages, 0, sizeof(messages));
	for (unsigned int i = 0; i < wanted; i++) {
		vectors[i].iov_base = lane->ring[(lane->head + i) % RING_FRAMES].bytes;
		vectors[i].iov_len = FRAME_MAX;
		messages[i].msg_hdr.msg_iov = &vectors[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	got = wanted ? recvmmsg(lane->from, messages, wanted, MSG_DONTWAIT | MSG_TRUNC, NULL) : 0;
	due_ns = now_ns() + delay_ns;
	for (int i = 0; i < got; i++, slot++) {
		struct frame *frame = &lane->ring[slot % RING_FRAMES];

		/* Length 0 keeps the slot in its place and is skipped when it is due. */
		frame->length = messages[i].msg_len <= FRAME_MAX ? messages[i].msg_len : 0;
		frame->due_ns = due_ns;
		lane->too_long += !frame->length;
	}
	lane->head = slot;
}

static void send_due(struct lane *lane, uint64_t until_ns)
{
	while (lane->tail < lane->head) {
		struct mmsghdr messages[BATCH];
		struct iovec vectors[BATCH];
		unsigned int count = 0;
		uint64_t slot = lane->tail;
		int sent = 0;

		memset(messages, 0, sizeof(messages));
		for (; slot < lane->head && count < BATCH; slot++) {
			struct frame *frame = &lane->ring[slot % RING_FRAMES];

			if (frame->due_ns > until_ns)
				break;
			if (!frame->length)
				continue;
			vectors[count].iov_base = frame->bytes;
			vectors[count].iov_len = frame->length;
			messages[count].msg_hdr.msg_iov = &vectors[count];
			messages[count++].msg_hdr.msg_iovlen = 1;
		}
		if (slot == lane->tail)
			return;
		for (unsigned int done = 0; done < count; done += (unsigned int)sent) {
			sent = sendmmsg(lane->to, messages + done, count - done, 0);
			if (sent <= 0) {
				/* The first of the rest is refused (interface down, no memory). */
				sent = 1;
				lane->refused++;
			} else {
				lane->passed += (uint64_t)sent;
			}
		}
		lane->tail = slot;
	}
}

static void relay(struct lane lanes[2], uint64_t delay_ns)
{
	struct pollfd polls[2] = {
		{ .fd = lanes[0].from, .events = POLLIN },
		{ .fd = lanes[1].from, .events = POLLIN },
	};
	sigset_t unblocked;

	sigemptyset(&unblocked);
	while (!stopped) {
		uint64_t next_ns = UINT64_MAX, now = now_ns();
		struct timespec wait = { 0 };

		for (int i = 0; i < 2; i++) {
			struct lane *lane = &lanes[i];
			bool full = lane->head - lane->tail == RING_FRAMES;

			polls[i].events = full ? 0 : POLLIN;
			if (lane->tail < lane->head) {
				uint64_t due_ns = lane->ring[lane->tail % RING_FRAMES].due_ns;

				next_ns = due_ns < next_ns ? due_ns : next_ns;
			}
		}
		if (next_ns != UINT64_MAX && next_ns > now) {
			wait.tv_sec = (time_t)((next_ns - now) / 1000000000);
			wait.tv_nsec = (long)((next_ns - now) % 1000000000);
		}
		ppoll(polls, 2, next_ns == UINT64_MAX ? NULL : &wait, &unblocked);
		for (int i = 0; i < 2; i++) {
			if (polls[i].revents & ~POLLIN)
				return; /* an interface has gone: ppoll would never wait again */
			if (polls[i].revents & POLLIN)
				take(&lanes[i], delay_ns);
			send_due(&lanes[i], now_ns());
		}
	}
}

static void report(const char *name, const struct lane *lane)
{
	struct tpacket_stats stats = { 0 };
	socklen_t size = sizeof(stats);

	getsockopt(lane->from, SOL_PACKET, PACKET_STATISTICS, &stats, &size);
	printf("\"%s\":{\"passed\":%llu,\"too_long\":%llu,\"refused\":%llu,\"overflow\":%u}", name,
	       (unsigned long long)lane->passed, (unsigned long long)lane->too_long,
	       (unsigned long long)lane->refused, stats.tp_drops);
}

int main(int argc, char **argv)
{
	struct lane lanes[2] = { 0 };
	struct sigaction action = { .sa_handler = stop };
	sigset_t blocked;
	double delay_ms;
	char *end;

	if (argc != 4) {
		fprintf(stderr, "usage: relay MILLISECONDS INTERFACE INTERFACE\n");
		return 2;
	}
	delay_ms = strtod(argv[1], &end);
	if (end == argv[1] || *end || !(delay_ms >= 0 && delay_ms <= 1000)) {
		fprintf(stderr, "relay: a delay of \"%s\" ms is not between 0 and 1000\n", argv[1]);
		return 2;
	}
	lanes[0].from = lanes[1].to = open_interface(argv[2]);
	lanes[1].from = lanes[0].to = open_interface(argv[3]);
	lanes[0].ring = calloc(RING_FRAMES, sizeof(struct frame));
	lanes[1].ring = calloc(RING_FRAMES, sizeof(struct frame));
	if (lanes[0].from < 0 || lanes[1].from < 0 || !lanes[0].ring || !lanes[1].ring)
		return 1;
	/* Signals come through only inside ppoll, so none is missed. */
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	prctl(PR_SET_TIMERSLACK, 1UL);
	relay(lanes, (uint64_t)(delay_ms * 1e6));
	printf("{");
	report(argv[2], &lanes[0]);
	printf(",");
	report(argv[3], &lanes[1]);
	printf("}\n");
	return 0;
}
