#include "tests/unit/household/home.h"

static struct ns_str sample(struct home *h) {
    struct ns_buf b = NS_BUF(1 << 20);
    ns_buf_text(&b, "date,time,type\n");
    for (int d = 1; d <= 20; d++) {
        for (int i = 0; i < 250 && d != 7; i++) { /* one empty day */
            ns_buf_fmt(&b, "2026-05-%02d,%02d:%02d,%s\n", d, i / 12, i % 12 * 5, i % 3 ? "wet" : "mixed");
        }
    }
    ns_buf_text(&b, "2026-05-02,00:00,mixed\n2026-05-02,25:00,wet\n2026-05-02,02:00,what\n");
    struct ns_str text = {ns_arena_copy(&h->arena, ns_buf_view(&b)), b.len};
    ns_buf_fini(&b);
    return text;
}

static bool stop_at_once(void *self, const struct ns_import_job *job) {
    *(int64_t *)self = job->written;
    return false;
}

Test(import_job, a_file_is_staged_written_in_chunks_once_and_taken_back) {
    struct home h;
    struct ns_import_job job, done, again;
    struct ns_undo_result u;
    int64_t seen = 0;
    home_open(&h, ":memory:", true);
    struct ns_str text = sample(&h);
    OK(ns_import_stage(&h.act, h.child.id, NS_STR("log.csv"), text, NULL, &job, &h.err));
    cr_assert_eq(job.state, NS_IMPORT_IS_STAGED);
    cr_assert_eq(job.format, NS_IMPORT_PLAIN_CSV);
    cr_assert_eq(job.days, 19);
    cr_assert_eq(job.gap_days, 1);
    cr_assert_eq(job.duplicates, 1);
    cr_assert_eq(job.refused_lines, 2);
    cr_assert_eq(job.problem_count, 2);
    cr_assert_eq(job.total, 4750);
    cr_assert_eq(home_logs(&h), 0);
    for (int i = 0; i < job.problem_count; i++) {
        struct ns_buf b = NS_BUF(1000);
        ns_import_problem_text(&b, NS_LANG_FR, &job.problems[i]);
        cr_assert_gt(b.len, 10);
        cr_assert_geq(job.problems[i].line, 4753);
        ns_buf_fini(&b);
    }
    struct ns_item_input pack = home_pack(&h, 10);
    struct ns_inventory_item item;
    OK(ns_item_create(&h.act, &pack, &item, NULL, &h.err));
    ns_err_clear(&h.err);
    cr_assert_eq(ns_import_write_all(&h.act, job.id, stop_at_once, &seen, &done, &h.err),
                 NS_E_CANCELLED);
    cr_assert_eq(seen, NS_IMPORT_CHUNK);
    struct ns_log_input in = home_log(&h); /* others write in between */
    struct ns_log_result r;
    OK(ns_log_change(&h.act, &in, &r, &h.err));
    OK(ns_import_write_all(&h.act, job.id, NULL, NULL, &done, &h.err));
    cr_assert_eq(done.state, NS_IMPORT_IS_DONE);
    cr_assert_eq(done.written, 4750);
    cr_assert_eq(home_logs(&h), 4751);
    cr_assert_eq(home_stock(&h), 9); /* the past takes nothing from the cupboard */
    OK(ns_import_write_all(&h.act, job.id, NULL, NULL, &done, &h.err));
    cr_assert_eq(home_logs(&h), 4751);
    OK(ns_import_stage(&h.act, h.child.id, NS_STR("log.csv"), text, NULL, &again, &h.err));
    cr_assert_eq(again.total, 0);
    cr_assert_eq(again.duplicates, 4751);
    OK(ns_import_write_all(&h.act, again.id, NULL, NULL, &again, &h.err));
    cr_assert_eq(home_logs(&h), 4751);
    OK(ns_household_undo(&h.act, (ns_id){{0}}, &u, &h.err)); /* the empty one */
    OK(ns_household_undo(&h.act, (ns_id){{0}}, &u, &h.err)); /* the change */
    OK(ns_household_undo(&h.act, (ns_id){{0}}, &u, &h.err));
    cr_assert_eq(u.kind, NS_ACTION_IMPORT);
    cr_assert_eq(home_logs(&h), 0);
    OK(ns_import_get(h.db, job.id, &h.arena, &done, &h.err));
    cr_assert_eq(done.state, NS_IMPORT_IS_UNDONE);
    bool over = false;
    REFUSED(ns_import_write_chunk(&h.act, job.id, &done, &over, &h.err), NS_E_CONFLICT,
            NS_MSG_imp_was_undone);
    cr_assert(home_chain_intact(&h));
    home_close(&h);
}

Test(import_job, when_no_line_is_usable_the_reasons_are_kept) {
    struct home h;
    struct ns_import_job job, done;
    home_open(&h, ":memory:", true);
    struct ns_buf b = NS_BUF(1 << 16);
    ns_buf_text(&b, "date,time,type\n");
    for (int i = 0; i < 57; i++) {
        ns_buf_text(&b, i % 3 == 0 ? "2026-02-30,08:00,wet\n" : "2026-05-02,08:00,purple\n");
    }
    OK(ns_import_stage(&h.act, h.child.id, NS_STR("log.csv"), ns_buf_view(&b), NULL, &job, &h.err));
    ns_buf_fini(&b);
    cr_assert_eq(job.changes, 0);
    cr_assert_eq(job.total, 0);
    cr_assert_eq(job.first_date, NS_DATE_NONE);
    cr_assert_eq(job.refused_lines, 57);
    cr_assert_eq(job.problem_count, NS_IMPORT_PROBLEMS_KEPT);
    cr_assert_eq(job.reason_count, 2);
    cr_assert_eq(job.reasons[0].msg, NS_MSG_import_bad_kind);
    cr_assert_eq(job.reasons[0].count, 38);
    cr_assert_eq(job.reasons[1].msg, NS_MSG_import_no_such_day);
    cr_assert_eq(job.reasons[1].count, 19);
    OK(ns_import_write_all(&h.act, job.id, NULL, NULL, &done, &h.err));
    cr_assert_eq(home_logs(&h), 0);
    home_close(&h);
}

