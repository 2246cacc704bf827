/* cursor.c: what the terminal's description says, asked before any screen is opened. Apart from
 * term.c, since <term.h> gives common words a meaning of their own. */
#include "tui/term/term.h"

#include <curses.h>
#include <term.h>
#include <unistd.h>

bool ns_term_has_cursor(void) {
    int known = 0;
    bool can = true;
    if (setupterm(NULL, STDOUT_FILENO, &known) == OK && known == 1) {
        const char *move = tigetstr("cup");
        can = move != NULL && move != (const char *)-1;
        del_curterm(cur_term);
    }
    return can; /* of an unknown one ns_term_open says so */
}
