/* wizard.c: steps, fields and their checks. Every check is made when Enter leaves the step, at
 * once and with the remedy in words. */
#include "tui/app/wizard.h"
#include "shared/base/err.h"
#include "shared/text/fold.h"
#include "shared/text/utf8.h"
#include "tui/app/input.h"

#include <stdio.h>
#include <string.h>

/* Most people first. */
const char *const ns_wizard_provinces[NS_WIZARD_PROVINCES] = {
    "ON", "QC", "BC", "AB", "MB", "SK", "NS", "NB", "NL", "PE", "NT", "YT", "NU"};

struct fields {
    uint8_t first;
    uint8_t count; /* of text fields */
    uint8_t extra; /* choices after or before them that take the focus too */
};

/* Focus runs over `extra` choices first, then the text fields. */
static const struct fields step_fields[NS_WIZARD_STEPS] = {
    [NS_WIZARD_LANGUAGE] = {0, 0, 2},
    [NS_WIZARD_HOME] = {NS_FIELD_NAME, 1, 1},
    [NS_WIZARD_PASSPHRASE] = {NS_FIELD_PASS1, 2, 0},
    [NS_WIZARD_WORDS_CHECK] = {NS_FIELD_WORD1, 3, 0},
    [NS_WIZARD_CONSENT] = {0, 0, 1},
    [NS_WIZARD_CHILD] = {NS_FIELD_CHILD, 3, 1},
    [NS_WIZARD_STOCK] = {NS_FIELD_COUNT, 2, 0},
    [NS_WIZARD_IMPORT] = {NS_FIELD_PATH, 1, 0},
};

void ns_wizard_init(struct ns_wizard *wizard, const struct ns_wizard_setup *setup) {
    memset(wizard, 0, sizeof *wizard);
    wizard->lang = setup->lang;
    wizard->theme = setup->theme;
    wizard->caps = setup->caps;
    wizard->today = setup->today;
    wizard->seed = setup->seed;
    wizard->rows = setup->rows;
    wizard->cols = setup->cols;
    wizard->focus = setup->lang == NS_LANG_FR;
    wizard->size = 1;
    for (uint8_t i = 0; i < NS_WIZARD_PROVINCES; i++) {
        if (strcmp(ns_wizard_provinces[i], setup->province) == 0) {
            wizard->province = i;
            wizard->province_chosen = true;
        }
    }
}

void ns_wizard_fini(struct ns_wizard *wizard) {
    explicit_bzero(wizard, sizeof *wizard);
}

const char *ns_wizard_province(const struct ns_wizard *wizard) {
    return ns_wizard_provinces[wizard->province < NS_WIZARD_PROVINCES ? wizard->province : 0];
}

ns_date ns_wizard_birth(const struct ns_wizard *wizard) {
    char digits[9];
    size_t n = 0;
    for (const char *p = wizard->field[NS_FIELD_BIRTH]; *p != '\0'; p++) {
        if (*p >= '0' && *p <= '9') {
            if (n == 8) {
                return NS_DATE_NONE;
            }
            digits[n++] = *p;
        } else if ((*p != '-' && *p != '/' && *p != ' ' && *p != '.') || (n != 4 && n != 6)) {
            return NS_DATE_NONE;
        }
    }
    char iso[NS_DATE_TEXT] = "0000-00-00";
    ns_date birth;
    if (n != 8) {
        return NS_DATE_NONE;
    }
    memcpy(iso, digits, 4);
    memcpy(iso + 5, digits + 4, 2);
    memcpy(iso + 8, digits + 6, 2);
    return ns_date_parse(ns_str_of(iso), &birth) ? birth : NS_DATE_NONE;
}

