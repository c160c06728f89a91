/*
 * The border to macOS (system.h). Built, never run: every number here is from the headers of XNU and of Apple's Libc as
 * they are published.
 */
#include "posix.h"

#define SOL_SOCKET 0xffff
#define SO_NOSIGPIPE 0x1022
#define F_SETFD 2
#define F_GETFL 3
#define F_SETFL 4
#define FD_CLOEXEC 1
#define O_NONBLOCK 4
#define MAP_PRIVATE 2
#define MAP_ANON 0x1000
#define MAP_JIT 0x800
#define RTLD_DEFAULT ((void *)-2)
#define REACH ((i64)110 << 20) /* bl reaches 128 MiB */
#define STEP ((i64)2 << 20)

/* sys/stat.h: struct stat of a 64-bit program, which arm64 has always had. */
typedef struct FileStatus {
  i32 device;
  u16 mode, links;
  u64 inode;
  u32 user, group;
  u8 rest[120];
} FileStatus;
_Static_assert(sizeof(FileStatus) == 144, "struct stat");

extern int stat(const char *, FileStatus *), getpeereid(int, u32 *user, u32 *group), setsockopt(int, int, int, const void *, u32);
extern int pipe(int *), poll(PollEntry *, u32, int milliseconds);
extern int getentropy(void *, Size);
extern void pthread_jit_write_protect_np(int), sys_icache_invalidate(void *, Size);
extern u32 mach_task_self_;
extern int task_threads(u32 task, u32 **threads, u32 *count), mach_port_deallocate(u32 task, u32 port);
extern int vm_deallocate(u32 task, u64 address, u64 size);

u64 random_number(void) {
  u64 number = 0;
  getentropy(&number, sizeof number);
  return number;
}

/* The mathematics library is a part of libSystem. */
void *mathematics_function(const char *name) {
  return dlsym(RTLD_DEFAULT, name);
}

/* ---- memory for machine code: one mapping, which each thread may either write or run ----------------------------------------- */

/* An address is a wish here: what lies elsewhere is given back. */
static void *map_near(u64 size, i64 around) {
  const int protection = PROT_READ | PROT_WRITE | PROT_EXEC, flags = MAP_PRIVATE | MAP_ANON | MAP_JIT;
  around &= ~(i64)0xffff;
  for (i64 distance = STEP; distance < REACH - (i64)size; distance += STEP) {
    for (int side = 0; side < 2; side++) {
      i64 address = side ? around + distance : around - distance - (i64)size;
      void *p = mmap((void *)address, size, protection, flags, -1, 0);
      if (p == (void *)address) return p;
      if (p != MAPPING_FAILED) munmap(p, size);
    }
  }
  return mmap(NULL, size, protection, flags, -1, 0);
}

int code_reserve(u64 size, u64 around, u8 **write_view, u8 **run_view) {
  void *p = map_near(size, (i64)around);
  if (p == MAPPING_FAILED) return 0;
  *run_view = *write_view = p;
  return 1;
}

void code_begin_writing(void) {
  pthread_jit_write_protect_np(0);
}

void code_end_writing(void) {
  pthread_jit_write_protect_np(1);
}

void code_synchronise(u8 *run_view, u8 *write_view, u64 size) {
  (void)write_view;
  sys_icache_invalidate(run_view, size);
}

/* ---- the thread ------------------------------------------------------------------------------------------------------------------ */

u32 thread_count(void) {
  u32 *threads, count;
  if (task_threads(mach_task_self_, &threads, &count)) return 0;
  for (u32 i = 0; i < count; i++) mach_port_deallocate(mach_task_self_, threads[i]);
  vm_deallocate(mach_task_self_, (u64)threads, count * sizeof *threads);
  return count;
}

/* ---- the connection ---------------------------------------------------------------------------------------------------------------- */

static int set_flags(int fd) {
  return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0;
}

/* A pipe: the end to read is the low half of the handle. */
Handle waker_new(void) {
  int ends[2];
  if (pipe(ends)) return NO_HANDLE;
  if (set_flags(ends[0]) && set_flags(ends[1])) return (Handle)ends[1] << 32 | (u32)ends[0];
  close(ends[0]);
  close(ends[1]);
  return NO_HANDLE;
}

void waker_wake(Handle waker) {
  if (write((int)(waker >> 32), "", 1) < 0) return;
}

void waker_close(Handle waker) {
  close((int)waker);
  close((int)(waker >> 32));
}

int file_ownership(const char *path, Ownership *o) {
  FileStatus s;
  if (stat(path, &s)) return 0;
  *o = (Ownership){s.user, s.mode};
  return 1;
}

int socket_new(void) {
  int fd = socket(AF_UNIX, SOCK_STREAM, 0), yes = 1;
  if (fd < 0) return -1;
  if (set_flags(fd) && setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &yes, sizeof yes) == 0) return fd;
  close(fd);
  return -1;
}

int socket_peer(int fd, u32 *user) {
  u32 group;
  return getpeereid(fd, user, &group) == 0;
}

u32 socket_address(const char *path, SocketAddress *address) {
  u64 length = strlen(path);
  if (length >= 104) return 0;
  *address = (SocketAddress){{(u8)(2 + length + 1), AF_UNIX}}; /* sun_len, sun_family: 8 bits each */
  memcpy(address->bytes + 2, path, length);
  return (u32)(2 + length + 1);
}

/* No ppoll here: what is shorter than a millisecond is one. */
void poll_entries(PollEntry *entries, u32 count, u64 nanoseconds) {
  poll(entries, count, (int)((nanoseconds + 999999) / 1000000));
}
