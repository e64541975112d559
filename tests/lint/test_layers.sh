#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tests/lint/layers and tests/lint/sources find what they are there to find.
set -u
. "$(dirname "$0")/tap.sh"
tools=$(cd "$(dirname "$0")" && pwd)

scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

# refuses TOOL PATH LINE: a tree of one file with that line is refused, and the file is named.
refuses()
{
	local tool=$1 path=$2 line=$3
	rm -rf "$scratch/tree"
	mkdir -p "$scratch/tree/$(dirname "$path")"
	printf '/* SPDX-License-Identifier: GPL-2.0-or-later */\n%b\n' "$line" >"$scratch/tree/$path"
	! "$tools/$tool" "$scratch/tree" >"$scratch/output" && grep -qF "$path:" "$scratch/output"
}

accepts()
{
	! refuses "$@" && [[ ! -s $scratch/output ]]
}

lines()
{
	printf 'int a;\\n%.0s' $(seq "$1")
}

tap_check "the model does not know the engine" \
	refuses layers engine/model/a.c '#include "engine/plan.h"'
tap_check "the console does not know the engine" \
	refuses layers tui/a.c '#include "engine/state.h"'
tap_check "the console knows the protocol" \
	accepts layers tui/a.c '#include "engine/wire/line.h"'
tap_check "base knows nobody" refuses layers engine/base/a.h '#include "db/state.h"'
tap_check "the engine sees bpf/shared.h" accepts layers engine/a.c '#include "bpf/shared.h"'
tap_check "the engine sees no other header of bpf" \
	refuses layers engine/a.c '#include "bpf/packet.h"'
tap_check "only the data path's owner has the skeleton" \
	refuses layers engine/a.c '#include "bpf/lqos.skel.h"'
tap_check "the data path's owner has the skeleton" \
	accepts layers engine/datapath_load.c '#include "bpf/lqos.skel.h"'
tap_check "curses stays in tui/terminal.c" refuses layers tui/screen.c '#include <curses.h>'
tap_check "tui/terminal.c has curses" accepts layers tui/terminal.c '#include <curses.h>'
tap_check "sqlite3 stays in db" refuses layers engine/a.c '#include <sqlite3.h>'
tap_check "SQL stays in db" refuses layers engine/a.c 'const char *q = "SELECT 1 FROM sites";'
tap_check "SQL stands in db" accepts layers db/a.c 'const char *q = "SELECT 1 FROM sites";'
tap_check "names begin at the root" refuses layers engine/a.c '#include "plan.h"'
tap_check "499 lines are a file" accepts sources engine/a.c "$(lines 497)"
tap_check "500 lines are too many" refuses sources engine/a.c "$(lines 499)"
tap_check "60 lines are too many for a function" \
	refuses sources engine/a.c "void a(void)\n{\n$(lines 60)}"
tap_check "59 lines are a function" accepts sources engine/a.c "void a(void)\n{\n$(lines 59)}"
tap_check "a TODO says what" refuses sources engine/a.c '/* TODO */'
tap_check "a TODO that says what may stand" accepts sources engine/a.c '/* TODO: IPv7 */'
tap_end
