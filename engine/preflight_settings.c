/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/preflight_settings.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/base/boot_id.h"
#include "engine/base/memory.h"
#include "engine/base/whole_file.h"

#define VALUE_SIZE 160
#define PATH_SIZE 128

enum setting_kind { SETTING_XPS, SETTING_LRO, SETTING_RXVLAN, SETTING_NETFILTER };

struct setting {
	enum setting_kind kind;
	int ifindex;	    /* 0: of no interface */
	unsigned int index; /* of a queue, or a kind of netfilter */
	char before[VALUE_SIZE];
};

struct host_settings {
	int sysfs; /* of this network namespace, -1: none */
	char path[300], boot[BOOT_ID_SIZE];
	struct setting *remembered;
	size_t count, capacity;
};

static const char *const kind_names[] = {
	[SETTING_XPS] = "xps_cpus",
	[SETTING_LRO] = "lro",
	[SETTING_RXVLAN] = "rxvlan",
	[SETTING_NETFILTER] = "bridge-nf-call",
};
static const char *const netfilter_names[] = { "iptables", "ip6tables", "arptables" };
#define NETFILTERS (sizeof(netfilter_names) / sizeof(netfilter_names[0]))

/* --- reading and writing one ------------------------------------------------------------------ */

/* The sysfs of this thread's network namespace, which /sys need not be (nsenter --net): a mount
 * that is attached nowhere. Returns a directory, or -1. */
static int open_sysfs(void)
{
	int context = fsopen("sysfs", FSOPEN_CLOEXEC), directory = -1;

	if (context < 0)
		return open("/sys", O_PATH | O_CLOEXEC);
	if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		directory = fsmount(context, FSMOUNT_CLOEXEC, 0);
	close(context);
	return directory;
}

/* Opens a file in which one of them stands; -1 when this machine doesn't have it. */
static int open_file(const struct host_settings *settings, const struct setting *setting, int flags)
{
	char path[PATH_SIZE], name[IF_NAMESIZE];

	if (setting->kind == SETTING_NETFILTER) {
		snprintf(path, sizeof(path), "/proc/sys/net/bridge/bridge-nf-call-%s",
			 netfilter_names[setting->index]);
		return open(path, flags | O_CLOEXEC);
	}
	if (settings->sysfs < 0 || !if_indextoname((unsigned int)setting->ifindex, name))
		return -1;
	snprintf(path, sizeof(path), "class/net/%s/queues/tx-%u/xps_cpus", name, setting->index);
	return openat(settings->sysfs, path, flags | O_CLOEXEC);
}

static bool ethtool(int ifindex, void *command)
{
	struct ifreq request = { .ifr_data = command };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ok = fd >= 0 && if_indextoname((unsigned int)ifindex, request.ifr_name) &&
		  ioctl(fd, SIOCETHTOOL, &request) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

static uint32_t flag_of(const struct setting *setting)
{
	return setting->kind == SETTING_LRO ? ETH_FLAG_LRO : ETH_FLAG_RXVLAN;
}

/* A veth has no hardware that strips tags: the flag says nothing there. */
static bool has_hardware(int ifindex)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };

	return ethtool(ifindex, &info) && strcmp(info.driver, "veth");
}

/* False when this machine doesn't have it. */
static bool read_setting(const struct host_settings *settings, const struct setting *setting,
			 char value[VALUE_SIZE])
{
	struct ethtool_value flags = { .cmd = ETHTOOL_GFLAGS };
	ssize_t length;
	int fd;

	if (setting->kind == SETTING_LRO || setting->kind == SETTING_RXVLAN) {
		if (!has_hardware(setting->ifindex) || !ethtool(setting->ifindex, &flags))
			return false;
		copy_text(value, VALUE_SIZE, flags.data & flag_of(setting) ? "on" : "off");
		return true;
	}
	fd = open_file(settings, setting, O_RDONLY);
	length = fd < 0 ? -1 : read(fd, value, VALUE_SIZE - 1);
	if (fd >= 0)
		close(fd);
	if (length <= 0)
		return false;
	value[length] = '\0';
	value[strcspn(value, "\n")] = '\0';
	return true;
}

