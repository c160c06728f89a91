/*
 * Slow paths of stencils: C functions behind thin wrappers that keep the registers of compiled code, so that a stencil
 * saves nothing on its fast path.
 *
 * Kept: all integer registers but the one of argument and result (RAX; X0, and X16–X18, X30), and f0–f7. Integers come
 * and go in RAX or X0, a second one comes in R9 or X1, a float in XMM8 or D16. The stack need not be aligned on x86-64.
 *
 * Each has a frame record and says how it is unwound: a finaliser may do anything.
 */
#include "capi.h"

extern Object *armature_small_integers[];
IMPORTED void _Py_Dealloc(Object *);
IMPORTED void Py_FatalError(const char *) __attribute__((noreturn));

/* A new object, or NULL with no error set: the stencil then leaves and the interpreter meets the error itself. */
__attribute__((used, visibility("hidden"))) Object *armature_box_int_quietly(i64 value) {
  Object *o = PyLong_FromLong(value);
  if (!o) PyErr_Clear();
  return o;
}

/* Compiled code has no way to go on without its own number. */
__attribute__((used, visibility("hidden"))) Object *armature_box_int(i64 value) {
  Object *o = PyLong_FromLong(value);
  if (!o) Py_FatalError("armature: no memory for an int");
  return o;
}

__attribute__((used, visibility("hidden"))) Object *armature_box_float_quietly(double value) {
  Object *o = PyFloat_FromDouble(value);
  if (!o) PyErr_Clear();
  return o;
}

__attribute__((used, visibility("hidden"))) void armature_dealloc(Object *o) {
  _Py_Dealloc(o);
}

/* The new number takes the place of the old one, which is released last. 0: nothing has happened, the stencil leaves. */
static int replace_number(Object **place, Object *fresh) {
  if (!fresh) return 0;
  Object *old = *place;
  *place = fresh;
  if (!object_is_immortal(old) && --old->refcount == 0) _Py_Dealloc(old);
  return 1;
}

static int holds_number(Object *o) {
  return o && (o->type == &PyFloat_Type || o->type == &PyLong_Type);
}

__attribute__((used, visibility("hidden"))) int armature_replace_by_float(Object **place, double value) {
  return holds_number(*place) && replace_number(place, armature_box_float_quietly(value));
}

__attribute__((used, visibility("hidden"))) int armature_replace_by_int(Object **place, i64 value) {
  if (!holds_number(*place)) return 0;
  u64 small = (u64)value + SMALL_INTEGERS_BELOW_ZERO;
  if (small >= SMALL_INTEGERS) return replace_number(place, armature_box_int_quietly(value));
  object_incref(armature_small_integers[small]);
  return replace_number(place, armature_small_integers[small]);
}

/* An operand of the frame that a unit takes over when it is entered. */
__attribute__((used, visibility("hidden"))) Object *armature_stack_take(i64 index, Activation *a) {
#if ARMATURE_LAYOUT == 311
  CodeObject *code = a->frame->code;
#else
  CodeObject *code = (CodeObject *)slot_object(a->frame->executable);
#endif
  Slot *slot = &a->locals[code->nlocalsplus + index];
  Object *item = slot_take(*slot);
  *slot = SLOT_NULL;
  return item;
}

/*
 * How a function begins and ends in the assembly language of each format, and how it is unwound: ELF by call frame
 * information, Windows by its own. LANDING_PAD: a far call on Linux is an indirect jump.
 */
#if defined(__APPLE__)
#define SYMBOL(name) "_" name
#define BEGIN(name) ".text\n.p2align 2\n.globl _" name "\n.private_extern _" name "\n_" name ":\n"
#define END(name) ""
#define UNWIND(directive) ""
#define CFI(directive) ""
#define LANDING_PAD ""
#elif defined(_WIN32)
#define SYMBOL(name) name
#define BEGIN(name) ".text\n.p2align 2\n.globl " name "\n.seh_proc " name "\n" name ":\n"
#define END(name) ".seh_endproc\n"
#define UNWIND(directive) directive "\n"
#define CFI(directive) ""
#define LANDING_PAD ""
#else
#define SYMBOL(name) name
#define BEGIN(name) ".text\n.p2align 2\n.globl " name "\n.hidden " name "\n.type " name ", %function\n" name ":\n.cfi_startproc\n"
#define END(name) ".cfi_endproc\n.size " name ", .-" name "\n"
#define UNWIND(directive) ""
#define CFI(directive) directive "\n"
#define LANDING_PAD "  hint #34\n" /* bti c */
#endif

