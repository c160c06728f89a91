/*
 * Runs units outside Python: reads them from standard input, applies their relocations to symbols of its own, calls each
 * with an activation record and writes the record back. Freestanding, so that it needs no C library of the target.
 */
#include <stdint.h>
#include <stddef.h>

typedef uint64_t u64;
typedef uint32_t u32;
typedef uint8_t u8;

#define MAX_SPILLS 512
#define MAX_HOMES 64
#define MAX_RELOCATIONS 4096
#define ARENA (1 << 23)

typedef struct Activation {
  u64 tstate, frame;
  u64 *locals;
  void *eval_breaker;
  u32 exit_id, scratch;
  long int_registers[8];
  double float_registers[8];
  u64 arguments[16];
  u64 instr_ptr_base, written_locals, instrumentation;
  u64 spill[MAX_SPILLS];
} Activation;
_Static_assert(offsetof(Activation, spill) == 320, "layout");

typedef __attribute__((preserve_none)) void Entry(Activation *, long, long, long, long, long, long, long, long, double,
                                                  double, double, double, double, double, double, double);

#if defined(__x86_64__)
#define SPOIL \
  __asm__ volatile("mov $0x5a5a5a5a, %%ecx\n mov %%rcx, %%rdx\n mov %%rcx, %%rsi\n mov %%rcx, %%rdi\n mov %%rcx, %%r8\n" \
                   "mov %%rcx, %%r9\n mov %%rcx, %%r10\n mov %%rcx, %%r11\n movq %%rcx, %%xmm1\n movq %%rcx, %%xmm2\n" \
                   "movq %%rcx, %%xmm3\n movq %%rcx, %%xmm4\n movq %%rcx, %%xmm5\n movq %%rcx, %%xmm6\n movq %%rcx, %%xmm7\n" \
                   "movq %%rcx, %%xmm8\n movq %%rcx, %%xmm9\n movq %%rcx, %%xmm10\n movq %%rcx, %%xmm11\n movq %%rcx, %%xmm12\n" \
                   "movq %%rcx, %%xmm13\n movq %%rcx, %%xmm14\n movq %%rcx, %%xmm15" \
                   : : : "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", \
                   "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15")