int32_t ns_wizard_usage(const struct ns_wizard *wizard) {
    int64_t typed;
    if (ns_str_int(ns_str_trim(ns_str_of(wizard->field[NS_FIELD_USAGE])), 1, 20, &typed)) {
        return (int32_t)typed;
    }
    ns_date birth = ns_wizard_birth(wizard);
    int age = birth == NS_DATE_NONE ? 0 : wizard->today - birth;
    /* schema/data/growth/usage_by_age.json, rounded */
    return age <= 30 ? 10 : age <= 121 ? 9 : age <= 243 ? 8 : age <= 365 ? 7 : age <= 547 ? 6
           : age <= 730 ? 5 : age <= 913 ? 4 : age <= 1095 ? 3 : 2;
}

int32_t ns_wizard_stock(const struct ns_wizard *wizard) {
    int64_t n;
    struct ns_str text = ns_str_trim(ns_str_of(wizard->field[NS_FIELD_COUNT]));
    return text.n > 0 && ns_str_int(text, 0, 9999, &n) ? (int32_t)n : 0;
}

bool ns_wizard_words_fit(const struct ns_wizard *wizard) {
    return wizard->rows >= 16 && wizard->cols >= 60;
}

static int8_t size_by_age(int age) {
    static const int until[] = {21, 120, 210, 365, 730, 1095, 1460};
    int8_t size = 0;
    while (size < 7 && age > until[size]) {
        size++;
    }
    return size;
}

static void wipe_fields(struct ns_wizard *wizard, int first, int last) {
    for (int i = first; i <= last; i++) {
        explicit_bzero(wizard->field[i], sizeof wizard->field[i]);
    }
}

static bool fail(struct ns_wizard *wizard, enum ns_msg error, uint8_t field) {
    wizard->error = error;
    wizard->error_field = field;
    const struct fields *fields = &step_fields[wizard->step];
    if (field >= fields->first && field < fields->first + fields->count) {
        wizard->focus = (uint8_t)(fields->extra + field - fields->first);
    }
    return false;
}

static int letters(const char *text) {
    struct ns_str rest = ns_str_of(text);
    uint32_t cp;
    int n = 0;
    while (ns_utf8_next(&rest, &cp)) {
        n++;
    }
    return n;
}

static bool blank(const char *text) {
    return ns_str_trim(ns_str_of(text)).n == 0;
}

/* The hundred-odd passphrases that guessers try first are mostly runs of one idea; refuse the
 * plain ones: one character repeated, or a run up or down the keyboard's digits. */
static bool too_simple(const char *text) {
    bool same = true;
    bool run = true;
    for (const char *p = text; p[0] != '\0' && p[1] != '\0'; p++) {
        same = same && p[0] == p[1];
        int step = p[1] - p[0];
        run = run && (step == 1 || step == -1 || step == -9 || step == 9);
    }
    return same || run || ns_fold_contains(ns_str_of(text), NS_STR("password")) ||
           ns_fold_contains(ns_str_of(text), NS_STR("motdepasse"));
}

static bool check_passphrase(struct ns_wizard *wizard) {
    const char *pass = wizard->field[NS_FIELD_PASS1];
    int n = letters(pass);
    if (n < NS_WIZARD_PASSPHRASE_MIN) {
        return fail(wizard, NS_MSG_wizard_pass_short, NS_FIELD_PASS1);
    }
    if (n > NS_WIZARD_PASSPHRASE_MAX) {
        return fail(wizard, NS_MSG_wizard_pass_long, NS_FIELD_PASS1);
    }
    if (too_simple(pass)) {
        return fail(wizard, NS_MSG_wizard_pass_simple, NS_FIELD_PASS1);
    }
    if (strcmp(pass, wizard->field[NS_FIELD_PASS2]) != 0) {
        return fail(wizard, NS_MSG_wizard_pass_differ, NS_FIELD_PASS2);
    }
    return true;
}

static bool check_words(struct ns_wizard *wizard) {
    for (int i = 0; i < NS_WIZARD_ASKED; i++) {
        struct ns_str typed = ns_str_trim(ns_str_of(wizard->field[NS_FIELD_WORD1 + i]));
        if (!ns_str_is_nocase(typed, wizard->words[wizard->asked[i]])) {
            return fail(wizard, NS_MSG_wizard_word_wrong, (uint8_t)(NS_FIELD_WORD1 + i));
        }
    }
    return true;
}

