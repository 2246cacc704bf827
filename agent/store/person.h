/* person.h: the data key of each person: made with the person, gone with the person.
 * Threads: the connection's. */
#pragma once
#include "agent/store/db.h"

/* person_key(), person_seal(person, text) and person_open(person, text) for the SQL of this folder. */
ns_rc ns_person_functions(struct ns_db *db, struct ns_err *err) NS_MUST_USE;
ns_rc ns_person_key_add(struct ns_db *db, ns_id person, ns_time now, struct ns_err *err) NS_MUST_USE;
ns_rc ns_person_key_read(struct ns_db *db, ns_id person, uint8_t key[32], struct ns_err *err) NS_MUST_USE;
