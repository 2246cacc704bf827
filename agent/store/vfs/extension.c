/* extension.c: the same object code as a loadable extension of SQLite.
 *
 * It calls the shared libsqlite3 that the host process uses (the sqlite3 program, Tcl and Python
 * of Debian link it). A host with a copy of SQLite of its own would get its VFS registered in the
 * wrong library: that is noticed and refused. */
#define SQLITE_CORE 1 /* keep our calls direct; only the struct of the header is wanted */
#include "agent/store/vfs/nest.h"

#include <sqlite3ext.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT int sqlite3_neststore_init(sqlite3 *db, char **error, const sqlite3_api_routines *api);
EXPORT int sqlite3_extension_init(sqlite3 *db, char **error, const sqlite3_api_routines *api);
EXPORT int sqlite3_nestsyncstore_init(sqlite3 *db, char **error, const sqlite3_api_routines *api);

EXPORT int sqlite3_neststore_init(sqlite3 *db, char **error, const sqlite3_api_routines *api) {
    (void)db;
    if (api->vfs_register != sqlite3_vfs_register) {
        if (error != NULL) {
            *error = api->mprintf("this program carries its own copy of SQLite; use one that links libsqlite3");
        }
        return SQLITE_ERROR;
    }
    struct ns_err err = {0};
    if (ns_vfs_register(&err) != NS_OK) {
        if (error != NULL) {
            *error = sqlite3_mprintf("%s", err.note);
        }
        return SQLITE_ERROR;
    }
    nest_ask_terminal = true;
    return SQLITE_OK_LOAD_PERMANENTLY; /* the VFS outlives the connection that loaded it */
}

/* What SQLite derives from the file name libnestsync_store.so. */
EXPORT int sqlite3_nestsyncstore_init(sqlite3 *db, char **error, const sqlite3_api_routines *api) {
    return sqlite3_neststore_init(db, error, api);
}
EXPORT int sqlite3_extension_init(sqlite3 *db, char **error, const sqlite3_api_routines *api) {
    return sqlite3_neststore_init(db, error, api);
}
