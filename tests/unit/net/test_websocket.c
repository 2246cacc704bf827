/* WebSockets on a real Unix socket, byte by byte: broken frames, slow senders, slow readers, and
 * who may come in at all. A plain program: the loop has its own thread. */
#include "tests/unit/net/served.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int number;
static int failures;

static void check(bool good, const char *what) {
    printf("%s %d - %s\n", good ? "ok" : "not ok", ++number, what);
    failures += !good;
}

#define TEXT 0x81
#define INIT "{\"type\":\"connection_init\"}"
#define SUBSCRIBE                                                                              \
    "{\"id\":\"1\",\"type\":\"subscribe\",\"payload\":{\"query\":\"subscription S\"}}"

static void send_text(int fd, const char *text) {
    struct ns_buf frame = NS_BUF(70000);
    served_frame(&frame, TEXT, text, strlen(text));
    if (send(fd, frame.data, frame.len, MSG_NOSIGNAL) != (ssize_t)frame.len) {
        perror("send");
        exit(1);
    }
    ns_buf_fini(&frame);
}

static int subscriber(const struct served *s) {
    int fd = served_upgrade(s);
    send_text(fd, INIT);
    struct ns_buf got = served_talk(fd, "", 0, "connection_ack");
    ns_buf_fini(&got);
    send_text(fd, SUBSCRIBE);
    return fd;
}

/* The close code in what came: of the last frame, when that is a close. */
static int close_code(const struct ns_buf *got) {
    for (size_t at = 0; at + 2 <= got->len;) {
        const unsigned char *f = (const unsigned char *)got->data + at;
        size_t n = f[1] & 0x7F;
        size_t head = 2;
        if (n == 126) {
            n = (size_t)f[2] << 8 | f[3];
            head = 4;
        }
        if (f[0] == 0x88) {
            return n >= 2 ? f[head] << 8 | f[head + 1] : 1005;
        }
        at += head + n;
    }
    return 0;
}

static void test_broken_frames(struct served *s) {
    static const struct {
        const char *what;
        const char *bytes;
        size_t n;
        int code;
    } rows[] = {
        {"a frame without a mask", "\x81\x02hi", 4, 1002},
        {"a reserved bit", "\xC1\x80\0\0\0\0", 6, 1002},
        {"a reserved opcode", "\x85\x80\0\0\0\0", 6, 1002},
        {"a ping in fragments", "\x09\x80\0\0\0\0", 6, 1002},
        {"a ping of 126 bytes", "\x89\xFE\0\x7E\0\0\0\0", 8, 1002},
        {"a length in the long form", "\x81\xFF\0\0\0\0\0\0\0\x05\0\0\0\0", 14, 1002},
        {"no UTF-8", "\x81\x81\0\0\0\0\xC0", 7, 1007},
        {"nine megabytes", "\x81\xFF\0\0\0\0\0\x90\0\0\0\0\0\0", 14, 1009},
        {"a binary message", "\x82\x80\0\0\0\0", 6, 1003},
        {"half a close code", "\x88\x81\0\0\0\0\x03", 7, 1002},
        {"a polite close", "\x88\x82\0\0\0\0\x03\xE8", 8, 1000},
        {"a close without code", "\x88\x80\0\0\0\0", 6, 1005},
    };
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        int fd = served_upgrade(s);
        struct ns_buf say = NS_BUF(100);
        ns_buf_add(&say, rows[i].bytes, rows[i].n);
        if (rows[i].code == 1003) { /* nothing is wrong with the frames: it waits for our close */
            served_frame(&say, 0x88, "\x03\xEB", 2);
        }
        struct ns_buf got = served_talk(fd, say.data, say.len, NULL);
        check(close_code(&got) == rows[i].code && strstr(got.data, "(nothing more") == NULL,
              rows[i].what);
        ns_buf_fini(&got);
        ns_buf_fini(&say);
        close(fd);
    }
}

