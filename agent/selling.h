/* selling.h: how plans are sold here: the payment account of an environment file or of the sealed store,
 * checked, and the courier that speaks to it.
 * Ownership: new/free. Threads: the loop thread, before it runs and after. */
#pragma once
#include "agent/agent.h"
#include "agent/sync/courier.h"

struct ns_selling;
/* The settings, an environment file and the store together; NS_E_CONFIG names what is wrong. Secrets of
 * the file are put into the store (unless it is read only) and taken out of the file. */
ns_rc ns_selling_new(const struct ns_agent_setup *setup, struct ns_db *write_db, bool read_only, struct ns_selling **out,
                     struct ns_err *err) NS_MUST_USE;
enum ns_sale ns_selling_mode(const struct ns_selling *selling);
/* *out NULL: nothing is asked of anybody here. */
ns_rc ns_selling_start(struct ns_selling *selling, struct ns_loop *loop, struct ns_executor *writer, void *self,
                       void (*changed)(void *self), struct ns_courier **out, struct ns_err *err) NS_MUST_USE;
void ns_selling_close(struct ns_selling *selling);
void ns_selling_join(struct ns_selling *selling); /* the thread outside; before the writer ends */
void ns_selling_free(struct ns_selling *selling); /* NULL is fine */
/* Reads settings and file only: for --check-config. */
ns_rc ns_selling_check(const struct ns_env *env, const struct ns_settings *settings, const char *env_file,
                       struct ns_err *err) NS_MUST_USE;
/* After that check: how plans are sold with it, which variables are set or missing, whose files are open to
 * others; never a value. Words in lang, or JSON. */
ns_rc ns_selling_report(const struct ns_env *env, const struct ns_settings *settings, const struct ns_paths *paths,
                        const char *env_file, enum ns_lang lang, bool json, struct ns_buf *out, struct ns_err *err) NS_MUST_USE;

/* What may leave, as this agent was started. */
const struct ns_egress *ns_selling_gate(const struct ns_selling *selling);
