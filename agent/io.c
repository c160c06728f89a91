/*
 * The thread: asks for checkpoints, and talks to the server. It never touches a Python object. Whatever goes wrong with the
 * server, the program goes on without it.
 */
#include "agent.h"

#define SOL_SOCKET 1
#define SO_PEERCRED 17
#define AF_UNIX 1
#define SOCK_STREAM 1
#define SOCK_NONBLOCK 04000
#define SOCK_CLOEXEC 02000000
#define EFD_FLAGS (04000 | 02000000)
#define POLLIN 1
#define POLLOUT 4
#define MSG_NOSIGNAL 0x4000
#define EINTR 4
#define EAGAIN 11
#define EINPROGRESS 115
#define CONNECT_PATIENCE 5000000000ul

typedef struct Connection {
  int fd;
  u8 *buffer;
  u32 used, capacity;
} Connection;

struct statx_result {
  u32 mask, blksize;
  u64 attributes;
  u32 nlink, uid, gid;
  u16 mode, padding;
  u8 rest[256];
};
extern int statx(int, const char *, int, u32, struct statx_result *) __attribute__((weak));

static Message *message_new(u8 type, const void *data, u32 size) {
  Message *m = malloc(sizeof *m + size);
  if (!m) return NULL;
  m->next = NULL;
  m->type = type;
  m->size = size;
  memcpy(m->data, data, size);
  return m;
}

static void push(Message *volatile *list, Message *m) {
  m->next = *list;
  while (!__atomic_compare_exchange_n(list, &m->next, m, 0, __ATOMIC_RELEASE, __ATOMIC_RELAXED)) continue;
}

static Message *take_in_order(Message *volatile *list) {
  Message *m = __atomic_exchange_n(list, NULL, __ATOMIC_ACQ_REL), *ordered = NULL;
  while (m) {
    Message *next = m->next;
    m->next = ordered;
    ordered = m;
    m = next;
  }
  return ordered;
}

static void wake(void) {
  u64 one = 1;
  if (write(agent.wake_fd, &one, 8) < 0) return;
}

void io_send(u8 type, const void *data, u32 size) {
  Message *m = message_new(type, data, size);
  if (!m) return;
  push(&agent.outgoing, m);
  wake();
}

/* ---- the connection -------------------------------------------------------------------------------------------------- */

/* Only our own user may have put the socket there. */
static int directory_is_safe(const char *path) {
  char directory[128];
  u64 length = strlen(path);
  while (length && path[length - 1] != '/') length--;
  if (length < 2 || length > sizeof directory) return 0;
  memcpy(directory, path, length - 1);
  directory[length - 1] = 0;
  struct statx_result s;
  if (!statx || statx(-100, directory, 0, 0x7ff, &s)) return 0;
  return (s.uid == getuid() || s.uid == 0) && !(s.mode & 022);
}

static int peer_is_us(int fd) {
  struct {
    i32 pid;
    u32 uid, gid;
  } peer;
  u32 size = sizeof peer;
  return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == getuid();
}

static int connect_once(const char *path) {
  struct {
    u16 family;
    char path[108];
  } address = {AF_UNIX, {0}};
  u64 length = strlen(path);
  if (length >= sizeof address.path) return -1;
  memcpy(address.path, path, length);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (connect(fd, &address, (u32)(2 + length + 1)) == 0 && peer_is_us(fd)) return fd;
  close(fd);
  return -1;
}

static int must_stop(void) {
  return agent.closing || agent.parking;
}

static void pause_for(u64 nanoseconds) {
  TimeSpec t = {0, (i64)nanoseconds};
  PollEntry e = {agent.wake_fd, 0, 0};
  if (must_stop()) return;
  ppoll(&e, 1, &t, NULL);
}

/* The server may start later than the program. */
static int connect_patiently(void) {
  u64 start = now_nanoseconds(), pause = 2000000;
  while (!must_stop() && now_nanoseconds() - start < CONNECT_PATIENCE) {
    if (directory_is_safe(agent.socket_path)) {
      int fd = connect_once(agent.socket_path);
      if (fd >= 0) return fd;
    }
    pause_for(pause);
    if (pause < 10000000) pause *= 2;
  }
  return -1;
}

static int send_all(int fd, const u8 *p, u64 size) {
  u64 start = now_nanoseconds();
  while (size) {
    i64 sent = send(fd, p, size, MSG_NOSIGNAL);
    if (sent > 0) {
      p += sent;
      size -= (u64)sent;
      continue;
    }
    if (sent < 0 && ERRNO != EAGAIN && ERRNO != EINTR) return 0;
    if (now_nanoseconds() - start > (must_stop() ? 100000000ul : 3000000000ul)) return 0;
    PollEntry e = {fd, POLLOUT, 0};
    TimeSpec t = {0, 20000000};
    ppoll(&e, 1, &t, NULL);
  }
  return 1;
}

static int flush_outgoing(int fd) {
  int good = 1;
  for (Message *m = take_in_order(&agent.outgoing), *next; m; m = next) {
    next = m->next;
    u8 head[5];
    u32 length = m->size + 1;
    memcpy(head, &length, 4);
    head[4] = m->type;
    good = good && send_all(fd, head, 5) && send_all(fd, m->data, m->size);
    free(m);
  }
  return good;
}