static bool check_child(struct ns_wizard *wizard) {
    if (blank(wizard->field[NS_FIELD_CHILD])) {
        return fail(wizard, NS_MSG_wizard_need_child, NS_FIELD_CHILD);
    }
    if (!ns_utf8_has_letter(ns_str_of(wizard->field[NS_FIELD_CHILD]))) {
        return fail(wizard, NS_MSG_wizard_child_no_name, NS_FIELD_CHILD);
    }
    ns_date birth = ns_wizard_birth(wizard);
    if (birth == NS_DATE_NONE) {
        return fail(wizard, NS_MSG_wizard_need_birth, NS_FIELD_BIRTH);
    }
    if (birth > wizard->today + 270 || birth < wizard->today - 6 * 366) {
        return fail(wizard, NS_MSG_wizard_birth_range, NS_FIELD_BIRTH);
    }
    int64_t usage;
    struct ns_str text = ns_str_trim(ns_str_of(wizard->field[NS_FIELD_USAGE]));
    if (text.n > 0 && !ns_str_int(text, 1, 20, &usage)) {
        return fail(wizard, NS_MSG_wizard_usage_range, NS_FIELD_USAGE);
    }
    return true;
}

static bool check_stock(struct ns_wizard *wizard) {
    int64_t n;
    struct ns_str text = ns_str_trim(ns_str_of(wizard->field[NS_FIELD_COUNT]));
    if (text.n > 0 && !ns_str_int(text, 0, 9999, &n)) {
        return fail(wizard, NS_MSG_wizard_count_range, NS_FIELD_COUNT);
    }
    if (ns_wizard_stock(wizard) > 0 && blank(wizard->field[NS_FIELD_BRAND])) {
        return fail(wizard, NS_MSG_form_need_brand, NS_FIELD_BRAND);
    }
    return true;
}

static void enter_step(struct ns_wizard *wizard, enum ns_wizard_step step) {
    wizard->step = step;
    wizard->focus = step == NS_WIZARD_LANGUAGE ? wizard->lang == NS_LANG_FR : 0;
    wizard->error = NS_MSG_NONE;
    wizard->error_text[0] = '\0';
    if (step == NS_WIZARD_CHILD) {
        wizard->focus = 1; /* the name first; the size follows from the birth date */
    }
}

static bool send(struct ns_wizard *wizard, struct ns_wizard_cmd *cmd, enum ns_wizard_cmd_kind kind) {
    cmd->kind = kind;
    wizard->busy = true;
    wizard->error = NS_MSG_NONE;
    wizard->error_text[0] = '\0';
    wizard->progress_done = 0;
    wizard->progress_total = 0;
    return true;
}

