/* cursor.c: what the terminal's description says, asked before any screen is opened. Apart from
 * term.c, since <term.h> gives common words a meaning of their own. */
#include "tui/term/term.h"

#include <curses.h>
#include <term.h>
#include <unistd.h>

bool ns_term_has_cursor(void) {
    /* Asked once: once a screen is open the description of the terminal is the screen's. */
    static enum { UNASKED, YES, NO } answer = UNASKED;
    if (answer == UNASKED) {
        int known = 0;
        answer = YES; /* of an unknown one ns_term_open says so */
        if (setupterm(NULL, STDOUT_FILENO, &known) == OK && known == 1) {
            const char *move = tigetstr("cup");
            answer = move != NULL && move != (const char *)-1 ? YES : NO;
            del_curterm(cur_term);
        }
    }
    return answer == YES;
}
