#!/usr/bin/env python3
"""WebSocket frames as RFC 6455 has them, against ws-echo: framing, control frames, reserved bits
and opcodes, fragments, UTF-8, closing. Prints TAP.

ws_frames.py WS_ECHO
"""
import os, random, socket, struct, subprocess, sys, tempfile
from tap import check, tally

work = tempfile.mkdtemp(prefix="ns-frames-")
place = os.path.join(work, "echo.sock")
echo = subprocess.Popen([sys.argv[1], "--socket", place], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
assert echo.stdout.readline().startswith(b"listening")
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

def frame(opcode, payload=b"", fin=True, rsv=0, mask=b"\x37\xfa\x21\x3d"):
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    flag = 0x80 if mask is not None else 0
    n = len(payload)
    if n < 126: head += bytes([flag | n])
    elif n < 65536: head += bytes([flag | 126]) + struct.pack(">H", n)
    else: head += bytes([flag | 127]) + struct.pack(">Q", n)
    if mask is None: return head + payload
    key = mask * (n // 4 + 1)
    body = (int.from_bytes(payload, "big") ^ int.from_bytes(key[:n], "big")).to_bytes(n, "big") if n else b""
    return head + mask + body

class Ended(Exception): pass

class Link:
    def __init__(self):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(place)
        self.rest = b""
        self.say(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                 b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        while b"\r\n\r\n" not in self.rest: self.more()
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head, head
    def say(self, data, step=None):
        try:
            for at in range(0, len(data), step or max(len(data), 1)): self.socket.sendall(data[at:at + (step or len(data))])
        except BrokenPipeError: pass  # it has closed already: what it said is read
    def more(self):
        some = self.socket.recv(1 << 20)
        if not some: raise Ended
        self.rest += some
    def need(self, n):
        while len(self.rest) < n: self.more()
        out, self.rest = self.rest[:n], self.rest[n:]
        return out
    def hear(self):
        """One frame: (fin, rsv, opcode, payload); ours are never masked."""
        first, second = self.need(2)
        assert second < 0x80, "a server's frame is masked"
        n = second
        if n == 126: n, = struct.unpack(">H", self.need(2))
        elif n == 127: n, = struct.unpack(">Q", self.need(8))
        return first >> 7, first >> 4 & 7, first & 15, self.need(n)
    def hear_all(self):
        """Whole messages and control frames until the end of the stream."""
        out, opcode, body = [], None, b""
        try:
            while True:
                fin, rsv, op, payload = self.hear()
                assert rsv == 0
                if op >= CLOSE: out.append((op, payload)); continue
                opcode, body = (op, payload) if op else (opcode, body + payload)
                if fin: out.append((opcode, body))
        except (Ended, ConnectionResetError):
            return out

def closing(code=1000, reason=b""): return frame(CLOSE, struct.pack(">H", code) + reason)

def expect(what, data, heard, step=None):
    """Send, then close politely; what was heard before our close came back."""
    link = Link()
    link.say(data + closing(), step)
    got = link.hear_all()
    link.socket.close()
    check(got == heard + [(CLOSE, struct.pack(">H", 1000))], what, got)

def refused(what, data, code, heard=(), step=None):
    """Send; the peer must close with that code by itself, and end the stream."""
    link = Link()
    link.say(data, step)
    got = link.hear_all()
    link.socket.close()
    ok = got[:-1] == list(heard) and got and got[-1][0] == CLOSE and len(got[-1][1]) >= 2 and struct.unpack(">H", got[-1][1][:2])[0] == code
    check(ok, f"{what}: {code}", got)

def framing():
    for opcode, name, byte in ((TEXT, "text", b"*"), (BINARY, "binary", b"\xfe")):
        for n in (0, 1, 125, 126, 127, 128, 65535, 65536, 1 << 20):
            expect(f"{name} of {n} bytes", frame(opcode, byte * n), [(opcode, byte * n)])
        expect(f"{name} of 65536 bytes in pieces of 997", frame(opcode, byte * 65536), [(opcode, byte * 65536)], 997)
        expect(f"{name} byte by byte", frame(opcode, byte * 300), [(opcode, byte * 300)], 1)
    expect("a mask of zeros", frame(TEXT, b"plain", mask=bytes(4)), [(TEXT, b"plain")])
    refused("a text that is not masked", frame(TEXT, b"hi", mask=None), 1002)
    refused("a ping that is not masked", frame(PING, b"hi", mask=None), 1002)
    m = b"\0\0\0\0"
    refused("two bytes of length for 5", b"\x81\xfe\x00\x05" + m + b"hello", 1002)
    refused("eight bytes of length for 5", b"\x81\xff" + struct.pack(">Q", 5) + m + b"hello", 1002)
    refused("eight bytes of length for 65535", b"\x81\xff" + struct.pack(">Q", 65535) + m, 1002)
    refused("a length of 2^63", b"\x81\xff" + struct.pack(">Q", 1 << 63) + m, 1002)
    refused("a length of 2^63-1", b"\x81\xff" + struct.pack(">Q", (1 << 63) - 1) + m, 1009)
    refused("a message over the limit in fragments", (frame(BINARY, bytes(1 << 20), fin=False) + frame(CONTINUATION, bytes(1 << 20), fin=False) * 8), 1009)

def pings():
    for payload in (b"", b"hello", b"\x00\xff\xfe\xfd", b"\xfe" * 125):
        expect(f"a ping of {len(payload)} bytes comes back", frame(PING, payload), [(PONG, payload)])
    expect("a ping byte by byte", frame(PING, b"\xfe" * 125), [(PONG, b"\xfe" * 125)], 1)
    refused("a ping of 126 bytes", frame(PING, b"\xfe" * 126), 1002)
    refused("a pong of 126 bytes", frame(PONG, b"\xfe" * 126), 1002)
    expect("a pong nobody asked for is heard in silence", frame(PONG, b"x") + frame(PING, b"y"), [(PONG, b"y")])
    expect("ten pings, ten pongs", b"".join(frame(PING, b"%d" % i) for i in range(10)), [(PONG, b"%d" % i) for i in range(10)])

def reserved():
    for rsv in range(1, 8):
        refused(f"reserved bits {rsv:03b} on a text", frame(TEXT, b"x", rsv=rsv), 1002)
        refused(f"reserved bits {rsv:03b} on a ping", frame(PING, rsv=rsv), 1002)
        refused(f"reserved bits {rsv:03b} on a continuation", frame(TEXT, b"x", fin=False) + frame(CONTINUATION, rsv=rsv), 1002)
    for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
        refused(f"opcode {opcode}", frame(opcode, b"x"), 1002)
        refused(f"opcode {opcode} after a whole message", frame(TEXT, b"hi") + frame(opcode), 1002, [(TEXT, b"hi")])

def fragments():
    two = frame(TEXT, b"frag", fin=False) + frame(CONTINUATION, b"ment")
    expect("two fragments", two, [(TEXT, b"fragment")])
    expect("two fragments byte by byte", two, [(TEXT, b"fragment")], 1)
    expect("empty fragments", frame(TEXT, fin=False) + frame(CONTINUATION, fin=False) + frame(CONTINUATION), [(TEXT, b"")])
    expect("content only in the middle", frame(TEXT, fin=False) + frame(CONTINUATION, b"x", fin=False) + frame(CONTINUATION), [(TEXT, b"x")])
    expect("a ping between", frame(TEXT, b"a", fin=False) + frame(PING, b"p") + frame(CONTINUATION, b"b"), [(PONG, b"p"), (TEXT, b"ab")])
    expect("a pong between", frame(TEXT, b"a", fin=False) + frame(PONG, b"p") + frame(CONTINUATION, b"b"), [(TEXT, b"ab")])
    many = frame(BINARY, b"0", fin=False) + b"".join(frame(CONTINUATION, b"%d" % (i % 10), fin=False) + frame(PING, b"%d" % i) for i in range(200)) + frame(CONTINUATION)
    expect("two hundred fragments with a ping after each", many, [(PONG, b"%d" % i) for i in range(200)] + [(BINARY, b"0" + b"".join(b"%d" % (i % 10) for i in range(200)))])
    refused("a ping in fragments", frame(PING, fin=False), 1002)
    refused("a pong in fragments", frame(PONG, fin=False), 1002)
    refused("a close in fragments", frame(CLOSE, struct.pack(">H", 1000), fin=False), 1002)
    refused("a continuation of nothing", frame(CONTINUATION, b"x"), 1002)
    refused("an open continuation of nothing", frame(CONTINUATION, b"x", fin=False), 1002)
    refused("a continuation after the end", two + frame(CONTINUATION, b"x"), 1002, [(TEXT, b"fragment")])
    refused("a text inside a text", frame(TEXT, b"a", fin=False) + frame(TEXT, b"b"), 1002)
    refused("a binary inside a text", frame(TEXT, b"a", fin=False) + frame(BINARY, b"b", fin=False), 1002)
    for piece in (64, 256, 1024, 4096, 65536 // 2):
        data = b"*" * 65536
        parts = [data[i:i + piece] for i in range(0, len(data), piece)]
        said = frame(TEXT, parts[0], fin=False) + b"".join(frame(CONTINUATION, p, fin=False) for p in parts[1:-1]) + frame(CONTINUATION, parts[-1])
        expect(f"64 KiB in fragments of {piece}", said, [(TEXT, data)])

def in_fragments(data, cut): return frame(TEXT, data[:cut], fin=False) + frame(CONTINUATION, data[cut:])

def utf8():
    good = ["Hello-µ@ßöäüàá-UTF-8!!", "κόσμε", "\0", "\x80", "\u0800", "\U00010000", "\x7f", "\u07ff", "\uffff", "\U0010ffff", "\ud7ff", "\ue000", "\ufffd", "\ufffe", "é" * 5000]
    for text in good:
        data = text.encode()
        name = ascii(text)[:24]
        expect(f"text {name}", frame(TEXT, data), [(TEXT, data)])
        if len(data) > 1: expect(f"text {name}, cut inside a character", in_fragments(data, len(data) - 1), [(TEXT, data)])
    bad = [b"\x80", b"\xbf", b"\xc0\x80", b"\xc1\xbf", b"\xe0\x80\x80", b"\xe0\x9f\xbf", b"\xf0\x80\x80\x80", b"\xf0\x8f\xbf\xbf", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xed\xa0\xbd\xed\xb0\x80",
           b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xfc\x84\x80\x80\x80\x80", b"\xfe", b"\xff", b"\xc2", b"\xe2\x82", b"\xf0\x9f\x98", b"ok\xff", b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited"]
    for data in bad:
        refused(f"text {data[:12].hex()}", frame(TEXT, data), 1007)
        if len(data) > 1: refused(f"text {data[:12].hex()} in two fragments", in_fragments(data, 1), 1007)
        expect(f"the same in binary is no matter", frame(BINARY, data), [(BINARY, data)])
    dice, wrong = random.Random(6455), []
    for _ in range(300):
        alphabet = [b"a", b"\x80", b"\xbf", b"\xc2", b"\xe0", b"\xa0", b"\xed", b"\x9f", b"\xf0", b"\x90", b"\xf4", b"\x8f", "é".encode(), "€".encode(), "😀".encode()]
        data = b"".join(dice.choice(alphabet) for _ in range(dice.randint(1, 6)))
        try: data.decode(); valid = True
        except UnicodeDecodeError: valid = False
        link = Link()
        link.say(in_fragments(data, dice.randint(0, len(data))) + closing())
        got = link.hear_all()
        link.socket.close()
        code = struct.unpack(">H", got[-1][1][:2])[0]
        if (code == 1000 and got[0] == (TEXT, data)) != valid or (not valid and code != 1007): wrong.append((data, got))
    check(not wrong, "300 random texts are judged as Python judges them", wrong[:3])

def ends():
    for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999):
        refused(f"a close is answered with its code", closing(code), code)
    for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535):
        refused(f"a close with code {code}", closing(code), 1002)
    refused("a close of one byte", frame(CLOSE, b"\x03"), 1002)
    refused("a close with the longest reason", closing(1000, b"*" * 123), 1000)
    refused("a close with a reason too long", closing(1000, b"*" * 124), 1002)
    refused("a close whose reason comes byte by byte", closing(4000, "à bientôt, été".encode()), 4000, step=1)
    refused("a close whose reason is no UTF-8, byte by byte", closing(1000, b"ab\xff\xfeab"), 1007, step=1)
    refused("a close whose reason is no UTF-8", closing(1000, b"\xce\xba\xff"), 1007)
    refused("nothing is answered after a close", closing(1000) + frame(TEXT, b"late") + frame(PING), 1000)
    refused("nothing is answered after a broken frame", frame(3) + frame(TEXT, b"late") + frame(PING), 1002)
    link = Link()
    link.say(frame(CLOSE))
    got = link.hear_all()
    link.socket.close()
    check(got == [(CLOSE, b"")], "a close without code is answered without code", got)
    refused("a close inside a message", frame(TEXT, b"a", fin=False) + closing(1000), 1000)

try:
    for group in (framing, pings, reserved, fragments, utf8, ends): group()
finally:
    echo.stdin.close()
    check(echo.wait(timeout=60) == 0, "the echo ends with its input")
    os.rmdir(work)
tally()
