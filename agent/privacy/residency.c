#include "agent/privacy/residency.h"

#include "shared/text/message.h"

#include <string.h>

ns_rc ns_residency_backup(struct ns_db *db, ns_time now, const struct ns_backup_target *target,
                          struct ns_err *err) {
    if (!target->network || strcmp(target->jurisdiction, "CA") == 0) {
        return NS_OK;
    }
    ns_rc rc = ns_consent_need(db, now, NS_CONSENT_DATA_SHARING, NULL);
    return rc == NS_E_CONSENT ? ns_err_say(err, rc, NS_MSG_backup_abroad, target->path,
                                           target->jurisdiction, NULL)
           : rc != NS_OK      ? ns_err_note(err, rc, "the consents could not be read")
                              : NS_OK;
}
