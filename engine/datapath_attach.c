/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs onto interfaces and off again: XDP by pinned links, tc by clsact egress, the counting of
 * drops by pinned tracepoint links.
 */
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "engine/base/log.h"
#include "engine/base/memory.h"
#include "engine/datapath_private.h"

#define TC_HANDLE 1
#define TC_PRIORITY 1
#define CPU_QUEUE_PACKETS 2048 /* 512 overflows at a few Gbit/s */

static const char *const link_names[DIRECTIONS] = { "link_access", "link_internet" };
static const char *const drop_link_names[] = { "link_enqueue", "link_kthread" };

static uint32_t program_id(int fd)
{
	struct bpf_prog_info info = { 0 };
	uint32_t size = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &size) ? 0 : info.id;
}

/* On a stick there is one port; else one for each direction to leave by. */
static int port_count(const struct datapath *datapath)
{
	return datapath->wiring->kind == WIRING_STICK ? 1 : DIRECTIONS;
}

static enum program_index xdp_program(const struct datapath *datapath, int direction)
{
	if (datapath->wiring->kind == WIRING_STICK)
		return PROGRAM_XDP_STICK;
	return (enum program_index)(PROGRAM_XDP_ACCESS + direction);
}

static enum program_index tc_program(const struct datapath *datapath, int direction)
{
	if (datapath->wiring && datapath->wiring->kind == WIRING_STICK)
		return PROGRAM_TC_STICK;
	return (enum program_index)(PROGRAM_TC_ACCESS + direction);
}

/* --- XDP -------------------------------------------------------------------------------------- */

/* The pinned link if it is still on this interface; -1 when there is none. */
static int find_link(const struct datapath *datapath, int direction, int ifindex)
{
	struct bpf_link_info info = { 0 };
	uint32_t size = sizeof(info);
	char path[256];
	int fd;

	datapath_path(datapath, link_names[direction], path);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return -1;
	if (bpf_obj_get_info_by_fd(fd, &info, &size) == 0 && (int)info.xdp.ifindex == ifindex)
		return fd;
	close(fd);
	return -1;
}

/* The same; the pin of a link whose interface has gone goes too. */
static int open_link(const struct datapath *datapath, int direction, int ifindex)
{
	int fd = find_link(datapath, direction, ifindex);
	char path[256];

	if (fd >= 0)
		return fd;
	datapath_path(datapath, link_names[direction], path);
	unlink(path);
	return -1;
}

static bool update_link(const struct datapath *datapath, int link, int direction, struct error *err)
{
	int program = datapath->program[xdp_program(datapath, direction)];
	struct bpf_link_info info = { 0 };
	uint32_t size = sizeof(info);

	if (bpf_obj_get_info_by_fd(link, &info, &size) == 0 && info.prog_id == program_id(program))
		return true;
	if (bpf_link_update(link, program, NULL) == 0)
		return true;
	return error_set_errno(err, errno, "can't replace the XDP program of %s",
			       datapath->interfaces[direction].name);
}

static const char *explain_xdp(int error)
{
	switch (error) {
	case EBUSY:
	case EEXIST:
		return "another XDP program is on it (ip link set dev ... xdp off removes it)";
	case ENOSPC:
		return "its peer has more transmit queues than it has receive queues";
	case ERANGE:
		return "its MTU is too large for native XDP";
	case EOPNOTSUPP:
		return "its driver has no native XDP ([datapath] generic = yes allows the slower "
		       "generic mode)";
	default:
		return strerror(error);
	}
}

static bool attach_xdp(struct datapath *datapath, int direction, struct error *err)
{
	const struct interface *interface = &datapath->interfaces[direction];
	int program = datapath->program[xdp_program(datapath, direction)];
	int link = open_link(datapath, direction, interface->ifindex);
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = XDP_FLAGS_DRV_MODE);
	char path[256];
	bool ok;

	if (link >= 0) {
		ok = update_link(datapath, link, direction, err);
		close(link);
		return ok;
	}
	link = bpf_link_create(program, interface->ifindex, BPF_XDP, &options);
	if (link < 0 && datapath->settings.generic_allowed && errno != EBUSY) {
		log_warning("%s: native XDP refused (%s); generic mode is used", interface->name,
			    explain_xdp(errno));
		options.flags = XDP_FLAGS_SKB_MODE;
		link = bpf_link_create(program, interface->ifindex, BPF_XDP, &options);
	}
	if (link < 0)
		return error_set(err, ERROR_SYSTEM, "can't attach XDP to %s: %s", interface->name,
				 explain_xdp(errno));
	datapath_path(datapath, link_names[direction], path);
	ok = bpf_obj_pin(link, path) == 0;
	if (!ok)
		error_set_errno(err, errno, "can't pin %s", path);
	close(link);
	return ok;
}

