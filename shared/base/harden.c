/* harden.c: RLIMIT_CORE and PR_SET_DUMPABLE. */
#include "shared/base/harden.h"

#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* The leak check of a sanitised build traces the process from inside. */
#if defined(__SANITIZE_ADDRESS__)
#define WATCHED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHED true
#else
#define WATCHED false
#endif
#else
#define WATCHED false
#endif

void ns_harden(void) {
    const struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    if (!WATCHED) {
        (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    }
}
