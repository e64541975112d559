/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A circuits file of a test's own, written by the sqlite3 shell as an operator would. */
#ifndef LQOS_TESTS_CIRCUITS_FILE_H
#define LQOS_TESTS_CIRCUITS_FILE_H

#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "db/circuits.h"

extern char **environ;

struct fixture {
	char directory[64], path[96], state_path[96];
	struct circuits_db *db;
};

static inline int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct error err;

	strcpy(fixture->directory, "/tmp/lqos-test-db-XXXXXX");
	assert_non_null(mkdtemp(fixture->directory));
	snprintf(fixture->path, sizeof(fixture->path), "%s/circuits.db", fixture->directory);
	snprintf(fixture->state_path, sizeof(fixture->state_path), "%s/state.db",
		 fixture->directory);
	fixture->db = circuits_db_open(fixture->path, true, &err);
	if (!fixture->db)
		fail_msg("%s", err.text);
	*state = fixture;
	return 0;
}

static inline int tear_down(void **state)
{
	struct fixture *fixture = *state;
	char *arguments[] = { "rm", "-rf", fixture->directory, NULL };
	pid_t pid;

	circuits_db_close(fixture->db);
	if (posix_spawnp(&pid, "rm", NULL, NULL, arguments, environ) == 0)
		waitpid(pid, NULL, 0);
	free(fixture);
	return 0;
}

static inline int run_shell(char *const *arguments)
{
	int status = -1;
	pid_t pid;

	assert_int_equal(posix_spawnp(&pid, "sqlite3", NULL, NULL, arguments, environ), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

/* Runs the shell as an operator would; its exit status. */
static inline int shell(const char *path, const char *command)
{
	char *arguments[] = { "sqlite3", "-batch", (char *)path, (char *)command, NULL };

	return run_shell(arguments);
}

/* Exports to a file, as lqos-db(5) says. */
static inline int export(const char *path, const char *once)
{
	char *arguments[] = { "sqlite3",    "-csv",	  "-header",
			      (char *)path, (char *)once, "SELECT * FROM shaped_devices",
			      NULL };

	return run_shell(arguments);
}

static inline struct network *load(struct fixture *fixture)
{
	struct error err;
	struct network *rows = circuits_db_load(fixture->db, &err), *network;

	if (!rows)
		fail_msg("%s", err.text);
	network = network_resolve(rows, NULL);
	network_free(rows);
	return network;
}

/* Stages a file as lqos-db(5) says and merges it; whether it was merged. */
static inline bool import_file(struct fixture *fixture, const char *csv)
{
	char path[128], command[256];
	struct error err;
	bool merged;
	FILE *file;

	snprintf(path, sizeof(path), "%s/import.csv", fixture->directory);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(csv, file);
	fclose(file);
	snprintf(command, sizeof(command), ".import --csv --skip 1 %s shaped_devices", path);
	shell(fixture->path, command);
	if (!circuits_db_merge_staged(fixture->db, &merged, &err))
		fail_msg("%s", err.text);
	return merged;
}

static inline void import(struct fixture *fixture, const char *csv)
{
	assert_true(import_file(fixture, csv));
}

static inline void import_refused(struct fixture *fixture, const char *csv)
{
	assert_false(import_file(fixture, csv));
}

#define SHAPED_HEADER                                                                              \
	"Circuit ID,Circuit Name,Device ID,Device Name,Parent Node,Parent Node ID,Anchor Node "    \
	"ID,MAC,IPv4,IPv6,Download Min Mbps,Upload Min Mbps,Download Max Mbps,Upload Max "         \
	"Mbps,Comment\n"

#endif
