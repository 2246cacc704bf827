/* frame.h: the headers of WebSocket frames (RFC 6455, 5.2 to 5.5), judged before wslay sees them:
 * wslay answers a broken header with a close that names no reason, and does not tell whether a
 * peer stopped in the middle of a message.
 *
 * Pure: bytes in, a verdict out. Ownership: a value. Threads: one owner at a time. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NS_FRAME_HEAD_MOST 14
#define NS_FRAME_CONTROL_MOST 125

struct ns_frames {
    bool masked;           /* frames must be masked (they come from a client), or must not be */
    uint64_t message_most; /* bytes of one message, all its frames together */
    /* result */
    uint8_t head[NS_FRAME_HEAD_MOST];
    uint8_t head_bytes; /* seen of the header */
    uint64_t left;      /* bytes of the payload still to come */
    const char *why;    /* of a refusal */
    /* the reader's own */
    uint64_t message; /* bytes of the message in its frames so far */
    bool open;        /* a fragmented message has begun and not ended */
};

/* Takes bytes of the next header, *used of them. Answers 0 for "more is needed", -1 when the
 * header is whole and good (head, head_bytes, left), else the close code to answer with. */
int ns_frames_head(struct ns_frames *f, const uint8_t *bytes, size_t n, size_t *used);
/* Is the frame whose header was read a control frame? Its payload is NS_FRAME_CONTROL_MOST long
 * at most. */
bool ns_frames_control(const struct ns_frames *f);
/* n bytes of the payload have passed; true when the frame ended with them. */
bool ns_frames_payload(struct ns_frames *f, size_t n);
/* A frame or a fragmented message has begun and not ended. */
bool ns_frames_middle(const struct ns_frames *f);
