/* The parts of the border that are the same on Linux and macOS. */
#include "posix.h"

i32 process_id(void) {
  return getpid();
}

const char *environment_variable(const char *name) {
  return getenv(name);
}

u64 now_nanoseconds(void) {
  TimeSpec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (u64)t.seconds * 1000000000u + (u64)t.nanoseconds;
}

void sleep_nanoseconds(u64 nanoseconds) {
  TimeSpec t = {(i64)(nanoseconds / 1000000000u), (i64)(nanoseconds % 1000000000u)};
  nanosleep(&t, NULL);
}

/* ---- the thread ------------------------------------------------------------------------------------------------------------ */

static void *thread_body(void *body) {
  ((void (*)(void))body)();
  return NULL;
}

int thread_start(void (*body)(void)) {
  u64 all[16], old[16];
  Thread thread;
  sigfillset(all);
  pthread_sigmask(SIG_SETMASK, all, old);
  int failed = pthread_create(&thread, NULL, thread_body, (void *)body);
  pthread_sigmask(SIG_SETMASK, old, NULL);
  if (!failed) pthread_detach(thread);
  return !failed;
}

/* ---- the connection --------------------------------------------------------------------------------------------------------- */

/* Only our own user may have put the socket there. */
static int directory_is_safe(const char *path) {
  char directory[128];
  u64 length = strlen(path);
  while (length && path[length - 1] != '/') length--;
  if (length < 2 || length > sizeof directory) return 0;
  memcpy(directory, path, length - 1);
  directory[length - 1] = 0;
  Ownership o;
  if (!file_ownership(directory, &o)) return 0;
  return (o.user == getuid() || o.user == 0) && !(o.mode & 022);
}

Handle connection_open(const char *path) {
  SocketAddress address;
  u32 length = directory_is_safe(path) ? socket_address(path, &address) : 0, user;
  if (!length) return NO_HANDLE;
  int fd = socket_new();
  if (fd < 0) return NO_HANDLE;
  if (connect(fd, &address, length) == 0 && socket_peer(fd, &user) && user == getuid()) return fd;
  close(fd);
  return NO_HANDLE;
}

void connection_close(Handle connection) {
  close((int)connection);
}

static i64 moved(i64 count) {
  return count < 0 && (ERRNO == EAGAIN || ERRNO == EINTR) ? 0 : count;
}

i64 connection_send(Handle connection, const void *data, u64 size) {
  return moved(send((int)connection, data, size, SEND_FLAGS));
}

i64 connection_receive(Handle connection, void *data, u64 size) {
  i64 got = recv((int)connection, data, size, 0);
  return got == 0 ? -1 : moved(got);
}

int connection_wait(Handle connection, Handle waker, u64 nanoseconds) {
  PollEntry entries[2] = {{(i32)connection, POLLIN, 0}, {(i32)waker, POLLIN, 0}};
  poll_entries(entries, 2, nanoseconds);
  u64 bytes;
  if (entries[1].returned && read((int)waker, &bytes, sizeof bytes) < 0) return 0;
  return entries[0].returned != 0;
}

void connection_wait_to_send(Handle connection, u64 nanoseconds) {
  PollEntry entry = {(i32)connection, POLLOUT, 0};
  poll_entries(&entry, 1, nanoseconds);
}

/* ---- files ------------------------------------------------------------------------------------------------------------------ */

Handle file_create(const char *path) {
  return open(path, OPEN_TO_WRITE | OPEN_CREATE | OPEN_TRUNCATE | OPEN_CLOSE_ON_EXEC, 0600);
}

Handle profiler_map_open(void) {
  char path[64];
  snprintf(path, sizeof path, "/tmp/perf-%d.map", getpid());
  return open(path, OPEN_TO_WRITE | OPEN_CREATE | OPEN_APPEND | OPEN_NO_SYMBOLIC_LINK | OPEN_CLOSE_ON_EXEC, 0600);
}

void file_write(Handle file, const void *data, u64 size) {
  for (const char *p = data; size;) {
    i64 written = write((int)file, p, size);
    if (written < 0 && ERRNO == EINTR) continue;
    if (written <= 0) return;
    p += written;
    size -= (u64)written;
  }
}

void file_close(Handle file) {
  close((int)file);
}