Test(import_job, every_kind_of_problem_has_a_word_to_be_counted_by) {
    static const enum ns_msg known[] = {
        NS_MSG_import_bad_time,   NS_MSG_import_bad_flag,    NS_MSG_import_bad_kind,
        NS_MSG_import_bad_quotes, NS_MSG_import_short_line,  NS_MSG_import_no_such_day,
        NS_MSG_import_after_today, NS_MSG_import_before_birth};
    for (size_t i = 0; i < NS_COUNT(known); i++) {
        enum ns_msg word = ns_import_reason_word((int)known[i]);
        cr_assert_neq(word, NS_MSG_import_why_other, "%s", ns_msg_key(known[i]));
        for (size_t k = 0; k < i; k++) {
            cr_assert_neq(word, ns_import_reason_word((int)known[k]));
        }
    }
    cr_assert_eq(ns_import_reason_word(NS_MSG_NONE), NS_MSG_import_why_other);
}

/* On 2026-03-08 the hour from 02:00 does not exist and falls on the next one. */
Test(import_job, the_hour_that_spring_skips_is_imported_once) {
    struct home h;
    struct ns_import_job job, done;
    home_open(&h, ":memory:", true);
    struct ns_child_input older = {.set = NS_CHILD_NAME | NS_CHILD_BIRTH | NS_CHILD_SIZE,
                                   .name = "Léa",
                                   .date_of_birth = ns_act_today(&h.act) - 400,
                                   .current_size = NS_SIZE_3};
    OK(ns_child_create(&h.act, &older, &h.child, NULL, &h.err));
    struct ns_str text = NS_STR("date,time,type\n2026-03-08,02:10,wet\n2026-03-08,02:40,wet\n"
                                "2026-03-08,03:05,wet\n2026-03-08,03:30,wet\n");
    for (int i = 0; i < 3; i++) {
        OK(ns_import_stage(&h.act, h.child.id, NS_STR("log.csv"), text, NULL, &job, &h.err));
        OK(ns_import_write_all(&h.act, job.id, NULL, NULL, &done, &h.err));
        cr_expect_eq(job.duplicates, i == 0 ? 0 : 4);
        cr_assert_eq(home_logs(&h), 4);
    }
    home_close(&h);
}

Test(import_job, one_of_several_imports_is_taken_back_by_its_own_id) {
    struct home h;
    struct ns_import_job first, second, done;
    struct ns_undo_result u;
    home_open(&h, ":memory:", true);
    struct ns_str one = NS_STR("date,time,type\n2026-05-01,08:00,wet\n");
    struct ns_str two = NS_STR("date,time,type\n2026-05-02,08:00,wet\n2026-05-02,09:00,wet\n");
    OK(ns_import_stage(&h.act, h.child.id, NS_STR("a.csv"), one, NULL, &first, &h.err));
    OK(ns_import_write_all(&h.act, first.id, NULL, NULL, &done, &h.err));
    OK(ns_import_stage(&h.act, h.child.id, NS_STR("b.csv"), two, NULL, &second, &h.err));
    OK(ns_import_write_all(&h.act, second.id, NULL, NULL, &done, &h.err));
    OK(ns_household_undo(&h.act, first.id, &u, &h.err));
    cr_assert_eq(u.kind, NS_ACTION_IMPORT);
    cr_assert_eq(home_logs(&h), 2);
    OK(ns_import_get(h.db, first.id, &h.arena, &done, &h.err));
    cr_assert_eq(done.state, NS_IMPORT_IS_UNDONE);
    REFUSED(ns_household_undo(&h.act, first.id, &u, &h.err), NS_E_CONFLICT, NS_MSG_hh_undo_twice);
    home_close(&h);
}

Test(import_job, a_file_nobody_can_read_changes_nothing) {
    struct home h;
    struct ns_import_job job;
    const struct ns_import_job *list = NULL;
    int count = 0;
    home_open(&h, ":memory:", true);
    cr_assert_neq(ns_import_stage(&h.act, h.child.id, NS_STR("x.csv"), NS_STR("a,b\n1,2\n"), NULL,
                                  &job, &h.err), NS_OK);
    cr_assert_neq(ns_import_stage(&h.act, h.child.id, NS_STR("x.csv"), NS_STR("\xff\xfe"), NULL,
                                  &job, &h.err), NS_OK);
    REFUSED(ns_import_stage(&h.act, ns_id_new(h.act.env), NS_STR("x"), NS_STR("date,time,type\n"),
                            NULL, &job, &h.err), NS_E_NOT_FOUND, NS_MSG_hh_child_unknown);
    OK(ns_import_list(h.db, 10, &h.arena, &list, &count, &h.err));
    cr_assert_eq(count, 0);
    home_close(&h);
}
