#include "agent/selling.h"
#include "agent/net/fetch.h"
#include "agent/store/money.h"
#include "shared/crypto/crypto.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LOG_MODULE "selling"
#include "shared/base/log.h"

#define ENV_FILE_MOST ((size_t)64 << 10)

struct ns_selling {
    enum ns_sale sale;
    struct ns_stripe stripe;
    const struct ns_env *env;
    struct ns_db *db;
    struct ns_executor *outside;
    struct ns_courier *courier;
};

static void from_settings(const struct ns_settings *settings, struct ns_stripe_account *a) {
    snprintf(a->base_url, sizeof a->base_url, "%s", ns_settings_text(settings, NS_SET_STRIPE_URL));
    a->taxed = strcmp(ns_settings_text(settings, NS_SET_STRIPE_TAX), "automatic") == 0;
}

/* ---- the environment file ---- */

struct taking {
    struct ns_stripe_account *account;
    struct ns_db *db; /* NULL: only looked at */
    ns_time now;
    bool secrets;
};

static ns_rc take(void *self, const char *name, bool secret, struct ns_str value, struct ns_err *err) {
    struct taking *t = self;
    char text[256];
    if (!ns_stripe_account_set(t->account, name, value) || !ns_str_copy(value, text, sizeof text)) {
        return ns_err_say(err, NS_E_CONFIG, NS_MSG_key_form, name, NULL, NULL);
    }
    t->secrets = t->secrets || secret;
    ns_rc rc = t->db == NULL ? NS_OK : ns_row_secret_put(t->db, name, text, t->now, err);
    ns_crypto_wipe(text, sizeof text);
    return rc;
}

static ns_rc read_file(const struct ns_env *env, const char *path, struct ns_buf *text, struct ns_err *err) {
    struct ns_err inner = {0};
    ns_rc rc = env->read_file(env->self, path, text, &inner);
    return rc == NS_OK ? NS_OK : ns_err_say(err, NS_E_CONFIG, NS_MSG_agent_config_unreadable, path, inner.note, NULL);
}

ns_rc ns_selling_check(const struct ns_env *env, const struct ns_settings *settings, const char *env_file,
                       struct ns_err *err) {
    struct ns_stripe_account account = {0};
    struct taking t = {.account = &account};
    struct ns_buf text = NS_BUF(ENV_FILE_MOST);
    from_settings(settings, &account);
    ns_rc rc = env_file == NULL ? NS_OK : read_file(env, env_file, &text, err);
    if (rc == NS_OK && env_file != NULL) {
        rc = ns_stripe_env_file(ns_buf_view(&text), env_file, take, &t, err);
    }
    if (rc == NS_OK) {
        rc = ns_stripe_account_check(&account, err);
    }
    ns_buf_fini(&text);
    ns_crypto_wipe(&account, sizeof account);
    return rc;
}

/* auto, and nothing is set up to sell with: off, since nobody may be left without a way to buy. */
static enum ns_sale sale_of(const struct ns_settings *settings, const struct ns_stripe_account *a) {
    static const char *const names[] = {"auto", "relay", "direct", "keyless", "off"};
    const char *mode = ns_settings_text(settings, NS_SET_STRIPE_MODE);
    for (int i = 1; i < (int)NS_COUNT(names); i++) {
        if (strcmp(mode, names[i]) == 0) {
            return (enum ns_sale)i;
        }
    }
    return a->key[0] != '\0' ? NS_SALE_DIRECT : NS_SALE_OFF;
}

struct report {
    struct ns_stripe_account account;
    bool set[16];
};

static ns_rc note_set(void *self, const char *name, bool secret, struct ns_str value, struct ns_err *err) {
    struct report *r = self;
    const char *known;
    bool is_secret = secret;
    (void)err;
    for (size_t i = 0; i < NS_COUNT(r->set) && ns_stripe_variable_at(i, &known, &is_secret) != NULL; i++) {
        r->set[i] = r->set[i] || strcmp(known, name) == 0;
    }
    (void)ns_stripe_account_set(&r->account, name, value);
    return NS_OK;
}

