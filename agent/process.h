/* process.h: what the agent does to and with its own process: hardening, the one-agent lock,
 * secrets from a descriptor or the terminal, and telling whoever started it.
 *
 * Ownership: callers own descriptors and buffers. Threads: the start and end of main. */
#pragma once
#include "shared/base/env.h"
#include "shared/text/message.h"

/* No core dumps, no tracing by our own uid, new files for us alone, no end by a broken pipe,
 * a fixed number of descriptors. What the system refuses is logged and lived without. */
void ns_process_harden(void);

/* The lock of one home, held while *fd is open. Another agent has it: NS_E_BUSY with its
 * process number; folder that cannot be written: NS_E_READONLY; both with the remedy. */
ns_rc ns_process_lock(const char *path, int *fd, struct ns_err *err) NS_MUST_USE;

#define NS_SECRET_MOST 1024

/* One line (to a line break or the end) from fd into out[NS_SECRET_MOST]; *n without the line
 * break. Longer: NS_E_LIMIT; nothing to read from: NS_E_IO. */
ns_rc ns_process_read_secret(int fd, char *out, size_t *n, struct ns_err *err) NS_MUST_USE;
/* The same typed at /dev/tty without echo, after a prompt. No terminal: NS_E_NOT_FOUND without
 * a message. Ctrl-C gives the echo back before the process ends. */
ns_rc ns_process_ask_secret(const char *prompt, char *out, size_t *n, struct ns_err *err)
    NS_MUST_USE;

/* "ready" and a line break to ready_fd (closed afterwards; -1: nobody) and READY=1 to the
 * datagram socket that NOTIFY_SOCKET names (NULL: nobody). */
void ns_process_tell_ready(int ready_fd, const char *notify_socket);
void ns_process_tell_stopping(const char *notify_socket);
