/* webhook.h: whether a message really comes from the payment service: the scheme t=...,v1=... over the
 * raw bytes. Cost: one HMAC-SHA256 a secret. Threads: pure. */
#pragma once
#include "shared/base/str.h"
#include "shared/base/time.h"

#define NS_WEBHOOK_TOLERANCE (300 * NS_SECOND)
#define NS_WEBHOOK_BODY_MOST ((size_t)1 << 20)

enum ns_signed {
    NS_SIGNED_WELL,
    NS_SIGNED_NOT,   /* no header, or one that cannot be read */
    NS_SIGNED_WRONG, /* by nobody we know, or other bytes */
    NS_SIGNED_LATE,  /* well, but older than the tolerance: a replay */
    NS_SIGNED_EARLY, /* well, but this machine's clock is behind: to be sent again */
};
/* secrets: two while one is rolled; "" for none. */
enum ns_signed ns_webhook_signed(const char secrets[2][128], struct ns_str header, struct ns_str body, ns_time now);
