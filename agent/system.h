/*
 * The border to the operating system: all that the agent asks of it. One file a system: system-linux.c, system-macos.c
 * (with system-posix.c, what these two share) and system-windows.c. Which systems the agent has been run on, and which it
 * was only built for: docs/decisions/2026-11-29-agents-of-other-systems.md.
 *
 * Nothing here needs the GIL or touches a Python object.
 */
#ifndef ARMATURE_SYSTEM_H
#define ARMATURE_SYSTEM_H
#include "layout.h"

#define NULL ((void *)0)

/* Its name in the protocol, and whether processes are copied there (`os.fork`). */
#if defined(_WIN32)
#define SYSTEM_NAME "windows"
#define SYSTEM_FORKS 0
#elif defined(__APPLE__)
#define SYSTEM_NAME "macos"
#define SYSTEM_FORKS 1
#else
#define SYSTEM_NAME "linux"
#define SYSTEM_FORKS 1
#endif

/* ---- the process ------------------------------------------------------------------------------------------------------- */

i32 process_id(void);
/* Lives as long as the process; NULL: not set. */
const char *environment_variable(const char *name);
u64 random_number(void);
/* Never goes back. */
u64 now_nanoseconds(void);
void sleep_nanoseconds(u64);
/* Of the mathematics library that CPython's own `math` uses; NULL when there is none. */
void *mathematics_function(const char *name);

/* ---- memory for machine code --------------------------------------------------------------------------------------------- */

/*
 * Reserves memory, within reach of a direct call from `around` where that is possible. It has two views: bytes written
 * through one are run through the other. No thread may ever write and run a page through one address at a time; where the
 * two views are one address (macOS), what the writing thread may do changes between code_begin_writing and
 * code_end_writing, which do not nest. False: the system has none for us.
 */
int code_reserve(u64 size, u64 around, u8 **write_view, u8 **run_view);
void code_begin_writing(void);
void code_end_writing(void);
/* Makes written bytes visible to instruction fetch, on every processor. */
void code_synchronise(u8 *run_view, u8 *write_view, u64 size);

/* ---- the thread -------------------------------------------------------------------------------------------------------------- */

/* A thread that takes no signals: they are the main thread's. False: none could be started. */
int thread_start(void (*body)(void));
/* Threads of this process as the system counts them, which is how CPython counts them when it forks; 0: not known. */
u32 thread_count(void);

/* ---- the connection: never waits but in the functions that say so ---------------------------------------------------------------- */

typedef i64 Handle;
#define NO_HANDLE ((Handle)-1)

/* Ends a wait of our thread from any other. */
Handle waker_new(void);
void waker_wake(Handle);
void waker_close(Handle);

/* Connects if the other end belongs to our own user, and only our own user may have put it there. */
Handle connection_open(const char *path);
void connection_close(Handle);
/* Bytes sent or received; 0: none now; -1: the connection has ended. */
i64 connection_send(Handle, const void *, u64 size);
i64 connection_receive(Handle, void *, u64 size);
/* Waits until there is something to receive, until it is woken, or for so long; takes a wake-up. True: something to receive. */
int connection_wait(Handle, Handle waker, u64 nanoseconds);
/* Waits until something can be sent, or for so long. */
void connection_wait_to_send(Handle, u64 nanoseconds);

/* ---- files --------------------------------------------------------------------------------------------------------------------------- */

#define STANDARD_ERROR ((Handle)2)

/* Both for our user only. */
Handle file_create(const char *path);
/* The map of compiled code that profilers of this system read, to append to it; NO_HANDLE: they read none. */
Handle profiler_map_open(void);
void file_write(Handle, const void *, u64 size);
void file_close(Handle);
#endif
