/* schemac.c: the schema compiler. schemac OUT.h OUT.c SCHEMA.graphql
 *
 * Writes the constant tables (`gql_schema_nestsync`) and a header with a number for every type
 * (GQL_T_), field (GQL_F_), argument (GQL_A_), input field (GQL_I_) and enum value (GQL_E_).
 * Refuses a schema with a mistake as FILE:LINE. */
#include "agent/graphql/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void text(FILE *f, const char *s) {
    if (s == NULL) {
        fputs("NULL", f);
        return;
    }
    fputc('"', f);
    for (; *s != '\0'; s++) {
        if (*s == '"' || *s == '\\') {
            fprintf(f, "\\%c", *s);
        } else if (*s == '\n') {
            fputs("\\n", f);
        } else if ((unsigned char)*s < 0x20 || (unsigned char)*s > 0x7E || *s == '?') {
            fprintf(f, "\\%03o", (unsigned char)*s);
        } else {
            fputc(*s, f);
        }
    }
    fputc('"', f);
}

static void header(FILE *f, const struct gql_schema *s) {
    fputs(
        "/* Made from schema/schema.graphql by agent/graphql/gen/schemac.c. */\n#pragma once\n"
        "#include \"agent/graphql/schema.h\"\n\n"
        "extern const struct gql_schema gql_schema_nestsync;\n\nenum gql_type_number {\n",
        f);
    for (unsigned t = GQL_BUILT_IN_TYPES; t < s->type_count; t++) {
        fprintf(f, "    GQL_T_%s = %u,\n", s->types[t].name, t);
    }
    fputs("};\n\nenum gql_field_number {\n", f);
    for (unsigned i = 0; i < s->field_count; i++) {
        fprintf(f, "    GQL_F_%s_%s = %u,\n", s->types[s->fields[i].owner].name,
                s->fields[i].name, i);
    }
    fputs("};\n\nenum gql_argument_number {\n", f);
    for (unsigned i = 0; i < s->field_count; i++) {
        for (unsigned a = 0; a < s->fields[i].arg_count; a++) {
            fprintf(f, "    GQL_A_%s_%s_%s = %u,\n", s->types[s->fields[i].owner].name,
                    s->fields[i].name, s->args[s->fields[i].first_arg + a].name, a);
        }
    }
    for (unsigned t = 0; t < s->type_count; t++) {
        const struct gql_type_def *type = &s->types[t];
        if (type->kind == GQL_KIND_INPUT || type->kind == GQL_KIND_ENUM) {
            bool input = type->kind == GQL_KIND_INPUT;
            fprintf(f, "};\n\nenum gql_%s_%s {\n", input ? "input" : "enum", type->name);
            for (unsigned i = 0; i < type->count; i++) {
                fprintf(f, "    GQL_%c_%s_%s = %u,\n", input ? 'I' : 'E', type->name,
                        input ? s->args[type->first + i].name : s->values[type->first + i].name,
                        i);
            }
        }
    }
    fputs("};\n", f);
}

static void order(FILE *f, const char *name, const uint16_t *list, size_t count) {
    fprintf(f, "static const uint16_t %s[] = {", name);
    for (size_t i = 0; i < count; i++) {
        fprintf(f, "%s%u,", i % 16 == 0 ? "\n    " : " ", list[i]);
    }
    fputs("\n};\n\n", f);
}

