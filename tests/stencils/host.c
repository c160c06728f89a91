/*
 * Runs machine code on given registers. No C library, so that it can be built for any target.
 *
 * WINDOWS_CALLS: the functions that stencils call are called as Windows on x86-64 says.
 *
 * With an argument: prints the addresses of the functions stencils can reach. Without: reads a batch from standard input
 * (header, code, data, cases), runs each case, and writes all states and the data back.
 */
#include "../../agent/capi.h"

#define CODE_BASE 0x2000000ul
#define DATA_BASE 0x4000000ul
#define REGION 0x2000000ul
#define MAX_CASES 65536

#if defined(WINDOWS_CALLS)
#define CALLED __attribute__((ms_abi))
/* A function may write to the 32 bytes above its return address. */
#define TRASH_SHADOW() do { \
    volatile i64 *shadow = (i64 *)__builtin_frame_address(0) + 2; \
    for (int i = 0; i < 4; i++) shadow[i] = -7; \
  } while (0)
#else
#define CALLED
#define TRASH_SHADOW() (void)0
#endif

typedef struct Registers {
  i64 r[8];
  double f[8];
} Registers;
typedef struct Case {
  u64 entry;
  u64 activation;
  Registers registers;
} Case;
typedef struct Result {
  u64 way; /* 1: CONTINUE, 2: TARGET, 3: plain return */
  u64 activation;
  Registers registers;
} Result;
typedef struct Header {
  u64 code_size, data_size, case_count;
  u64 free; /* offset in the data where fakes may allocate */
  u64 type_long, type_float;
} Header;

static Result current;
static Header header;
static Case cases[MAX_CASES];
static Result results[MAX_CASES];

#if defined(__x86_64__)
enum { SYS_READ = 0, SYS_WRITE = 1, SYS_MMAP = 9, SYS_EXIT = 60 };
static long system_call(long n, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
  long out;
  __asm__ volatile("syscall" : "=a"(out) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
  return out;
}
__asm__(".globl _start\n_start: mov (%rsp), %rdi\n and $-16, %rsp\n call host_main\n");
#define TRASH() __asm__ volatile("pcmpeqd %%xmm0, %%xmm0\n movdqa %%xmm0, %%xmm1\n movdqa %%xmm0, %%xmm2\n movdqa %%xmm0, %%xmm3\n" \
  " movdqa %%xmm0, %%xmm4\n movdqa %%xmm0, %%xmm5\n movdqa %%xmm0, %%xmm6\n movdqa %%xmm0, %%xmm7\n movdqa %%xmm0, %%xmm8\n" \
  " movdqa %%xmm0, %%xmm15\n mov $-7, %%rcx\n mov %%rcx, %%rdx\n mov %%rcx, %%rsi\n mov %%rcx, %%rdi\n mov %%rcx, %%r8\n" \
  " mov %%rcx, %%r9\n mov %%rcx, %%r10\n mov %%rcx, %%r11" \
  : : : "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm15")
#else
enum { SYS_READ = 63, SYS_WRITE = 64, SYS_MMAP = 222, SYS_EXIT = 93 };
static long system_call(long n, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = n, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c, x3 __asm__("x3") = d,
                x4 __asm__("x4") = e, x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}
__asm__(".globl _start\n_start: ldr x0, [sp]\n bl host_main\n");
#define TRASH() __asm__ volatile("mov x1, #-7\n mov x2, x1\n mov x3, x1\n mov x4, x1\n mov x5, x1\n mov x6, x1\n mov x7, x1\n" \
  " mov x8, x1\n mov x9, x1\n mov x10, x1\n mov x11, x1\n mov x12, x1\n mov x13, x1\n mov x14, x1\n mov x15, x1\n mov x16, x1\n" \
  " mov x17, x1\n fmov d0, x1\n fmov d1, x1\n fmov d2, x1\n fmov d3, x1\n fmov d4, x1\n fmov d5, x1\n fmov d6, x1\n fmov d7, x1\n" \
  " fmov d16, x1\n fmov d31, x1" \
  : : : "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", \
  "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16", "v31")
#endif