static long system_call(long n, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
  __asm__ volatile("syscall" : "+a"(n) : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
  return n;
}
enum { SYS_READ = 0, SYS_WRITE = 1, SYS_MMAP = 9, SYS_EXIT = 60 };
static void synchronise(u8 *from, u8 *to) { (void)from, (void)to; }
#else
#define SPOIL \
  __asm__ volatile("mov x1, #0x5a5a\n mov x2, x1\n mov x3, x1\n mov x4, x1\n mov x5, x1\n mov x6, x1\n mov x7, x1\n mov x8, x1\n" \
                   "mov x9, x1\n mov x10, x1\n mov x11, x1\n mov x12, x1\n mov x13, x1\n mov x14, x1\n mov x15, x1\n mov x16, x1\n" \
                   "mov x17, x1\n fmov d1, x1\n fmov d2, x1\n fmov d3, x1\n fmov d4, x1\n fmov d5, x1\n fmov d6, x1\n fmov d7, x1\n" \
                   "fmov d16, x1\n fmov d17, x1\n fmov d18, x1\n fmov d19, x1\n fmov d20, x1" \
                   : : : "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", \
                   "x17", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16", "v17", "v18", "v19", "v20")
static long system_call(long n, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = n, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c, x3 __asm__("x3") = d,
                x4 __asm__("x4") = e, x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}
enum { SYS_READ = 63, SYS_WRITE = 64, SYS_MMAP = 222, SYS_EXIT = 93 };
static void synchronise(u8 *from, u8 *to) {
  for (u8 *p = from; p < to; p += 16) __asm__ volatile("dc cvau, %0" : : "r"(p));
  __asm__ volatile("dsb ish");
  for (u8 *p = from; p < to; p += 16) __asm__ volatile("ic ivau, %0" : : "r"(p));
  __asm__ volatile("dsb ish\n isb");
}
#endif

void *memcpy(void *to, const void *from, size_t n) {
  for (size_t i = 0; i < n; i++) ((u8 *)to)[i] = ((const u8 *)from)[i];
  return to;
}
void *memset(void *to, int c, size_t n) {
  for (size_t i = 0; i < n; i++) ((u8 *)to)[i] = (u8)c;
  return to;
}

static void finish(int status) {
  system_call(SYS_EXIT, status, 0, 0, 0, 0, 0);
  __builtin_unreachable();
}
static int read_all(void *to, size_t n) {
  for (u8 *p = to; n > 0;) {
    long got = system_call(SYS_READ, 0, (long)p, (long)n, 0, 0, 0);
    if (got <= 0) return 0;
    p += got, n -= (size_t)got;
  }
  return 1;
}
static void write_all(const void *from, size_t n) {
  for (const u8 *p = from; n > 0;) {
    long put = system_call(SYS_WRITE, 1, (long)p, (long)n, 0, 0, 0);
    if (put <= 0) finish(2);
    p += put, n -= (size_t)put;
  }
}

/* ---- C functions for units; each destroys every register it may ------------------------------------------------- */
static double truncated(double x) { return x > -9e15 && x < 9e15 ? (double)(long)x : x; }
static double remainder_of(double x, double y) {
  double r = x - truncated(x / y) * y;
  return r != 0 && (r < 0) != (y < 0) ? r + y : r == 0 ? (y < 0 ? -0.0 : 0.0) : r;
}
static double armature_float_mod(double x, double y) {
  double r = remainder_of(x, y);
  SPOIL;
  return r;
}
static double armature_float_floordiv(double x, double y) {
  double q = (x - remainder_of(x, y)) / y, t = truncated(q);
  if (t > q) t -= 1;
  SPOIL;
  return t;
}
static double host_infinity(double x) { double y = x * 1e308 * 1e308; SPOIL; return y; }
static long host_add(long x, long y) { long z = (long)((u64)x + (u64)y); SPOIL; return z; }
static long host_mix(long x, long y, long z) { long r = (long)((u64)x * 3 + (u64)y * 5 + (u64)z * 7); SPOIL; return r; }
static long host_one(long x) { long r = ~x; SPOIL; return r; }

/* In the order of `hostSymbols` in run-unit.ts. */
static void *const symbols[] = {armature_float_mod, armature_float_floordiv, host_add, host_mix, host_one, host_infinity};

/* ---- the program ---------------------------------------------------------------------------------------------------- */
static struct { u32 code_size, relocation_count, home_count, pad; } header;
static struct { u32 at, kind; u64 value; } relocations[MAX_RELOCATIONS];
static u64 homes[MAX_HOMES];
static u64 eval_breaker;
static Activation activation;

static u8 *stub(u8 *at, u64 target) {
#if defined(__x86_64__)
  static const u8 jump[6] = {0xff, 0x25, 0, 0, 0, 0};
  memcpy(at, jump, 6);
  memcpy(at + 6, &target, 8);
#else
  static const u32 jump[2] = {0x58000050, 0xd61f0200}; /* ldr x16, .+8; br x16 */
  memcpy(at, jump, 8);
  memcpy(at + 8, &target, 8);
#endif
  return at + 16;
}

static void relocate(u8 *code) {
  u8 *trampolines[sizeof symbols / sizeof *symbols], *next = code + ARENA - 4096;
  for (u32 i = 0; i < sizeof symbols / sizeof *symbols; i++) {
    trampolines[i] = next;
    next = stub(next, (u64)symbols[i]);
  }
  for (u32 i = 0; i < header.relocation_count; i++) {
    u8 *place = code + relocations[i].at;
    u64 value = relocations[i].value;
    if (relocations[i].kind == 1) {
      memcpy(place, &value, 8);
    } else if (relocations[i].kind == 2) {
      u64 address = (u64)symbols[value];
      memcpy(place, &address, 8);
    } else if (relocations[i].kind == 3) {
      int distance = (int)(trampolines[value] - place - 4);
      memcpy(place, &distance, 4);
    } else if (relocations[i].kind == 4) {
      u32 instruction;
      memcpy(&instruction, place, 4);
      instruction = (instruction & 0xfc000000) | ((u32)((trampolines[value] - place) >> 2) & 0x3ffffff);
      memcpy(place, &instruction, 4);
    } else {
      finish(3);
    }
  }
}

static void run_unit(u8 *code) {
  if (header.code_size > ARENA - 8192 || header.relocation_count > MAX_RELOCATIONS || header.home_count > MAX_HOMES) finish(4);
  if (!read_all(code, header.code_size) || !read_all(relocations, header.relocation_count * sizeof *relocations) ||
      !read_all(homes, header.home_count * 8ul))
    finish(5);
  relocate(code);
  synchronise(code, code + header.code_size);
  for (int i = 0; i < MAX_SPILLS; i++) activation.spill[i] = 0x7777777777777777;
  activation.locals = homes;
  activation.eval_breaker = &eval_breaker;
  activation.exit_id = ~0u;
  ((Entry *)code)(&activation, 11, 12, 13, 14, 15, 16, 17, 18, 0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5);
  write_all(&activation, sizeof activation);
  write_all(homes, header.home_count * 8ul);
}

__attribute__((used)) static void program(void) {
  u8 *code = (u8 *)system_call(SYS_MMAP, 0, ARENA, 7, 0x22, -1, 0);
  while (read_all(&header, sizeof header)) run_unit(code);
  finish(0);
}

__asm__(".globl _start\n_start:\n"
#if defined(__x86_64__)
        "andq $-16, %rsp\n call program\n");
#else
        "bl program\n");
#endif
