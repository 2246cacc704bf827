#include "agent/store/person.h"
#include "agent/store/rows.h"

#include "shared/base/buf.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS                                                                                \
    "id, name, date_of_birth, gender, current_diaper_size, current_weight_g, "                 \
    "current_height_mm, daily_usage_count, has_sensitive_skin, has_allergies, "                \
    "allergies_notes, preferred_brands, special_needs, onboarding_completed, created_at"
#define READ                                                                                   \
    "id, person_open(id, name), date_of_birth, gender, current_diaper_size, "                  \
    "current_weight_g, current_height_mm, daily_usage_count, has_sensitive_skin, "             \
    "has_allergies, person_open(id, allergies_notes), preferred_brands, "                      \
    "person_open(id, special_needs), onboarding_completed, created_at"

enum { BY_ID, ALL, ADD, WRITE, TEXTS, Q_COUNT };
static const char *const queries[Q_COUNT] = {
    [BY_ID] = "SELECT " READ " FROM children WHERE id = ? AND deleted_at IS NULL",
    [ALL] = "SELECT " READ " FROM children WHERE deleted_at IS NULL ORDER BY seq",
    [ADD] = "INSERT INTO children (" COLUMNS ", updated_at) "
            "VALUES (?1, person_seal(?1, ?2), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
            "person_seal(?1, ?11), ?12, person_seal(?1, ?13), ?14, ?15, ?16)",
    [WRITE] = "UPDATE children SET name = person_seal(?15, ?1), date_of_birth = ?2, gender = ?3, "
              "current_diaper_size = ?4, current_weight_g = ?5, current_height_mm = ?6, "
              "daily_usage_count = ?7, has_sensitive_skin = ?8, has_allergies = ?9, "
              "allergies_notes = person_seal(?15, ?10), preferred_brands = ?11, "
              "special_needs = person_seal(?15, ?12), onboarding_completed = ?13, "
              "updated_at = ?14 WHERE id = ?15",
    [TEXTS] = "SELECT value FROM json_each(?)",
};

char *ns_row_texts_json(const char *const *texts, int count) {
    struct ns_buf buf = NS_BUF(64 * 1024);
    if (count < 0) {
        return NULL;
    }
    ns_buf_char(&buf, '[');
    for (int i = 0; i < count; i++) {
        ns_buf_text(&buf, i > 0 ? ",\"" : "\"");
        for (const char *p = texts[i]; *p != '\0'; p++) {
            unsigned char u = (unsigned char)*p;
            if (u == '"' || u == '\\') {
                ns_buf_char(&buf, '\\');
                ns_buf_char(&buf, *p);
            } else if (u < 0x20) {
                ns_buf_fmt(&buf, "\\u%04x", u);
            } else {
                ns_buf_char(&buf, *p);
            }
        }
        ns_buf_char(&buf, '"');
    }
    ns_buf_char(&buf, ']');
    return ns_buf_take(&buf);
}

/* The brands text is kept aside: reading it needs a statement of its own. */
static void read_child(const struct ns_query *q, struct ns_arena *arena, struct ns_child *c,
                       const char **brands) {
    enum ns_gender gender;
    *c = (struct ns_child){
        .id = ns_col_id(q, 0),
        .name = ns_col_text(q, 1, arena),
        .date_of_birth = (ns_date)ns_col_int(q, 2),
        .gender = ns_gender_parse(ns_col_bytes(q, 3), &gender) ? (int)gender : NS_NONE,
        .weight_g = (int)ns_col_opt(q, 5, NS_NONE),
        .height_mm = (int)ns_col_opt(q, 6, NS_NONE),
        .daily_usage_count = (int)ns_col_int(q, 7),
        .has_sensitive_skin = ns_col_int(q, 8) != 0,
        .has_allergies = ns_col_int(q, 9) != 0,
        .allergies_notes = ns_col_text(q, 10, arena),
        .brand_count = NS_NONE,
        .special_needs = ns_col_text(q, 12, arena),
        .onboarding_completed = ns_col_int(q, 13) != 0,
        .created_at = ns_col_int(q, 14),
    };
    ns_size_parse(ns_col_bytes(q, 4), &c->current_size);
    *brands = ns_col_text(q, 11, arena);
}

