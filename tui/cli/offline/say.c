#include "tui/cli/offline/say.h"

#include <stdio.h>

void offline_complain(enum ns_lang lang, const struct ns_err *err) {
    struct ns_buf text = NS_BUF(4096);
    (void)ns_err_text(&text, lang, err);
    fprintf(stderr, "%s\n", text.data == NULL ? "" : text.data);
    ns_buf_fini(&text);
}
