/*
 * The connection to the server on Windows: a named pipe, since that is what Node listens on. There is one at a time. A read
 * is always out; what it brings waits here until it is asked for.
 */
#include "system-windows.h"

#define GENERIC_READ 0x80000000u
#define GENERIC_WRITE 0x40000000u
#define OPEN_EXISTING 3
/* The server learns who we are, and cannot act in our name. */
#define PIPE_FLAGS (0x40000000u /* overlapped */ | 0x00100000u /* SECURITY_SQOS_PRESENT */ | 0x00010000u /* SECURITY_IDENTIFICATION */)
#define PROCESS_QUERY_LIMITED_INFORMATION 0x1000
#define TOKEN_QUERY 8
#define TOKEN_USER 1
#define ERROR_IO_INCOMPLETE 996
#define ERROR_IO_PENDING 997
#define LONGEST_PATH 256
#define SENDING_PATIENCE 20 /* milliseconds */

typedef struct Pipe {
  void *handle;
  Overlapped reading;
  u8 is_reading, has_ended;
  u32 received, taken;
  u8 buffer[65536];
} Pipe;

static Pipe the_pipe;

/* Auto-reset: a wait takes the wake-up. */
Handle waker_new(void) {
  void *event = CreateEventW(NULL, 0, 0, NULL);
  return event ? (Handle)event : NO_HANDLE;
}

void waker_wake(Handle waker) {
  SetEvent((void *)waker);
}

void waker_close(Handle waker) {
  CloseHandle((void *)waker);
}

/* ---- whose the other end is ------------------------------------------------------------------------------------------------------- */

typedef union UserInformation {
  void *sid; /* TOKEN_USER: a pointer to what follows */
  u64 bytes[32];
} UserInformation;

static int user_of_process(void *process, UserInformation *user) {
  void *token;
  u32 size;
  if (!OpenProcessToken(process, TOKEN_QUERY, &token)) return 0;
  int good = GetTokenInformation(token, TOKEN_USER, user, sizeof *user, &size);
  CloseHandle(token);
  return good;
}

static int server_is_us(void *pipe) {
  u32 id;
  UserInformation ours, theirs;
  if (!GetNamedPipeServerProcessId(pipe, &id) || !user_of_process(CURRENT_PROCESS, &ours)) return 0;
  void *process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, id);
  if (!process) return 0;
  int good = user_of_process(process, &theirs) && EqualSid(ours.sid, theirs.sid);
  CloseHandle(process);
  return good;
}

Handle connection_open(const char *path) {
  static const char prefix[] = "\\\\.\\pipe\\";
  u16 wide[LONGEST_PATH];
  if (strncmp(path, prefix, sizeof prefix - 1)) return NO_HANDLE;
  if (!MultiByteToWideChar(65001, 0, path, -1, wide, LONGEST_PATH)) return NO_HANDLE;
  void *pipe = CreateFileW(wide, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, PIPE_FLAGS, NULL);
  if (pipe == INVALID_HANDLE) return NO_HANDLE;
  void *event = server_is_us(pipe) ? CreateEventW(NULL, 1, 0, NULL) : NULL;
  if (!event) {
    CloseHandle(pipe);
    return NO_HANDLE;
  }
  the_pipe.handle = pipe;
  the_pipe.reading = (Overlapped){.event = event};
  the_pipe.is_reading = the_pipe.has_ended = 0;
  the_pipe.received = the_pipe.taken = 0;
  return (Handle)pipe;
}

/* ---- receiving ---------------------------------------------------------------------------------------------------------------------- */

static void start_reading(Pipe *p) {
  if (p->is_reading || p->has_ended || p->taken < p->received) return;
  p->received = p->taken = 0;
  /* What is there at once also sets the event and is fetched with GetOverlappedResult. */
  p->is_reading = ReadFile(p->handle, p->buffer, sizeof p->buffer, NULL, &p->reading) || GetLastError() == ERROR_IO_PENDING;
  p->has_ended = !p->is_reading;
}

static void finish_reading(Pipe *p, int wait) {
  if (!p->is_reading) return;
  if (!GetOverlappedResult(p->handle, &p->reading, &p->received, wait)) {
    if (GetLastError() == ERROR_IO_INCOMPLETE) return;
    p->has_ended = 1;
    p->received = 0;
  }
  p->is_reading = 0;
}

i64 connection_receive(Handle connection, void *data, u64 size) {
  (void)connection;
  Pipe *p = &the_pipe;
  start_reading(p);
  finish_reading(p, 0);
  u64 count = p->received - p->taken;
  if (p->is_reading) return 0;
  if (!count) return p->has_ended ? -1 : 0;
  if (count > size) count = size;
  memcpy(data, p->buffer + p->taken, count);
  p->taken += (u32)count;
  return (i64)count;
}

int connection_wait(Handle connection, Handle waker, u64 nanoseconds) {
  (void)connection;
  Pipe *p = &the_pipe;
  start_reading(p);
  if (!p->is_reading) return 1;
  void *const handles[] = {p->reading.event, (void *)waker};
  return WaitForMultipleObjects(2, handles, 0, (u32)((nanoseconds + 999999) / 1000000)) == 0;
}

/* ---- sending ------------------------------------------------------------------------------------------------------------------------- */

/* A pipe cannot be asked whether it has room: the bytes are offered, and what was not taken in a moment is taken back. */
i64 connection_send(Handle connection, const void *data, u64 size) {
  void *pipe = (void *)connection;
  Overlapped writing = {.event = CreateEventW(NULL, 1, 0, NULL)};
  if (!writing.event) return -1;
  u32 sent = 0;
  int good = WriteFile(pipe, data, size > 65536 ? 65536 : (u32)size, NULL, &writing) || GetLastError() == ERROR_IO_PENDING;
  if (good) {
    int is_done = WaitForSingleObject(writing.event, SENDING_PATIENCE) == 0;
    if (!is_done) CancelIoEx(pipe, &writing);
    if (!GetOverlappedResult(pipe, &writing, &sent, 1)) good = !is_done; /* cancelled: nothing was sent */
  }
  CloseHandle(writing.event);
  return good ? (i64)sent : -1;
}

/* connection_send has waited. */
void connection_wait_to_send(Handle connection, u64 nanoseconds) {
  (void)connection;
  (void)nanoseconds;
}

void connection_close(Handle connection) {
  Pipe *p = &the_pipe;
  if (p->is_reading) CancelIoEx(p->handle, &p->reading);
  finish_reading(p, 1);
  CloseHandle(p->reading.event);
  CloseHandle((void *)connection);
}