static void tables(FILE *f, const struct gql_schema *s) {
    fputs("static const struct gql_type_def types[] = {\n", f);
    for (unsigned i = 0; i < s->type_count; i++) {
        const struct gql_type_def *t = &s->types[i];
        fputs("    {", f);
        text(f, t->name);
        fputs(", ", f);
        text(f, t->description);
        fputs(", ", f);
        text(f, t->specified_by);
        fprintf(f, ", %u, %s, %u, %u},\n", t->kind, t->one_of ? "true" : "false", t->first,
                t->count);
    }
    fputs("};\n\nstatic const struct gql_field_def fields[] = {\n", f);
    for (unsigned i = 0; i < s->field_count; i++) {
        const struct gql_field_def *d = &s->fields[i];
        fputs("    {", f);
        text(f, d->name);
        fputs(", ", f);
        text(f, d->description);
        fputs(", ", f);
        text(f, d->deprecated);
        fprintf(f, ", {%u, %u}, %u, %u, %u, %u},\n", d->ref.type, d->ref.wrap, d->owner,
                d->first_arg, d->arg_count, d->access);
    }
    fputs("};\n\nstatic const struct gql_arg_def args[] = {\n", f);
    for (unsigned i = 0; i < s->arg_count; i++) {
        const struct gql_arg_def *a = &s->args[i];
        fputs("    {", f);
        text(f, a->name);
        fputs(", ", f);
        text(f, a->description);
        fputs(", ", f);
        text(f, a->default_text);
        fputs(", ", f);
        text(f, a->deprecated);
        fprintf(f, ", {%u, %u}},\n", a->ref.type, a->ref.wrap);
    }
    fputs("};\n\nstatic const struct gql_enum_def values[] = {\n", f);
    for (unsigned i = 0; i < s->value_count; i++) {
        fputs("    {", f);
        text(f, s->values[i].name);
        fputs(", ", f);
        text(f, s->values[i].description);
        fputs(", ", f);
        text(f, s->values[i].deprecated);
        fputs("},\n", f);
    }
    fputs("};\n\nstatic const struct gql_directive_def directives[] = {\n", f);
    for (unsigned i = 0; i < s->directive_count; i++) {
        const struct gql_directive_def *d = &s->directives[i];
        fputs("    {", f);
        text(f, d->name);
        fputs(", ", f);
        text(f, d->description);
        fprintf(f, ", %u, %u, %u, %s},\n", d->first_arg, d->arg_count, d->places,
                d->repeatable ? "true" : "false");
    }
    fputs("};\n\n", f);
}

static void source(FILE *f, const struct gql_schema *s) {
    fputs("/* Made from schema/schema.graphql by agent/graphql/gen/schemac.c. */\n"
          "#include \"agent/graphql/schema_gen.h\"\n\n",
          f);
    tables(f, s);
    order(f, "types_by_name", s->types_by_name, s->type_count);
    order(f, "fields_by_name", s->fields_by_name, s->field_count);
    order(f, "args_by_name", s->args_by_name, s->arg_count);
    order(f, "values_by_name", s->values_by_name, s->value_count);
    fputs("const struct gql_schema gql_schema_nestsync = {\n    .description = ", f);
    text(f, s->description);
    fprintf(f,
            ",\n    .types = types, .fields = fields, .args = args, .values = values,\n"
            "    .directives = directives, .types_by_name = types_by_name,\n"
            "    .fields_by_name = fields_by_name, .args_by_name = args_by_name,\n"
            "    .values_by_name = values_by_name,\n"
            "    .type_count = %u, .field_count = %u, .arg_count = %u, .value_count = %u,\n"
            "    .directive_count = %u, .query = %u, .mutation = %u, .subscription = %u,\n};\n",
            s->type_count, s->field_count, s->arg_count, s->value_count, s->directive_count,
            s->query, s->mutation, s->subscription);
}

static bool read_all(const char *path, struct ns_buf *out) {
    FILE *f = fopen(path, "rb");
    char block[4096];
    size_t n;
    while (f != NULL && (n = fread(block, 1, sizeof block, f)) > 0) {
        ns_buf_add(out, block, n);
    }
    return f != NULL && fclose(f) == 0 && !out->failed;
}

static bool write_all(const char *path, const struct gql_schema *s,
                      void (*write)(FILE *, const struct gql_schema *)) {
    FILE *f = fopen(path, "w");
    if (f == NULL) {
        return false;
    }
    write(f, s);
    return fclose(f) == 0;
}

int main(int argc, char **argv) {
    struct ns_buf sdl = NS_BUF((size_t)4 << 20);
    struct ns_arena arena = {0};
    struct ns_err err = {0};
    const struct gql_schema *s = NULL;
    if (argc != 4) {
        fputs("use: schemac OUT.h OUT.c SCHEMA.graphql\n", stderr);
        return 64;
    }
    int status = 1;
    if (!read_all(argv[3], &sdl)) {
        fprintf(stderr, "%s: cannot be read\n", argv[3]);
    } else if (gql_schema_compile(&arena, ns_buf_view(&sdl), &s, &err) != NS_OK) {
        fprintf(stderr, "%s: %s\n", argv[3], err.note);
    } else if (!write_all(argv[1], s, header) || !write_all(argv[2], s, source)) {
        fputs("schemac: cannot write its output\n", stderr);
    } else {
        status = 0;
    }
    ns_arena_fini(&arena);
    ns_buf_fini(&sdl);
    return status;
}
