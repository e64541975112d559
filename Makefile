# SPDX-License-Identifier: GPL-2.0-or-later
# One Makefile for everything; `make help` lists the targets.

VERSION := 0.1.0
PREFIX ?= /usr/local
DESTDIR ?=
BUILD ?= build
CC ?= gcc
CLANG ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool /usr/local/sbin/bpftool) bpftool)
PKG_CONFIG ?= pkg-config

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wvla -Wno-format-truncation -Wno-unused-parameter -Wno-missing-field-initializers
CPPFLAGS += -I. -I$(BUILD) -D_GNU_SOURCE -DLQOS_VERSION='"$(VERSION)"'
CFLAGS ?= -O2 -g
ALL_CFLAGS = -std=gnu11 $(WARNINGS) $(CFLAGS) -MMD -MP

ENGINE_PACKAGES := libbpf libelf libnl-3.0 libnl-route-3.0 sqlite3 jansson inih
CONSOLE_PACKAGES := ncursesw jansson inih
# Asked when a recipe needs it, after `deps` has had its turn.
engine_libs = $(shell $(PKG_CONFIG) --libs $(ENGINE_PACKAGES)) -lm
console_libs = $(shell $(PKG_CONFIG) --libs $(CONSOLE_PACKAGES)) -lm
CPPFLAGS += $(shell $(PKG_CONFIG) --cflags libnl-3.0 2>/dev/null)

