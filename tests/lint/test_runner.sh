#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tests/run itself: what it counts, and what it does not let pass.
set -u
. "$(dirname "$0")/tap.sh"

scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/tests/lint"
cp "$(dirname "$0")/../run" "$scratch/tests/run"

# says NAME BODY: a test script of the scratch tree.
says()
{
	printf '#!/bin/bash\n%s\n' "$2" >"$scratch/tests/lint/test_$1.sh"
	chmod +x "$scratch/tests/lint/test_$1.sh"
}

# gives STATUS COUNTS NAME...: what a run ends with; on a difference the run is shown.
gives()
{
	local want_status=$1 want=$2 status
	shift 2
	"$scratch/tests/run" "$@" >"$scratch/output" 2>&1
	status=$?
	[[ $status == "$want_status" && $(tail -n 1 "$scratch/output") == "$want" ]] && return
	echo "# want status $want_status and \"$want\", got status $status and:"
	sed 's/^/# /' "$scratch/output"
	return 1
}

refuses_name()
{
	"$scratch/tests/run" good "$1" >"$scratch/output" 2>&1
	[[ $? == 2 ]] && ! grep -q passed "$scratch/output"
}

shows()
{
	grep -qF -- "$1" "$scratch/output"
}

shows_one_counts_line()
{
	(($(grep -cE '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$scratch/output") == 1))
}

says good $'echo ok 1 - one\necho ok 2 - two\necho 1..2'
says skips $'echo 1..2\necho "ok 1 - one # SKIP no such device"\necho ok 2'
says cmocka_skip $'echo 1..1\necho needs root\necho "not ok 1 # SKIP a name"'
says skips_all $'echo "1..0 # SKIP no bpffs"'
says two_groups $'echo 1..1\necho ok 1\necho 1..2\necho ok 1\necho ok 2'
says fails $'echo 1..2\necho ok 1\necho "not ok 2 - two"\necho "9 passed, 0 failed, 0 skipped"\nexit 1'
says silent_failure $'echo 1..1\necho ok 1\nexit 3'
says crash $'echo 1..2\necho ok 1\nkill -SEGV $$'
says slow $'# time limit: 1\necho 1..1\necho ok 1\nsleep 30'
says no_plan $'echo ok 1'
says short $'echo 1..3\necho ok 1'
says long $'echo 1..1\necho ok 1\necho ok 2'
says empty ''
says bails $'echo 1..1\necho ok 1\necho "Bail out! no memory"'
says not_executable $'echo 1..1\necho ok 1'
chmod -x "$scratch/tests/lint/test_not_executable.sh"

tap_check "good tests pass" gives 0 "2 passed, 0 failed, 0 skipped" good
tap_check "a skip is counted" gives 0 "1 passed, 0 failed, 1 skipped" skips
tap_check "a skip gives its reason" shows "skipped: no such device"
tap_check "a cmocka skip is not a failure" gives 0 "0 passed, 0 failed, 1 skipped" cmocka_skip
tap_check "a cmocka skip has the reason that was printed before it" shows "needs root"
tap_check "a whole file is skipped" gives 0 "0 passed, 0 failed, 1 skipped" skips_all
tap_check "two groups of one program are added" gives 0 "3 passed, 0 failed, 0 skipped" two_groups
tap_check "a failure fails the run" gives 1 "1 passed, 1 failed, 0 skipped" fails
tap_check "a failing test is shown in full" shows "| not ok 2 - two"
tap_check "a test's output is never a counts line" shows_one_counts_line
tap_check "a status of failure is a failure" gives 1 "1 passed, 1 failed, 0 skipped" silent_failure
tap_check "a crash is a failure" gives 1 "1 passed, 1 failed, 0 skipped" crash
tap_check "a crash is named" shows "it died by signal 11"
tap_check "out of time is a failure" gives 1 "1 passed, 1 failed, 0 skipped" slow
tap_check "no plan is a failure" gives 1 "1 passed, 1 failed, 0 skipped" no_plan
tap_check "fewer tests than planned is a failure" gives 1 "1 passed, 1 failed, 0 skipped" short
tap_check "more tests than planned is a failure" gives 1 "2 passed, 1 failed, 0 skipped" long
tap_check "a test that says nothing is a failure" gives 1 "0 passed, 1 failed, 0 skipped" empty
tap_check "bailing out is a failure" gives 1 "1 passed, 1 failed, 0 skipped" bails
tap_check "a test that can't be executed is a failure" \
	gives 1 "0 passed, 1 failed, 0 skipped" not_executable
mkdir -p "$scratch/alone/tests/vm"
cp "$scratch/tests/run" "$scratch/alone/tests/run"
printf '#!/bin/bash\necho "# 21 ms"\necho ok 1\necho 1..1\n' >"$scratch/alone/tests/vm/test_machine.sh"
chmod +x "$scratch/alone/tests/vm/test_machine.sh"
run_alone()
{
	"$scratch/alone/tests/run" "$@" >"$scratch/output" 2>&1
	[[ $(tail -n 1 "$scratch/output") == "$counts" ]]
}
counts="0 passed, 0 failed, 0 skipped"
tap_check "a test in a virtual machine is not run unasked" run_alone
counts="1 passed, 0 failed, 0 skipped"
tap_check "asked for, it is run" run_alone vm
tap_check "and shows what it measured" shows "21 ms"
tap_check "names select" gives 0 "5 passed, 0 failed, 0 skipped" \
	lint/test_good tests/lint/test_two_groups.sh good
tap_check "a name that selects nothing is an error" refuses_name nothing
tap_check "a name that selects nothing is named" shows 'no test named "nothing"'
tap_end
