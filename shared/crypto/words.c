/* words.c: recovery words.
 *
 * The key and the first byte of BLAKE2b-256 (keyed by the key, over "recovery words") make 264
 * bits, most significant first, 11 a word: 4 bits first consonant, 2 bits first vowel, 4 bits
 * second consonant, 1 bit second vowel. Letters that sound or look alike on paper (c, q, w, x, y,
 * e) are left out. */
#include "shared/crypto/words.h"

#include <string.h>

static const char consonants[] = "bdfghjklmnprstvz";
static const char vowels[] = "aiou";
static const char last_vowels[] = "ao";

static uint8_t checksum(const uint8_t key[NS_KEY_BYTES]) {
    uint8_t sum[32];
    /* Cannot fail: sizes are constants within libsodium's bounds. */
    if (!ns_crypto_mac(sum, key, "recovery words", 14)) {
        return 0;
    }
    uint8_t first = sum[0];
    ns_crypto_wipe(sum, sizeof sum);
    return first;
}

static unsigned bits_at(const uint8_t *bytes, unsigned at, unsigned count) {
    unsigned value = 0;
    for (unsigned i = at; i < at + count; i++) {
        value = value << 1 | (((unsigned)bytes[i / 8] >> (7 - i % 8)) & 1u);
    }
    return value;
}

void ns_words_from_key(const uint8_t key[NS_KEY_BYTES], char out[NS_WORDS_TEXT]) {
    uint8_t bytes[NS_KEY_BYTES + 1];
    memcpy(bytes, key, NS_KEY_BYTES);
    bytes[NS_KEY_BYTES] = checksum(key);
    char *p = out;
    for (unsigned w = 0; w < NS_WORDS; w++) {
        unsigned v = bits_at(bytes, w * 11, 11);
        *p++ = consonants[v >> 7];
        *p++ = vowels[(v >> 5) & 3];
        *p++ = consonants[(v >> 1) & 15];
        *p++ = last_vowels[v & 1];
        *p++ = ' ';
    }
    p[-1] = '\0';
    ns_crypto_wipe(bytes, sizeof bytes);
}

static int place_of(const char *letters, char c) {
    const char *at = c == '\0' ? NULL : strchr(letters, c);
    return at == NULL ? -1 : (int)(at - letters);
}

static int word_value(const char word[4]) {
    int a = place_of(consonants, word[0]);
    int b = place_of(vowels, word[1]);
    int c = place_of(consonants, word[2]);
    int d = place_of(last_vowels, word[3]);
    return a < 0 || b < 0 || c < 0 || d < 0 ? -1 : a << 7 | b << 5 | c << 1 | d;
}

static bool is_gap(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '-' || c == ',';
}

ns_rc ns_words_to_key(const char *text, size_t n, uint8_t key[NS_KEY_BYTES], int *bad_word) {
    uint8_t bytes[NS_KEY_BYTES + 1] = {0};
    ns_rc rc = NS_E_INPUT;
    unsigned words = 0;
    size_t i = 0;
    *bad_word = 0;
    while (i < n) {
        if (is_gap(text[i])) {
            i++;
            continue;
        }
        char word[4] = {0};
        size_t len = 0;
        for (; i < n && !is_gap(text[i]); i++, len++) {
            if (len < sizeof word) {
                char c = text[i];
                word[len] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
            }
        }
        int v = len == sizeof word ? word_value(word) : -1;
        ns_crypto_wipe(word, sizeof word);
        if (v < 0 || words == NS_WORDS) {
            *bad_word = (int)words + 1;
            goto out;
        }
        for (unsigned b = 0; b < 11; b++) {
            unsigned at = words * 11 + b;
            unsigned bit = ((unsigned)v >> (10 - b) & 1u) << (7 - at % 8);
            bytes[at / 8] = (uint8_t)(bytes[at / 8] | bit);
        }
        words++;
    }
    if (words != NS_WORDS) {
        *bad_word = (int)words + 1;
        goto out;
    }
    if (checksum(bytes) == bytes[NS_KEY_BYTES]) {
        memcpy(key, bytes, NS_KEY_BYTES);
        rc = NS_OK;
    }
out:
    ns_crypto_wipe(bytes, sizeof bytes);
    return rc;
}
