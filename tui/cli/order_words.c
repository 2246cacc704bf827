#include "tui/cli/order_words.h"

#include "shared/model/order.h"

enum ns_msg ns_order_stage_word(const char *stage) {
    static const enum ns_msg words[NS_ORDER_COUNT] = {
        NS_MSG_stage_proposed, NS_MSG_stage_approved, NS_MSG_stage_handed_over, NS_MSG_stage_reserved, NS_MSG_stage_sending,
        NS_MSG_stage_unknown, NS_MSG_stage_human, NS_MSG_stage_placed, NS_MSG_stage_processing, NS_MSG_stage_shipped,
        NS_MSG_stage_in_transit, NS_MSG_stage_delivered, NS_MSG_stage_cancelled, NS_MSG_stage_expired,
        NS_MSG_stage_rejected, NS_MSG_stage_returned};
    enum ns_order_state state = NS_ORDER_PROPOSED;
    (void)ns_order_state_parse(ns_str_of(stage == NULL ? "" : stage), &state);
    return words[state];
}

void ns_order_states_table(struct ns_buf *out, bool json) {
    ns_buf_text(out, json ? "[" : "");
    for (int i = 0; i < ns_order_edge_count; i++) {
        const struct ns_order_edge *e = &ns_order_edges[i];
        ns_buf_fmt(out, json ? "%s{\"from\":\"%s\",\"event\":\"%s\",\"to\":\"%s\",\"if\":\"" : "%s%-12s %-12s %-12s ",
                   json && i > 0 ? "," : "", ns_order_state_name(e->from), ns_order_event_name(e->event),
                   ns_order_state_name(e->to));
        ns_order_guard_names(e->guards, out);
        ns_buf_text(out, json ? "\",\"does\":\"" : e->acts != 0 ? " -> " : "");
        ns_order_act_names(e->acts, out);
        ns_buf_text(out, json ? "\"}" : "\n");
    }
    ns_buf_text(out, json ? "]\n" : "");
}