/* What was written as data becomes code. */
static void synchronise(char *start, u64 size) {
#if defined(__aarch64__)
  for (u64 at = 0; at < size; at += 16) __asm__ volatile("dc cvau, %0\n ic ivau, %0" : : "r"(start + at) : "memory");
  __asm__ volatile("dsb ish\n isb" : : : "memory");
#else
  (void)start, (void)size;
#endif
}

static void finish(int status) {
  system_call(SYS_EXIT, status, 0, 0, 0, 0, 0);
  __builtin_unreachable();
}
static void read_all(void *to, u64 size) {
  for (u64 at = 0; at < size;) {
    long n = system_call(SYS_READ, 0, (long)((char *)to + at), (long)(size - at), 0, 0, 0);
    if (n <= 0) finish(2);
    at += (u64)n;
  }
}
static void write_all(const void *from, u64 size) {
  for (u64 at = 0; at < size;) {
    long n = system_call(SYS_WRITE, 1, (long)((const char *)from + at), (long)(size - at), 0, 0, 0);
    if (n <= 0) finish(3);
    at += (u64)n;
  }
}
void *memcpy(void *to, const void *from, Size n) {
  for (Size i = 0; i < n; i++) ((volatile char *)to)[i] = ((const char *)from)[i];
  return to;
}
void *memset(void *to, int c, Size n) {
  for (Size i = 0; i < n; i++) ((volatile char *)to)[i] = (char)c;
  return to;
}

/* ---- ways out of a stencil ------------------------------------------------------------------------------------- */
#define PARAMETERS Activation *a, i64 r0, i64 r1, i64 r2, i64 r3, i64 r4, i64 r5, i64 r6, i64 r7, \
    double f0, double f1, double f2, double f3, double f4, double f5, double f6, double f7
#define WAY_OUT(name, number) \
  __attribute__((preserve_none)) void name(PARAMETERS) { \
    current = (Result){number, (u64)a, {{r0, r1, r2, r3, r4, r5, r6, r7}, {f0, f1, f2, f3, f4, f5, f6, f7}}}; \
  }
WAY_OUT(way_continue, 1)
WAY_OUT(way_target, 2)
typedef __attribute__((preserve_none)) void (*Entry)(PARAMETERS);

/* ---- fakes ------------------------------------------------------------------------------------------------------- */
static void *allocate(u64 size) {
  void *p = (void *)(DATA_BASE + header.free);
  header.free += size;
  return p;
}
/* A freed object is marked by its type. */
void _Py_Dealloc(Object *o) {
  o->type = (TypeObject *)0xdeadul;
  TRASH();
}
/* Fails for a value the tests know. */
Object *PyLong_FromLong(long value) {
  if (value == 0x7fffffff12345678) return NULL;
  i64 *o = allocate(32);
  *(volatile i64 *)&o[0] = 1;
  o[1] = (i64)header.type_long;
  o[2] = value;
  TRASH();
  return (Object *)o;
}
Object *PyFloat_FromDouble(double value) {
  i64 *o = allocate(32);
  *(volatile i64 *)&o[0] = 1;
  o[1] = (i64)header.type_float;
  *(double *)&o[2] = value;
  TRASH();
  return (Object *)o;
}
void PyErr_Clear(void) { TRASH(); }
__attribute__((noreturn)) void Py_FatalError(const char *message) {
  (void)message;
  finish(6);
  __builtin_unreachable();
}

/*
 * Results depend on every argument and on its position, and on the alignment of the stack. Nothing is inlined: each is called
 * as a stencil calls it.
 */
