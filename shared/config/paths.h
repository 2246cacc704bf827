/* paths.h: where a household's files live.
 *
 * NESTSYNC_HOME (or --home) puts everything into one folder; otherwise the XDG folders are used:
 * data ($XDG_DATA_HOME or ~/.local/share), config ($XDG_CONFIG_HOME or ~/.config), runtime
 * ($XDG_RUNTIME_DIR, else data), each with /nestsync. Pure: the environment is handed in.
 * Threads: values. */
#pragma once
#include "shared/base/err.h"

#define NS_PATH 512
#define NS_SOCKET_PATH 108 /* sun_path with its NUL */

struct ns_paths {
    char data[NS_PATH];    /* folder of the store */
    char config[NS_PATH];  /* folder of the two ini files */
    char runtime[NS_PATH]; /* folder of the socket */
    char store[NS_PATH];        /* nestsync.db */
    char machine_key[NS_PATH];  /* machine.key */
    char agent_ini[NS_PATH];    /* nestsync.conf */
    char console_ini[NS_PATH];  /* console.ini */
    char console_state[NS_PATH];/* console.state, sealed */
    char socket[NS_PATH];       /* endpoint.sock, at most 107 bytes */
    char lock[NS_PATH];         /* agent.lock */
    char backups[NS_PATH];      /* backups/ */
    char exports[NS_PATH];      /* exports/, each file for an hour */
};

typedef const char *ns_getenv_fn(const char *name);

/* home: --home, NULL when not given. NS_E_CONFIG with a remedy when the socket's path is too long
 * or there is no home at all. */
ns_rc ns_paths_resolve(ns_getenv_fn *getenv_fn, const char *home, struct ns_paths *out,
                       struct ns_err *err) NS_MUST_USE;
