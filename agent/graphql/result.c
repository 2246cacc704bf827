/* result.c: the setters of struct gql_out. */
#include "agent/graphql/graphql.h"

void gql_null(struct gql_out *out) {
    *out = (struct gql_out){.kind = GQL_OUT_NULL};
}
void gql_bool(struct gql_out *out, bool value) {
    *out = (struct gql_out){.kind = GQL_OUT_BOOL, .boolean = value};
}
void gql_int(struct gql_out *out, int64_t value) {
    *out = (struct gql_out){.kind = GQL_OUT_INT, .integer = value};
}
void gql_float(struct gql_out *out, double value) {
    *out = (struct gql_out){.kind = GQL_OUT_FLOAT, .number = value};
}
void gql_text(struct gql_out *out, struct ns_str value) {
    *out =
        (struct gql_out){.kind = value.p == NULL ? GQL_OUT_NULL : GQL_OUT_TEXT, .text = value};
}
void gql_cstr(struct gql_out *out, const char *value) {
    gql_text(out, value == NULL ? (struct ns_str){NULL, 0} : ns_str_of(value));
}
void gql_enum(struct gql_out *out, int index) {
    *out = (struct gql_out){.kind = GQL_OUT_ENUM, .integer = index};
}
void gql_date(struct gql_out *out, ns_date value) {
    *out = (struct gql_out){.kind = value == NS_DATE_NONE ? GQL_OUT_NULL : GQL_OUT_DATE,
                            .integer = value};
}
void gql_time(struct gql_out *out, ns_time value) {
    *out = (struct gql_out){.kind = value == NS_TIME_NONE ? GQL_OUT_NULL : GQL_OUT_TIME,
                            .integer = value};
}
void gql_money(struct gql_out *out, ns_money cents) {
    *out = (struct gql_out){.kind = GQL_OUT_MONEY, .integer = cents};
}
void gql_id(struct gql_out *out, ns_id value) {
    *out =
        (struct gql_out){.kind = ns_id_is_zero(value) ? GQL_OUT_NULL : GQL_OUT_ID, .id = value};
}
void gql_raw(struct gql_out *out, struct ns_str json) {
    *out = (struct gql_out){.kind = json.p == NULL ? GQL_OUT_NULL : GQL_OUT_RAW, .text = json};
}
void gql_object(struct gql_out *out, const void *object) {
    *out = (struct gql_out){.kind = object == NULL ? GQL_OUT_NULL : GQL_OUT_OBJECT,
                            .object = object};
}
void gql_objects(struct gql_out *out, const void *const *objects, size_t n) {
    *out = (struct gql_out){.kind = GQL_OUT_OBJECTS, .objects = objects, .count = (uint32_t)n};
}
void gql_array(struct gql_out *out, const void *first, size_t n, size_t size) {
    *out = (struct gql_out){
        .kind = GQL_OUT_ARRAY, .object = first, .count = (uint32_t)n, .stride = size};
}
void gql_list(struct gql_out *out, const struct gql_out *items, size_t n) {
    *out = (struct gql_out){.kind = GQL_OUT_LIST, .items = items, .count = (uint32_t)n};
}
void gql_fail(struct gql_out *out, enum gql_code code, const char *message) {
    gql_fail_with(out, code, message, (struct ns_str){NULL, 0});
}
void gql_fail_with(struct gql_out *out, enum gql_code code, const char *message,
                   struct ns_str extension_members) {
    *out = (struct gql_out){.kind = GQL_OUT_ERROR,
                            .code = (uint8_t)code,
                            .text = ns_str_of(message),
                            .extra = extension_members};
}
void gql_pending(struct gql_out *out) {
    *out = (struct gql_out){.kind = GQL_OUT_PENDING};
}
