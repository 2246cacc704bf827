/* order_words.h: the stages of an order for a person, and the table that moves every order, as
 * docs/orders.md holds it. A file of its own: the model and the theme both know an ns_role. */
#pragma once
#include "shared/text/message.h"

enum ns_msg ns_order_stage_word(const char *stage);
void ns_order_states_table(struct ns_buf *out, bool json);