/* ---- slow senders ---- */

static void test_slow_senders(void) {
    static const struct {
        const char *what;
        const char *bytes;
        size_t n;
    } rows[] = {
        {"half a header ends with 1008", "\x81", 1},
        {"half a payload ends with 1008", "\x81\x85\0\0\0\0he", 8},
        {"half a message ends with 1008, pings or not", "\x01\x82\0\0\0\0he\x89\x80\0\0\0\0", 14},
    };
    struct served s;
    const struct ns_server_deadlines brief = {.message = 80, .drain = 80};
    served_start(&s, &brief);
    int whole = served_upgrade(&s); /* says nothing, and may */
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        int fd = served_upgrade(&s);
        struct ns_buf got = served_talk(fd, rows[i].bytes, rows[i].n, NULL);
        check(close_code(&got) == 1008, rows[i].what);
        ns_buf_fini(&got);
        close(fd);
    }
    send_text(whole, "{\"type\":\"ping\"}");
    struct ns_buf got = served_talk(whole, "", 0, "pong");
    check(strstr(got.data, "pong") != NULL && close_code(&got) == 0,
          "one that says nothing in between is served on");
    ns_buf_fini(&got);
    close(whole);
    served_stop(&s);
}

/* A body that brings its share in each deadline may go on, but not for ever. */
static void test_slow_body(void) {
    struct served s;
    const struct ns_server_deadlines brief = {.body = 40};
    served_start(&s, &brief);
    int fd = served_connect(&s);
    static const char head[] = "POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 8000000\r\n\r\n";
    struct ns_buf piece = NS_BUF(1 << 16);
    for (int i = 0; i < 4096; i++) {
        ns_buf_char(&piece, ' ');
    }
    bool sent = send(fd, head, sizeof head - 1, MSG_NOSIGNAL) > 0;
    int rounds = 0;
    struct pollfd answer = {fd, POLLIN, 0};
    while (sent && rounds < 2000 && poll(&answer, 1, 5) == 0) {
        sent = send(fd, piece.data, piece.len, MSG_NOSIGNAL) > 0;
        rounds++;
    }
    ns_buf_fini(&piece);
    struct ns_buf got = served_talk(fd, "", 0, NULL);
    check(rounds > 20 && ns_str_starts(ns_buf_view(&got), "HTTP/1.1 408 "),
          "a body that comes too slowly for its length ends with 408 in the end");
    ns_buf_fini(&got);
    close(fd);
    served_stop(&s);
}

/* ---- slow readers ---- */

static const char *filler(void) {
    static char text[1100];
    if (text[0] == '\0') {
        memset(text, 'x', 1000);
        memcpy(text, "{\"data\":\"", 9);
        memcpy(text + 1000, "\"}", 3);
    }
    return text;
}

struct told {
    struct served *s;
    int times;
};

static void tell(void *arg) {
    const struct told *told = arg;
    for (int i = 0; i < told->times; i++) {
        fake_event(&told->s->fake, ns_str_of(filler()));
    }
}

static void count_running(void *arg) {
    struct told *told = arg;
    told->times = fake_running(&told->s->fake);
}

static int running(struct served *s) {
    struct told told = {s, 0};
    served_do(s, count_running, &told);
    return told.times;
}

/* Reads the events there are, without blocking for long; how many bytes. */
static size_t drink(int fd) {
    static char piece[1 << 16];
    size_t sum = 0;
    struct pollfd ready = {fd, POLLIN, 0};
    while (poll(&ready, 1, 20) > 0) {
        ssize_t came = recv(fd, piece, sizeof piece, 0);
        if (came <= 0) {
            break;
        }
        sum += (size_t)came;
    }
    return sum;
}

