/* loads.h: what is timed. A load prepares its file, then does its work once; only the work counts. */
#pragma once
#include "tests/bench/store/engine.h"

struct load {
    const char *name;
    int64_t goal_ppm;      /* of plain's time, at most; 0: told only */
    const char *settings;  /* pragmas for every engine */
    void (*prepare)(const struct engine *, sqlite3 *);
    bool again;            /* the file is closed and opened between prepare and work: a cold cache */
    bool disk;             /* needs a real disk */
    bool mixed;            /* also measured against SQLCipher's goal */
    void (*work)(const struct engine *, sqlite3 *);
};

extern const struct load loads[];
extern const int load_count;
