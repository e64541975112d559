#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What `make install` puts where.
set -u
. "$(dirname "$0")/tap.sh"
cd "$(dirname "$0")/../.." || exit 1

scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
stage=$scratch/stage

install_to()
{
	make -s BUILD="$BUILD" DESTDIR="$stage" PREFIX=/usr install >"$scratch/log" 2>&1 && return
	sed 's/^/# /' "$scratch/log"
	return 1
}

has_mode()
{
	[[ $(stat -c %a "$stage/$2") == "$1" ]]
}

runs()
{
	local version
	version=$("$stage/$1" --version) && [[ $version == "${1##*/} "[0-9]* ]]
}

unit_names_the_program()
{
	grep -qx 'ExecStart=/usr/sbin/lqosd -c /etc/lqos/lqosd.conf' \
		"$stage/usr/lib/systemd/system/lqosd.service" &&
		! grep -q '@' "$stage/usr/lib/systemd/system/lqosd.service"
}

# Traffic stays shaped whatever systemd does.
unit_never_detaches()
{
	! grep -Eq '^Exec(Stop|StopPost|Reload)=|^[^#]*--detach' \
		"$stage/usr/lib/systemd/system/lqosd.service" &&
		grep -qx 'RuntimeDirectoryPreserve=yes' "$stage/usr/lib/systemd/system/lqosd.service"
}

example_is_valid()
{
	"$stage/usr/sbin/lqosd" -c "$stage/etc/lqos/lqosd.conf" --check-config
}

# Each default that the example shows commented out is a key and a value that the engine takes.
example_defaults_are_valid()
{
	sed 's/^# \([a-z_]* = \)/\1/' contrib/lqosd.conf >"$scratch/all.conf"
	grep -q '^pin_dir = ' "$scratch/all.conf" && ! grep -q '^# [a-z_]* = ' "$scratch/all.conf" &&
		"$stage/usr/sbin/lqosd" -c "$scratch/all.conf" --check-config
}

example_spares_settings()
{
	echo '; mine' >>"$stage/etc/lqos/lqosd.conf"
	install_to && tail -n 1 "$stage/etc/lqos/lqosd.conf" | grep -qx '; mine'
}

pages_are_there()
{
	local page
	for page in man/*.[1-8]; do
		[[ -s $stage/usr/share/man/man${page##*.}/${page##*/} ]] || return 1
	done
}

tap_check "it installs" install_to
tap_check "lqosd can be executed" has_mode 755 usr/sbin/lqosd
tap_check "lqosd runs" runs usr/sbin/lqosd
tap_check "lqos-top runs" runs usr/bin/lqos-top
tap_check "all man pages are there" pages_are_there
tap_check "the unit starts what was installed" unit_names_the_program
tap_check "the unit never detaches" unit_never_detaches
tap_check "the groups are declared" test -s "$stage/usr/lib/sysusers.d/lqos.conf"
tap_check "the example settings are valid" example_is_valid
tap_check "the defaults in the example settings are valid" example_defaults_are_valid
tap_check "settings that are there already are kept" example_spares_settings
tap_end
