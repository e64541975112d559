#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Damaged circuits files, CSVs and network.jsons, under sanitizers.
exec "$(dirname "$0")/../e2e/test_fuzz_files.sh"
