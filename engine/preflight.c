/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/preflight.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/base/log.h"
#include "engine/base/memory.h"

static void warn(struct preflight *preflight, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void warn(struct preflight *preflight, const char *format, ...)
{
	char text[400];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	preflight->warnings = grow(preflight->warnings, preflight->count, &preflight->capacity,
				   sizeof(*preflight->warnings));
	preflight->warnings[preflight->count++] = xstrdup(text);
}

void preflight_release(struct preflight *preflight)
{
	for (size_t i = 0; i < preflight->count; i++)
		free(preflight->warnings[i]);
	free(preflight->warnings);
	*preflight = (struct preflight){ 0 };
}

/* --- warnings --------------------------------------------------------------------------------- */

static uint32_t read_flags(const struct interface *interface)
{
	struct ethtool_value value = { .cmd = ETHTOOL_GFLAGS };
	struct ifreq request = { .ifr_data = (char *)&value };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	copy_text(request.ifr_name, sizeof(request.ifr_name), interface->name);
	if (fd < 0)
		return 0;
	if (ioctl(fd, SIOCETHTOOL, &request) < 0)
		value.data = 0;
	close(fd);
	return value.data;
}

static bool is_virtual(const struct interface *interface)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq request = { .ifr_data = (char *)&info };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool veth;

	copy_text(request.ifr_name, sizeof(request.ifr_name), interface->name);
	veth = fd >= 0 && ioctl(fd, SIOCETHTOOL, &request) == 0 && !strcmp(info.driver, "veth");
	if (fd >= 0)
		close(fd);
	return veth;
}

static void check_interface(const struct interface *interface, struct preflight *preflight)
{
	uint32_t flags = read_flags(interface);
	const char *name = interface->name;

	if (interface->link == LINK_DOWN)
		warn(preflight, "%s is down: nothing is forwarded until: ip link set %s up", name,
		     name);
	if (interface->link == LINK_NO_CARRIER)
		warn(preflight, "%s has no carrier: nothing is forwarded until its other end is up",
		     name);
	/* A veth has no hardware that strips: the flag says nothing there. */
	if (flags & ETH_FLAG_RXVLAN && !is_virtual(interface))
		warn(preflight,
		     "%s strips VLAN tags on receive, which hides them from XDP: ethtool -K %s "
		     "rxvlan "
		     "off",
		     name, name);
	if (flags & ETH_FLAG_LRO)
		warn(preflight,
		     "%s merges packets in hardware (LRO), which breaks forwarding and native XDP: "
		     "ethtool -K %s lro off",
		     name, name);
	if (interface->rx_queues == 1)
		warn(preflight,
		     "%s has one receive queue: one CPU receives everything; give it more with: "
		     "ethtool -L %s combined N. With PPPoE most NICs use only one queue anyway: "
		     "their "
		     "hash does not look behind the PPPoE header",
		     name, name);
}

static void check_bridge(const struct interface interfaces[DIRECTIONS], struct preflight *preflight)
{
	const struct interface *access = &interfaces[DOWNLOAD], *internet = &interfaces[UPLOAD];

	if (!access->master || access->master != internet->master)
		warn(preflight,
		     "%s and %s are not ports of one bridge: nothing is forwarded until both are "
		     "(ip link set dev %s master ...), unless wiring in lqosd.conf says otherwise",
		     access->name, internet->name, access->name);
}

static void check_router(struct preflight *preflight)
{
	static const char *const names[] = { "ipv4.ip_forward", "ipv6.conf.all.forwarding" };
	static const char *const paths[] = { "/proc/sys/net/ipv4/ip_forward",
					     "/proc/sys/net/ipv6/conf/all/forwarding" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int fd = open(paths[i], O_RDONLY | O_CLOEXEC);
		char value = '1';

		if (fd < 0)
			continue;
		if (read(fd, &value, 1) == 1 && value == '0')
			warn(preflight, "the kernel does not route: sysctl net.%s=1", names[i]);
		close(fd);
	}
}

/* The name of the interface that a VLAN interface stands above; false when it is none. */
static bool find_vlan_parent(const struct interface *interface, char parent[IF_NAMESIZE])
{
	char path[64], line[128];
	FILE *file;
	bool found = false;

	snprintf(path, sizeof(path), "/proc/net/vlan/%s", interface->name);
	file = fopen(path, "re");
	while (file && !found && fgets(line, sizeof(line), file))
		found = sscanf(line, " Device: %15s", parent) == 1;
	if (file)
		fclose(file);
	return found;
}

bool preflight_refuse_vlan(const struct interface interfaces[DIRECTIONS], bool generic_allowed,
			   struct error *err)
{
	static const char *const keys[] = { "access", "internet" };
	char parent[IF_NAMESIZE];

	for (int d = 0; d < DIRECTIONS && !generic_allowed; d++)
		if (find_vlan_parent(&interfaces[d], parent))
			return error_set(
				err, ERROR_INVALID,
				"%s is a VLAN interface of %s: %s = %s shapes what goes by "
				"it, in all its VLANs",
				interfaces[d].name, parent, keys[d], parent);
	return true;
}

void preflight_check(const struct interface interfaces[DIRECTIONS], enum wiring_kind wiring,
		     struct preflight *preflight)
{
	preflight_release(preflight);
	check_interface(&interfaces[DOWNLOAD], preflight);
	if (wiring != WIRING_STICK)
		check_interface(&interfaces[UPLOAD], preflight);
	if (wiring == WIRING_BRIDGE)
		check_bridge(interfaces, preflight);
	if (wiring == WIRING_ROUTER)
		check_router(preflight);
}