#if defined(__x86_64__)
#define KEEPING(name, move_argument, function)                                                       \
  __asm__(BEGIN(name)                                                                                \
          "  push %rbp\n" CFI(".cfi_def_cfa_offset 16\n.cfi_offset %rbp, -16")                       \
          "  mov %rsp, %rbp\n" CFI(".cfi_def_cfa_register %rbp")                                     \
          "  push %rdi\n  push %rsi\n  push %rdx\n  push %rcx\n"                                     \
          "  push %r8\n  push %r9\n  push %r10\n  push %r11\n"                                       \
          "  sub $64, %rsp\n  and $-16, %rsp\n"                                                      \
          "  movsd %xmm0, (%rsp)\n  movsd %xmm1, 8(%rsp)\n  movsd %xmm2, 16(%rsp)\n"                 \
          "  movsd %xmm3, 24(%rsp)\n  movsd %xmm4, 32(%rsp)\n  movsd %xmm5, 40(%rsp)\n"              \
          "  movsd %xmm6, 48(%rsp)\n  movsd %xmm7, 56(%rsp)\n"                                       \
          "  " move_argument "\n  call " SYMBOL(function) "\n"                                       \
          "  movsd (%rsp), %xmm0\n  movsd 8(%rsp), %xmm1\n  movsd 16(%rsp), %xmm2\n"                 \
          "  movsd 24(%rsp), %xmm3\n  movsd 32(%rsp), %xmm4\n  movsd 40(%rsp), %xmm5\n"              \
          "  movsd 48(%rsp), %xmm6\n  movsd 56(%rsp), %xmm7\n"                                       \
          "  lea -64(%rbp), %rsp\n"                                                                  \
          "  pop %r11\n  pop %r10\n  pop %r9\n  pop %r8\n"                                           \
          "  pop %rcx\n  pop %rdx\n  pop %rsi\n  pop %rdi\n"                                         \
          "  pop %rbp\n" CFI(".cfi_def_cfa %rsp, 8") "  ret\n" END(name))
#define FROM_INTEGER "mov %rax, %rdi"
#define FROM_INTEGERS "mov %rax, %rdi\n  mov %r9, %rsi"
#define FROM_FLOAT "movapd %xmm8, %xmm0"
#define FROM_INTEGER_AND_FLOAT "mov %rax, %rdi\n  movapd %xmm8, %xmm0"
#elif defined(__aarch64__)
#define KEEPING(name, move_argument, function)                                                       \
  __asm__(BEGIN(name)                                                                                \
          LANDING_PAD "  stp x29, x30, [sp, #-208]!\n" UNWIND(".seh_save_fplr_x 208")                \
          CFI(".cfi_def_cfa_offset 208\n.cfi_offset x29, -208\n.cfi_offset x30, -200")               \
          "  mov x29, sp\n" UNWIND(".seh_set_fp\n.seh_endprologue") CFI(".cfi_def_cfa x29, 208")     \
          "  stp x1, x2, [sp, #16]\n  stp x3, x4, [sp, #32]\n  stp x5, x6, [sp, #48]\n"              \
          "  stp x7, x8, [sp, #64]\n  stp x9, x10, [sp, #80]\n  stp x11, x12, [sp, #96]\n"           \
          "  stp x13, x14, [sp, #112]\n  str x15, [sp, #128]\n"                                      \
          "  stp d0, d1, [sp, #144]\n  stp d2, d3, [sp, #160]\n"                                     \
          "  stp d4, d5, [sp, #176]\n  stp d6, d7, [sp, #192]\n"                                     \
          "  " move_argument "\n  bl " SYMBOL(function) "\n"                                         \
          "  ldp x1, x2, [sp, #16]\n  ldp x3, x4, [sp, #32]\n  ldp x5, x6, [sp, #48]\n"              \
          "  ldp x7, x8, [sp, #64]\n  ldp x9, x10, [sp, #80]\n  ldp x11, x12, [sp, #96]\n"           \
          "  ldp x13, x14, [sp, #112]\n  ldr x15, [sp, #128]\n"                                      \
          "  ldp d0, d1, [sp, #144]\n  ldp d2, d3, [sp, #160]\n"                                     \
          "  ldp d4, d5, [sp, #176]\n  ldp d6, d7, [sp, #192]\n"                                     \
          UNWIND(".seh_startepilogue") "  ldp x29, x30, [sp], #208\n" CFI(".cfi_def_cfa sp, 0")      \
          UNWIND(".seh_save_fplr_x 208\n.seh_endepilogue") "  ret\n" END(name))
