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
engine_cflags = $(shell $(PKG_CONFIG) --cflags $(ENGINE_PACKAGES))
engine_libs = $(shell $(PKG_CONFIG) --libs $(ENGINE_PACKAGES)) -lm
console_libs = $(shell $(PKG_CONFIG) --libs $(CONSOLE_PACKAGES)) -lm
CPPFLAGS += $(shell $(PKG_CONFIG) --cflags libnl-3.0 2>/dev/null)

common_sources := $(wildcard engine/base/*.c engine/model/*.c engine/wire/*.c)
engine_sources := $(filter-out engine/main.c,$(wildcard engine/*.c)) $(wildcard db/*.c)
console_sources := $(filter-out tui/main.c,$(wildcard tui/*.c))
common_objects := $(common_sources:%.c=$(BUILD)/%.o)
engine_objects := $(engine_sources:%.c=$(BUILD)/%.o)
console_objects := $(console_sources:%.c=$(BUILD)/%.o)

.DEFAULT_GOAL := all
.PHONY: all
all: $(BUILD)/lqosd $(BUILD)/lqos-top ## build the engine and the console

$(BUILD)/lqosd: $(BUILD)/engine/main.o $(engine_objects) $(common_objects)
	$(CC) $(LDFLAGS) -o $@ $^ $(engine_libs)

$(BUILD)/lqos-top: $(BUILD)/tui/main.o $(console_objects) $(common_objects)
	$(CC) $(LDFLAGS) -o $@ $^ $(console_libs)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

# --- the data path ---------------------------------------------------------------------------

BPF_CFLAGS := -O2 -g -Wall -Wextra -Wno-unused-parameter -target bpf -mcpu=v3 -D__TARGET_ARCH_x86 -I. \
	-idirafter /usr/include/$(shell $(CC) -dumpmachine)

$(BUILD)/bpf/%.bpf.o: bpf/%.bpf.c $(wildcard bpf/*.h)
	@mkdir -p $(@D)
	$(CLANG) $(BPF_CFLAGS) -c -o $@ $<

$(BUILD)/bpf/%.skel.h: $(BUILD)/bpf/%.bpf.o
	$(BPFTOOL) gen skeleton $< name $*_bpf > $@.tmp && mv $@.tmp $@

$(BUILD)/engine/datapath.o: $(BUILD)/bpf/lqos.skel.h

# --- SQL is compiled in ------------------------------------------------------------------------

# db/NAME.sql becomes the string NAME_sql in build/db/NAME.sql.h
$(BUILD)/db/%.sql.h: db/%.sql
	@mkdir -p $(@D)
	(echo 'static const char $*_sql[] ='; \
	 sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&\\n"/' $<; echo ';') > $@.tmp && mv $@.tmp $@

sql_headers := $(patsubst db/%.sql,$(BUILD)/db/%.sql.h,$(wildcard db/*.sql))
$(patsubst db/%.c,$(BUILD)/db/%.o,$(wildcard db/*.c)): $(sql_headers)
$(patsubst db/%.c,$(BUILD)/san/db/%.o,$(wildcard db/*.c)): $(sql_headers)

# --- tests ---------------------------------------------------------------------------------------

# Everything that needs no root, built again with sanitizers; a test links what it uses of it.
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined
rootless_sources := $(filter-out engine/datapath.c,$(engine_sources)) $(console_sources) $(common_sources)
$(BUILD)/san/lqos.a: $(rootless_sources:%.c=$(BUILD)/san/%.o)
	rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/san/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(SANITIZE) -c -o $@ $<

unit_tests := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
$(unit_tests): $(BUILD)/tests/unit/%: $(BUILD)/san/tests/unit/%.o $(BUILD)/san/lqos.a
	@mkdir -p $(@D)
	$(CC) $(SANITIZE) $(LDFLAGS) -o $@ $^ -lcmocka $(engine_libs) $(console_libs)

bpf_tests := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bpf/test_*.c))
$(bpf_tests): $(BUILD)/tests/bpf/%: $(BUILD)/tests/bpf/%.o $(engine_objects) $(common_objects)
	$(CC) $(LDFLAGS) -o $@ $^ -lcmocka $(engine_libs)
$(bpf_tests:%=%.o): $(BUILD)/bpf/lqos.skel.h

.PHONY: clean
clean: ## remove what was built
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
