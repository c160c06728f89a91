/* What CPython's headers take from the C library and from <windows.h> while nothing is linked. */
#ifndef C_LIBRARY_H
#define C_LIBRARY_H
#include <stddef.h>
#include <stdint.h>
typedef struct FILE FILE;
typedef long long time_t;
extern FILE *stdin, *stdout, *stderr;
extern int errno;
int fprintf(FILE *, const char *, ...);
void *memcpy(void *, const void *, size_t), *memset(void *, int, size_t);
int memcmp(const void *, const void *, size_t), strcmp(const char *, const char *);
size_t strlen(const char *), wcslen(const wchar_t *);
void abort(void);
double floor(double);
#define assert(x) ((void)0)
#define ERANGE 34
#define EDOM 33
#define INFINITY __builtin_inff()
#define HUGE_VAL __builtin_inf()
#define NAN __builtin_nanf("")

typedef void (*_invalid_parameter_handler)(void);

/* The sizes are those of 64-bit Windows. */
typedef void *HANDLE;
typedef unsigned long DWORD;
typedef struct SRWLOCK {
  void *pointer;
} SRWLOCK;
typedef struct CONDITION_VARIABLE {
  void *pointer;
} CONDITION_VARIABLE;
typedef struct CRITICAL_SECTION {
  void *debug;
  long count, recursion;
  HANDLE thread, semaphore;
  unsigned long long spin_count;
} CRITICAL_SECTION;
#endif