ns_rc ns_row_texts(struct ns_db *db, const char *json, struct ns_arena *arena,
                   const char *const **out, int *count, struct ns_err *err) {
    struct ns_query q;
    const char **list = NULL;
    int cap = 0;
    *count = 0;
    ns_query_start(&q, db, queries[TEXTS]);
    ns_query_text(&q, json);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, list, *count, cap, const char *);
        list[(*count)++] = ns_col_text(&q, 0, arena);
    }
    *out = list;
    return ns_query_end(&q, err);
}

static ns_rc read_brands(struct ns_db *db, const char *json, struct ns_arena *arena,
                         struct ns_child *c, struct ns_err *err) {
    return json == NULL ? NS_OK : ns_row_texts(db, json, arena, &c->preferred_brands, &c->brand_count, err);
}

ns_rc ns_row_child(struct ns_db *db, ns_id id, struct ns_arena *arena, struct ns_child *out,
                   bool *found, struct ns_err *err) {
    struct ns_query q;
    const char *brands = NULL;
    *out = (struct ns_child){0};
    ns_query_start(&q, db, queries[BY_ID]);
    ns_query_id(&q, id);
    *found = ns_query_row(&q);
    if (*found) {
        read_child(&q, arena, out, &brands);
    }
    ns_rc rc = ns_query_end(&q, err);
    return rc == NS_OK && *found ? read_brands(db, brands, arena, out, err) : rc;
}

ns_rc ns_row_children(struct ns_db *db, struct ns_arena *arena, struct ns_child **out, int *count,
                      struct ns_err *err) {
    struct ns_query q;
    const char **brands = NULL;
    int cap = 0, brands_cap = 0;
    *out = NULL;
    *count = 0;
    ns_query_start(&q, db, queries[ALL]);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, *out, *count, cap, struct ns_child);
        NS_LIST_ROOM(arena, brands, *count, brands_cap, const char *);
        read_child(&q, arena, &(*out)[*count], &brands[*count]);
        (*count)++;
    }
    ns_rc rc = ns_query_end(&q, err);
    for (int i = 0; rc == NS_OK && i < *count; i++) {
        rc = read_brands(db, brands[i], arena, &(*out)[i], err);
    }
    return rc;
}

static void bind_child(struct ns_query *q, const struct ns_child *c, const char *brands) {
    ns_query_text(q, c->name);
    ns_query_int(q, c->date_of_birth);
    ns_query_text(q, c->gender == NS_NONE ? NULL : ns_gender_name((enum ns_gender)c->gender));
    ns_query_text(q, ns_size_name(c->current_size));
    ns_query_opt(q, c->weight_g, NS_NONE);
    ns_query_opt(q, c->height_mm, NS_NONE);
    ns_query_int(q, c->daily_usage_count);
    ns_query_int(q, c->has_sensitive_skin);
    ns_query_int(q, c->has_allergies);
    ns_query_text(q, c->allergies_notes);
    ns_query_text(q, brands);
    ns_query_text(q, c->special_needs);
    ns_query_int(q, c->onboarding_completed);
}

ns_rc ns_row_child_add(struct ns_db *db, const struct ns_child *in, struct ns_err *err) {
    struct ns_query q;
    ns_rc rc = ns_person_key_add(db, in->id, in->created_at, err);
    if (rc != NS_OK) {
        return rc;
    }
    char *brands = ns_row_texts_json(in->preferred_brands, in->brand_count);
    ns_query_start(&q, db, queries[ADD]);
    ns_query_id(&q, in->id);
    bind_child(&q, in, brands);
    ns_query_int(&q, in->created_at);
    ns_query_int(&q, in->created_at);
    free(brands);
    return ns_query_run(&q, err);
}

ns_rc ns_row_child_write(struct ns_db *db, const struct ns_child *in, ns_time now,
                         struct ns_err *err) {
    struct ns_query q;
    char *brands = ns_row_texts_json(in->preferred_brands, in->brand_count);
    ns_query_start(&q, db, queries[WRITE]);
    bind_child(&q, in, brands);
    ns_query_int(&q, now);
    ns_query_id(&q, in->id);
    free(brands);
    return ns_query_run(&q, err);
}

const struct ns_query_table ns_queries_children = {"children", queries, Q_COUNT};