/* Others than the owner may read or write it. */
static bool is_open(const char *path) {
    struct stat s;
    return path != NULL && stat(path, &s) == 0 && (s.st_mode & 077) != 0;
}

static void report_json(const struct report *r, const char *mode, const char *const files[3], struct ns_buf *out) {
    const char *name, *variable;
    bool secret, some = false;
    ns_buf_fmt(out, "{\"stripe\":{\"mode\":\"%s\",\"live\":%s},\"variables\":{", mode, r->account.live ? "true" : "false");
    for (size_t i = 0; (variable = ns_stripe_variable_at(i, &name, &secret)) != NULL; i++) {
        ns_buf_fmt(out, "%s\"%s\":%s", i > 0 ? "," : "", variable, r->set[i] ? "true" : "false");
    }
    ns_buf_text(out, "},\"openToOthers\":[");
    for (int i = 0; i < 3; i++) {
        if (is_open(files[i])) {
            ns_buf_text(out, some ? "," : "");
            ns_json_quote(out, ns_str_of(files[i]));
            some = true;
        }
    }
    ns_buf_text(out, "]}\n");
}

static void report_words(const struct report *r, const char *mode, const char *const files[3], enum ns_lang lang, struct ns_buf *out) {
    const char *name, *variable;
    bool secret;
    NS_MSG_TO(out, lang, NS_MSG_config_mode, mode,
              r->account.key[0] == '\0' ? "" : ns_msg(lang, r->account.live ? NS_MSG_config_live : NS_MSG_config_test));
    ns_buf_char(out, '\n');
    for (size_t i = 0; (variable = ns_stripe_variable_at(i, &name, &secret)) != NULL; i++) {
        ns_buf_fmt(out, "  %-26s %s\n", variable, ns_msg(lang, r->set[i] ? NS_MSG_config_set : NS_MSG_config_missing));
    }
    for (int i = 0; i < 3; i++) {
        if (is_open(files[i])) {
            NS_MSG_TO(out, lang, NS_MSG_config_open, files[i]);
            ns_buf_char(out, '\n');
        }
    }
}

ns_rc ns_selling_report(const struct ns_env *env, const struct ns_settings *settings, const struct ns_paths *paths,
                        const char *env_file, enum ns_lang lang, bool json, struct ns_buf *out, struct ns_err *err) {
    static const char *const modes[] = {"off", "relay", "direct", "keyless", "off"};
    struct report r = {0};
    struct ns_buf text = NS_BUF(ENV_FILE_MOST);
    from_settings(settings, &r.account);
    ns_rc rc = env_file == NULL ? NS_OK : read_file(env, env_file, &text, err);
    if (rc == NS_OK && env_file != NULL) {
        rc = ns_stripe_env_file(ns_buf_view(&text), env_file, note_set, &r, err);
    }
    if (rc == NS_OK) {
        rc = ns_stripe_account_check(&r.account, err);
    }
    if (rc == NS_OK) {
        const char *const files[3] = {env_file, paths->agent_ini, paths->machine_key};
        const char *mode = modes[sale_of(settings, &r.account)];
        if (json) {
            report_json(&r, mode, files, out);
        } else {
            report_words(&r, mode, files, lang, out);
        }
    }
    ns_buf_fini(&text);
    ns_crypto_wipe(&r, sizeof r);
    return rc;
}

