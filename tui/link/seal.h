/* seal.h: what the console keeps on disk between two evenings (console.state): the last answers
 * of the agent and the changes that could not be sent yet. Both name children, so that they are
 * sealed under a key derived from the home's machine.key. A home without a machine key keeps
 * nothing: then an offline start shows no names and waiting changes live as long as the console.
 * Format: "NSCS", version 1, 16 bytes of salt, nonce and tag (40), ciphertext; the salt is new
 * with every writing and the tag covers the version through the derived key.
 * Threads: loop thread. */
#pragma once
#include "shared/base/env.h"

#define NS_SEAL_MOST ((size_t)8 << 20)

struct ns_seal {
    const struct ns_env *env;
    const char *key_path;   /* machine.key */
    const char *state_path; /* console.state */
};

bool ns_seal_possible(const struct ns_seal *seal); /* is there a machine key we may read? */
/* NS_E_NOT_FOUND: no state or no key; NS_E_DAMAGED: not ours, or of another home. */
ns_rc ns_seal_read(const struct ns_seal *seal, struct ns_buf *out, struct ns_err *err) NS_MUST_USE;
ns_rc ns_seal_write(const struct ns_seal *seal, struct ns_str text, struct ns_err *err) NS_MUST_USE;
