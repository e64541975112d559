#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Random keys, sizes and replies for the console, under sanitizers.
exec "$(dirname "$0")/../tui/test_fuzz.sh"
