/* What the files for Windows share: the system's functions, declared by us, and a few of our own. */
#ifndef ARMATURE_SYSTEM_WINDOWS_H
#define ARMATURE_SYSTEM_WINDOWS_H
#include "system.h"

#define SYSTEM extern __attribute__((dllimport))
#define CURRENT_PROCESS ((void *)-1)
#define INVALID_HANDLE ((void *)-1)

typedef u64 Size;

/* OVERLAPPED */
typedef struct Overlapped {
  u64 internal[2];
  u64 offset;
  void *event;
} Overlapped;

/* ---- kernel32.dll: truth is 32 bits wide ---------------------------------------------------------------------------------------- */
SYSTEM u32 GetCurrentProcessId(void), GetLastError(void);
SYSTEM i32 MultiByteToWideChar(u32 page, u32 flags, const char *, i32, u16 *, i32);
SYSTEM i32 WideCharToMultiByte(u32 page, u32 flags, const u16 *, i32, char *, i32, const char *, i32 *);
SYSTEM u32 GetEnvironmentVariableW(const u16 *name, u16 *value, u32 size);
SYSTEM i32 QueryPerformanceCounter(u64 *), QueryPerformanceFrequency(u64 *);
SYSTEM void Sleep(u32 milliseconds);
SYSTEM void *GetModuleHandleA(const char *), *GetProcAddress(void *module, const char *);
SYSTEM void *CreateFileMappingW(void *file, void *security, u32 protection, u32 size_high, u32 size_low, const u16 *name);
SYSTEM void *MapViewOfFileEx(void *section, u32 access, u32 offset_high, u32 offset_low, Size, void *address);
SYSTEM i32 UnmapViewOfFile(const void *), CloseHandle(void *), FlushInstructionCache(void *process, const void *, Size);
SYSTEM u8 RtlAddFunctionTable(void *functions, u32 count, u64 base);
SYSTEM void *CreateThread(void *security, Size stack, u32 (*start)(void *), void *argument, u32 flags, u32 *id);
SYSTEM void *CreateFileW(const u16 *path, u32 access, u32 share, void *security, u32 disposition, u32 flags, void *template);
SYSTEM i32 ReadFile(void *, void *, u32, u32 *got, Overlapped *), WriteFile(void *, const void *, u32, u32 *written, Overlapped *);
SYSTEM i32 GetOverlappedResult(void *, Overlapped *, u32 *moved, i32 wait), CancelIoEx(void *, Overlapped *);
SYSTEM void *GetStdHandle(u32), *CreateEventW(void *security, i32 manual_reset, i32 initial, const u16 *name);
SYSTEM i32 SetEvent(void *);
SYSTEM u32 WaitForSingleObject(void *, u32 milliseconds), WaitForMultipleObjects(u32, void *const *, i32 all, u32 milliseconds);
SYSTEM i32 GetNamedPipeServerProcessId(void *pipe, u32 *process);
SYSTEM void *OpenProcess(u32 access, i32 inherit, u32 process), *GetProcessHeap(void);
SYSTEM void *HeapAlloc(void *heap, u32 flags, Size), *HeapReAlloc(void *heap, u32 flags, void *, Size);
SYSTEM i32 HeapFree(void *heap, u32 flags, void *);

/* ---- advapi32.dll, bcrypt.dll --------------------------------------------------------------------------------------------------------- */
SYSTEM i32 OpenProcessToken(void *process, u32 access, void **token), EqualSid(void *, void *);
SYSTEM i32 GetTokenInformation(void *token, i32 what, void *, u32 size, u32 *needed);
SYSTEM i32 BCryptGenRandom(void *algorithm, void *, u32 size, u32 flags);

/* ---- c-library-windows.c ------------------------------------------------------------------------------------------------------------------ */
extern void *malloc(Size), free(void *);
extern void *memcpy(void *, const void *, Size);
extern int strncmp(const char *, const char *, Size);

/* ---- unwind-windows.c: false when the system does not take it ---------------------------------------------------------------------------- */
int register_unwinding(u8 *run_base, u8 *write_base, u32 code_offset, u64 code_size);
#endif
