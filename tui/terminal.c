/* SPDX-License-Identifier: GPL-2.0-or-later */
#define NCURSES_WIDECHAR 1
#include "tui/terminal.h"

#include <curses.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/base/memory.h"
#include "tui/keys.h"

struct terminal {
	SCREEN *screen;
	WINDOW *input; /* a pad of one cell that is never shown: reading a key paints nothing */
	enum theme theme;
	bool gone;
	sigset_t while_waiting;
};

static volatile sig_atomic_t told_to_end, interrupted;

static void on_signal(int number)
{
	if (number == SIGINT)
		interrupted = 1;
	else
		told_to_end = 1;
}

/* Signals are let in only while we wait, so none finds the screen half drawn. Our handlers are set
 * before curses looks: it takes only those that nobody has. */
static void hold_signals(sigset_t *while_waiting)
{
	static const int held[] = { SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT };
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(held) / sizeof(held[0]); i++)
		sigaddset(&set, held[i]);
	sigprocmask(SIG_BLOCK, &set, while_waiting);
	for (size_t i = 0; i < sizeof(held) / sizeof(held[0]); i++)
		sigdelset(while_waiting, held[i]);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

struct terminal *terminal_open(enum theme theme, struct error *err)
{
	struct terminal *terminal;
	const char *name = getenv("TERM");
	SCREEN *screen;
	sigset_t while_waiting;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		error_set(err, ERROR_INVALID,
			  "the console needs a terminal; -b prints tables without one");
		return NULL;
	}
	hold_signals(&while_waiting);
	screen = newterm(NULL, stdout, stdin);
	if (!screen) {
		error_set(err, ERROR_SYSTEM,
			  "the terminal \"%s\" (TERM) is not known here; try TERM=vt100",
			  name ? name : "");
		return NULL;
	}
	terminal = xcalloc(1, sizeof(*terminal));
	terminal->screen = screen;
	terminal->while_waiting = while_waiting;
	set_escdelay(25);
	cbreak();
	noecho();
	nonl();
	leaveok(stdscr, FALSE);
	terminal->input = newpad(1, 1);
	keypad(terminal->input, TRUE);
	nodelay(terminal->input, TRUE);
	terminal->theme = theme;
	if (theme != THEME_MONO &&
	    (!has_colors() || start_color() != OK || use_default_colors() != OK))
		terminal->theme = THEME_MONO;
	for (short i = 1; terminal->theme != THEME_MONO && i < 8; i++)
		init_pair(i, i, -1);
	return terminal;
}

void terminal_close(struct terminal *terminal)
{
	delwin(terminal->input);
	endwin();
	delscreen(terminal->screen);
	free(terminal);
}

void terminal_take_mouse(struct terminal *terminal)
{
	mouseinterval(0);
	mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
}

void terminal_size(const struct terminal *terminal, int *rows, int *columns)
{
	getmaxyx(stdscr, *rows, *columns);
}

void terminal_redraw(struct terminal *terminal)
{
	clearok(curscr, TRUE);
}

static attr_t attributes(const struct terminal *terminal, const struct canvas_cell *cell,
			 short *pair)
{
	const struct style *style = theme_style(terminal->theme, cell->role);
	attr_t attr = A_NORMAL;

	*pair = style->foreground > 0 ? (short)style->foreground : 0;
	if (style->bold)
		attr |= A_BOLD;
	if (style->dim)
		attr |= A_DIM;
	if (style->underline)
		attr |= A_UNDERLINE;
	if (style->reverse)
		attr |= A_REVERSE;
	/* One plain bar: parts of other weights would tear it. */
	if (cell->selected) {
		attr = A_REVERSE | (attr & (A_BOLD | A_DIM));
		*pair = 0;
	}
	return attr;
}

static void show_cell(struct terminal *terminal, const struct canvas *canvas, int row, int column)
{
	const struct canvas_cell *cell = canvas_cell(canvas, row, column);
	wchar_t text[4] = { 0 };
	cchar_t shown;
	short pair;
	attr_t attr;

	if (!cell->code[0])
		return; /* the character before covers it */
	for (int i = 0; i < 3; i++)
		text[i] = (wchar_t)cell->code[i];
	attr = attributes(terminal, cell, &pair);
	if (setcchar(&shown, text, attr, pair, NULL) == OK)
		mvwadd_wch(stdscr, row, column, &shown);
}

void terminal_show(struct terminal *terminal, const struct canvas *canvas)
{
	werase(stdscr);
	for (int row = 0; row < canvas->rows; row++)
		for (int column = 0; column < canvas->columns; column++)
			show_cell(terminal, canvas, row, column);
	wmove(stdscr, canvas->cursor_row, canvas->cursor_column);
	wnoutrefresh(stdscr);
	doupdate();
}

bool terminal_wait(struct terminal *terminal, int fd, short events, uint64_t timeout_ns)
{
	struct pollfd fds[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = fd, .events = events },
	};
	struct timespec timeout = { .tv_sec = (time_t)(timeout_ns / NS_PER_SECOND),
				    .tv_nsec = (long)(timeout_ns % NS_PER_SECOND) };
	int count = ppoll(fds, 2, &timeout, &terminal->while_waiting);

	if (count < 0 && errno != EINTR)
		return false;
	if (count > 0 && (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)))
		terminal->gone = true;
	return !terminal->gone && !told_to_end;
}

static uint32_t code_of_key(wint_t key)
{
	static const struct {
		wint_t curses;
		uint32_t code;
	} keys[] = {
		{ KEY_UP, CODE_UP },	     { KEY_DOWN, CODE_DOWN },
		{ KEY_LEFT, CODE_LEFT },     { KEY_RIGHT, CODE_RIGHT },
		{ KEY_PPAGE, CODE_PAGE_UP }, { KEY_NPAGE, CODE_PAGE_DOWN },
		{ KEY_HOME, CODE_HOME },     { KEY_END, CODE_END },
		{ KEY_A1, CODE_HOME },	     { KEY_C1, CODE_END },
		{ KEY_BTAB, CODE_BACK_TAB }, { KEY_DC, CODE_DELETE },
		{ KEY_ENTER, CODE_ENTER },   { KEY_BACKSPACE, CODE_ERASE },
		{ KEY_RESIZE, CODE_RESIZE },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].curses == key)
			return keys[i].code;
	if (key > KEY_F0 && key <= KEY_F(12))
		return CODE_F1 + (uint32_t)(key - KEY_F(1));
	return CODE_RESIZE; /* a key of no use: as good as none, but there may be more behind it */
}

static uint32_t take_mouse_event(int *row, int *column)
{
	MEVENT event;

	if (getmouse(&event) != OK)
		return CODE_RESIZE;
	*row = event.y;
	*column = event.x;
	return event.bstate & BUTTON1_PRESSED	? CODE_CLICK
	       : event.bstate & BUTTON4_PRESSED ? CODE_WHEEL_UP
	       : event.bstate & BUTTON5_PRESSED ? CODE_WHEEL_DOWN
						: CODE_RESIZE;
}

uint32_t terminal_key(struct terminal *terminal, int *row, int *column)
{
	wint_t key;

	if (interrupted) {
		interrupted = 0;
		return 3;
	}
	errno = 0;
	switch (wget_wch(terminal->input, &key)) {
	case KEY_CODE_YES:
		return key == KEY_MOUSE ? take_mouse_event(row, column) : code_of_key(key);
	case OK:
		return key == '\n' ? CODE_ENTER : key ? (uint32_t)key : CODE_RESIZE;
	default:
		if (errno == EIO)
			terminal->gone = true;
		return CODE_NONE;
	}
}
