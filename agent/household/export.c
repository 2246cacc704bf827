/* export.c: one transaction: the rows, and the line that says they were given out. */
#include "agent/household/export.h"
#include "agent/household/act.h"

/* A cell that a spreadsheet would run is made harmless; quotes where CSV wants them. */
static void cell(struct ns_buf *out, const char *text) {
    if (text == NULL) {
        return;
    }
    bool runs = *text != '\0' && strchr("=+-@\t\r", *text) != NULL;
    if (!runs && strpbrk(text, ",\"\r\n") == NULL) {
        ns_buf_text(out, text);
        return;
    }
    ns_buf_text(out, runs ? "\"'" : "\"");
    for (const char *p = text; *p != '\0'; p++) {
        ns_buf_text(out, *p == '"' ? "\"" : "");
        ns_buf_char(out, *p);
    }
    ns_buf_char(out, '"');
}

struct csv_out {
    const struct ns_act *act;
    struct ns_buf *out;
    int64_t rows;
};

/* The words the importer knows. */
static const char *kind_of(const struct ns_export_log *line) {
    if (strcmp(line->usage_type, "WIPE_USE") == 0) {
        return "wipes";
    }
    if (strcmp(line->usage_type, "CREAM_APPLICATION") == 0) {
        return "cream";
    }
    return line->wet == 1 && line->soiled == 1 ? "both" : line->soiled == 1 ? "dirty" : line->wet == 1 ? "wet" : "dry";
}

static bool csv_line(void *self, const struct ns_export_log *line) {
    struct csv_out *o = self;
    char day[NS_DATE_TEXT], id[NS_ID_TEXT];
    int minute = ns_zone_local_minute(o->act->zone, line->at);
    ns_date_format(ns_zone_local_day(o->act->zone, line->at), day);
    ns_id_format(line->id, id);
    ns_buf_fmt(o->out, "%s,%02d:%02d,%s,", day, minute / 60, minute % 60, kind_of(line));
    cell(o->out, line->notes);
    ns_buf_fmt(o->out, ",%d,%s,", line->quantity, line->leak == NS_NONE ? "" : line->leak ? "yes" : "no");
    cell(o->out, line->by);
    ns_buf_char(o->out, ',');
    cell(o->out, line->child);
    ns_buf_fmt(o->out, ",%s\n", id);
    o->rows++;
    return !o->out->failed;
}

static ns_rc write_csv(const struct ns_act *act, const struct ns_export_what *what, struct ns_buf *out, int64_t *rows,
                       struct ns_err *err) {
    struct csv_out o = {.act = act, .out = out};
    ns_buf_text(out, "date,time,type,notes,quantity,leak,by,child,id\n");
    ns_rc rc = ns_row_export_log(act->db, what, csv_line, &o, err);
    *rows = o.rows;
    return rc == NS_OK && out->failed ? ns_err_note(err, NS_E_LIMIT, "an export is too large") : rc;
}

static ns_rc write_json(const struct ns_act *act, const struct ns_export_what *what, struct ns_buf *out, int64_t *rows,
                        struct ns_err *err) {
    char at[NS_TIME_TEXT];
    ns_time_format(act->now, at);
    ns_buf_fmt(out, "{\"format\":\"nestsync-export-1\",\"at\":\"%s\",\"timezone\":\"%s\",\n", at, ns_zone_name(act->zone));
    ns_rc rc = ns_row_export(act->db, what, out, rows, err);
    ns_buf_text(out, "}\n");
    return rc;
}

ns_rc ns_household_export(const struct ns_act *act, enum ns_export_format format, const struct ns_export_what *what,
                          struct ns_buf *out, struct ns_err *err) {
    struct ns_child child;
    int64_t rows = 0;
    bool one = !ns_id_is_zero(what->child);
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    if (one && !what->deleted) {
        rc = act_child(act, what->child, &child, err);
    }
    if (rc == NS_OK) {
        rc = (format == NS_EXPORT_CSV ? write_csv : write_json)(act, what, out, &rows, err);
    }
    if (rc == NS_OK) {
        rc = act_audit(act, "DATA_EXPORTED", one ? "child" : "household", what->child,
                       ns_arena_printf(act->arena, "{\"format\":\"%s\",\"rows\":%lld}",
                                       format == NS_EXPORT_CSV ? "csv" : "json", (long long)rows), err);
    }
    return act_end(act, rc, err);
}
