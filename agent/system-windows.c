/*
 * The border to Windows (system.h). Built, never run: declarations and numbers are those of Microsoft's documentation of
 * the Windows API.
 */
#include "system-windows.h"

#define UTF_8 65001
#define GENERIC_READ 0x80000000u
#define GENERIC_WRITE 0x40000000u
#define CREATE_ALWAYS 2
#define FILE_SHARE_READ 1
#define STD_ERROR_HANDLE ((u32)-12)
#define PAGE_EXECUTE_READWRITE 0x40
#define FILE_MAP_WRITE 2
#define FILE_MAP_READ 4
#define FILE_MAP_EXECUTE 0x20
#define SYSTEM_PREFERRED_GENERATOR 2
#define REACH ((i64)110 << 20) /* bl reaches 128 MiB */
#define STEP ((i64)2 << 20)

i32 process_id(void) {
  return (i32)GetCurrentProcessId();
}

static u16 *wide_text(const char *text) {
  i32 length = MultiByteToWideChar(UTF_8, 0, text, -1, NULL, 0);
  u16 *wide = length > 0 ? malloc((u64)length * sizeof *wide) : NULL;
  if (wide) MultiByteToWideChar(UTF_8, 0, text, -1, wide, length);
  return wide;
}

static u16 *wide_variable(const char *name) {
  u16 *wide_name = wide_text(name);
  u32 length = wide_name ? GetEnvironmentVariableW(wide_name, NULL, 0) : 0;
  u16 *value = length ? malloc(length * sizeof *value) : NULL;
  if (value && GetEnvironmentVariableW(wide_name, value, length) >= length) value[0] = 0; /* changed meanwhile */
  free(wide_name);
  return value;
}

const char *environment_variable(const char *name) {
  u16 *wide = wide_variable(name);
  i32 length = wide ? WideCharToMultiByte(UTF_8, 0, wide, -1, NULL, 0, NULL, NULL) : 0;
  char *value = length > 0 ? malloc((u64)length) : NULL;
  if (value) WideCharToMultiByte(UTF_8, 0, wide, -1, value, length, NULL, NULL);
  free(wide);
  return value;
}

u64 random_number(void) {
  u64 number = 0;
  BCryptGenRandom(NULL, &number, sizeof number, SYSTEM_PREFERRED_GENERATOR);
  return number;
}

u64 now_nanoseconds(void) {
  u64 ticks, frequency;
  QueryPerformanceCounter(&ticks);
  QueryPerformanceFrequency(&frequency);
  return ticks / frequency * 1000000000u + ticks % frequency * 1000000000u / frequency;
}

void sleep_nanoseconds(u64 nanoseconds) {
  Sleep((u32)((nanoseconds + 999999) / 1000000));
}

/* CPython is linked with the universal C library, which every process of it has loaded. */
void *mathematics_function(const char *name) {
  void *library = GetModuleHandleA("ucrtbase.dll");
  return library ? GetProcAddress(library, name) : NULL;
}

/* ---- memory for machine code: two views of one section ------------------------------------------------------------------------- */

static u8 *map_near(u64 size, i64 around, void *section) {
  around &= ~(i64)0xffff;
  for (i64 distance = STEP; distance < REACH - (i64)size; distance += STEP) {
    for (int side = 0; side < 2; side++) {
      i64 address = side ? around + distance : around - distance - (i64)size;
      if (address < (i64)1 << 16) continue;
      u8 *p = MapViewOfFileEx(section, FILE_MAP_READ | FILE_MAP_EXECUTE, 0, 0, size, (void *)address);
      if (p) return p;
    }
  }
  return MapViewOfFileEx(section, FILE_MAP_READ | FILE_MAP_EXECUTE, 0, 0, size, NULL);
}

/* The page before the code holds what the system must know to unwind it. */
#define UNWIND_PAGE 4096u

int code_reserve(u64 size, u64 around, u8 **write_view, u8 **run_view) {
  u64 whole = size + UNWIND_PAGE;
  void *section = CreateFileMappingW((void *)-1, NULL, PAGE_EXECUTE_READWRITE, (u32)(whole >> 32), (u32)whole, NULL);
  if (!section) return 0;
  u8 *run = map_near(whole, (i64)around, section);
  u8 *writable = run ? MapViewOfFileEx(section, FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, whole, NULL) : NULL;
  CloseHandle(section); /* the views keep it */
  if (writable && register_unwinding(run, writable, UNWIND_PAGE, size)) {
    *run_view = run + UNWIND_PAGE;
    *write_view = writable + UNWIND_PAGE;
    return 1;
  }
  if (writable) UnmapViewOfFile(writable);
  if (run) UnmapViewOfFile(run);
  return 0;
}

void code_begin_writing(void) {}

void code_end_writing(void) {}

void code_synchronise(u8 *run_view, u8 *write_view, u64 size) {
  (void)write_view;
  FlushInstructionCache(CURRENT_PROCESS, run_view, size);
}

/* ---- the thread ------------------------------------------------------------------------------------------------------------------- */

static u32 thread_body(void *body) {
  ((void (*)(void))body)();
  return 0;
}

int thread_start(void (*body)(void)) {
  void *thread = CreateThread(NULL, 0, thread_body, (void *)body, 0, NULL);
  if (thread) CloseHandle(thread);
  return thread != NULL;
}

/* Nothing forks here. */
u32 thread_count(void) {
  return 0;
}

/* ---- files ------------------------------------------------------------------------------------------------------------------------- */

static void *system_handle(Handle file) {
  return file == STANDARD_ERROR ? GetStdHandle(STD_ERROR_HANDLE) : (void *)file;
}

/* Whose it is, and who may read it, is as the directory says. */
Handle file_create(const char *path) {
  u16 *wide = wide_text(path);
  void *file = wide ? CreateFileW(wide, GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_ALWAYS, 0, NULL) : (void *)-1;
  free(wide);
  return (Handle)file;
}

Handle profiler_map_open(void) {
  return NO_HANDLE;
}

void file_write(Handle file, const void *data, u64 size) {
  for (const char *p = data; size;) {
    u32 written = 0;
    if (!WriteFile(system_handle(file), p, size > 1u << 20 ? 1u << 20 : (u32)size, &written, NULL) || !written) return;
    p += written;
    size -= written;
  }
}

void file_close(Handle file) {
  CloseHandle((void *)file);
}
