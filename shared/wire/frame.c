/* frame.c: one header at a time, at most 14 bytes. */
#include "shared/wire/frame.h"

#define FIN 0x80u
#define RESERVED_BITS 0x70u
#define OPCODE 0x0Fu
#define CONTROL 0x08u
#define MASKED 0x80u
#define LENGTH 0x7Fu

enum { CONTINUATION = 0x0, TEXT = 0x1, BINARY = 0x2, CLOSE = 0x8, PING = 0x9, PONG = 0xA };

#define BROKEN 1002
#define TOO_LONG 1009

static size_t length_bytes(const struct ns_frames *f) {
    unsigned length = f->head[1] & LENGTH;
    return length == 126 ? 2 : length == 127 ? 8 : 0;
}

/* How long the header is, as far as its first two bytes tell. */
static size_t head_needs(const struct ns_frames *f) {
    if (f->head_bytes < 2) {
        return 2;
    }
    return 2 + length_bytes(f) + ((f->head[1] & MASKED) != 0 ? 4 : 0);
}

static int refuse(struct ns_frames *f, int code, const char *why) {
    f->why = why;
    return code;
}

static int judge_first_byte(struct ns_frames *f) {
    unsigned opcode = f->head[0] & OPCODE;
    if ((f->head[0] & RESERVED_BITS) != 0) {
        return refuse(f, BROKEN, "reserved bit without an extension");
    }
    if (opcode > PONG || (opcode > BINARY && opcode < CLOSE)) {
        return refuse(f, BROKEN, "reserved opcode");
    }
    if ((opcode & CONTROL) != 0) {
        return (f->head[0] & FIN) != 0 ? 0 : refuse(f, BROKEN, "control frame in fragments");
    }
    if ((opcode == CONTINUATION) != f->open) {
        return refuse(f, BROKEN, f->open ? "new message inside another"
                                         : "continuation of nothing");
    }
    return 0;
}

static int judge_second_byte(struct ns_frames *f) {
    unsigned opcode = f->head[0] & OPCODE;
    unsigned length = f->head[1] & LENGTH;
    if (((f->head[1] & MASKED) != 0) != f->masked) {
        return refuse(f, BROKEN, f->masked ? "frame is not masked" : "frame is masked");
    }
    if ((opcode & CONTROL) != 0 && length > NS_FRAME_CONTROL_MOST) {
        return refuse(f, BROKEN, "control frame is too long");
    }
    if (opcode == CLOSE && length == 1) {
        return refuse(f, BROKEN, "close with half a code");
    }
    return 0;
}

/* The length in its shortest form, as RFC 6455 5.2 demands. */
static int judge_length(struct ns_frames *f) {
    size_t n = length_bytes(f);
    uint64_t length = f->head[1] & LENGTH;
    if (n > 0) {
        length = 0;
        for (size_t i = 0; i < n; i++) {
            length = length << 8 | f->head[2 + i];
        }
        if (length >> 63 != 0 || length < (n == 2 ? 126u : 65536u)) {
            return refuse(f, BROKEN, "length is not in its shortest form");
        }
    }
    f->left = length;
    if ((f->head[0] & CONTROL) != 0) {
        return -1;
    }
    if (length > f->message_most - f->message) {
        return refuse(f, TOO_LONG, "message is too long");
    }
    f->message += length;
    f->open = (f->head[0] & FIN) == 0;
    return -1;
}

int ns_frames_head(struct ns_frames *f, const uint8_t *bytes, size_t n, size_t *used) {
    *used = 0;
    while (*used < n && f->head_bytes < head_needs(f)) {
        f->head[f->head_bytes++] = bytes[(*used)++];
        int code = f->head_bytes == 1   ? judge_first_byte(f)
                   : f->head_bytes == 2 ? judge_second_byte(f)
                                        : 0;
        if (code != 0) {
            return code;
        }
    }
    return f->head_bytes == head_needs(f) ? judge_length(f) : 0;
}

bool ns_frames_control(const struct ns_frames *f) {
    return (f->head[0] & CONTROL) != 0;
}

bool ns_frames_payload(struct ns_frames *f, size_t n) {
    f->left -= n;
    if (f->left > 0) {
        return false;
    }
    f->head_bytes = 0;
    if ((f->head[0] & CONTROL) == 0 && !f->open) {
        f->message = 0;
    }
    return true;
}

bool ns_frames_middle(const struct ns_frames *f) {
    return f->head_bytes > 0 || f->open;
}
