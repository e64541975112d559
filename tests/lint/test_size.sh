#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The sizing table of README.md is what `lqosd --size` prints.
set -u
. "$(dirname "$0")/tap.sh"
cd "$(dirname "$0")/../.." || exit 1
lqosd=${BUILD:-build}/lqosd

rows()
{
	sed -n '/^## How large a box/,/^## Limits/s/^    \( *[0-9].*\)/\1/p' README.md
}

# Each row is a line of what is printed for its first two columns.
rows_are_printed()
{
	local row circuits active status=0

	while IFS= read -r row; do
		read -r circuits active _ <<<"$row"
		"$lqosd" --size "$circuits" --active "$active" | grep -Fxq -- "$row" && continue
		echo "# lqosd --size $circuits --active $active does not print: $row"
		status=1
	done < <(rows)
	return $status
}

refused() # ARGUMENT...
{
	! "$lqosd" "$@" 2>/dev/null
}

tap_check "README.md has a table of sizes" test "$(rows | wc -l)" -ge 5
tap_check "its rows are what lqosd --size prints" rows_are_printed
tap_check "without --active all have traffic" test \
	"$("$lqosd" --size 700)" = "$("$lqosd" --size 700 --active 700)"
for arguments in "--size 0" "--size x" "--size -5" "--size 5000000" "--size 10 --active 11"; do
	# shellcheck disable=SC2086 # words
	tap_check "$arguments is refused" refused $arguments
done
tap_end
