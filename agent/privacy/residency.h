/* residency.h: where a family's data may lie. Threads: the connection's. */
#pragma once
#include "agent/privacy/consent.h"
#include "agent/store/backup.h"

/* A backup may go to a disk here, and over a network to Canada; elsewhere only with a DATA_SHARING
 * consent in the ledger. NS_E_CONSENT with the folder and the country. */
ns_rc ns_residency_backup(struct ns_db *db, ns_time now, const struct ns_backup_target *target,
                          struct ns_err *err) NS_MUST_USE;