common_sources := $(wildcard engine/base/*.c engine/model/*.c engine/wire/*.c)
engine_sources := $(filter-out engine/main.c,$(wildcard engine/*.c)) $(wildcard db/*.c)
console_sources := $(filter-out tui/main.c,$(wildcard tui/*.c))
common_objects := $(common_sources:%.c=$(BUILD)/%.o)
engine_objects := $(engine_sources:%.c=$(BUILD)/%.o)
console_objects := $(console_sources:%.c=$(BUILD)/%.o)

# `make V=1` shows the commands in full.
Q := $(if $(V),,@)
say = $(if $(V),,@printf '%-5s %s\n' '$1' '$(patsubst $(BUILD)/%,%,$@)')

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:

.PHONY: all
all: $(BUILD)/lqosd $(BUILD)/lqos-top ## build the engine and the console

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 18
	@echo 'Settings: V=1 BUILD=$(BUILD) PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) CC=$(CC) CLANG=$(CLANG)'

.PHONY: deps
deps: ## install what is missing to build and test (Debian 12, root)
	@contrib/install-packages

# For these goals, nothing is compiled before the packages are there.
READY := $(if $(filter check check-vm tests demo lint bench,$(MAKECMDGOALS)),deps)

$(BUILD)/lqosd: $(BUILD)/engine/main.o $(engine_objects) $(common_objects)
	$(call say,LINK)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(engine_libs)

$(BUILD)/lqos-top: $(BUILD)/tui/main.o $(console_objects) $(common_objects)
	$(call say,LINK)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(console_libs)

$(BUILD)/%.o: %.c | $(READY)
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

# --- the data path ---------------------------------------------------------------------------

BPF_CFLAGS = -O2 -g -Wall -Wextra -Wno-unused-parameter -target bpf -mcpu=v3 \
	-D__TARGET_ARCH_x86 -I. -idirafter /usr/include/$(shell $(CC) -dumpmachine)

$(BUILD)/%.bpf.o: %.bpf.c $(wildcard bpf/*.h) | $(READY)
	@mkdir -p $(@D)
	$(call say,CLANG)
	$(Q)$(CLANG) $(BPF_CFLAGS) -c -o $@ $<

$(BUILD)/%.skel.h: $(BUILD)/%.bpf.o
	$(call say,GEN)
	$(Q)$(BPFTOOL) gen skeleton $< name $(notdir $*)_bpf > $@.tmp && mv $@.tmp $@

datapath_objects := $(patsubst %.c,$(BUILD)/%.o,$(wildcard engine/datapath*.c))
$(datapath_objects): $(BUILD)/bpf/lqos.skel.h

# --- SQL is compiled in ------------------------------------------------------------------------

# db/NAME.sql becomes the string NAME_sql in build/db/NAME.sql.h
$(BUILD)/db/%.sql.h: db/%.sql
	@mkdir -p $(@D)
	$(call say,GEN)
	$(Q)(echo 'static const char $*_sql[] ='; \
	 sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&\\n"/' $<; echo ';') > $@.tmp && mv $@.tmp $@

sql_headers := $(patsubst db/%.sql,$(BUILD)/db/%.sql.h,$(wildcard db/*.sql))
sql_users := $(patsubst %.c,%.o,$(wildcard db/*.c))
$(foreach dir,$(BUILD) $(BUILD)/san $(BUILD)/lint,$(sql_users:%=$(dir)/%)): $(sql_headers)

# --- tests ---------------------------------------------------------------------------------------

# Everything that needs no root, built again with sanitizers; a test links what it uses of it.
# A file in tests/unit that is not a test, or one in tests/lib that has a header, is for them to use.
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined
test_library := $(wildcard $(patsubst %.h,%.c,$(wildcard tests/lib/*.h))) \
	$(filter-out tests/unit/test_%.c,$(wildcard tests/unit/*.c))
rootless_sources := $(filter-out engine/datapath%.c,$(engine_sources)) $(console_sources) \
	$(common_sources) $(test_library)
$(BUILD)/san/lqos.a: $(rootless_sources:%.c=$(BUILD)/san/%.o)
	$(call say,AR)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/san/%.o: %.c | $(READY)
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(SANITIZE) -c -o $@ $<

unit_tests := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
$(unit_tests): $(BUILD)/tests/unit/%: $(BUILD)/san/tests/unit/%.o $(BUILD)/san/lqos.a
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) $(SANITIZE) $(LDFLAGS) -o $@ $^ -lcmocka $(engine_libs) $(console_libs)

# Programs that run the data path in the kernel; other C files beside them are linked into each.
bpf_test_sources := $(filter-out %.bpf.c,$(wildcard tests/bpf/*.c))
bpf_test_programs := $(filter tests/bpf/test_%,$(bpf_test_sources))
bpf_test_objects := $(bpf_test_sources:%.c=$(BUILD)/%.o)
bpf_test_skeletons := $(patsubst %.bpf.c,$(BUILD)/%.skel.h,$(wildcard tests/bpf/*.bpf.c))
bpf_test_library := $(patsubst %.c,$(BUILD)/%.o,tests/lib/frame.c \
	$(filter-out $(bpf_test_programs),$(bpf_test_sources)))
bpf_tests := $(bpf_test_programs:%.c=$(BUILD)/%)
$(bpf_tests): $(BUILD)/tests/bpf/%: $(BUILD)/tests/bpf/%.o $(bpf_test_library) \
		$(engine_objects) $(common_objects)
	$(call say,LINK)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lcmocka $(engine_libs)
$(bpf_test_objects): $(BUILD)/bpf/lqos.skel.h $(bpf_test_skeletons)

# Benchmarks: like those, with the optimisation of what is installed.
# Other C files beside them are linked into each.
bench_sources := $(filter-out %.bpf.c,$(wildcard tests/bench/*.c))
bench_programs := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/bench_*.c tests/bench/raw_*.c))
bench_library := $(filter-out $(bench_programs:%=%.o),$(bench_sources:%.c=$(BUILD)/%.o))
bench_skeletons := $(patsubst %.bpf.c,$(BUILD)/%.skel.h,$(wildcard tests/bench/*.bpf.c))
# What the sampler would have measured is made up there.
made_up := sampler_circuit sampler_site sampler_time_ms datapath_epoch
$(BUILD)/tests/bench/bench_tables: LDFLAGS += $(made_up:%=-Wl,--wrap=%)
$(bench_programs): $(BUILD)/tests/bench/%: $(BUILD)/tests/bench/%.o $(bench_library) \
		$(bpf_test_library) $(engine_objects) $(common_objects)
	$(call say,LINK)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lcmocka $(engine_libs)
$(bench_sources:%.c=$(BUILD)/%.o): $(BUILD)/bpf/lqos.skel.h $(bench_skeletons)
$(BUILD)/tests/bench/stream.bpf.o: tests/bench/pattern.h

# Small programs that scripts use: one file each, and the common objects.
helper_sources := $(filter-out $(test_library) tests/e2e/faults.c %.bpf.c,$(wildcard contrib/demo/*.c tests/lib/*.c \
	tests/tui/*.c tests/e2e/*.c tests/netns/*.c))
helpers := $(helper_sources:%.c=$(BUILD)/%)
$(helpers): $(BUILD)/%: $(BUILD)/%.o $(common_objects)
	$(call say,LINK)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(console_libs) $(HELPER_LIBS) -pthread -lutil
$(BUILD)/tests/e2e/witness: HELPER_LIBS := -lbpf
$(BUILD)/tests/e2e/witness.o $(BUILD)/lint/tests/e2e/witness.o: $(BUILD)/tests/e2e/witness.skel.h

# The engine with a switch to be killed or refused at any operation; see tests/e2e/faults.c.
wrapped := kernel_send datapath_set_row datapath_clear_row datapath_set_prefix datapath_remove_prefix \
	datapath_add_prefixes
faulty_engine := $(BUILD)/tests/e2e/lqosd-faults
$(faulty_engine): $(BUILD)/tests/e2e/faults.o $(BUILD)/engine/main.o $(engine_objects) \
		$(common_objects)
	$(call say,LINK)
	$(Q)$(CC) $(LDFLAGS) $(wrapped:%=-Wl,--wrap=%) -o $@ $^ $(engine_libs)

# libFuzzer's, by clang. The capture fuzzer is the whole replay; the others are headers and a file.
FUZZ_CFLAGS := -std=gnu11 -g -O2 -Wall -fsanitize=fuzzer,address,undefined \
	-fno-sanitize-recover=undefined
fuzzers := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/fuzz_*.c))
$(BUILD)/tests/fuzz/fuzz_capture: $(wildcard engine/replay*.[ch] engine/capture_file.[ch] engine/base/*.[ch] \
	bpf/*.h)
$(BUILD)/tests/fuzz/fuzz_capture: FUZZ_LIBS := -ljansson
$(fuzzers): $(BUILD)/%: %.c | $(READY)
	@mkdir -p $(@D)
	$(call say,FUZZ)
	$(Q)$(CLANG) $(CPPFLAGS) $(FUZZ_CFLAGS) -MMD -MP -MF $@.d -o $@ $(filter %.c,$^) $(FUZZ_LIBS)

$(BUILD)/tests/fuzz/seeds: $(BUILD)/tests/fuzz/seeds.o $(BUILD)/tests/lib/frame.o
	$(call say,LINK)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^

.PHONY: tests
tests: all $(unit_tests) $(bpf_tests) $(helpers) $(faulty_engine) $(fuzzers) \
		$(BUILD)/tests/fuzz/seeds ## build the tests, run none

.PHONY: check
check: tests ## run all tests; one or some: tests/run NAME...
	@BUILD='$(BUILD)' tests/run

.PHONY: check-vm
check-vm: tests ## run the tests that need CAKE, netem or Linux 6.1 and 6.12, in virtual machines
	@BUILD='$(BUILD)' tests/run vm

.PHONY: fuzz
fuzz: tests ## random input under sanitizers: FUZZ_RUNS (10 million), console FUZZ_SECONDS (600)
	@BUILD='$(BUILD)' tests/fuzz/run

.PHONY: bench
bench: tests $(bench_programs) ## measure; some rows: make bench ROWS=a,w64
	@BUILD='$(BUILD)' tests/bench/run

.PHONY: demo
demo: all $(helpers) | deps ## a small ISP on this machine, and the console; </dev/null: as text
	@BUILD='$(BUILD)' contrib/demo/demo

# --- lint ----------------------------------------------------------------------------------------

# `find`, not `wildcard`: what no rule knows is looked at too.
c_files = $(shell find bpf engine db tui tests contrib -name '*.[ch]' | LC_ALL=C sort)
lint_objects = $(patsubst %.c,$(BUILD)/lint/%.o,$(filter %.c,$(c_files)))
lint_headers = $(patsubst %.h,$(BUILD)/lint/%.h.ok,$(filter %.h,$(c_files)))

$(BUILD)/lint/%.bpf.o: %.bpf.c $(wildcard bpf/*.h) | $(READY)
	@mkdir -p $(@D)
	$(call say,CLANG)
	$(Q)$(CLANG) $(BPF_CFLAGS) -Werror -c -o $@ $<

$(BUILD)/lint/%.o: %.c | $(READY)
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -Werror -c -o $@ $<

$(BUILD)/lint/bpf/%.h.ok: bpf/%.h $(wildcard bpf/*.h) | $(READY)
	@mkdir -p $(@D)
	@echo '#include "$<"' | $(CLANG) $(BPF_CFLAGS) -Werror -Wno-unused-function -fsyntax-only -x c - && touch $@

$(BUILD)/lint/%.h.ok: %.h | $(READY)
	@mkdir -p $(@D)
	@echo '#include "$<"' | $(CC) $(CPPFLAGS) $(ALL_CFLAGS) -Werror -MT $@ -MF $(@:.ok=.d) \
		-fsyntax-only -x c - && touch $@

lint_data_path := $(filter $(BUILD)/lint/engine/datapath%.o $(BUILD)/lint/tests/b%.o, \
	$(patsubst %.c,$(BUILD)/lint/%.o,$(wildcard engine/datapath*.c) $(bpf_test_sources) \
	$(bench_sources)))
$(lint_data_path): $(BUILD)/bpf/lqos.skel.h $(bpf_test_skeletons) $(bench_skeletons)

ifneq ($(filter lint,$(MAKECMDGOALS)),)
lint: $(lint_objects) $(lint_headers)
endif
.PHONY: lint
lint: deps ## layers, warnings as errors, cppcheck, formatting, scripts, man pages
	@BUILD='$(BUILD)' tests/lint/run

.PHONY: format
format: ## bring the C files into shape
	clang-format --style=file:contrib/clang-format -i $(c_files)

# --- install -------------------------------------------------------------------------------------

sbindir = $(PREFIX)/sbin
bindir = $(PREFIX)/bin
mandir = $(PREFIX)/share/man
docdir = $(PREFIX)/share/doc/lqos-top
# systemd looks in /usr/local/lib too.
systemddir = $(PREFIX)/lib/systemd/system
sysusersdir = $(PREFIX)/lib/sysusers.d

.PHONY: install
install: all ## install below PREFIX (and DESTDIR)
	install -d $(foreach dir,$(sbindir) $(bindir) $(docdir) $(systemddir) $(sysusersdir),'$(DESTDIR)$(dir)')
	install -m 755 $(BUILD)/lqosd '$(DESTDIR)$(sbindir)/lqosd'
	install -m 755 $(BUILD)/lqos-top '$(DESTDIR)$(bindir)/lqos-top'
	for page in $(wildcard man/*.[1-8]); do \
		install -D -m 644 $$page "$(DESTDIR)$(mandir)/man$${page##*.}/$${page##*/}" || exit 1; done
	sed 's|@sbindir@|$(sbindir)|g' contrib/lqosd.service > '$(DESTDIR)$(systemddir)/lqosd.service'
	chmod 644 '$(DESTDIR)$(systemddir)/lqosd.service'
	install -m 644 contrib/lqos.sysusers '$(DESTDIR)$(sysusersdir)/lqos.conf'
	install -m 644 README.md LICENSE contrib/lqosd.conf contrib/demo/ShapedDevices.csv '$(DESTDIR)$(docdir)'
	install -d '$(DESTDIR)/etc/lqos'
	test -e '$(DESTDIR)/etc/lqos/lqosd.conf' || \
		install -m 644 contrib/lqosd.conf '$(DESTDIR)/etc/lqos/lqosd.conf'

.PHONY: uninstall
uninstall: ## remove what install put there; settings and files of circuits stay
	rm -f '$(DESTDIR)$(sbindir)/lqosd' '$(DESTDIR)$(bindir)/lqos-top' \
		'$(DESTDIR)$(systemddir)/lqosd.service' '$(DESTDIR)$(sysusersdir)/lqos.conf'
	for page in $(wildcard man/*.[1-8]); do \
		rm -f "$(DESTDIR)$(mandir)/man$${page##*.}/$${page##*/}"; done
	rm -rf '$(DESTDIR)$(docdir)'

.PHONY: clean
clean: ## remove what was built
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
