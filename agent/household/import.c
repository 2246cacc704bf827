#include "agent/household/import.h"

#include "agent/household/act.h"

#include <stdlib.h>

#define PACKED 10 /* bytes of an event in a chunk: instant (8), wet + 1, soiled + 1 */

static int key_number(struct ns_str key) {
    for (int i = 1; i < NS_MSG_COUNT; i++) {
        if (ns_str_is(key, ns_msg_key((enum ns_msg)i))) {
            return i;
        }
    }
    return 0;
}

static ns_time instant(const struct ns_act *act, const struct ns_import_event *e) {
    return ns_zone_instant(act->zone, e->day, e->minute);
}

static void pack(struct ns_buf *b, ns_time at, bool wet, bool soiled) {
    uint8_t bytes[PACKED];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)((uint64_t)at >> (8 * i));
    }
    bytes[8] = (uint8_t)(wet + 1);
    bytes[9] = (uint8_t)(soiled + 1);
    ns_buf_add(b, bytes, sizeof bytes);
}

static struct ns_usage_mark unpack(const char *p) {
    uint64_t at = 0;
    for (int i = 0; i < 8; i++) {
        at |= (uint64_t)(uint8_t)p[i] << (8 * i);
    }
    return (struct ns_usage_mark){(ns_time)at, (int)(uint8_t)p[8] - 1, (int)(uint8_t)p[9] - 1};
}

static bool same(const struct ns_usage_mark *a, ns_time at, int wet, int soiled) {
    return a->at / NS_MINUTE == at / NS_MINUTE && a->wet == wet && a->soiled == soiled;
}

/* Both lists run in time: is there a mark of the same minute and kind? *from moves along. */
static bool known(const struct ns_usage_mark *marks, int n, int *from, ns_time at, int wet,
                  int soiled) {
    while (*from < n && marks[*from].at / NS_MINUTE < at / NS_MINUTE) {
        (*from)++;
    }
    for (int i = *from; i < n && marks[i].at / NS_MINUTE == at / NS_MINUTE; i++) {
        if (same(&marks[i], at, wet, soiled)) {
            return true;
        }
    }
    return false;
}

static int by_instant(const void *left, const void *right) {
    const struct ns_usage_mark *a = left, *b = right;
    return (a->at > b->at) - (a->at < b->at);
}

/* What was read, in the order of instants: the hour that spring skips falls on the one after it,
 * so the order of wall clocks is not enough. */
static struct ns_usage_mark *in_time(const struct ns_act *act, const struct ns_import_file *f) {
    struct ns_usage_mark *events = NS_NEW_N(act->arena, struct ns_usage_mark, (size_t)f->count);
    for (int i = 0; i < f->count; i++) {
        const struct ns_import_event *e = &f->events[i];
        events[i] = (struct ns_usage_mark){instant(act, e), e->wet, e->soiled};
    }
    qsort(events, (size_t)f->count, sizeof *events, by_instant);
    return events;
}

/* The same change on another line; equal events of a minute stand close together. */
static bool repeated(const struct ns_usage_mark *events, int i) {
    for (int j = i - 1; j >= 0 && events[j].at / NS_MINUTE == events[i].at / NS_MINUTE; j--) {
        if (same(&events[j], events[i].at, events[i].wet, events[i].soiled)) {
            return true;
        }
    }
    return false;
}

