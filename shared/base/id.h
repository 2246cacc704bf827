/* id.h: identifiers are version 4 UUIDs, 16 bytes in the store, 36 lower-case characters outside. */
#pragma once
#include "shared/base/str.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct ns_id {
    uint8_t b[16];
} ns_id;

#define NS_ID_TEXT 37

struct ns_env;

ns_id ns_id_new(const struct ns_env *env); /* random bytes come from the environment table */
ns_id ns_id_from_bytes(const uint8_t random[16]); /* sets version and variant bits */
bool ns_id_parse(struct ns_str text, ns_id *out); /* accepts upper case */
void ns_id_format(ns_id id, char out[NS_ID_TEXT]);
bool ns_id_eq(ns_id a, ns_id b);
bool ns_id_is_zero(ns_id id);