/* What stands in the file goes over what the store has; checked before either changes. */
static ns_rc move_in(struct ns_selling *s, const char *path, bool read_only, struct ns_err *err) {
    struct ns_buf text = NS_BUF(ENV_FILE_MOST), clean = NS_BUF(2 * ENV_FILE_MOST);
    struct taking t = {.account = &s->stripe.account};
    ns_rc rc = read_file(s->env, path, &text, err);
    if (rc == NS_OK) {
        rc = ns_stripe_env_file(ns_buf_view(&text), path, take, &t, err);
    }
    if (rc == NS_OK) {
        rc = ns_stripe_account_check(&s->stripe.account, err);
    }
    if (rc == NS_OK && !read_only) {
        t = (struct taking){.account = &s->stripe.account, .db = s->db, .now = ns_env_now(s->env)};
        rc = ns_db_begin(s->db, err);
        if (rc == NS_OK) {
            rc = ns_stripe_env_file(ns_buf_view(&text), path, take, &t, err);
            rc = rc == NS_OK ? ns_db_commit(s->db, err) : (ns_db_rollback(s->db), rc);
        }
    }
    if (rc == NS_OK && t.secrets && !read_only) {
        struct ns_err inner = {0};
        ns_stripe_env_clean(ns_buf_view(&text), &clean);
        if (clean.failed || s->env->write_file(s->env->self, path, clean.data, clean.len, 0600, &inner) != NS_OK) {
            LOG_WARN("act=env-file note=\"the secrets are in the store, but still in %s too\"", path);
        }
    }
    ns_buf_fini(&text);
    ns_buf_fini(&clean);
    return rc;
}

ns_rc ns_selling_new(const struct ns_agent_setup *setup, struct ns_db *write_db, bool read_only,
                     struct ns_selling **out, struct ns_err *err) {
    struct ns_selling *s = ns_xcalloc(1, sizeof *s);
    s->env = setup->env;
    s->db = write_db;
    from_settings(setup->settings, &s->stripe.account);
    s->stripe.gate.canada_only = setup->options->canada_only;
    ns_rc rc = ns_stripe_account_load(write_db, &s->stripe.account, err);
    if (rc == NS_OK && setup->options->env_file != NULL) {
        rc = move_in(s, setup->options->env_file, read_only, err);
    }
    if (rc == NS_OK) {
        rc = ns_stripe_account_check(&s->stripe.account, err);
    }
    s->sale = sale_of(setup->settings, &s->stripe.account);
    if (rc != NS_OK) {
        ns_selling_free(s);
        return rc;
    }
    *out = s;
    return NS_OK;
}

enum ns_sale ns_selling_mode(const struct ns_selling *s) {
    return s->sale;
}

ns_rc ns_selling_start(struct ns_selling *s, struct ns_loop *loop, struct ns_executor *writer, void *self,
                       void (*changed)(void *self), struct ns_courier **out, struct ns_err *err) {
    if (s->sale != NS_SALE_DIRECT || s->stripe.account.key[0] == '\0') {
        return NS_OK;
    }
    ns_rc rc = ns_fetch_begin(err);
    if (rc == NS_OK) {
        rc = ns_stripe_begin(&s->stripe, s->env, s->db, err);
    }
    if (rc == NS_OK) {
        rc = ns_executor_new(loop, "outside", 1, 4, &s->outside, err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    const struct ns_courier_setup setup = {.env = s->env, .loop = loop, .writer = writer, .outside = s->outside,
                                           .write_db = s->db, .stripe = &s->stripe, .self = self, .changed = changed};
    s->courier = ns_courier_new(&setup);
    *out = s->courier;
    return NS_OK;
}

void ns_selling_close(struct ns_selling *s) {
    if (s != NULL) {
        ns_courier_close(s->courier);
    }
}

void ns_selling_join(struct ns_selling *s) {
    if (s != NULL) {
        ns_executor_free(s->outside);
        s->outside = NULL;
    }
}

void ns_selling_free(struct ns_selling *s) {
    if (s == NULL) {
        return;
    }
    ns_courier_free(s->courier);
    ns_crypto_wipe(&s->stripe.account, sizeof s->stripe.account);
    free(s);
}

const struct ns_egress *ns_selling_gate(const struct ns_selling *s) {
    return s == NULL ? NULL : &s->stripe.gate;
}