#define MISALIGNED ((i64)__builtin_frame_address(0) & 15)
#define CALLEE(type) __attribute__((noinline)) CALLED static type
#define DESTROY() do { TRASH_SHADOW(); TRASH(); } while (0)
CALLEE(i64) call_0(void) { i64 s = MISALIGNED + 77; DESTROY(); return s; }
CALLEE(i64) call_1(i64 x) { i64 s = MISALIGNED + x; DESTROY(); return s; }
CALLEE(i64) call_2(i64 x, i64 y) { i64 s = MISALIGNED + x + 3 * y; DESTROY(); return s; }
CALLEE(i64) call_3(i64 x, i64 y, i64 z) { i64 s = MISALIGNED + x + 3 * y + 5 * z; DESTROY(); return s; }
CALLEE(i64) call_4(i64 x, i64 y, i64 z, i64 u) { i64 s = MISALIGNED + x + 3 * y + 5 * z + 7 * u; DESTROY(); return s; }
CALLEE(i64) call_5(i64 x, i64 y, i64 z, i64 u, i64 v) { i64 s = MISALIGNED + x + 3 * y + 5 * z + 7 * u + 11 * v; DESTROY(); return s; }
CALLEE(i32) call_int(i64 x) { i32 s = (i32)x + (i32)MISALIGNED; DESTROY(); return s; }
/* The value is kept in memory, where the loss of registers does not reach it. */
#define DOUBLE_RESULT(expression) volatile double s = (expression); DESTROY(); return s
CALLEE(double) call_f(double x) { DOUBLE_RESULT(x + 0.5 + (double)MISALIGNED); }
CALLEE(double) call_ff(double x, double y) { DOUBLE_RESULT(x - y + (double)MISALIGNED); }
CALLEE(i64) call_ff_i(double x, double y) { i64 s = MISALIGNED + (i64)(x * 16) - (i64)y; DESTROY(); return s; }
CALLEE(i64) call_f_i(double x) { i64 s = MISALIGNED + (i64)(x * 16); DESTROY(); return s; }
CALLEE(double) call_i_f(i64 x) { DOUBLE_RESULT((double)(x + MISALIGNED)); }
CALLED i64 armature_vectorcall(Activation *a, i64 count, i64 names) { i64 s = MISALIGNED + (i64)a + 3 * count + 5 * names; DESTROY(); return s; }
CALLEE(i64) call_arguments(i64 *arguments, i64 count) { i64 s = MISALIGNED + arguments[0] + 3 * count; DESTROY(); return s; }

extern char armature_keeping_dealloc, armature_keeping_box_int, armature_keeping_new_int, armature_keeping_box_float,
    armature_keeping_wide_number, armature_keeping_replace_by_float, armature_keeping_replace_by_int, armature_keeping_stack_take;

static void print_addresses(void) {
  void *addresses[] = {way_continue, way_target, &armature_keeping_dealloc, &armature_keeping_box_int, &armature_keeping_new_int,
                       &armature_keeping_box_float, &armature_keeping_wide_number, &armature_keeping_replace_by_float,
                       &armature_keeping_replace_by_int, &armature_keeping_stack_take, armature_vectorcall, call_0, call_1, call_2, call_3, call_4, call_5, call_int,
                       call_f, call_ff, call_ff_i, call_f_i, call_i_f, call_arguments};
  write_all(addresses, sizeof addresses);
}

__attribute__((used)) void host_main(long argument_count) {
  if (argument_count > 1) {
    print_addresses();
    finish(0);
  }
  /* PROT_READ|WRITE|EXEC, MAP_PRIVATE|ANONYMOUS|FIXED_NOREPLACE */
  for (u64 base = CODE_BASE; base <= DATA_BASE; base += DATA_BASE - CODE_BASE)
    if (system_call(SYS_MMAP, (long)base, REGION, 7, 0x100022, -1, 0) != (long)base) finish(4);
  read_all(&header, sizeof header);
  if (header.case_count > MAX_CASES || header.code_size > REGION || header.data_size > REGION) finish(5);
  read_all((void *)CODE_BASE, header.code_size);
  read_all((void *)DATA_BASE, header.data_size);
  read_all(cases, header.case_count * sizeof(Case));
  synchronise((char *)CODE_BASE, header.code_size);
  for (u64 i = 0; i < header.case_count; i++) {
    Case *c = &cases[i];
    i64 *r = c->registers.r;
    double *f = c->registers.f;
    current = (Result){3};
    ((Entry)c->entry)((Activation *)c->activation, r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], f[0], f[1], f[2], f[3], f[4],
                      f[5], f[6], f[7]);
    results[i] = current;
  }
  write_all(results, header.case_count * sizeof(Result));
  write_all((void *)DATA_BASE, header.data_size);
  finish(0);
}