/* Cuts complete messages off the front. False: garbage. */
static int cut_messages(Connection *c) {
  u32 at = 0;
  while (c->used - at >= 5) {
    u32 length = read_u32(c->buffer + at);
    if (length == 0 || length > MESSAGE_LIMIT) return 0;
    if (c->used - at - 4 < length) break;
    Message *m = message_new(c->buffer[at + 4], c->buffer + at + 5, length - 1);
    if (m) push(&agent.incoming, m);
    at += 4 + length;
  }
  if (at) {
    memmove(c->buffer, c->buffer + at, c->used - at);
    c->used -= at;
    queue_checkpoint();
  }
  return 1;
}

static int receive(Connection *c) {
  for (;;) {
    if (c->capacity - c->used < 65536) {
      u32 capacity = c->capacity ? c->capacity * 2 : 1u << 18;
      u8 *grown = capacity > 2 * MESSAGE_LIMIT + (1u << 18) ? NULL : realloc(c->buffer, capacity);
      if (!grown) return 0;
      c->buffer = grown;
      c->capacity = capacity;
    }
    i64 got = recv(c->fd, c->buffer + c->used, c->capacity - c->used, 0);
    if (got == 0) return 0;
    if (got < 0) return ERRNO == EAGAIN || ERRNO == EINTR;
    c->used += (u32)got;
    if (!cut_messages(c)) return 0;
  }
}

/* ---- the loop ------------------------------------------------------------------------------------------------------------ */

#define SHORTEST_NATIVE_PAUSE 10000000ul
#define LONGEST_NATIVE_PAUSE 320000000ul

static u64 shortest_interval(void) {
  return agent.threshold_zero ? 200000 : 1000000;
}

/*
 * While compiled code runs, a tick costs it an exit: so there are few, and fewer and fewer. But what it calls may be
 * interpreted, and hot.
 */
static int is_time_for_tick(u64 now) {
  if (!agent.native_depth) return 1;
  if (now < agent.next_native_tick) return 0;
  agent.next_native_tick = now + agent.native_pause;
  if (agent.native_pause < LONGEST_NATIVE_PAUSE) agent.native_pause *= 2;
  return 1;
}

/* A tick asks for a checkpoint; when nothing is hot, or nobody comes to serve it, the next one is later. */
static u64 tick(u64 interval) {
  int was_served = !agent.checkpoint_queued;
  if (was_served && is_time_for_tick(now_nanoseconds())) {
    agent.tick = 1;
    queue_checkpoint();
  }
  int was_hot = __atomic_exchange_n(&agent.hot, 0, __ATOMIC_ACQ_REL);
  if (was_hot && was_served) return shortest_interval();
  interval += interval / 2;
  return interval > 10000000 ? 10000000 : interval;
}

static int serve(Connection *c) {
  u64 interval = shortest_interval(), next = now_nanoseconds() + interval;
  agent.native_pause = SHORTEST_NATIVE_PAUSE;
  while (!must_stop()) {
    u64 now = now_nanoseconds();
    TimeSpec t = {0, next > now ? (i64)(next - now) : 0};
    PollEntry entries[2] = {{c->fd, POLLIN, 0}, {agent.wake_fd, POLLIN, 0}};
    ppoll(entries, 2, &t, NULL);
    u64 count;
    if (entries[1].returned && read(agent.wake_fd, &count, 8) < 0) continue;
    if (agent.outgoing && !flush_outgoing(c->fd)) return 0;
    if (entries[0].returned && !receive(c)) return 0;
    if (now_nanoseconds() < next) continue;
    interval = tick(interval);
    next = now_nanoseconds() + interval;
  }
  return flush_outgoing(c->fd);
}

static void disconnect(void) {
  agent.connected = 0;
  if (agent.socket_fd >= 0) close(agent.socket_fd);
  agent.socket_fd = -1;
}

static void *thread_main(void *unused) {
  (void)unused;
  if (agent.socket_fd < 0) agent.socket_fd = connect_patiently();
  if (agent.socket_fd >= 0) {
    Connection c = {agent.socket_fd, NULL, 0, 0};
    agent.connected = 1;
    int good = serve(&c);
    /* Parked between two messages, the connection is taken up again later. */
    if (!good || c.used || !agent.parking) disconnect();
    free(c.buffer);
  } else if (!must_stop()) {
    agent.stopped = 1; /* nobody there */
  }
  __atomic_store_n(&agent.thread_running, 0, __ATOMIC_RELEASE);
  return NULL;
}

/* ---- called with the GIL --------------------------------------------------------------------------------------------------- */

