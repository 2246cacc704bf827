/* cert.c: certificates, by libcrypto. */
#include "shared/crypto/cert.h"

#include <arpa/inet.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#define DAY_S 86400
#define SERIAL_BITS 127

/* Where a household's agent can be; RFC 1918, 3927, 4193, 6762. */
#define HOMES                                                                                  \
    "critical,permitted;IP:10.0.0.0/255.0.0.0,permitted;IP:172.16.0.0/255.240.0.0,"             \
    "permitted;IP:192.168.0.0/255.255.0.0,permitted;IP:169.254.0.0/255.255.0.0,"                \
    "permitted;IP:127.0.0.0/255.0.0.0,permitted;IP:fc00::/fe00::,"                              \
    "permitted;IP:::1/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff,permitted;DNS:local,"            \
    "permitted;DNS:localhost"

static bool add(X509 *cert, X509 *issuer, int nid, const char *value) {
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    bool good = extension != NULL && X509_add_ext(cert, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return good;
}

static bool set_serial(X509 *cert) {
    BIGNUM *number = BN_new();
    bool good = number != NULL &&
                BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
                BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;
    BN_free(number);
    return good;
}

static bool set_subject(X509 *cert, const char *name) {
    X509_NAME *subject = X509_get_subject_name(cert);
    return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                      (const unsigned char *)name, -1, -1, 0) == 1;
}

/* What root and leaf have in common. */
static X509 *begin(EVP_PKEY *key, const char *name, int64_t now, int days) {
    X509 *cert = X509_new();
    if (cert == NULL || X509_set_version(cert, X509_VERSION_3) != 1 || !set_serial(cert) ||
        ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)(now - 3600)) == NULL ||
        ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)(now - 3600 + (int64_t)days * DAY_S)) == NULL ||
        X509_set_pubkey(cert, key) != 1 || !set_subject(cert, name)) {
        X509_free(cert);
        return NULL;
    }
    return cert;
}

static bool put(struct ns_cert *out, EVP_PKEY *key, X509 *cert) {
    PKCS8_PRIV_KEY_INFO *plain = EVP_PKEY2PKCS8(key);
    int key_n = plain == NULL ? 0 : i2d_PKCS8_PRIV_KEY_INFO(plain, NULL);
    int der_n = i2d_X509(cert, NULL);
    bool good = key_n > 0 && key_n <= NS_CERT_KEY_MOST && der_n > 0 && der_n <= NS_CERT_MOST;
    if (good) {
        unsigned char *at = out->key;
        out->key_n = (size_t)i2d_PKCS8_PRIV_KEY_INFO(plain, &at);
        at = out->der;
        out->der_n = (size_t)i2d_X509(cert, &at);
    }
    PKCS8_PRIV_KEY_INFO_free(plain);
    return good;
}

static EVP_PKEY *key_of(const struct ns_cert *cert) {
    const unsigned char *at = cert->key;
    return d2i_AutoPrivateKey(NULL, &at, (long)cert->key_n);
}

static X509 *x509_of(const struct ns_cert *cert) {
    const unsigned char *at = cert->der;
    return d2i_X509(NULL, &at, (long)cert->der_n);
}

bool ns_cert_root_make(struct ns_cert *root, int64_t now) {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = key == NULL ? NULL : begin(key, "NestSync household", now, NS_CERT_ROOT_DAYS);
    *root = (struct ns_cert){0};
    bool good = cert != NULL && X509_set_issuer_name(cert, X509_get_subject_name(cert)) == 1 &&
                add(cert, cert, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                add(cert, cert, NID_key_usage, "critical,keyCertSign") &&
                add(cert, cert, NID_subject_key_identifier, "hash") &&
                add(cert, cert, NID_name_constraints, HOMES) &&
                X509_sign(cert, key, EVP_sha256()) > 0 && put(root, key, cert);
    X509_free(cert);
    EVP_PKEY_free(key);
    return good;
}

static bool is_address(const char *name) {
    uint8_t bytes[16];
    return inet_pton(AF_INET, name, bytes) == 1 || inet_pton(AF_INET6, name, bytes) == 1;
}

static bool add_names(X509 *cert, const char *const *names, size_t count) {
    char text[NS_CERT_NAMES_MOST * 80] = "";
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        int more = snprintf(text + n, sizeof text - n, "%s%s:%s", i > 0 ? "," : "",
                            is_address(names[i]) ? "IP" : "DNS", names[i]);
        if (more < 0 || (size_t)more >= sizeof text - n || strpbrk(names[i], ",;\n") != NULL) {
            return false;
        }
        n += (size_t)more;
    }
    return add(cert, cert, NID_subject_alt_name, text);
}

bool ns_cert_leaf_make(struct ns_cert *leaf, const struct ns_cert *root, const char *const *names,
                       size_t count, int64_t now) {
    *leaf = (struct ns_cert){0};
    if (count == 0 || count > NS_CERT_NAMES_MOST) {
        return false;
    }
    EVP_PKEY *root_key = key_of(root);
    X509 *issuer = x509_of(root);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = key == NULL || issuer == NULL || root_key == NULL
                     ? NULL
                     : begin(key, names[0], now, NS_CERT_LEAF_DAYS);
    bool good = cert != NULL && X509_set_issuer_name(cert, X509_get_subject_name(issuer)) == 1 &&
                add(cert, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
                add(cert, issuer, NID_key_usage, "critical,digitalSignature") &&
                add(cert, issuer, NID_ext_key_usage, "serverAuth") &&
                add(cert, issuer, NID_subject_key_identifier, "hash") &&
                add(cert, issuer, NID_authority_key_identifier, "keyid") &&
                add_names(cert, names, count) && X509_sign(cert, root_key, EVP_sha256()) > 0 &&
                put(leaf, key, cert);
    X509_free(cert);
    X509_free(issuer);
    EVP_PKEY_free(key);
    EVP_PKEY_free(root_key);
    return good;
}

bool ns_cert_pin(const struct ns_cert *cert, uint8_t out[32]) {
    X509 *x509 = x509_of(cert);
    unsigned char *der = NULL;
    int n = x509 == NULL ? -1 : i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &der);
    if (n > 0) {
        ns_crypto_sha256(out, der, (size_t)n);
    }
    OPENSSL_free(der);
    X509_free(x509);
    return n > 0;
}

bool ns_cert_sound(const struct ns_cert *cert) {
    EVP_PKEY *key = key_of(cert);
    X509 *x509 = x509_of(cert);
    bool good = key != NULL && x509 != NULL && X509_check_private_key(x509, key) == 1;
    X509_free(x509);
    EVP_PKEY_free(key);
    return good;
}
