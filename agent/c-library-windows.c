/*
 * What the agent and the code that clang makes of it want of a C library. Windows has several of those, none of which is
 * a part of the system that is sure to be the one we were linked with.
 */
#include "system-windows.h"

#define ZEROED 8

extern __attribute__((dllimport)) int PyOS_vsnprintf(char *, Size, const char *, __builtin_va_list);

/* clang names it where floating point is used. */
int _fltused = 0;

void *malloc(Size size) {
  return HeapAlloc(GetProcessHeap(), 0, size);
}

void *calloc(Size count, Size size) {
  Size whole;
  return __builtin_mul_overflow(count, size, &whole) ? NULL : HeapAlloc(GetProcessHeap(), ZEROED, whole);
}

void *realloc(void *old, Size size) {
  return old ? HeapReAlloc(GetProcessHeap(), 0, old, size) : malloc(size);
}

void free(void *p) {
  if (p) HeapFree(GetProcessHeap(), 0, p);
}

void *memcpy(void *restrict to, const void *restrict from, Size size) {
  for (Size i = 0; i < size; i++) ((u8 *)to)[i] = ((const u8 *)from)[i];
  return to;
}

void *memmove(void *to, const void *from, Size size) {
  u8 *t = to;
  const u8 *f = from;
  if (t <= f) {
    for (Size i = 0; i < size; i++) t[i] = f[i];
  } else {
    while (size--) t[size] = f[size];
  }
  return to;
}

void *memset(void *to, int value, Size size) {
  for (Size i = 0; i < size; i++) ((u8 *)to)[i] = (u8)value;
  return to;
}

int memcmp(const void *a, const void *b, Size size) {
  for (Size i = 0; i < size; i++) {
    int difference = ((const u8 *)a)[i] - ((const u8 *)b)[i];
    if (difference) return difference;
  }
  return 0;
}

Size strlen(const char *text) {
  Size length = 0;
  while (text[length]) length++;
  return length;
}

int strncmp(const char *a, const char *b, Size size) {
  for (Size i = 0; i < size; i++) {
    if (a[i] != b[i]) return (u8)a[i] - (u8)b[i];
    if (!a[i]) return 0;
  }
  return 0;
}

int strcmp(const char *a, const char *b) {
  return strncmp(a, b, ~(Size)0);
}

int vsnprintf(char *to, Size size, const char *format, __builtin_va_list arguments) {
  return PyOS_vsnprintf(to, size, format, arguments);
}

int snprintf(char *to, Size size, const char *format, ...) {
  __builtin_va_list arguments;
  __builtin_va_start(arguments, format);
  int length = PyOS_vsnprintf(to, size, format, arguments);
  __builtin_va_end(arguments);
  return length;
}

/*
 * Called before a frame of more than a page is made: touches each page, as the system gives the next one only then.
 * x15: the size in units of 16 bytes. Keeps every register but x16 and x17.
 */
__asm__(".text\n.p2align 2\n.globl __chkstk\n.seh_proc __chkstk\n__chkstk:\n"
        "  .seh_endprologue\n"
        "  lsl x16, x15, #4\n  mov x17, sp\n"
        "1: sub x17, x17, #4096\n  ldr xzr, [x17]\n  subs x16, x16, #4096\n  b.gt 1b\n"
        "  .seh_startepilogue\n  .seh_endepilogue\n  ret\n.seh_endproc\n");