static bool write_setting(const struct host_settings *settings, const struct setting *setting,
			  const char *value)
{
	struct ethtool_value flags = { .cmd = ETHTOOL_GFLAGS };
	bool ok;
	int fd;

	if (setting->kind == SETTING_LRO || setting->kind == SETTING_RXVLAN) {
		if (!ethtool(setting->ifindex, &flags))
			return false;
		flags.cmd = ETHTOOL_SFLAGS;
		flags.data = strcmp(value, "on") ? flags.data & ~flag_of(setting)
						 : flags.data | flag_of(setting);
		return ethtool(setting->ifindex, &flags);
	}
	fd = open_file(settings, setting, O_WRONLY);
	ok = fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value);
	if (fd >= 0)
		close(fd);
	return ok;
}

/* Masks of many CPUs have commas: "00000000,00000003". */
static bool is_as_needed(const struct setting *setting, const char *value)
{
	if (setting->kind == SETTING_LRO || setting->kind == SETTING_RXVLAN)
		return !strcmp(value, "off");
	return strspn(value, "0,") == strlen(value);
}

static const char *needed_value(const struct setting *setting)
{
	return setting->kind == SETTING_LRO || setting->kind == SETTING_RXVLAN ? "off" : "0";
}

/* --- remembering ------------------------------------------------------------------------------ */

static void add_remembered(struct host_settings *settings, const struct setting *setting)
{
	settings->remembered = grow(settings->remembered, settings->count, &settings->capacity,
				    sizeof(*settings->remembered));
	settings->remembered[settings->count++] = *setting;
}

struct host_settings *host_settings_new(const char *state_path)
{
	struct host_settings *settings = xcalloc(1, sizeof(*settings));
	char boot[BOOT_ID_SIZE] = "";
	struct setting setting;
	unsigned int kind;
	FILE *file;

	snprintf(settings->path, sizeof(settings->path), "%s.host", state_path);
	settings->sysfs = open_sysfs();
	boot_id_read(settings->boot);
	file = fopen(settings->path, "re");
	if (!file)
		return settings;
	if (fscanf(file, "boot %39s", boot) == 1 && !strcmp(boot, settings->boot))
		while (fscanf(file, "%u %d %u %159s", &kind, &setting.ifindex, &setting.index,
			      setting.before) == 4 &&
		       kind <= SETTING_NETFILTER && setting.index < 4096) {
			setting.kind = (enum setting_kind)kind;
			if (setting.kind != SETTING_NETFILTER || setting.index < NETFILTERS)
				add_remembered(settings, &setting);
		}
	fclose(file);
	return settings;
}

void host_settings_free(struct host_settings *settings)
{
	if (!settings)
		return;
	if (settings->sysfs >= 0)
		close(settings->sysfs);
	free(settings->remembered);
	free(settings);
}

static bool write_file(const struct host_settings *settings, struct error *err)
{
	struct whole_file file;
	bool ok;

	whole_file_begin(&file, settings->path);
	ok = file.stream && fprintf(file.stream, "boot %s\n", settings->boot) > 0;
	for (size_t i = 0; i < settings->count && ok; i++) {
		const struct setting *one = &settings->remembered[i];

		ok = fprintf(file.stream, "%u %d %u %s\n", (unsigned int)one->kind, one->ifindex,
			     one->index, one->before) > 0;
	}
	return whole_file_commit(&file, ok, err);
}

static bool is_remembered(const struct host_settings *settings, const struct setting *setting)
{
	for (size_t i = 0; i < settings->count; i++) {
		const struct setting *one = &settings->remembered[i];

		if (one->kind == setting->kind && one->ifindex == setting->ifindex &&
		    one->index == setting->index)
			return true;
	}
	return false;
}

