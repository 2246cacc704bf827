/* paths.c: folders and file names. */
#include "shared/config/paths.h"
#include "shared/text/message.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool join(char out[NS_PATH], const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool join(char out[NS_PATH], const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = vsnprintf(out, NS_PATH, format, args);
    va_end(args);
    return n > 0 && n < NS_PATH;
}

/* An XDG variable counts only when it is absolute (XDG base directory specification). */
static const char *absolute(ns_getenv_fn *getenv_fn, const char *name) {
    const char *value = getenv_fn(name);
    return value != NULL && value[0] == '/' ? value : NULL;
}

static bool xdg(ns_getenv_fn *getenv_fn, const char *variable, const char *below_home,
                char out[NS_PATH]) {
    const char *base = absolute(getenv_fn, variable);
    if (base != NULL) {
        return join(out, "%s/nestsync", base);
    }
    const char *home = absolute(getenv_fn, "HOME");
    return home != NULL && join(out, "%s/%s/nestsync", home, below_home);
}

static bool folders(ns_getenv_fn *getenv_fn, const char *home, struct ns_paths *out) {
    if (home == NULL || home[0] == '\0') {
        home = getenv_fn("NESTSYNC_HOME");
    }
    if (home != NULL && home[0] != '\0') {
        return join(out->data, "%s", home) && join(out->config, "%s", home) &&
               join(out->runtime, "%s", home);
    }
    if (!xdg(getenv_fn, "XDG_DATA_HOME", ".local/share", out->data) ||
        !xdg(getenv_fn, "XDG_CONFIG_HOME", ".config", out->config)) {
        return false;
    }
    const char *runtime = absolute(getenv_fn, "XDG_RUNTIME_DIR");
    return runtime != NULL ? join(out->runtime, "%s/nestsync", runtime)
                           : join(out->runtime, "%s", out->data);
}

ns_rc ns_paths_resolve(ns_getenv_fn *getenv_fn, const char *home, struct ns_paths *out,
                       struct ns_err *err) {
    *out = (struct ns_paths){0};
    if (!folders(getenv_fn, home, out)) {
        return ns_err_say(err, NS_E_CONFIG, NS_MSG_config_no_home, NULL, NULL, NULL);
    }
    if (!join(out->store, "%s/nestsync.db", out->data) ||
        !join(out->machine_key, "%s/machine.key", out->data) ||
        !join(out->agent_ini, "%s/nestsync.conf", out->config) ||
        !join(out->console_ini, "%s/console.ini", out->config) ||
        !join(out->console_state, "%s/console.state", out->data) ||
        !join(out->socket, "%s/endpoint.sock", out->runtime) ||
        !join(out->lock, "%s/agent.lock", out->data) ||
        !join(out->backups, "%s/backups", out->data) || !join(out->exports, "%s/exports", out->data) || strlen(out->socket) >= NS_SOCKET_PATH) {
        return ns_err_say(err, NS_E_CONFIG, NS_MSG_config_path_long, out->runtime, NULL, NULL);
    }
    return NS_OK;
}