static void test_slow_reader(void) {
    struct served s;
    served_start(&s, NULL);
    int slow = subscriber(&s);
    int brisk = subscriber(&s);
    for (int i = 0; i < 400 && running(&s) < 2; i++) {
        usleep(5000);
    }
    size_t heard = 0;
    struct told told = {&s, 50};
    int rounds = 0;
    for (; rounds < 200 && running(&s) == 2; rounds++) {
        served_do(&s, tell, &told);
        heard += drink(brisk);
    }
    check(running(&s) == 1, "a subscriber that does not read is dropped");
    served_do(&s, tell, &told);
    rounds++;
    heard += drink(brisk);
    check(heard > (size_t)rounds * 50 * 1000, "one that reads has every event");
    struct ns_buf got = served_talk(slow, "", 0, NULL);
    check(close_code(&got) == 4290, "the slow one finds 4290 behind what it had been sent");
    check(got.len < NS_SERVER_BACKLOG_BYTES + ((size_t)1 << 20),
          "and no more was kept for it than the limit and what the system holds");
    ns_buf_fini(&got);
    send_text(brisk, "{\"type\":\"ping\"}");
    got = served_talk(brisk, "", 0, "pong");
    check(strstr(got.data, "pong") != NULL, "the other is served on");
    ns_buf_fini(&got);
    close(slow);
    close(brisk);
    served_stop(&s);
}

static void look_started(void *arg) {
    struct told *told = arg;
    told->times = told->s->fake.started;
}

/* Thousands of requests whose answers nobody reads: taken up only while there is room. */
static void test_greedy(void) {
    static const char ask[] = "{\"id\":\"a\",\"type\":\"subscribe\",\"payload\":{\"query\":\"{ now }\"}}";
    struct served s;
    served_start(&s, NULL);
    int fd = served_upgrade(&s);
    send_text(fd, INIT);
    struct ns_buf frames = NS_BUF((size_t)4 << 20);
    for (int i = 0; i < 30000; i++) {
        served_frame(&frames, TEXT, ask, sizeof ask - 1);
    }
    size_t at = 0;
    struct pollfd room = {fd, POLLOUT, 0};
    while (at < frames.len && poll(&room, 1, 200) > 0) {
        ssize_t sent = send(fd, frames.data + at, frames.len - at, MSG_NOSIGNAL | MSG_DONTWAIT);
        at += sent > 0 ? (size_t)sent : 0;
    }
    struct told told = {&s, 0};
    served_do(&s, look_started, &told);
    check(at < frames.len && told.times < 15000, "requests wait while their answers are not read");
    struct ns_buf health = served_ask(&s, "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", NULL);
    check(ns_str_starts(ns_buf_view(&health), "HTTP/1.1 200 "), "and others are served meanwhile");
    ns_buf_fini(&health);
    for (int quiet = 0; quiet < 50 && told.times < 30000;) {
        quiet = drink(fd) > 0 ? 0 : quiet + 1;
        ssize_t sent = at < frames.len ? send(fd, frames.data + at, frames.len - at,
                                              MSG_NOSIGNAL | MSG_DONTWAIT)
                                       : 0;
        at += sent > 0 ? (size_t)sent : 0;
        served_do(&s, look_started, &told);
    }
    check(told.times == 30000, "once it reads, every one is answered");
    ns_buf_fini(&frames);
    close(fd);
    served_stop(&s);
}

/* ---- all together ---- */

static void set_memory(void *arg) {
    ns_server_set_memory(((struct served *)arg)->server, (size_t)2 << 20);
}

/* What came, when blanks follow the head until it answers or `most` of them are through. */
static struct ns_buf pour(int fd, const char *head, size_t head_n, size_t most) {
    static char piece[16384];
    struct pollfd answer = {fd, POLLIN, 0};
    bool sent = send(fd, head, head_n, MSG_NOSIGNAL) > 0;
    for (size_t sum = 0; sent && sum < most && poll(&answer, 1, 0) == 0; sum += sizeof piece) {
        memset(piece, ' ', sizeof piece);
        sent = send(fd, piece, sizeof piece, MSG_NOSIGNAL) > 0;
    }
    return served_talk(fd, "", 0, "\r\n\r\n");
}

