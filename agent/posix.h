/* What Linux and macOS have in common, declared by us, and the numbers in which they differ. */
#ifndef ARMATURE_POSIX_H
#define ARMATURE_POSIX_H
#include "system.h"

typedef u64 Size;

#if defined(__APPLE__)
#define ERRNO (*__error())
#define EINTR 4
#define EAGAIN 35
#define SIG_SETMASK 3
#define OPEN_CREATE 0x200
#define OPEN_TRUNCATE 0x400
#define OPEN_APPEND 8
#define OPEN_NO_SYMBOLIC_LINK 0x100
#define OPEN_CLOSE_ON_EXEC 0x1000000
#define CLOCK_MONOTONIC 6
#define SEND_FLAGS 0 /* SO_NOSIGPIPE is set */
#else
#define ERRNO (*__errno_location())
#define EINTR 4
#define EAGAIN 11
#define SIG_SETMASK 2
#define OPEN_CREATE 0100
#define OPEN_TRUNCATE 01000
#define OPEN_APPEND 02000
#if defined(__aarch64__)
#define OPEN_NO_SYMBOLIC_LINK 0100000
#else
#define OPEN_NO_SYMBOLIC_LINK 0400000
#endif
#define OPEN_CLOSE_ON_EXEC 02000000
#define CLOCK_MONOTONIC 1
#define SEND_FLAGS 0x4000 /* MSG_NOSIGNAL */
#endif

#define OPEN_TO_WRITE 1
#define AF_UNIX 1
#define SOCK_STREAM 1
#define POLLIN 1
#define POLLOUT 4
#define PROT_READ 1
#define PROT_WRITE 2
#define PROT_EXEC 4
#define MAPPING_FAILED ((void *)-1)
#define RTLD_NOW 2

typedef struct TimeSpec {
  i64 seconds;
  i64 nanoseconds;
} TimeSpec;
typedef struct PollEntry {
  i32 fd;
  i16 events;
  i16 returned;
} PollEntry;
typedef u64 Thread;

extern void *memcpy(void *, const void *, Size);
extern Size strlen(const char *);
extern char *getenv(const char *);
extern int snprintf(char *, Size, const char *, ...) __attribute__((format(printf, 3, 4)));
extern void *mmap(void *, Size, int protection, int flags, int fd, i64 offset);
extern int munmap(void *, Size);
extern int open(const char *, int, ...), close(int), fcntl(int, int, ...);
extern i64 read(int, void *, Size), write(int, const void *, Size), send(int, const void *, Size, int), recv(int, void *, Size, int);
extern int socket(int, int, int), connect(int, const void *, u32), getsockopt(int, int, int, void *, u32 *);
extern int clock_gettime(int clock, TimeSpec *), nanosleep(const TimeSpec *, TimeSpec *);
extern int getpid(void);
extern u32 getuid(void);
extern int pthread_create(Thread *, const void *attributes, void *(*start)(void *), void *argument);
extern int pthread_detach(Thread), pthread_sigmask(int, const void *, void *);
extern int sigfillset(void *);
extern void *dlsym(void *handle, const char *), *dlopen(const char *, int);
#if defined(__APPLE__)
extern int *__error(void);
#else
extern int *__errno_location(void);
#endif

/* ---- what each of the two does in its own way, for system-posix.c ----------------------------------------------------------- */

typedef struct Ownership {
  u32 user;
  u16 mode;
} Ownership;
/* False: there is no such file, or no way to know. */
int file_ownership(const char *path, Ownership *);
/* A stream socket that does not wait and does not survive exec, or -1. */
int socket_new(void);
/* Of the process at the other end. False: not known. */
int socket_peer(int fd, u32 *user);
/* Its length, or 0 when the path is too long. */
typedef struct SocketAddress {
  u8 bytes[112];
} SocketAddress;
u32 socket_address(const char *path, SocketAddress *);
/* Waits for events of the entries. */
void poll_entries(PollEntry *, u32 count, u64 nanoseconds);
#endif
