#!/usr/bin/python3
"""A reader of the encrypted store, written from docs/store-format.md alone; it never writes.

store_reader.py FILE --key KEYFILE | --words "24 words" [SQL]

Needs Debian's python3 and python3-cryptography (for ChaCha20-Poly1305). Passphrases need Argon2id,
which neither has; machine key and recovery words derive by BLAKE2b. The main file and its WAL are
decrypted in memory into a plain SQLite image, on which the SQL is run.
"""
import hashlib, pathlib, sqlite3, struct, sys
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

HEADER, COPY, RESERVE, SLOTS = 16384, 8192, 40, 8
CONSONANTS, VOWELS, LAST = "bdfghjklmnprstvz", "aiou", "ao"

class Refused(Exception): pass

def rotl(v, n, bits): return (v << n | v >> (bits - n)) & ((1 << bits) - 1)

def hchacha20(key, nonce16):
    s = list(struct.unpack("<4I8I4I", b"expand 32-byte k" + key + nonce16))
    def quarter(a, b, c, d):
        for x, y, z, n in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            s[x] = (s[x] + s[y]) & 0xffffffff
            s[z] = rotl(s[z] ^ s[x], n, 32)
    for _ in range(10):
        for q in ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15), (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)): quarter(*q)
    return struct.pack("<8I", *s[:4], *s[12:])

ciphers = {}
def xchacha_open(key, nonce, sealed, aad):
    known = key, nonce[:16]
    if known not in ciphers: ciphers[known] = ChaCha20Poly1305(hchacha20(key, nonce[:16]))
    return ciphers[known].decrypt(bytes(4) + nonce[16:], sealed, aad)

def siphash(key, data):
    """SipHash-2-4, the result as its 8 little-endian bytes."""
    full = 2**64 - 1
    k0, k1 = struct.unpack("<2Q", key)
    a, b, c, d = k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573
    def mix(times):
        nonlocal a, b, c, d
        for _ in range(times):
            a = a + b & full; b = rotl(b, 13, 64) ^ a; a = rotl(a, 32, 64)
            c = c + d & full; d = rotl(d, 16, 64) ^ c
            a = a + d & full; d = rotl(d, 21, 64) ^ a
            c = c + b & full; b = rotl(b, 17, 64) ^ c; c = rotl(c, 32, 64)
    padded = data + bytes(7 - len(data) % 8) + bytes([len(data) & 255])
    for (m,) in struct.iter_unpack("<Q", padded):
        d ^= m; mix(2); a ^= m
    c ^= 255; mix(4)
    return struct.pack("<Q", a ^ b ^ c ^ d)

def subkey(master, salt, name, message=b""):
    return hashlib.blake2b(message, digest_size=32, key=master, salt=salt, person=name.encode()).digest()

def words_to_key(text):
    bits = ""
    for word in text.lower().split():
        a, b, c, d = CONSONANTS.index(word[0]), VOWELS.index(word[1]), CONSONANTS.index(word[2]), LAST.index(word[3])
        bits += f"{a:04b}{b:02b}{c:04b}{d:01b}"
    whole = int(bits, 2).to_bytes(33, "big")
    if hashlib.blake2b(b"recovery words", digest_size=32, key=whole[:32]).digest()[0] != whole[32]: raise Refused("the words do not fit together")
    return whole[:32]

class Header:
    def __init__(self, copy):
        if copy[:8] != b"NESTSTOR": raise Refused("not a NestSync store")
        (self.format,) = struct.unpack(">H", copy[8:10])
        if self.format != 1: raise Refused(f"format {self.format} is not known here")
        self.copy, self.suite = copy, copy[11]
        if copy[10] != RESERVE or self.suite != 1: raise Refused("damaged header")
        (self.page_size,) = struct.unpack(">I", copy[12:16])
        (self.sequence,) = struct.unpack(">Q", copy[16:24])
        self.file_id, self.vault_id = copy[24:40], copy[40:56]
        (self.epoch,) = struct.unpack(">I", copy[56:60])
        newer, old = struct.unpack(">2I", copy[68:76])
        self.page_epochs = [newer or self.epoch] + ([old] if old else [])
        self.set, self.base, self.salts = copy[144:176], copy[208:240], copy[240:248]

    def slots(self):
        for i in range(SLOTS):
            s = self.copy[256 + 256 * i:512 + 256 * i]
            if s[0]: yield i, s[0], s[1], struct.unpack(">2I", s[4:12]), s[12:28], s[28:52], s[52:100]

    def unlock(self, kind, secret):
        """The master key, or None. kind: 2 recovery words, 3 key file."""
        for i, type_, kdf, cost, salt, nonce, wrapped in self.slots():
            if type_ != kind: continue
            under = subkey(secret, salt, {2: "recovery", 3: "machine"}[kind])
            aad = self.vault_id + bytes([i, type_, kdf, self.suite]) + struct.pack(">2I", *cost)
            try: return xchacha_open(under, nonce, wrapped, aad)
            except InvalidTag: pass
        return None

    def genuine(self, master):
        mac = hashlib.blake2b(self.copy[:8160], digest_size=32, key=subkey(master, self.file_id, "header")).digest()
        return mac == self.copy[8160:]