/* Enter: check the step, go on or send its command. */
static bool forward(struct ns_wizard *wizard, struct ns_wizard_cmd *cmd) {
    switch (wizard->step) {
    case NS_WIZARD_LANGUAGE:
        enter_step(wizard, NS_WIZARD_HOME);
        return false;
    case NS_WIZARD_HOME:
        if (!wizard->province_chosen) {
            fail(wizard, NS_MSG_wizard_need_province, NS_FIELD_MOST);
            wizard->focus = 0;
        } else if (blank(wizard->field[NS_FIELD_NAME])) {
            fail(wizard, NS_MSG_wizard_need_name, NS_FIELD_NAME);
        } else {
            enter_step(wizard, NS_WIZARD_PASSPHRASE);
        }
        return false;
    case NS_WIZARD_PASSPHRASE:
        return check_passphrase(wizard) && send(wizard, cmd, NS_WIZARD_CMD_CREATE);
    case NS_WIZARD_WORDS:
        if (ns_wizard_words_fit(wizard)) {
            enter_step(wizard, NS_WIZARD_WORDS_CHECK);
        }
        return false;
    case NS_WIZARD_WORDS_CHECK:
        if (check_words(wizard)) {
            explicit_bzero(wizard->words, sizeof wizard->words);
            wipe_fields(wizard, NS_FIELD_WORD1, NS_FIELD_WORD3);
            enter_step(wizard, NS_WIZARD_CONSENT);
        }
        return false;
    case NS_WIZARD_CONSENT:
        return send(wizard, cmd, NS_WIZARD_CMD_CONSENT);
    case NS_WIZARD_CHILD:
        return check_child(wizard) && send(wizard, cmd, NS_WIZARD_CMD_CHILD);
    case NS_WIZARD_STOCK:
        if (!check_stock(wizard)) {
            return false;
        }
        if (ns_wizard_stock(wizard) == 0) {
            enter_step(wizard, NS_WIZARD_IMPORT);
            return false;
        }
        return send(wizard, cmd, NS_WIZARD_CMD_STOCK);
    case NS_WIZARD_IMPORT:
        if (blank(wizard->field[NS_FIELD_PATH])) {
            enter_step(wizard, NS_WIZARD_END);
            return false;
        }
        if (!wizard->consent) {
            return fail(wizard, NS_MSG_wizard_import_consent, NS_FIELD_PATH);
        }
        return send(wizard, cmd, NS_WIZARD_CMD_STAGE);
    case NS_WIZARD_PREVIEW:
        if (wizard->preview.changes == 0) {
            enter_step(wizard, NS_WIZARD_IMPORT); /* nothing to write: another file, or this one corrected */
            return false;
        }
        return send(wizard, cmd, NS_WIZARD_CMD_COMMIT);
    case NS_WIZARD_END:
        cmd->kind = NS_WIZARD_CMD_FINISH;
        return true;
    case NS_WIZARD_STEPS:
        break;
    }
    return false;
}

/* A yes may be taken back until a child is made; a no can become a yes all evening. */
static bool back_to_consent(const struct ns_wizard *wizard) {
    return (wizard->step == NS_WIZARD_CHILD) ||
           (!wizard->consent && (wizard->step == NS_WIZARD_STOCK || wizard->step == NS_WIZARD_IMPORT ||
                                 wizard->step == NS_WIZARD_END));
}

bool ns_wizard_can_go_back(const struct ns_wizard *wizard) {
    return wizard->step == NS_WIZARD_HOME || wizard->step == NS_WIZARD_PASSPHRASE ||
           wizard->step == NS_WIZARD_WORDS_CHECK || wizard->step == NS_WIZARD_PREVIEW ||
           back_to_consent(wizard);
}

static void backward(struct ns_wizard *wizard) {
    if (back_to_consent(wizard)) {
        wizard->after_consent = wizard->step;
        enter_step(wizard, NS_WIZARD_CONSENT);
        return;
    }
    switch (wizard->step) {
    case NS_WIZARD_HOME:
    case NS_WIZARD_PASSPHRASE:
        enter_step(wizard, (enum ns_wizard_step)(wizard->step - 1));
        break;
    case NS_WIZARD_WORDS_CHECK:
        enter_step(wizard, NS_WIZARD_WORDS);
        break;
    case NS_WIZARD_PREVIEW:
        enter_step(wizard, NS_WIZARD_IMPORT);
        break;
    case NS_WIZARD_LANGUAGE:
    case NS_WIZARD_WORDS:
    case NS_WIZARD_CONSENT:
    case NS_WIZARD_CHILD:
    case NS_WIZARD_STOCK:
    case NS_WIZARD_IMPORT:
    case NS_WIZARD_END:
    case NS_WIZARD_STEPS:
        break; /* what these did is already in the home */
    }
}

static int focus_count(const struct ns_wizard *wizard) {
    return step_fields[wizard->step].count + step_fields[wizard->step].extra;
}

