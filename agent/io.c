/*
 * The thread: asks for checkpoints, and talks to the server. It never touches a Python object. Whatever goes wrong with the
 * server, the program goes on without it.
 */
#include "agent.h"

#define CONNECT_PATIENCE 5000000000ull

/* What has come and is not a whole message yet. */
typedef struct Received {
  u8 *buffer;
  u32 used, capacity;
} Received;

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

void io_send(u8 type, const void *data, u32 size) {
  Message *m = message_new(type, data, size);
  if (!m) return;
  push(&agent.outgoing, m);
  waker_wake(agent.waker);
}

/* ---- the connection -------------------------------------------------------------------------------------------------- */

static int must_stop(void) {
  return agent.closing || agent.parking;
}

/* The server may start later than the program. */
static Handle connect_patiently(void) {
  u64 start = now_nanoseconds(), pause = 2000000;
  while (!must_stop() && now_nanoseconds() - start < CONNECT_PATIENCE) {
    Handle connection = connection_open(agent.socket_path);
    if (connection != NO_HANDLE) return connection;
    if (!must_stop()) sleep_nanoseconds(pause);
    if (pause < 10000000) pause *= 2;
  }
  return NO_HANDLE;
}

static int send_all(const u8 *p, u64 size) {
  u64 start = now_nanoseconds();
  while (size) {
    i64 sent = connection_send(agent.connection, p, size);
    if (sent < 0) return 0;
    p += sent;
    size -= (u64)sent;
    if (sent) continue;
    if (now_nanoseconds() - start > (must_stop() ? 100000000ull : 3000000000ull)) return 0;
    connection_wait_to_send(agent.connection, 20000000);
  }
  return 1;
}

static int flush_outgoing(void) {
  int good = 1;
  for (Message *m = take_in_order(&agent.outgoing), *next; m; m = next) {
    next = m->next;
    u8 head[5];
    u32 length = m->size + 1;
    memcpy(head, &length, 4);
    head[4] = m->type;
    good = good && send_all(head, 5) && send_all(m->data, m->size);
    free(m);
  }
  return good;
}

/* Cuts complete messages off the front. False: garbage. */
static int cut_messages(Received *c) {
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

static int receive(Received *c) {
  for (;;) {
    if (c->capacity - c->used < 65536) {
      u32 capacity = c->capacity ? c->capacity * 2 : 1u << 18;
      u8 *grown = capacity > 2 * MESSAGE_LIMIT + (1u << 18) ? NULL : realloc(c->buffer, capacity);
      if (!grown) return 0;
      c->buffer = grown;
      c->capacity = capacity;
    }
    i64 got = connection_receive(agent.connection, c->buffer + c->used, c->capacity - c->used);
    if (got <= 0) return got == 0;
    c->used += (u32)got;
    if (!cut_messages(c)) return 0;
  }
}

/* ---- the loop ------------------------------------------------------------------------------------------------------------ */

#define SHORTEST_NATIVE_PAUSE 10000000ull
#define LONGEST_NATIVE_PAUSE 320000000ull

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
  if ((was_hot && was_served) || agent.waits) return shortest_interval();
  interval += interval / 2;
  return interval > 10000000 ? 10000000 : interval;
}

static int serve(Received *c) {
  u64 interval = shortest_interval(), next = now_nanoseconds() + interval;
  agent.native_pause = SHORTEST_NATIVE_PAUSE;
  while (!must_stop()) {
    u64 now = now_nanoseconds();
    int has_come = connection_wait(agent.connection, agent.waker, next > now ? next - now : 0);
    if (agent.outgoing && !flush_outgoing()) return 0;
    if (has_come && !receive(c)) return 0;
    if (now_nanoseconds() < next) continue;
    interval = tick(interval);
    next = now_nanoseconds() + interval;
  }
  return flush_outgoing();
}

static void disconnect(void) {
  agent.connected = 0;
  if (agent.connection != NO_HANDLE) connection_close(agent.connection);
  agent.connection = NO_HANDLE;
}

static void thread_main(void) {
  if (agent.connection == NO_HANDLE) agent.connection = connect_patiently();
  if (agent.connection != NO_HANDLE) {
    Received c = {NULL, 0, 0};
    agent.connected = 1;
    int good = serve(&c);
    /* Parked between two messages, the connection is taken up again later. */
    if (!good || c.used || !agent.parking) disconnect();
    free(c.buffer);
  } else if (!must_stop()) {
    agent.stopped = 1; /* nobody there */
  }
  __atomic_store_n(&agent.thread_running, 0, __ATOMIC_RELEASE);
}

/* ---- called with the GIL --------------------------------------------------------------------------------------------------- */

static int send_hello(void) {
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
  } rows[] = {{"protocol", PyLong_FromLong(PROTOCOL_VERSION)}, {"pid", PyLong_FromLong(process_id())},
              {"python", PyUnicode_FromStringAndSize(version, (Ssize)length)}, {"layout", PyLong_FromLong(ARMATURE_LAYOUT)},
              {"arch", PyUnicode_FromString(arch)},
              {"system", PyUnicode_FromString(SYSTEM_NAME)}, {"nonce", PyUnicode_FromFormat("%llx", (unsigned long long)random_number())}};
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

/* At the beginning, and at the first checkpoint after a fork. */
int io_start(void) {
  agent.thread_wanted = 0;
  if (agent.waker == NO_HANDLE) agent.waker = waker_new();
  if (agent.waker == NO_HANDLE) return 0;
  if (agent.connection == NO_HANDLE && !send_hello()) return 0;
  agent.thread_running = 1;
  if (thread_start(thread_main)) return 1;
  agent.thread_running = 0;
  return 0;
}

static void wait_for_thread(int half_milliseconds) {
  waker_wake(agent.waker);
  while (half_milliseconds-- && __atomic_load_n(&agent.thread_running, __ATOMIC_ACQUIRE)) sleep_nanoseconds(500000);
}

/* CPython counts threads as the system does, and warns of a fork beside other threads: ours is not there then. */
void io_before_fork(void) {
  if (!agent.thread_running) return;
  u32 before = thread_count();
  agent.parking = 1;
  wait_for_thread(4000); /* it comes at once, but on a busy machine */
  /* It has said so before it ends, and the system counts it for a moment longer. */
  for (int i = 0; i < 400 && before > 1 && thread_count() >= before; i++) sleep_nanoseconds(500000);
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
  agent.process = process_id();
  agent.thread_running = agent.tick = 0;
  disconnect();
  if (agent.waker != NO_HANDLE) waker_close(agent.waker);
  agent.waker = NO_HANDLE;
  drop_messages(&agent.outgoing);
  drop_messages(&agent.incoming);
  while (agent.requests) {
    Request *r = agent.requests;
    agent.requests = r->next;
    if (r->site) {
      r->site->in_flight = 0;
      r->site->versions--;
    }
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
