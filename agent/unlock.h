/* unlock.h: from a household's folder to the opened vault, or the sentence that says why not.
 *
 * Order of the keys: the credential nestsync.machine-key that systemd hands over, machine.key when
 * there is one (or the machine.key.new of a rekey that was interrupted), recovery words, passphrase from a
 * descriptor, passphrase typed at the terminal (three tries).
 * Threads: the start of main; a passphrase takes about a second. */
#pragma once
#include "agent/options.h"
#include "agent/store/vfs/vault.h"
#include "shared/config/paths.h"

/* Before anything is locked or asked: is there a store, and may we write it?
 * NS_E_NOT_SET_UP: none yet; NS_E_READONLY: not for us. */
ns_rc ns_unlock_look(const struct ns_paths *paths, struct ns_err *err) NS_MUST_USE;

/* NS_E_KEY: no key fits or none was given; NS_E_DAMAGED: not a sound store. */
ns_rc ns_unlock(const struct ns_paths *paths, const struct ns_options *options,
                struct ns_vault **out, struct ns_err *err) NS_MUST_USE;