/* The text field in focus, or NULL on a choice. */
static char *field_of(struct ns_wizard *wizard) {
    const struct fields *fields = &step_fields[wizard->step];
    int i = wizard->focus - fields->extra;
    return i >= 0 && i < fields->count ? wizard->field[fields->first + i] : NULL;
}

static void choose_province(struct ns_wizard *wizard, uint32_t key) {
    int by = key == NS_KEY_RIGHT || key == ' ' ? 1 : key == NS_KEY_LEFT ? -1 : 0;
    if (by != 0) {
        if (wizard->province_chosen) {
            wizard->province = (uint8_t)((wizard->province + NS_WIZARD_PROVINCES + by) % NS_WIZARD_PROVINCES);
        }
        wizard->province_chosen = true;
        return;
    }
    for (int i = 1; i <= NS_WIZARD_PROVINCES; i++) { /* a letter: the next that begins with it */
        int at = (wizard->province + i) % NS_WIZARD_PROVINCES;
        if ((uint32_t)ns_wizard_provinces[at][0] == (key & ~0x20U)) {
            wizard->province = (uint8_t)at;
            wizard->province_chosen = true;
            return;
        }
    }
}

static void choose(struct ns_wizard *wizard, uint32_t key) {
    if (wizard->step == NS_WIZARD_LANGUAGE) {
        if (key == 'e' || key == 'f' || key == '1' || key == '2') {
            wizard->focus = key == 'f' || key == '2';
        }
    } else if (wizard->step == NS_WIZARD_HOME) {
        choose_province(wizard, key);
    } else if (wizard->step == NS_WIZARD_CONSENT) {
        if (key == ' ' || key == 'x') {
            wizard->consent = !wizard->consent;
        }
    } else if (wizard->step == NS_WIZARD_CHILD) {
        int by = key == NS_KEY_RIGHT ? 1 : key == NS_KEY_LEFT ? -1 : 0;
        int size = key >= '1' && key <= '7' ? (int)(key - '0')
                   : key == 'n' || key == 'N' ? 0
                                              : wizard->size + by;
        if (size >= 0 && size < NS_APP_SIZES) {
            wizard->size_touched = wizard->size_touched || size != wizard->size;
            wizard->size = (int8_t)size;
        }
    }
    if (wizard->step == NS_WIZARD_LANGUAGE) {
        wizard->lang = wizard->focus == 1 ? NS_LANG_FR : NS_LANG_EN;
    }
}

static void after_typing(struct ns_wizard *wizard) {
    wizard->error = NS_MSG_NONE;
    wizard->error_text[0] = '\0';
    ns_date birth = ns_wizard_birth(wizard);
    if (!wizard->size_touched && birth != NS_DATE_NONE) {
        wizard->size = size_by_age(wizard->today - birth);
    }
}

static bool on_key(struct ns_wizard *wizard, uint32_t key, struct ns_wizard_cmd *cmd) {
    if (key == NS_CTRL('c')) {
        cmd->kind = NS_WIZARD_CMD_QUIT;
        return true;
    }
    if (wizard->busy) {
        return false;
    }
    int count = focus_count(wizard);
    char *field = field_of(wizard);
    if (key == NS_KEY_ENTER) {
        if (wizard->step != NS_WIZARD_LANGUAGE && wizard->focus + 1 < count) {
            wizard->focus++;
            return false;
        }
        return forward(wizard, cmd);
    }
    if (key == NS_KEY_ESC) {
        backward(wizard);
    } else if (key == NS_KEY_TAB || key == NS_KEY_DOWN) {
        wizard->focus = (uint8_t)(count > 0 ? (wizard->focus + 1) % count : 0);
        choose(wizard, NS_KEY_NONE);
    } else if (key == NS_KEY_BACKTAB || key == NS_KEY_UP) {
        wizard->focus = (uint8_t)(count > 0 ? (wizard->focus + count - 1) % count : 0);
        choose(wizard, NS_KEY_NONE);
    } else if (key == NS_CTRL('t')) {
        wizard->show_pass = !wizard->show_pass;
    } else if (key == NS_CTRL('s') && (wizard->step == NS_WIZARD_IMPORT || wizard->step == NS_WIZARD_PREVIEW)) {
        enter_step(wizard, NS_WIZARD_END); /* skip */
    } else if (field != NULL) {
        size_t len = strlen(field);
        ns_input_key(field, NS_WIZARD_TEXT, &len, key);
        after_typing(wizard);
    } else {
        wizard->error = NS_MSG_NONE;
        choose(wizard, key);
    }
    return false;
}