class Store:
    def __init__(self, path, kind, secret):
        self.file = pathlib.Path(path).read_bytes()
        wal = pathlib.Path(f"{path}-wal")
        self.wal = wal.read_bytes() if wal.exists() else b""
        copies = []
        for at in (0, COPY):
            try: copies.append(Header(self.file[at:at + COPY]))
            except Refused as why: self.why = why
        if not copies: raise self.why
        copies.sort(key=lambda h: -h.sequence)
        master = next((m for h in copies if (m := h.unlock(kind, secret))), None)
        if master is None: raise Refused("the key does not open it")
        good = [h for h in copies if h.genuine(master)]
        if not good: raise Refused("damaged header")
        self.h, self.master = good[0], master
        epoch = struct.pack(">I", self.h.epoch)
        self.keys = {name: subkey(master, self.h.file_id, name, epoch) for name in ("walmask", "walmac", "jrnlmask")}
        self.page_keys = {e: subkey(master, self.h.file_id, "page", struct.pack(">I", e)) for e in self.h.page_epochs}

    def page(self, number, sealed):
        n = self.h.page_size - RESERVE
        for epoch, key in self.page_keys.items():
            aad = struct.pack(">BBI16sII", 1, self.h.suite, epoch, self.h.file_id, number, 0)
            try: return xchacha_open(key, sealed[n:n + 24], sealed[:n] + sealed[n + 24:], aad) + bytes(RESERVE)
            except InvalidTag: pass
        raise Refused(f"page {number} is damaged")

    def frames(self):
        """Pages of the WAL up to its last whole commit, and the size it gives the file."""
        head, size = self.wal[:32], self.h.page_size
        pages, size_in_pages, waiting = {}, None, {}
        began_on = self.h.base if head[16:24] == self.h.salts else self.h.set
        if len(head) < 32 or siphash(self.keys["walmac"][:16], head[:24] + began_on) != head[24:]: return {}, None
        for index, at in enumerate(range(32, len(self.wal) - size - 23, 24 + size)):
            stored, sealed = self.wal[at:at + 24], self.wal[at + 24:at + 24 + size]
            nonce, tag = sealed[size - 40:size - 16], sealed[size - 16:]
            mask = siphash(self.keys["walmask"][:16], nonce)
            logical = stored[:8] + head[16:24] + bytes(a ^ b for a, b in zip(stored[16:], mask))
            # The top bit of the index says whether all before it had been synced.
            if stored[8:16] not in (siphash(self.keys["walmac"][:16], struct.pack(">I", index | bit) + logical + tag) for bit in (0, 1 << 31)): break
            number, commit = struct.unpack(">2I", stored[:8])
            waiting[number] = sealed
            if commit: pages.update(waiting); waiting, size_in_pages = {}, commit
        return pages, size_in_pages

    def image(self):
        newer, count = self.frames()
        size = self.h.page_size
        there = (len(self.file) - HEADER) // size
        out = [self.page(n, newer.get(n) or self.file[HEADER + (n - 1) * size:HEADER + n * size]) for n in range(1, (count or there) + 1)]
        if out: out[0] = out[0][:18] + b"\1\1" + out[0][20:]  # no WAL beside an image in memory
        return b"".join(out)

    def database(self):
        db = sqlite3.connect(":memory:")
        db.deserialize(self.image())
        db.create_function("person_open", 2, lambda who, text: self.person(db, who, text))
        return db

    def person(self, db, who, text):
        """A text sealed under a person's own key."""
        if text is None or not text.startswith("~"): return text
        row = db.cursor().execute("SELECT key FROM person_keys WHERE person_id = ?", (who,)).fetchone()
        sealed = bytes.fromhex(text[1:])
        return xchacha_open(row[0], sealed[:24], sealed[24:], who).decode() if row else ""

def main(path, how, secret, sql="SELECT name FROM sqlite_schema ORDER BY name"):
    key = pathlib.Path(secret).read_bytes() if how == "--key" else words_to_key(secret)
    for row in Store(path, {"--key": 3, "--words": 2}[how], key).database().execute(sql): print(*row, sep="|")

if __name__ == "__main__":
    if len(sys.argv) not in (4, 5): raise SystemExit(__doc__)
    try: main(*sys.argv[1:])
    except Refused as why: raise SystemExit(f"store_reader: {why}")