/* Days, gaps and duplicates of what was read; new events are packed away. */
static ns_rc stage_events(const struct ns_act *act, const struct ns_import_file *f,
                          struct ns_import_job *job, struct ns_err *err) {
    struct ns_usage_mark *marks = NULL, *events = NULL;
    struct ns_buf chunk = NS_BUF(NS_IMPORT_CHUNK * PACKED + 64);
    int n = 0, from = 0, number = 0;
    ns_date last = NS_DATE_NONE;
    ns_rc rc = NS_OK;
    if (f->count > 0) {
        events = in_time(act, f);
        rc = ns_row_marks(act->db, job->child_id, events[0].at - NS_HOUR,
                          events[f->count - 1].at + NS_HOUR, act->arena, &marks, &n, err);
    }
    for (int i = 0; i < f->count; i++) {
        if (f->events[i].day != last) {
            job->days++;
            job->gap_days += last != NS_DATE_NONE ? f->events[i].day - last - 1 : 0;
            last = f->events[i].day;
        }
    }
    for (int i = 0; rc == NS_OK && i < f->count; i++) {
        const struct ns_usage_mark *e = &events[i];
        if (repeated(events, i) || known(marks, n, &from, e->at, e->wet, e->soiled)) {
            job->duplicates++;
            continue;
        }
        pack(&chunk, e->at, e->wet, e->soiled);
        job->total++;
        if (chunk.len == NS_IMPORT_CHUNK * PACKED) {
            rc = ns_row_import_events_add(act->db, job->id, number++, chunk.data, chunk.len, err);
            ns_buf_clear(&chunk);
        }
    }
    if (rc == NS_OK && chunk.len > 0) {
        rc = ns_row_import_events_add(act->db, job->id, number, chunk.data, chunk.len, err);
    }
    ns_buf_fini(&chunk);
    return rc;
}

static ns_rc stage_problems(const struct ns_act *act, const struct ns_import_file *f, ns_id import,
                            struct ns_err *err) {
    ns_rc rc = NS_OK;
    for (int i = 0; rc == NS_OK && i < f->problem_count; i++) {
        rc = ns_row_import_problem_add(act->db, import, i, f->problems[i].line,
                                       ns_msg_key((enum ns_msg)f->problems[i].msg),
                                       f->problems[i].arg, err);
    }
    for (int i = 0; rc == NS_OK && i < f->reason_count; i++) {
        rc = ns_row_import_reason_add(act->db, import, i, ns_msg_key((enum ns_msg)f->reasons[i].msg),
                                      f->reasons[i].count, err);
    }
    return rc;
}

static void describe(const struct ns_import_file *f, struct ns_import_job *job) {
    job->format = f->format;
    job->day_order = f->day_order;
    job->day_reason = f->day_reason;
    job->changes = f->count;
    job->refused_lines = f->refused;
    job->first_date = f->count > 0 ? f->events[0].day : NS_DATE_NONE;
    job->last_date = f->count > 0 ? f->events[f->count - 1].day : NS_DATE_NONE;
}