static int send_hello(void) {
  u64 nonce = 0;
  getrandom(&nonce, 8, 0);
#if defined(__aarch64__)
  const char *arch = "aarch64";
#else
  const char *arch = "x86_64";
#endif
  const char *version = Py_GetVersion();
  u64 length = 0;
  while (version[length] && version[length] != ' ') length++;
  struct {
    const char *key;
    Object *value;
  } rows[] = {{"protocol", PyLong_FromLong(PROTOCOL_VERSION)}, {"pid", PyLong_FromLong(getpid())},
              {"python", PyUnicode_FromStringAndSize(version, (Ssize)length)}, {"layout", PyLong_FromLong(ARMATURE_LAYOUT)},
              {"arch", PyUnicode_FromString(arch)}, {"nonce", PyUnicode_FromFormat("%lx", nonce)}};
  Object *d = PyDict_New();
  for (u32 i = 0; i < sizeof rows / sizeof *rows; i++) {
    if (d && rows[i].value) PyDict_SetItemString(d, rows[i].key, rows[i].value);
    object_xdecref(rows[i].value);
  }
  Object *bytes = d ? PyMarshal_WriteObjectToString(d, 2) : NULL;
  object_xdecref(d);
  if (!bytes) {
    PyErr_Clear();
    return 0;
  }
  io_send(MESSAGE_HELLO, ((BytesObject *)bytes)->value, (u32)((BytesObject *)bytes)->base.size);
  object_decref(bytes);
  return 1;
}

/* The thread takes no signals: they are the main thread's. */
static int start_thread(void) {
  u64 all[16], old[16];
  Thread thread;
  sigfillset(all);
  pthread_sigmask(2, all, old);
  agent.thread_running = 1;
  int failed = pthread_create(&thread, NULL, thread_main, NULL);
  pthread_sigmask(2, old, NULL);
  if (failed) agent.thread_running = 0;
  else pthread_detach(thread);
  return !failed;
}

/* At the beginning, and at the first checkpoint after a fork. */
int io_start(void) {
  agent.thread_wanted = 0;
  if (agent.wake_fd < 0) agent.wake_fd = eventfd(0, EFD_FLAGS);
  if (agent.wake_fd < 0) return 0;
  if (agent.socket_fd < 0 && !send_hello()) return 0;
  return start_thread();
}

static void wait_for_thread(int half_milliseconds) {
  wake();
  while (half_milliseconds-- && __atomic_load_n(&agent.thread_running, __ATOMIC_ACQUIRE)) usleep(500);
}

/* Threads of this process as the system counts them (proc(5): the 18th field after the name in parentheses); 0: not known. */
static int count_threads(void) {
  char text[1024];
  int fd = open("/proc/self/stat", 0);
  if (fd < 0) return 0;
  i64 size = read(fd, text, sizeof text - 1);
  close(fd);
  if (size <= 0) return 0;
  text[size] = 0;
  i64 at = size;
  while (at > 0 && text[at] != ')') at--;
  for (int field = 0; field < 18 && text[at]; field++) {
    while (text[at] && text[at] != ' ') at++;
    while (text[at] == ' ') at++;
  }
  int count = 0;
  while (text[at] >= '0' && text[at] <= '9') count = count * 10 + (text[at++] - '0');
  return count;
}

/* CPython counts threads as the system does, and warns of a fork beside other threads: ours is not there then. */
void io_before_fork(void) {
  if (!agent.thread_running) return;
  int before = count_threads();
  agent.parking = 1;
  wait_for_thread(4000); /* it comes at once, but on a busy machine */
  /* It has said so before it ends, and the system counts it for a moment longer. */
  for (int i = 0; i < 400 && before > 1 && count_threads() >= before; i++) usleep(500);
  agent.thread_wanted = 1;
}

static void drop_messages(Message *volatile *list) {
  for (Message *m = take_in_order(list), *next; m; m = next) {
    next = m->next;
    free(m);
  }
}

/* The code stays; the rest begins anew. */
static void begin_in_child(void) {
  agent.process = getpid();
  agent.thread_running = agent.tick = 0;
  disconnect();
  if (agent.wake_fd >= 0) close(agent.wake_fd);
  agent.wake_fd = -1;
  drop_messages(&agent.outgoing);
  drop_messages(&agent.incoming);
  while (agent.requests) {
    Request *r = agent.requests;
    agent.requests = r->next;
    r->site->in_flight = 0;
    r->site->versions--;
    request_free(r);
  }
}

void io_after_fork(int in_child) {
  arena_forked(in_child);
  agent.parking = 0;
  if (!agent.attached || agent.closing) return;
  if (in_child) {
    begin_in_child();
    profiler_forked();
  }
  agent.checkpoint_queued = 0;
  if (agent.thread_wanted && !agent.stopped) queue_checkpoint();
}

/* At the end of the program: the report, then no thread of ours, within a bounded time. */
void io_finish(void) {
  if (agent.stats_path) stats_write();
  if (agent.thread_running && agent.connected) {
    Object *report = stats_report();
    Object *bytes = report ? PyMarshal_WriteObjectToString(report, 2) : NULL;
    if (bytes) io_send(MESSAGE_REPORT, ((BytesObject *)bytes)->value, (u32)((BytesObject *)bytes)->base.size);
    object_xdecref(report);
    object_xdecref(bytes);
    if (PyErr_Occurred()) PyErr_Clear();
  }
  __atomic_store_n(&agent.closing, 1, __ATOMIC_RELEASE);
  if (agent.thread_running) wait_for_thread(400);
}
