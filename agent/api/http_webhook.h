/* http_webhook.h: POST /webhooks/stripe and its health, for a home that Stripe can reach. What comes is
 * verified, stored, answered; its effect is what the objects are found to be when they are read
 * (agent/sync). Ownership: an exchange that is taken is answered. Threads: loop thread. */
#pragma once
#include "agent/api/api.h"
#include "agent/net/server.h"

/* False: not one of these paths, and nothing was done. */
bool ns_http_webhook_serve(struct ns_api *api, struct ns_exchange *x);