static void ask_words(struct ns_wizard *wizard) {
    uint64_t x = wizard->seed;
    for (int i = 0; i < NS_WIZARD_ASKED; i++) { /* three parts of the list, one word of each */
        x = x * 6364136223846793005U + 1442695040888963407U;
        int part = wizard->word_count / NS_WIZARD_ASKED;
        wizard->asked[i] = (uint8_t)(i * part + (int)((x >> 33) % (uint64_t)(part > 0 ? part : 1)));
    }
}

static void got_words(struct ns_wizard *wizard, const struct ns_wizard_event *event) {
    wizard->word_count = 0;
    for (size_t i = 0; i < event->word_count && i < NS_WIZARD_WORDS_MOST; i++) {
        ns_str_copy(ns_str_of(event->words[i]), wizard->words[i], sizeof wizard->words[i]);
        wizard->word_count++;
    }
    wipe_fields(wizard, NS_FIELD_PASS1, NS_FIELD_PASS2);
    wizard->created = true;
    ask_words(wizard);
    enter_step(wizard, NS_WIZARD_WORDS);
}

static void done(struct ns_wizard *wizard) {
    if (wizard->step == NS_WIZARD_CONSENT) {
        enter_step(wizard, wizard->after_consent == NS_WIZARD_LANGUAGE ? NS_WIZARD_CHILD
                                                                       : wizard->after_consent);
        wizard->after_consent = NS_WIZARD_LANGUAGE;
    } else if (wizard->step == NS_WIZARD_CHILD) {
        wizard->child_added = true;
        enter_step(wizard, NS_WIZARD_STOCK);
    } else if (wizard->step == NS_WIZARD_STOCK) {
        enter_step(wizard, NS_WIZARD_IMPORT);
    } else if (wizard->step == NS_WIZARD_PREVIEW) {
        wizard->imported = true;
        enter_step(wizard, NS_WIZARD_END);
    }
}

bool ns_wizard_step(struct ns_wizard *wizard, const struct ns_wizard_event *event,
                    struct ns_wizard_cmd *cmd) {
    switch (event->kind) {
    case NS_WIZARD_KEY:
        return on_key(wizard, event->key, cmd);
    case NS_WIZARD_PASTE: {
        char *field = wizard->busy ? NULL : field_of(wizard);
        if (field != NULL) {
            size_t len = strlen(field);
            ns_input_paste(field, NS_WIZARD_TEXT, &len, event->paste);
            after_typing(wizard);
        }
        return false;
    }
    case NS_WIZARD_RESIZE:
        wizard->rows = event->rows;
        wizard->cols = event->cols;
        return false;
    case NS_WIZARD_PROGRESS:
        wizard->progress_done = event->done;
        wizard->progress_total = event->total;
        return false;
    case NS_WIZARD_GOT_WORDS:
        wizard->busy = false;
        got_words(wizard, event);
        return false;
    case NS_WIZARD_GOT_PREVIEW:
        wizard->busy = false;
        wizard->preview = *event->preview;
        enter_step(wizard, NS_WIZARD_PREVIEW);
        return false;
    case NS_WIZARD_DONE:
        wizard->busy = false;
        done(wizard);
        return false;
    case NS_WIZARD_FAILED:
        wizard->busy = false;
        wizard->error = NS_MSG_NONE;
        snprintf(wizard->error_text, sizeof wizard->error_text, "%s", event->text);
        return false;
    }
    return false;
}