/* --- all of them ------------------------------------------------------------------------------ */

struct enforcing {
	struct host_settings *settings;
	host_setting_changed *changed;
	void *data;
	bool ok;
	struct error *err;
};

static void tell(const struct enforcing *enforcing, const struct setting *setting,
		 const char *before)
{
	char where[IF_NAMESIZE] = "host", name[64];

	if (setting->ifindex && !if_indextoname((unsigned int)setting->ifindex, where))
		return;
	if (setting->kind == SETTING_NETFILTER)
		snprintf(name, sizeof(name), "bridge-nf-call-%s", netfilter_names[setting->index]);
	else if (setting->kind == SETTING_XPS)
		snprintf(name, sizeof(name), "tx-%u xps_cpus", setting->index);
	else
		copy_text(name, sizeof(name), kind_names[setting->kind]);
	enforcing->changed(enforcing->data, where, name, before, needed_value(setting));
}

static void enforce(struct enforcing *enforcing, enum setting_kind kind, int ifindex,
		    unsigned int index)
{
	struct setting setting = { .kind = kind, .ifindex = ifindex, .index = index };
	struct host_settings *settings = enforcing->settings;

	if (!read_setting(settings, &setting, setting.before) ||
	    is_as_needed(&setting, setting.before))
		return;
	if (!is_remembered(settings, &setting)) {
		add_remembered(settings, &setting);
		if (!write_file(settings, enforcing->err)) {
			settings->count--;
			enforcing->ok = false;
			return;
		}
	}
	if (write_setting(settings, &setting, needed_value(&setting)))
		tell(enforcing, &setting, setting.before);
	else
		enforcing->ok =
			error_set_errno(enforcing->err, errno, "can't set %s from %s to %s",
					kind_names[kind], setting.before, needed_value(&setting));
}

bool host_settings_enforce(struct host_settings *settings,
			   const struct interface interfaces[DIRECTIONS], bool netfilter_off,
			   host_setting_changed *changed, void *data, struct error *err)
{
	struct enforcing enforcing = {
		.settings = settings, .changed = changed, .data = data, .ok = true, .err = err
	};

	for (int d = 0; d < DIRECTIONS; d++) {
		const struct interface *interface = &interfaces[d];

		if (d && interface->ifindex == interfaces[0].ifindex)
			continue; /* both directions leave by one */
		for (unsigned int queue = 0; queue < interface->tx_queues; queue++)
			enforce(&enforcing, SETTING_XPS, interface->ifindex, queue);
		enforce(&enforcing, SETTING_LRO, interface->ifindex, 0);
		enforce(&enforcing, SETTING_RXVLAN, interface->ifindex, 0);
	}
	for (unsigned int i = 0; i < NETFILTERS && netfilter_off; i++)
		enforce(&enforcing, SETTING_NETFILTER, 0, i);
	return enforcing.ok;
}

bool host_settings_restore(struct host_settings *settings, struct error *err)
{
	char value[VALUE_SIZE];
	bool ok = true;

	for (size_t i = settings->count; i-- > 0;) {
		const struct setting *one = &settings->remembered[i];

		if (!read_setting(settings, one, value) || !is_as_needed(one, value))
			continue;
		if (!write_setting(settings, one, one->before))
			ok = error_set_errno(err, errno, "can't set %s back to %s",
					     kind_names[one->kind], one->before);
	}
	settings->count = 0;
	unlink(settings->path);
	return ok;
}

unsigned int host_transmit_queues(const struct host_settings *settings,
				  const struct interface *interface)
{
	char path[PATH_SIZE], name[IF_NAMESIZE];
	unsigned int queues = 0;

	if (settings->sysfs < 0 || !if_indextoname((unsigned int)interface->ifindex, name))
		return 0;
	for (;; queues++) {
		snprintf(path, sizeof(path), "class/net/%s/queues/tx-%u", name, queues);
		if (faccessat(settings->sysfs, path, F_OK, 0) < 0)
			return queues;
	}
}
