/* cert.h: the household's own certificates: a root that phones learn to trust, and the leaf the
 * agent shows on the network, both P-256.
 *
 * The root may sign for addresses of home networks, localhost and .local names only: a stolen
 * root key is of no use against any other site. Ownership: values. Threads: any. */
#pragma once
#include "shared/crypto/crypto.h"

#define NS_CERT_KEY_MOST 256    /* a P-256 key as PKCS#8, DER: 138 bytes */
#define NS_CERT_MOST 2048       /* a certificate, DER */
#define NS_CERT_NAMES_MOST 24
#define NS_CERT_ROOT_DAYS 3652
#define NS_CERT_LEAF_DAYS 397

struct ns_cert {
    uint8_t key[NS_CERT_KEY_MOST]; /* wipe with the rest when done */
    size_t key_n;
    uint8_t der[NS_CERT_MOST];
    size_t der_n;
};

/* now: seconds since 1970. Valid from an hour before it, since clocks at home differ. */
bool ns_cert_root_make(struct ns_cert *root, int64_t now) NS_MUST_USE;
/* names: addresses and host names, the first being the common name. */
bool ns_cert_leaf_make(struct ns_cert *leaf, const struct ns_cert *root, const char *const *names,
                       size_t count, int64_t now) NS_MUST_USE;
/* SHA-256 of the public key as the certificate holds it (SubjectPublicKeyInfo): the pin. */
bool ns_cert_pin(const struct ns_cert *cert, uint8_t out[32]) NS_MUST_USE;
/* Does the key belong to the certificate, and can both be read? */
bool ns_cert_sound(const struct ns_cert *cert);
