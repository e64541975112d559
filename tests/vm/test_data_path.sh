#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The tests of tests/bpf on the oldest kernel that the programs are for and on Debian's newer one:
# its verifier, its JIT, its maps, two CPUs at once.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
status=0

if [[ ! -e /lqos/tests/vm/guest.sh ]]; then
	for kernel in 6.1 6.12; do
		if why=$(tests/vm/kernel $kernel "$BUILD/vm/$kernel" 2>&1); then
			CLOCK=host tests/vm/boot test_data_path.sh $kernel || status=1
		else
			echo "1..0 # SKIP ${why##*$'\n'}"
		fi
	done
	exit $status
fi

read -r _ _ release _ </proc/version
export CMOCKA_MESSAGE_OUTPUT=TAP RACE_TRIES=20000 # the machine is emulated
for program in packets tcp epochs tables takeover; do
	"$BUILD/tests/bpf/test_$program" | sed "/^# \(not \)\?ok /d; s/^\(not \)\?ok .*/&, Linux $release/"
	((PIPESTATUS[0] == 0)) || status=1
done
exit $status
