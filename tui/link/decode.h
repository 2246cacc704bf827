/* decode.h: answers of the agent into the pieces of the console's state.
 *
 * Pure. `data` is the "data" member of a GraphQL answer; a member that is missing or of the
 * wrong kind leaves its NONE value, never garbage. Texts are cut at a character border.
 * Memory: nothing is kept. Threads: pure. */
#pragma once
#include "shared/calendar/zone.h"
#include "shared/wire/json.h"
#include "tui/app/state.h"

/* The zone named by the household, else of its province, else Toronto's. False: not set up. */
bool ns_decode_household(const struct ns_json *data, struct ns_app_household *out,
                         const struct ns_zone **zone, char timezone[48]);
size_t ns_decode_children(const struct ns_json *data, struct ns_app_child *out, size_t most);
void ns_decode_child_state(const struct ns_json *data, struct ns_app_child *child);
/* Also of a single prediction object (subscription). present is false without one. */
void ns_decode_prediction(const struct ns_json *data, const struct ns_zone *zone,
                          struct ns_app_prediction *out);
/* Why and what if (NS_DOC_ANSWERS). */
void ns_decode_answers(const struct ns_json *data, struct ns_app_answers *out);
size_t ns_decode_days(const struct ns_json *data, struct ns_app_day *out, size_t most);
/* Appended to what is there, newest first over all: *count grows to at most `most`. */
void ns_decode_logs(const struct ns_json *data, const struct ns_zone *zone,
                    struct ns_app_log *out, size_t *count, size_t most);
void ns_decode_stock(const struct ns_json *data, const struct ns_zone *zone,
                     struct ns_app_stock *out, size_t *count, size_t most);
void ns_decode_network(const struct ns_json *data, const struct ns_zone *zone, struct ns_app_network *out);
void ns_decode_pairing(const struct ns_json *window, struct ns_app_pairing *out); /* NULL: none */
void ns_decode_plan(const struct ns_json *data, const struct ns_zone *zone, struct ns_app_plan *out);
/* What a mutation about the plan answered; NULL: nothing of the sort. */
void ns_decode_plan_answer(const struct ns_json *outcome, struct ns_app_plan_answer *out);
void ns_decode_support(const struct ns_json *data, const struct ns_zone *zone, ns_time now,
                       struct ns_app_support *out);

/* {"errors":[{message, extensions{code}}]} and refusals ({"success": false}): the code of our
 * table and the agent's own text, which is already in the caller's language. mutation: name of
 * the field whose success counts; NULL for queries. */
ns_rc ns_decode_verdict(const struct ns_json *answer, const char *mutation, struct ns_err *err);

/* Copies text, cut at a character border; "" for NULL. */
void ns_decode_text(char *out, size_t cap, const char *text);
