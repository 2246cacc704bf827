/* access.c: who may ask for what. The schema says it for every field (@access), the executor
 * looks it up (gql_exec_grant); here the caller's role becomes the set of its rights, and an
 * argument that names another person is refused.
 * Threads: loop thread. */
#include "agent/api/context.h"

#include <string.h>

#define RIGHT(name) (1U << GQL_E_Access_##name)

/* Rights of behaviour.md's family table and of the role table, the narrower of the two. */
uint32_t api_access(const struct ns_caller *caller) {
    uint32_t rights = RIGHT(ANYONE);
    if (caller->auth == NS_AUTH_NONE) {
        return rights;
    }
    rights |= RIGHT(MEMBER);
    switch (caller->actor.role) {
    case NS_ROLE_FAMILY_CORE:
        rights |= RIGHT(CARER) | RIGHT(FAMILY) | RIGHT(OWNER);
        rights |= ns_caller_is_sure(caller) ? RIGHT(OWNER_SURE) : 0;
        break;
    case NS_ROLE_EXTENDED_FAMILY:
        rights |= RIGHT(CARER) | RIGHT(FAMILY);
        break;
    case NS_ROLE_PROFESSIONAL:
        rights |= RIGHT(CARER);
        break;
    case NS_ROLE_INSTITUTIONAL:
    case NS_ROLE_COUNT:
        break;
    }
    return rights;
}

bool api_may(const struct ns_caller *caller, uint16_t field) {
    uint8_t access = gql_schema_nestsync.fields[field].access;
    return access > 0 && (api_access(caller) >> (access - 1) & 1U) != 0;
}

bool api_open_to_anyone(uint16_t field) {
    return field == GQL_NONE || /* __typename */
           gql_schema_nestsync.fields[field].access == GQL_E_Access_ANYONE + 1;
}

/* The answer is the same whether that person exists or not. */
bool api_names_another(const struct ns_caller *caller, uint16_t field,
                       const struct gql_value *args) {
    if (field == GQL_NONE || args == NULL) {
        return false;
    }
    const struct gql_field_def *f = &gql_schema_nestsync.fields[field];
    for (uint16_t a = 0; a < f->arg_count; a++) {
        ns_id id = {{0}};
        if (strcmp(gql_schema_nestsync.args[f->first_arg + a].name, "userId") == 0 &&
            (!arg_id(&args[a], &id) || (!ns_id_is_zero(id) && !ns_id_eq(id, caller->actor.user)))) {
            return true;
        }
    }
    return false;
}
