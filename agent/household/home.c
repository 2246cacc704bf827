#include "agent/household/act.h"

#include "agent/store/migrate.h"

ns_rc act_audit(const struct ns_act *act, const char *action, const char *entity, ns_id entity_id,
                const char *detail, struct ns_err *err) {
    return ns_audit_append(act->db, act->env, act->now, &act->actor, action, entity, entity_id,
                           detail, err);
}

ns_rc act_undoable(const struct ns_act *act, enum ns_action_kind kind, const char *step,
                   ns_id child, ns_id entity, const char *data, ns_id *action, struct ns_err *err) {
    struct ns_action_row row = {
        .id = ns_id_new(act->env),
        .kind = kind,
        .step = step,
        .child_id = child,
        .entity_id = entity,
        .data = data,
        .at = act->now,
        .user_id = act->actor.user,
    };
    if (action != NULL) {
        *action = row.id;
    }
    return ns_row_action_add(act->db, &row, err);
}

/* Length of the sequence at p, 0 when it is not valid UTF-8 (overlong and surrogates included). */
static int utf8_length(const unsigned char *p) {
    if (p[0] < 0x80) {
        return 1;
    }
    int n = p[0] >= 0xf0 && p[0] <= 0xf4 ? 4 : p[0] >= 0xe0 && p[0] < 0xf0 ? 3
            : p[0] >= 0xc2 && p[0] < 0xe0                                   ? 2
                                                                            : 0;
    for (int i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
        (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f)) {
        return 0;
    }
    return n;
}

ns_rc act_text(const struct ns_act *act, const char *in, int max, bool required, int field_msg,
               const char **out, struct ns_err *err) {
    struct ns_str text = ns_str_trim(ns_str_of(in));
    char word[NS_ERR_WORD];
    const char *field = ns_err_word((enum ns_msg)field_msg, word);
    char limit[16];
    int count = 0;
    snprintf(limit, sizeof limit, "%d", max);
    *out = NULL;
    if (text.n == 0) {
        return required ? ns_err_say(err, NS_E_INPUT, NS_MSG_hh_text_missing, field, NULL, NULL)
                        : NS_OK;
    }
    char *copy = ns_arena_copy(act->arena, text);
    for (const unsigned char *p = (const unsigned char *)copy; *p != '\0'; count++) {
        int n = utf8_length(p);
        if (n == 0 || (*p < 0x20 && *p != '\n' && *p != '\t') || *p == 0x7f) {
            return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_text_bytes, field, NULL, NULL);
        }
        p += n;
    }
    if (count > max) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_text_long, field, limit, NULL);
    }
    *out = copy;
    return NS_OK;
}

ns_rc act_measure(double value, double low, double high, double scale, int msg, int *out,
                  struct ns_err *err) {
    char shown[32], from[16], to[16];
    *out = NS_NONE;
    if (isnan(value)) {
        return NS_OK;
    }
    if (!(value >= low && value <= high)) {
        snprintf(shown, sizeof shown, "%.6g", value);
        snprintf(from, sizeof from, "%g", low);
        snprintf(to, sizeof to, "%g", high);
        return ns_err_say(err, NS_E_INPUT, msg, shown, from, to);
    }
    *out = (int)lround(value * scale);
    return NS_OK;
}

ns_rc act_child(const struct ns_act *act, ns_id id, struct ns_child *out, struct ns_err *err) {
    return ns_child_get(act->db, id, act->arena, out, err);
}

ns_rc ns_household_get(struct ns_db *db, struct ns_arena *arena, struct ns_household *out,
                       bool *found, struct ns_err *err) {
    return ns_row_household(db, arena, out, found, err);
}

ns_rc ns_household_zone(struct ns_db *db, const struct ns_zone **out, struct ns_err *err) {
    struct ns_arena arena = {0};
    struct ns_household home;
    bool found = false;
    ns_rc rc = ns_row_household(db, &arena, &home, &found, err);
    *out = rc == NS_OK && found ? ns_zone_find(home.timezone) : NULL;
    if (*out == NULL) {
        *out = ns_zone_find("America/Toronto");
    }
    ns_arena_fini(&arena);
    return rc;
}