static enum xdp_mode read_mode(int ifindex)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);

	if (bpf_xdp_query(ifindex, 0, &query))
		return XDP_MODE_NONE;
	switch (query.attach_mode) {
	case XDP_ATTACHED_DRV:
	case XDP_ATTACHED_HW:
		return XDP_MODE_NATIVE;
	case XDP_ATTACHED_SKB:
		return XDP_MODE_GENERIC;
	default:
		return XDP_MODE_NONE;
	}
}

bool datapath_check_ports(const char *pin_dir, const struct interface interfaces[DIRECTIONS],
			  struct error *err)
{
	struct datapath datapath = { 0 };

	copy_text(datapath.pin_dir, sizeof(datapath.pin_dir), pin_dir);
	for (int d = 0; d < DIRECTIONS; d++) {
		int link = find_link(&datapath, d, interfaces[d].ifindex);

		if (link >= 0)
			close(link);
		else if (read_mode(interfaces[d].ifindex) != XDP_MODE_NONE &&
			 (!d || interfaces[d].ifindex != interfaces[0].ifindex))
			return error_set(err, ERROR_SYSTEM, "can't attach XDP to %s: %s",
					 interfaces[d].name, explain_xdp(EBUSY));
	}
	return true;
}

/* Generic mode loses the verdict on the way through a cpumap: then no CPU has an entry, and
 * packets stay where they arrived. */
static bool fill_cpumap(const struct datapath *datapath, struct error *err)
{
	bool native = datapath->status.mode[DOWNLOAD] == XDP_MODE_NATIVE &&
		      datapath->status.mode[UPLOAD] == XDP_MODE_NATIVE;
	long online = sysconf(_SC_NPROCESSORS_ONLN);

	for (uint32_t cpu = 0; cpu < datapath->entries[MAP_CPUS] && cpu < (uint32_t)online; cpu++) {
		struct bpf_cpumap_val value = { .qsize = CPU_QUEUE_PACKETS }, there = { 0 };

		if (!native) {
			bpf_map_delete_elem(datapath->map[MAP_CPUS], &cpu);
			continue;
		}
		/* An entry that is there stays: replacing it would lose what is in its queue. */
		if (bpf_map_lookup_elem(datapath->map[MAP_CPUS], &cpu, &there) == 0 &&
		    there.qsize == CPU_QUEUE_PACKETS)
			continue;
		if (bpf_map_update_elem(datapath->map[MAP_CPUS], &cpu, &value, BPF_ANY))
			return error_set_errno(err, errno, "can't steer packets to CPU %u", cpu);
	}
	return true;
}

/* --- tc --------------------------------------------------------------------------------------- */

bool datapath_attach_filter(struct datapath *datapath, const struct interface *interface,
			    enum bpf_tc_attach_point point, enum program_index index,
			    struct error *err)
{
	int program = datapath->program[index];
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = interface->ifindex, .attach_point = point);
	LIBBPF_OPTS(bpf_tc_opts, query, .handle = TC_HANDLE, .priority = TC_PRIORITY);
	LIBBPF_OPTS(bpf_tc_opts, options, .handle = TC_HANDLE, .priority = TC_PRIORITY,
		    .prog_fd = program, .flags = BPF_TC_F_REPLACE);
	int result;

	if (bpf_tc_query(&hook, &query) == 0 && query.prog_id == program_id(program))
		return true;
	result = bpf_tc_attach(&hook, &options);
	if (result)
		return error_set_errno(err, result, "can't attach the tc program to %s",
				       interface->name);
	return true;
}

void datapath_detach_filter(const struct datapath *datapath, const struct interface *interface,
			    enum bpf_tc_attach_point point, enum program_index index)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = interface->ifindex, .attach_point = point);
	LIBBPF_OPTS(bpf_tc_opts, query, .handle = TC_HANDLE, .priority = TC_PRIORITY);
	LIBBPF_OPTS(bpf_tc_opts, options, .handle = TC_HANDLE, .priority = TC_PRIORITY);
	int program = datapath->program[index];

	if (program >= 0 && bpf_tc_query(&hook, &query) == 0 &&
	    query.prog_id == program_id(program))
		bpf_tc_detach(&hook, &options);
}

static bool attach_tc(struct datapath *datapath, int direction, struct error *err)
{
	const struct interface *interface = &datapath->interfaces[direction];
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = interface->ifindex,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	int result = bpf_tc_hook_create(&hook);

	if (result == 0)
		datapath->epochs->clsact_made |= 1u << direction;
	else if (result != -EEXIST)
		return error_set_errno(err, result, "can't make clsact on %s", interface->name);
	return datapath_attach_filter(datapath, interface, BPF_TC_EGRESS,
				      tc_program(datapath, direction), err);
}