ns_rc ns_import_stage(const struct ns_act *act, ns_id child_id, struct ns_str file_name,
                      struct ns_str content, const struct ns_import_options *options,
                      struct ns_import_job *out, struct ns_err *err) {
    struct ns_child child;
    struct ns_import_file found;
    struct ns_import_job job = {.id = ns_id_new(act->env), .child_id = child_id,
                                .state = NS_IMPORT_IS_STAGED, .created_at = act->now};
    file_name.n = file_name.n > 200 ? 200 : file_name.n;
    ns_rc rc = act_text(act, ns_arena_copy(act->arena, file_name), 200, true, NS_MSG_imp_field_file,
                        &job.file_name, err);
    if (rc == NS_OK && content.n > NS_IMPORT_BYTES_MAX) {
        rc = ns_err_say(err, NS_E_LIMIT, NS_MSG_imp_too_big, "8", NULL, NULL);
    }
    if (rc == NS_OK) {
        rc = ns_consent_need(act->db, act->now, NS_CONSENT_CHILD_DATA, err);
    }
    if (rc == NS_OK) {
        rc = act_child(act, child_id, &child, err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    struct ns_import_reading reading = {options != NULL ? options->order : NS_ORDER_AUTO,
                                        child.date_of_birth - 1, ns_act_today(act)};
    rc = ns_import_read(content, &reading, act->arena, &found, err);
    if (rc != NS_OK || (rc = ns_db_begin(act->db, err)) != NS_OK) {
        return rc;
    }
    describe(&found, &job);
    rc = ns_row_import_add(act->db, &job, err); /* first, for the references */
    if (rc == NS_OK) {
        rc = stage_events(act, &found, &job, err);
    }
    if (rc == NS_OK) {
        rc = ns_row_import_counts(act->db, &job, err);
    }
    if (rc == NS_OK) {
        rc = stage_problems(act, &found, job.id, err);
    }
    if (rc == NS_OK) {
        rc = act_audit(act, "IMPORT_STAGED", "import", job.id,
                       ns_arena_printf(act->arena, "{\"format\":\"%s\",\"changes\":%lld}",
                                       ns_import_format_name(job.format), (long long)job.changes),
                       err);
    }
    rc = act_end(act, rc, err);
    return rc == NS_OK ? ns_import_get(act->db, job.id, act->arena, out, err) : rc;
}

static ns_rc write_events(const struct ns_act *act, const struct ns_import_job *job,
                          struct ns_str bytes, int64_t *written, int64_t *duplicates,
                          struct ns_err *err) {
    struct ns_usage_mark *marks = NULL;
    size_t count = bytes.n / PACKED;
    int n = 0, from = 0;
    if (count == 0) {
        return NS_OK;
    }
    ns_rc rc = ns_row_marks(act->db, job->child_id, unpack(bytes.p).at - NS_MINUTE,
                            unpack(bytes.p + (count - 1) * PACKED).at + NS_MINUTE, act->arena,
                            &marks, &n, err);
    for (size_t i = 0; rc == NS_OK && i < count; i++) {
        struct ns_usage_mark m = unpack(bytes.p + i * PACKED);
        if (known(marks, n, &from, m.at, m.wet, m.soiled)) {
            (*duplicates)++;
            continue;
        }
        struct ns_usage_row row = {
            .log = {.id = ns_id_new(act->env),
                    .child_id = job->child_id,
                    .usage_type = NS_USAGE_DIAPER_CHANGE,
                    .logged_at = m.at,
                    .local_day = ns_zone_local_day(act->zone, m.at),
                    .quantity_used = 1,
                    .context = NS_NONE,
                    .was_wet = m.wet,
                    .was_soiled = m.soiled,
                    .had_leakage = NS_NONE,
                    .product_rating = NS_NONE,
                    .change_duration = NS_NONE,
                    .created_at = act->now},
            .import_id = job->id,
            .user_id = act->actor.user,
        };
        rc = ns_row_log_add(act->db, &row, err);
        (*written)++;
    }
    return rc;
}

/* Inside a transaction. */
static ns_rc write_chunk(const struct ns_act *act, struct ns_import_job *job, bool *done,
                         struct ns_err *err) {
    int chunk = -1;
    int64_t written = 0, duplicates = 0;
    struct ns_str bytes;
    ns_rc rc = ns_row_import_events(act->db, job->id, act->arena, &chunk, &bytes, err);
    if (rc == NS_OK && job->state == NS_IMPORT_IS_STAGED) {
        rc = act_undoable(act, NS_ACTION_IMPORT, "IMPORT", job->child_id, job->id, "{}", NULL, err);
        if (rc == NS_OK) {
            rc = act_audit(act, "IMPORT_BEGUN", "import", job->id, NULL, err);
        }
    }
    if (rc == NS_OK && chunk >= 0) {
        rc = write_events(act, job, bytes, &written, &duplicates, err);
        if (rc == NS_OK) {
            rc = ns_row_import_events_done(act->db, job->id, chunk, err);
        }
    }
    job->written += written;
    job->duplicates += duplicates;
    *done = chunk < 0 || job->written + duplicates >= job->total;
    if (rc == NS_OK && chunk >= 0) {
        int next = -1;
        struct ns_str ignored;
        rc = ns_row_import_events(act->db, job->id, act->arena, &next, &ignored, err);
        *done = next < 0;
    }
    job->state = *done ? NS_IMPORT_IS_DONE : NS_IMPORT_IS_WRITING;
    if (rc == NS_OK) {
        rc = ns_row_import_progress(act->db, job->id, job->state, written, duplicates, err);
    }
    if (rc == NS_OK && *done) {
        rc = act_audit(act, "IMPORT_WRITTEN", "import", job->id,
                       ns_arena_printf(act->arena, "{\"written\":%lld}", (long long)job->written),
                       err);
    }
    return rc;
}

ns_rc ns_import_write_chunk(const struct ns_act *act, ns_id import, struct ns_import_job *out,
                            bool *done, struct ns_err *err) {
    *done = false;
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = ns_consent_need(act->db, act->now, NS_CONSENT_CHILD_DATA, err);
    if (rc == NS_OK) {
        rc = ns_import_get(act->db, import, act->arena, out, err);
    }
    if (rc == NS_OK && (out->state == NS_IMPORT_IS_DONE || out->state == NS_IMPORT_IS_UNDONE)) {
        *done = out->state == NS_IMPORT_IS_DONE;
        rc = *done ? NS_OK : ns_err_say(err, NS_E_CONFLICT, NS_MSG_imp_was_undone, NULL, NULL, NULL);
        return act_end(act, rc, err);
    }
    if (rc == NS_OK) {
        rc = write_chunk(act, out, done, err);
    }
    return act_end(act, rc, err);
}

ns_rc ns_import_write_all(const struct ns_act *act, ns_id import,
                          bool (*progress)(void *self, const struct ns_import_job *job), void *self,
                          struct ns_import_job *out, struct ns_err *err) {
    struct ns_arena arena = {0};
    struct ns_act step = *act;
    bool done = false;
    ns_rc rc = NS_OK;
    step.arena = &arena;
    while (rc == NS_OK && !done) {
        ns_arena_reset(&arena);
        rc = ns_import_write_chunk(&step, import, out, &done, err);
        if (rc == NS_OK && progress != NULL && !progress(self, out) && !done) {
            rc = NS_E_CANCELLED;
        }
    }
    ns_arena_fini(&arena);
    return rc == NS_OK ? ns_import_get(act->db, import, act->arena, out, err) : rc;
}

ns_rc ns_import_get(struct ns_db *db, ns_id import, struct ns_arena *arena,
                    struct ns_import_job *out, struct ns_err *err) {
    struct ns_import_job *list = NULL;
    int count = 0;
    *out = (struct ns_import_job){0};
    ns_rc rc = ns_id_is_zero(import)
                   ? NS_OK
                   : ns_row_imports(db, import, 1, key_number, arena, &list, &count, err);
    if (rc == NS_OK && count == 0) {
        return ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_imp_unknown, NULL, NULL, NULL);
    }
    if (rc == NS_OK) {
        *out = list[0];
    }
    return rc;
}

ns_rc ns_import_list(struct ns_db *db, int limit, struct ns_arena *arena,
                     const struct ns_import_job **out, int *count, struct ns_err *err) {
    struct ns_import_job *list = NULL;
    ns_rc rc = ns_row_imports(db, (ns_id){{0}}, act_clamp(limit, 0, 100), key_number, arena, &list,
                              count, err);
    *out = list;
    return rc;
}

enum ns_msg ns_import_reason_word(int msg) {
    static const enum ns_msg words[][2] = {
        {NS_MSG_import_bad_time, NS_MSG_import_why_time},
        {NS_MSG_import_bad_flag, NS_MSG_import_why_flag},
        {NS_MSG_import_bad_kind, NS_MSG_import_why_kind},
        {NS_MSG_import_bad_quotes, NS_MSG_import_why_quotes},
        {NS_MSG_import_short_line, NS_MSG_import_why_short},
        {NS_MSG_import_no_such_day, NS_MSG_import_why_day},
        {NS_MSG_import_after_today, NS_MSG_import_why_future},
        {NS_MSG_import_before_birth, NS_MSG_import_why_birth},
    };
    for (size_t i = 0; i < NS_COUNT(words); i++) {
        if (words[i][0] == (enum ns_msg)msg) {
            return words[i][1];
        }
    }
    return NS_MSG_import_why_other; /* of a newer program */
}

void ns_import_problem_text(struct ns_buf *out, enum ns_lang lang,
                            const struct ns_import_problem *p) {
    ns_msg_format(out, lang, (enum ns_msg)p->msg, p->arg, 3);
}
