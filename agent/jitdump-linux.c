/*
 * What `perf inject --jit` reads, in /tmp/jit-PID.dump (tools/perf/Documentation/jitdump-specification.txt of Linux): code, name
 * and unwind table of each unit, with the time it came to be, so that code that is gone is still told from what came after it.
 * The samples need the same clock: `perf record -k mono`.
 */
#include "agent.h"
#include "posix.h"

#define READ_WRITE_FLAGS (02 /* read and write */ | 0100 /* create */ | 01000 /* truncate */ | NO_LINK | 02000000 /* close on exec */)
#if defined(__x86_64__)
#define NO_LINK 0400000
#define ELF_MACHINE 62
#else
#define NO_LINK 0100000
#define ELF_MACHINE 183
#endif
#define PROT_READ 1
#define PROT_EXEC 4
#define MAP_PRIVATE 2

typedef struct DumpHeader {
  u32 magic, version, size, machine, padding, process;
  u64 time, flags;
} DumpHeader;

typedef struct RecordHead {
  u32 kind, size;
  u64 time;
} RecordHead;

enum { CODE_LOAD = 0, UNWINDING_INFO = 4 };

typedef struct CodeLoad {
  RecordHead head;
  u32 process, thread;
  u64 place, address, size, number;
} CodeLoad;

/* A table for one lookup (Linux Standard Base, 10.6.2); it comes after the unwind table. */
typedef struct UnwindIndex {
  u8 version, table_encoding, count_encoding, entry_encoding;
  i32 table;
  u32 count;
  i32 code, entry;
} UnwindIndex;

typedef struct UnwindingInfo {
  RecordHead head;
  u64 size, index_size, mapped_size;
} UnwindingInfo;

_Static_assert(sizeof(DumpHeader) == 40 && sizeof(CodeLoad) == 56 && sizeof(UnwindIndex) == 20 && sizeof(UnwindingInfo) == 40, "jitdump");

static struct {
  int fd; /* 0: not open */
  u64 count;
} dump;

/* perf learns of the file by the mapping, which stays; the file must be executable there. */
static int open_dump(void) {
  char path[64];
  snprintf(path, sizeof path, "/tmp/jit-%d.dump", process_id());
  int fd = open(path, READ_WRITE_FLAGS, 0600);
  if (fd < 0) return 0;
  DumpHeader header = {0x4a695444, 1, sizeof header, ELF_MACHINE, 0, (u32)process_id(), now_nanoseconds(), 0};
  int good = write(fd, &header, sizeof header) == sizeof header && mmap(NULL, sizeof header, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) != (void *)-1;
  if (!good) close(fd);
  dump.fd = good ? fd : 0;
  return good;
}

static u64 rounded(u64 size) {
  return (size + 7) & ~7ul;
}

static u32 unwinding_size(void) {
  return unwind_table_size() + (u32)sizeof(UnwindIndex);
}

/*
 * perf makes a library of each unit, in which the unwind table follows the code, and takes it as mapped where the code is. The
 * table needs addresses of its own there: in those of the next unit perf would not find it.
 */
u32 jitdump_gap(void) {
  return agent.writes_jitdump ? (u32)rounded(unwinding_size()) + 8 /* the code's end, rounded */ : 0;
}

static u8 *put_unwinding(u8 *to, const Unit *u, u64 time, u32 record_size) {
  u32 table = unwind_table_size();
  i64 code = -(i64)rounded(u->code_size);
  UnwindingInfo info = {{UNWINDING_INFO, record_size, time}, unwinding_size(), sizeof(UnwindIndex), rounded(unwinding_size())};
  UnwindIndex index = {1, 0x1b /* relative to its place */, 0x03 /* 4 bytes */, 0x3b /* relative to the index */,
                       -(i32)(table + 4), 1, (i32)(code - (i64)table), (i32)unwind_table_entry() - (i32)table};
  memcpy(to, &info, sizeof info);
  unwind_table_write(to + sizeof info, code, u->code_size);
  memcpy(to + sizeof info + table, &index, sizeof index);
  return to + record_size;
}

static void put_code(u8 *to, const Unit *u, u64 time, u32 record_size, const char *name, u32 length) {
  u64 address = (u64)u->entry;
  CodeLoad load = {{CODE_LOAD, record_size, time}, (u32)process_id(), (u32)process_id(), address, address, u->code_size, ++dump.count};
  memcpy(to, &load, sizeof load);
  memcpy(to + sizeof load, name, length);
  memcpy(to + sizeof load + length + 1, u->entry, u->code_size);
}

/* A unit was installed. Units are the main thread's, so its number is the process's. */
void jitdump_note(const Unit *u) {
  if (!dump.fd && !open_dump()) return;
  char name[UNIT_NAME_SIZE];
  u32 length = unit_name(u, name);
  u32 table_size = (u32)rounded(sizeof(UnwindingInfo) + unwinding_size());
  u32 code_size = (u32)rounded(sizeof(CodeLoad) + length + 1 + u->code_size);
  u8 *records = calloc(1, table_size + code_size);
  if (!records) return;
  u64 time = now_nanoseconds();
  put_code(put_unwinding(records, u, time, table_size), u, time, code_size, name, length);
  u64 size = table_size + code_size, written = 0;
  for (i64 n; written < size; written += (u64)n)
    if ((n = write(dump.fd, records + written, size - written)) <= 0) break;
  free(records);
}

/* A forked process has a file of its own. */
void jitdump_forked(void) {
  if (dump.fd) close(dump.fd);
  dump.fd = 0;
  dump.count = 0;
}
