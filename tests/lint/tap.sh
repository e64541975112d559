# SPDX-License-Identifier: GPL-2.0-or-later
# The few lines of TAP that the tests of the tools need; sourced.

tap_count=0
tap_failed=0

# tap_check NAME COMMAND...: the test passes when the command does.
tap_check()
{
	local name=$1
	shift
	((++tap_count))
	if "$@"; then
		echo "ok $tap_count - $name"
	else
		echo "not ok $tap_count - $name"
		((++tap_failed))
	fi
}

tap_skip() # NAME REASON
{
	((++tap_count))
	echo "ok $tap_count - $1 # SKIP $2"
}

tap_end()
{
	echo "1..$tap_count"
	exit $((tap_failed > 0))
}
