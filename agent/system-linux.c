/* The border to Linux (system.h). */
#include "posix.h"
#include "agent.h"

#define SOL_SOCKET 1
#define SO_PEERCRED 17
#define SOCK_NONBLOCK 04000
#define SOCK_CLOEXEC 02000000
#define EFD_FLAGS (04000 | 02000000)
#define MAP_SHARED 1
#define MAP_FIXED_NOREPLACE 0x100000
#define MFD_CLOEXEC 1u
#define PROT_BTI 16 /* AArch64 */
#if defined(__aarch64__)
#define REACH ((i64)110 << 20) /* bl reaches 128 MiB */
#define STEP ((i64)2 << 20)
#else
#define REACH ((i64)1900 << 20) /* call rel32 reaches 2 GiB */
#define STEP ((i64)16 << 20)
#endif

struct statx_result {
  u32 mask, blksize;
  u64 attributes;
  u32 nlink, uid, gid;
  u16 mode, padding;
  u8 rest[256];
};
extern int statx(int, const char *, int, u32, struct statx_result *) __attribute__((weak));
extern int memfd_create(const char *, u32), ftruncate(int, i64), eventfd(u32, int);
extern int ppoll(PollEntry *, u64, const TimeSpec *, const void *signals);
extern i64 getrandom(void *, Size, u32);

u64 random_number(void) {
  u64 number = 0;
  getrandom(&number, sizeof number, 0);
  return number;
}

void *mathematics_function(const char *name) {
  void *found = dlsym(NULL, name);
  if (found) return found;
  void *library = dlopen("libm.so.6", RTLD_NOW);
  return library ? dlsym(library, name) : NULL;
}

/* ---- memory for machine code: two mappings of one file in memory --------------------------------------------------------- */

static void *map_near(u64 size, i64 around, int fd) {
  int protection = PROT_READ | PROT_EXEC | (agent.protects_branches ? PROT_BTI : 0);
  around &= ~(i64)0xffff;
  for (i64 distance = STEP; distance < REACH - (i64)size; distance += STEP) {
    for (int side = 0; side < 2; side++) {
      i64 address = side ? around + distance : around - distance - (i64)size;
      if (address < (i64)1 << 16) continue;
      void *p = mmap((void *)address, size, protection, MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0);
      if (p == (void *)address) return p;
      if (p != MAPPING_FAILED) munmap(p, size); /* an old kernel takes the address as a hint */
    }
  }
  return mmap(NULL, size, protection, MAP_SHARED, fd, 0);
}

int code_reserve(u64 size, u64 around, u8 **write_view, u8 **run_view) {
  int fd = memfd_create("armature", MFD_CLOEXEC);
  if (fd < 0) return 0;
  int good = ftruncate(fd, (i64)size) == 0;
  void *run = good ? map_near(size, (i64)around, fd) : MAPPING_FAILED;
  void *writable = run != MAPPING_FAILED ? mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAPPING_FAILED;
  close(fd);
  if (run == MAPPING_FAILED || writable == MAPPING_FAILED) {
    if (run != MAPPING_FAILED) munmap(run, size);
    return 0;
  }
  *run_view = run;
  *write_view = writable;
  unwind_register(run, size);
  return 1;
}

void code_begin_writing(void) {}

void code_end_writing(void) {}

void code_synchronise(u8 *run_view, u8 *write_view, u64 size) {
#if defined(__aarch64__)
  u64 type;
  __asm__("mrs %0, ctr_el0" : "=r"(type));
  u64 data_line = (u64)4 << ((type >> 16) & 15), code_line = (u64)4 << (type & 15);
  u64 end = (u64)write_view + size;
  for (u64 p = (u64)write_view & ~(data_line - 1); p < end; p += data_line) __asm__ volatile("dc cvau, %0" : : "r"(p) : "memory");
  __asm__ volatile("dsb ish" : : : "memory");
  end = (u64)run_view + size;
  for (u64 p = (u64)run_view & ~(code_line - 1); p < end; p += code_line) __asm__ volatile("ic ivau, %0" : : "r"(p) : "memory");
  __asm__ volatile("dsb ish\n\tisb" : : : "memory");
#else
  (void)run_view;
  (void)write_view;
  (void)size;
  __asm__ volatile("" : : : "memory");
#endif
}

/* ---- the thread ---------------------------------------------------------------------------------------------------------------- */

/* proc(5): the 18th field after the name in parentheses. */
u32 thread_count(void) {
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
  u32 count = 0;
  while (text[at] >= '0' && text[at] <= '9') count = count * 10 + (u32)(text[at++] - '0');
  return count;
}

/* ---- the connection -------------------------------------------------------------------------------------------------------------- */

Handle waker_new(void) {
  return eventfd(0, EFD_FLAGS);
}

void waker_wake(Handle waker) {
  u64 one = 1;
  if (write((int)waker, &one, sizeof one) < 0) return;
}

void waker_close(Handle waker) {
  close((int)waker);
}

int file_ownership(const char *path, Ownership *o) {
  struct statx_result s;
  if (!statx || statx(-100, path, 0, 0x7ff, &s)) return 0;
  *o = (Ownership){s.uid, s.mode};
  return 1;
}

int socket_new(void) {
  return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

int socket_peer(int fd, u32 *user) {
  struct {
    i32 pid;
    u32 uid, gid;
  } peer;
  u32 size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size)) return 0;
  *user = peer.uid;
  return 1;
}

u32 socket_address(const char *path, SocketAddress *address) {
  u64 length = strlen(path);
  if (length >= 108) return 0;
  *address = (SocketAddress){{AF_UNIX}}; /* sun_family: 16 bits */
  memcpy(address->bytes + 2, path, length);
  return (u32)(2 + length + 1);
}

void poll_entries(PollEntry *entries, u32 count, u64 nanoseconds) {
  TimeSpec t = {(i64)(nanoseconds / 1000000000u), (i64)(nanoseconds % 1000000000u)};
  ppoll(entries, count, &t, NULL);
}