/* Takes our filters off, and the clsact if it came with us. */
static void detach_tc(struct datapath *datapath, int direction)
{
	const struct interface *interface = &datapath->interfaces[direction];
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = interface->ifindex,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);

	datapath_stop_forwarding(datapath, direction);
	datapath_detach_filter(datapath, interface, BPF_TC_EGRESS, tc_program(datapath, direction));
	if (datapath->epochs && datapath->epochs->clsact_made & 1u << direction)
		bpf_tc_hook_destroy(&hook);
}

/* --- lost on the way to a CPU ----------------------------------------------------------------- */

static void attach_drop_counters(struct datapath *datapath)
{
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof(info);

	if (bpf_obj_get_info_by_fd(datapath->map[MAP_CPUS], &info, &size) == 0)
		datapath->epochs->cpumap_id = info.id;
	for (int i = 0; i < 2; i++) {
		int program = datapath->program[PROGRAM_ENQUEUE_DROPS + i], link;
		char path[256];

		datapath_path(datapath, drop_link_names[i], path);
		if (program < 0 || (access(path, F_OK) == 0 && !datapath->status.program_replaced))
			continue;
		unlink(path);
		link = bpf_raw_tracepoint_open(NULL, program);
		if (link < 0 || bpf_obj_pin(link, path))
			log_warning("packets lost on the way to a CPU are not counted: %s",
				    strerror(errno));
		if (link >= 0)
			close(link);
	}
}

/* --- all together ----------------------------------------------------------------------------- */

static void undo(struct datapath *datapath, const bool was_on[DIRECTIONS])
{
	for (int d = 0; d < port_count(datapath); d++) {
		char path[256];

		if (was_on[d])
			continue;
		datapath_path(datapath, link_names[d], path);
		unlink(path); /* the link's last reference: its program goes with it */
		detach_tc(datapath, d);
	}
}

static void take_wiring(struct datapath *datapath)
{
	const struct wiring *wanted = &datapath->settings.wiring;
	struct wiring *there = datapath->wiring;

	for (int d = 0; d < DIRECTIONS; d++) {
		there->ifindex[d] = (uint32_t)datapath->interfaces[d].ifindex;
		there->vlan[d] = wanted->vlan[d];
		there->queue_base[d] = datapath->interfaces[d].queue_base;
	}
	there->queues = wanted->queues;
	there->kind = wanted->kind;
}

bool datapath_attach(struct datapath *datapath, const struct interface interfaces[DIRECTIONS],
		     struct error *err)
{
	bool was_on[DIRECTIONS] = { false }, ok;
	int ports;

	memcpy(datapath->interfaces, interfaces, sizeof(datapath->interfaces));
	take_wiring(datapath);
	ports = port_count(datapath);
	for (int d = 0; d < ports; d++) {
		int link = open_link(datapath, d, interfaces[d].ifindex);

		was_on[d] = link >= 0;
		if (link >= 0)
			close(link);
	}
	attach_drop_counters(datapath);
	ok = true;
	/* tc first: it classifies by itself what has no verdict yet. */
	for (int d = 0; d < ports && ok; d++)
		ok = attach_tc(datapath, d, err);
	for (int d = 0; d < ports && ok; d++)
		ok = attach_xdp(datapath, d, err);
	for (int d = 0; d < DIRECTIONS; d++)
		datapath->status.mode[d] = read_mode(interfaces[d].ifindex);
	ok = ok && fill_cpumap(datapath, err);
	for (int d = 0; d < ports && ok; d++)
		ok = datapath_set_forwarding(datapath, d, err);
	if (!ok)
		undo(datapath, was_on);
	return ok;
}

bool datapath_detach(const char *pin_dir, const struct interface interfaces[DIRECTIONS],
		     struct error *err)
{
	struct datapath datapath = { .lock = -1 };

	copy_text(datapath.pin_dir, sizeof(datapath.pin_dir), pin_dir);
	memcpy(datapath.interfaces, interfaces, sizeof(datapath.interfaces));
	if (access(pin_dir, F_OK) < 0)
		return true;
	datapath_open_for_detach(&datapath);
	for (int d = 0; d < DIRECTIONS; d++)
		detach_tc(&datapath, d);
	datapath_close_descriptors(&datapath);
	datapath_empty_pins(pin_dir);
	if (rmdir(pin_dir) < 0)
		return error_set_errno(err, errno, "can't remove the pin directory %s", pin_dir);
	return true;
}
