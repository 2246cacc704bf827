/* preload.c: brings the store's extension into a program that knows nothing of it, before its main. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

__attribute__((constructor)) static void load(void) {
    const char *path = getenv("NEST_EXTENSION");
    sqlite3 *db = NULL;
    char *why = NULL;
    sqlite3_config(SQLITE_CONFIG_URI, 1);
    if (path == NULL || sqlite3_open(":memory:", &db) != SQLITE_OK ||
        sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL) != SQLITE_OK ||
        sqlite3_load_extension(db, path, NULL, &why) != SQLITE_OK) {
        fprintf(stderr, "preload: %s\n", why != NULL ? why : "NEST_EXTENSION does not load");
        exit(1);
    }
    sqlite3_close(db);
}
