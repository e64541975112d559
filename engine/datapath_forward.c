/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The box as a piece of cable: frames go from port to port at tc ingress, in place of a bridge. As
 * a bridge would, it makes the ports take frames for everybody.
 */
#include <errno.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "engine/base/log.h"
#include "engine/base/memory.h"
#include "engine/datapath_private.h"

static bool change_promiscuity(const struct interface *interface, bool on, bool *changed,
			       struct error *err)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = { 0 };
	bool ok;

	copy_text(request.ifr_name, sizeof(request.ifr_name), interface->name);
	ok = fd >= 0 && ioctl(fd, SIOCGIFFLAGS, &request) == 0;
	*changed = ok && !(request.ifr_flags & IFF_PROMISC) == on;
	if (*changed) {
		request.ifr_flags = (short)(request.ifr_flags ^ IFF_PROMISC);
		ok = ioctl(fd, SIOCSIFFLAGS, &request) == 0;
	}
	if (!ok)
		error_set_errno(err, errno, "can't make %s promiscuous", interface->name);
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool listen_to_all(struct datapath *datapath, int direction, struct error *err)
{
	bool changed;

	if (!change_promiscuity(&datapath->interfaces[direction], true, &changed, err))
		return false;
	if (changed)
		datapath->wiring->promiscuous |= 1u << direction;
	return true;
}

static void listen_as_before(struct datapath *datapath, int direction)
{
	struct error err;
	bool changed;

	if (!(datapath->wiring->promiscuous & 1u << direction))
		return;
	if (!change_promiscuity(&datapath->interfaces[direction], false, &changed, &err))
		log_debug("%s", err.text); /* the interface may have gone */
	datapath->wiring->promiscuous &= ~(1u << direction);
}

bool datapath_set_forwarding(struct datapath *datapath, int direction, struct error *err)
{
	const struct interface *interface = &datapath->interfaces[direction];

	if (datapath->wiring->kind < WIRING_FORWARD) {
		datapath_stop_forwarding(datapath, direction);
		return true;
	}
	return listen_to_all(datapath, direction, err) &&
	       datapath_attach_filter(datapath, interface, BPF_TC_INGRESS, PROGRAM_TC_FORWARD, err);
}

void datapath_stop_forwarding(struct datapath *datapath, int direction)
{
	if (!datapath->wiring)
		return;
	datapath_detach_filter(datapath, &datapath->interfaces[direction], BPF_TC_INGRESS,
			       PROGRAM_TC_FORWARD);
	listen_as_before(datapath, direction);
}
