/* catalogue_table.h: the shape of the generated message table. Private to shared/text. */
#pragma once

struct ns_msg_row {
    const char *key;
    const char *text[2]; /* indexed by enum ns_lang */
};

extern const struct ns_msg_row ns_msg_rows[];
