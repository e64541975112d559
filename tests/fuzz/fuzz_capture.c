/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a capture file, replayed with every packet printed both ways. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/replay.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *out;
	int descriptor = memfd_create("capture", 0);
	struct replay_options options = { .with_packets = true,
					  .customers = "100.64.0.0/10,2001:db8:1::/48" };
	struct error err;
	char path[32];

	out = out ? out : fopen("/dev/null", "w");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
	options.path = path;
	fuzz_expect(out && write(descriptor, data, size) == (ssize_t)size, "the file is written");
	for (int as_json = 0; as_json < 2; as_json++) {
		options.as_json = as_json;
		err.text[0] = '\0';
		fuzz_expect(replay(&options, out, &err) || err.text[0], "a refusal has words");
	}
	close(descriptor);
	return 0;
}