#define FROM_INTEGER "nop"
#define FROM_INTEGERS "nop"
#define FROM_FLOAT "fmov d0, d16"
#define FROM_INTEGER_AND_FLOAT "fmov d0, d16"
#endif

KEEPING("armature_keeping_dealloc", FROM_INTEGER, "armature_dealloc");
KEEPING("armature_keeping_box_int", FROM_INTEGER, "armature_box_int_quietly");
KEEPING("armature_keeping_new_int", FROM_INTEGER, "armature_box_int");
KEEPING("armature_keeping_box_float", FROM_FLOAT, "armature_box_float_quietly");
KEEPING("armature_keeping_replace_by_float", FROM_INTEGER_AND_FLOAT, "armature_replace_by_float");
KEEPING("armature_keeping_replace_by_int", FROM_INTEGERS, "armature_replace_by_int");
KEEPING("armature_keeping_stack_take", FROM_INTEGERS, "armature_stack_take");

/*
 * The number in an int of two digits or more, in RAX or X0 before and after; the carry flag says that it does not fit. By hand,
 * because unboxing is hot where numbers are large: nothing is saved, and only R9, R10 and R11 change, or X1, X2, X16 and X17.
 */
#if defined(__x86_64__)
#if ARMATURE_LAYOUT == 314
/* R11: the count of digits. R9: below 0 when the number is, whose sign is 2 in the two lowest bits of the tag. */
#define COUNT_AND_SIGN "  mov %r9, %r11\n  shr $3, %r11\n  shl $62, %r9\n"
#else
#define COUNT_AND_SIGN "  mov %r9, %r11\n  neg %r11\n  cmovs %r9, %r11\n"
#endif
__asm__(BEGIN("armature_keeping_wide_number")
        "  mov 16(%rax), %r9\n"
        "  mov 24(%rax), %r10d\n  mov 28(%rax), %r11d\n  shl $30, %r11\n  or %r11, %r10\n" COUNT_AND_SIGN
        "  cmp $3, %r11\n  ja 3f\n  jb 1f\n"
        "  mov 32(%rax), %r11d\n  cmp $15, %r11d\n  ja 3f\n  shl $60, %r11\n  or %r11, %r10\n"
        "1:  mov %r10, %rax\n  test %r9, %r9\n  js 2f\n"
        "  test %rax, %rax\n  js 3f\n  ret\n"
        "2:  neg %rax\n  test %rax, %rax\n  jns 3f\n  ret\n"
        "3:  stc\n  ret\n" END("armature_keeping_wide_number"));
#elif defined(__aarch64__)
#if ARMATURE_LAYOUT == 314
/* X17: the count of digits. */
#define COUNT_OF_DIGITS "  lsr x17, x16, #3\n"
#define SIGN_BIT "#1"
#else
#define COUNT_OF_DIGITS "  cmp x16, #0\n  cneg x17, x16, lt\n"
#define SIGN_BIT "#63"
#endif
__asm__(BEGIN("armature_keeping_wide_number")
        LANDING_PAD UNWIND(".seh_endprologue") "  ldr x16, [x0, #16]\n  ldp w1, w2, [x0, #24]\n  orr x1, x1, x2, lsl #30\n" COUNT_OF_DIGITS
        "  cmp x17, #3\n  b.hi 3f\n  b.lo 1f\n"
        "  ldr w2, [x0, #32]\n  cmp w2, #15\n  b.hi 3f\n  orr x1, x1, x2, lsl #60\n"
        "1:  mov x0, x1\n  tbnz x16, " SIGN_BIT ", 2f\n"
        "  tbnz x0, #63, 3f\n  cmn xzr, xzr\n  ret\n"
        "2:  neg x0, x0\n  tbz x0, #63, 3f\n  cmn xzr, xzr\n  ret\n"
        "3:  cmp xzr, xzr\n  ret\n" END("armature_keeping_wide_number"));
#endif