static ns_rc check_setup(const struct ns_act *act, const struct ns_setup_input *in,
                         struct ns_user *user, struct ns_household *home, struct ns_err *err) {
    enum ns_lang lang = NS_LANG_EN;
    const char *email = NULL;
    ns_rc rc = act_text(act, in->display_name, 100, true, NS_MSG_hh_field_name,
                        &user->display_name, err);
    if (rc != NS_OK) {
        return rc;
    }
    if (in->province == NULL || !ns_province_parse(ns_str_of(in->province), &home->province)) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_province_unknown,
                          in->province != NULL ? in->province : "", NULL, NULL);
    }
    const struct ns_zone *zone = in->timezone != NULL && in->timezone[0] != '\0'
                                     ? ns_zone_find(in->timezone)
                                     : ns_zone_of_province(in->province);
    if (zone == NULL) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_zone_unknown, in->timezone, NULL, NULL);
    }
    if (in->language != NULL && !ns_lang_parse(ns_str_of(in->language), &lang)) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_language_unknown, in->language, NULL, NULL);
    }
    rc = act_text(act, in->email, 254, false, NS_MSG_hh_field_email, &email, err);
    if (rc != NS_OK) {
        return rc;
    }
    if (email != NULL && (strchr(email, '@') == NULL || strchr(email, ' ') != NULL)) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_email_odd, NULL, NULL, NULL);
    }
    user->email = email != NULL ? email : "";
    user->timezone = home->timezone = ns_zone_name(zone);
    user->language = home->language = ns_lang_code(lang);
    user->province = ns_province_name(home->province);
    return NS_OK;
}

ns_rc ns_household_set_up(const struct ns_act *act, const struct ns_setup_input *in,
                          struct ns_user *out, struct ns_err *err) {
    struct ns_household home = {.id = ns_id_new(act->env), .demo = in->demo, .created_at = act->now};
    struct ns_household other;
    struct ns_act owner = *act;
    bool found = false;
    *out = (struct ns_user){
        .id = ns_id_new(act->env),
        .currency = "CAD",
        .status = NS_USER_ACTIVE,
        .role = NS_ROLE_FAMILY_CORE,
        .created_at = act->now,
    };
    ns_rc rc = check_setup(act, in, out, &home, err);
    if (rc != NS_OK || (rc = ns_db_begin(act->db, err)) != NS_OK) {
        return rc;
    }
    rc = ns_row_household(act->db, act->arena, &other, &found, err);
    if (rc == NS_OK && found) {
        rc = ns_err_say(err, NS_E_CONFLICT, NS_MSG_hh_has_owner, NULL, NULL, NULL);
    }
    home.owner_id = out->id;
    home.owner_name = out->display_name;
    owner.actor.user = out->id;
    if (rc == NS_OK) {
        rc = ns_row_user_add(act->db, out, err);
    }
    if (rc == NS_OK) {
        rc = ns_row_household_add(act->db, &home, err);
    }
    if (rc == NS_OK) {
        rc = act_audit(&owner, "HOUSEHOLD_SET_UP", "household", home.id,
                       in->demo ? "{\"demo\":true}" : NULL, err);
    }
    return act_end(act, rc, err);
}

ns_rc ns_user_get(struct ns_db *db, ns_id id, struct ns_arena *arena, struct ns_user *out,
                  struct ns_err *err) {
    bool found = false;
    ns_rc rc = ns_row_user(db, id, arena, out, &found, err);
    if (rc == NS_OK && !found) {
        rc = ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_hh_user_unknown, NULL, NULL, NULL);
    }
    return rc;
}

ns_rc ns_device_seen(const struct ns_act *act, ns_id user, const char *name, const char *platform,
                     const char *address, ns_id *out, struct ns_err *err) {
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = ns_row_device_by_name(act->db, user, name, out, err);
    if (rc == NS_OK && !ns_id_is_zero(*out)) {
        rc = ns_row_device_touch(act->db, *out, address, act->now, err);
    } else if (rc == NS_OK) {
        struct ns_device device = {
            .id = ns_id_new(act->env),
            .user_id = user,
            .name = name,
            .platform = platform,
            .last_address = address,
            .paired_at = act->now,
            .last_seen_at = act->now,
            .revoked_at = NS_TIME_NONE,
        };
        *out = device.id;
        rc = ns_row_device_add(act->db, &device, err);
        if (rc == NS_OK) {
            rc = act_audit(act, "DEVICE_ADDED", "device", device.id, NULL, err);
        }
    }
    return act_end(act, rc, err);
}

ns_rc ns_device_list(struct ns_db *db, struct ns_arena *arena, const struct ns_device **out,
                     int *count, struct ns_err *err) {
    struct ns_device *list = NULL;
    ns_rc rc = ns_row_devices(db, arena, &list, count, err);
    *out = list;
    return rc;
}

ns_rc ns_household_count(struct ns_db *db, struct ns_household_counts *out, struct ns_err *err) {
    *out = (struct ns_household_counts){.bytes = ns_db_bytes(db)};
    ns_rc rc = ns_migrate_version(db, &out->schema_version, err);
    if (rc == NS_OK) {
        rc = ns_row_counts(db, &out->children, &out->logs, &out->audit_lines, err);
    }
    return rc;
}
