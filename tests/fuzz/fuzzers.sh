# SPDX-License-Identifier: GPL-2.0-or-later
# The fuzzers of the data path and how they are run; sourced.
BUILD=${BUILD:-build}
corpora=$BUILD/fuzz-corpus
fuzzers=(fuzz_packet fuzz_options fuzz_rtt fuzz_capture)
# Beyond it inputs say nothing new: options, 64 packets of a connection, two frames.
declare -A size_most=([fuzz_packet]=512 [fuzz_options]=44 [fuzz_rtt]=448 [fuzz_capture]=1024)

# fuzz NAME OPTION...: from the seeds and what was learnt before; the output is in NAME.log
fuzz()
{
	local name=$1
	shift
	"$BUILD/tests/fuzz/seeds" "$corpora" || return 1
	"$BUILD/tests/fuzz/$name" -max_len="${size_most[$name]}" -artifact_prefix="$corpora/" \
		"$@" "$corpora/$name" >"$corpora/$name.log" 2>&1 && return
	grep -v '^#[0-9]' "$corpora/$name.log" | head -n 30 | sed 's/^/# /'
	return 1
}