static void test_memory(void) {
    static const char post[] = "POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n";
    static const char message[] = "\x81\xFF\0\0\0\0\0\x40\0\0\0\0\0\0"; /* four megabytes */
    struct served s;
    served_start(&s, NULL);
    served_do(&s, set_memory, &s);
    int holder = served_connect(&s);
    struct ns_buf got = NS_BUF(2 << 20);
    ns_buf_text(&got, post);
    while (got.len < 1500000) {
        ns_buf_char(&got, ' ');
    }
    bool sent = true;
    for (size_t at = 0; at < got.len && sent; at += 50000) {
        size_t n = got.len - at < 50000 ? got.len - at : 50000;
        sent = send(holder, got.data + at, n, MSG_NOSIGNAL) == (ssize_t)n;
    }
    ns_buf_fini(&got);
    check(sent, "one and a half megabytes of a request wait for the rest");
    int second = served_connect(&s);
    got = pour(second, post, sizeof post - 1, 4000000);
    check(ns_str_starts(ns_buf_view(&got), "HTTP/1.1 503 "), "a second large one hears 503");
    ns_buf_fini(&got);
    close(second);
    int socket = served_upgrade(&s);
    got = pour(socket, message, sizeof message - 1, 4000000);
    check(close_code(&got) == 1013, "a large message closes with 1013");
    ns_buf_fini(&got);
    close(socket);
    got = served_ask(&s, "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", NULL);
    check(ns_str_starts(ns_buf_view(&got), "HTTP/1.1 200 "), "small ones do not notice");
    ns_buf_fini(&got);
    close(holder);
    served_stop(&s);
}

/* ---- who may come in ---- */

struct owner {
    struct ns_server *server;
    uid_t uid;
};

static void set_owner(void *arg) {
    const struct owner *owner = arg;
    ns_server_set_owner(owner->server, owner->uid);
}

/* The first answer a process of that user gets: 200, or 0 when the door is shut. */
static int answer_for(const struct served *s, uid_t uid) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        if (uid != geteuid() && (setgid((gid_t)uid) != 0 || setuid(uid) != 0)) {
            _exit(99);
        }
        struct ns_buf got = served_ask(s, "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", NULL);
        _exit(got.len == 0 ? 0 : ns_str_starts(ns_buf_view(&got), "HTTP/1.1 200 ") ? 20 : 98);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) * 10 : -1;
}

/* The file's mode already keeps others out; here it is opened wide, so that the kernel's word
 * on who connects is all that counts. Root tries as somebody else; anybody else moves the
 * ownership instead, since only root may change its user. */
static void test_owner(void) {
    struct served s;
    served_start(&s, NULL);
    bool root = geteuid() == 0;
    uid_t stranger = root ? 65534 : geteuid();
    struct owner owner = {s.server, root ? 1000 : geteuid() + 1};
    if (chmod(s.folder, 0755) != 0 || chmod(s.path, 0666) != 0) {
        perror("chmod");
        exit(1);
    }
    served_do(&s, set_owner, &owner);
    check(answer_for(&s, stranger) == 0, "another user's process is refused without a word");
    owner.uid = stranger;
    served_do(&s, set_owner, &owner);
    check(answer_for(&s, stranger) == 200, "the owner's is served");
    served_stop(&s);
    served_start(&s, NULL);
    check(answer_for(&s, geteuid()) == 200, "whoever runs the agent owns it");
    served_stop(&s);
}

int main(void) {
    struct served s;
    served_start(&s, NULL);
    test_broken_frames(&s);
    served_stop(&s);
    test_slow_senders();
    test_slow_body();
    test_slow_reader();
    test_greedy();
    test_memory();
    test_owner();
    printf("1..%d\n", number);
    return failures > 0;
}
