/*
 * AArch64 with branch target identification: on a page that is mapped so, an indirect branch may only arrive at a landing
 * pad. The arena is mapped like the interpreter's own code.
 *
 * There is one way into a unit, and it is its entry: install.c puts `bti c` before it. Inside the arena, nothing jumps to where
 * a register says (tests/stencils/frame-pointer.test.ts); far calls leave it, through x16.
 */
#include "agent.h"

typedef u64 Size;

#if defined(__aarch64__)

#define AT_HWCAP2 26
#define HWCAP2_BTI (1ull << 17)
#define SEGMENT_LOAD 1
#define SEGMENT_PROPERTY 0x6474e553
#define NOTE_PROPERTY 5
#define FEATURES 0xc0000000u /* GNU_PROPERTY_AARCH64_FEATURE_1_AND */
#define FEATURE_BTI 1u

extern u64 getauxval(u64);

typedef struct Segment {
  u32 type, flags;
  u64 offset, address, physical, file_size, size, alignment;
} Segment;

typedef struct LoadedObject {
  u64 base;
  const char *name;
  const Segment *segments;
  u16 segment_count;
} LoadedObject;
extern int dl_iterate_phdr(int (*)(LoadedObject *, Size, void *), void *);

static int contains(const LoadedObject *o, u64 address) {
  for (u16 i = 0; i < o->segment_count; i++) {
    const Segment *s = &o->segments[i];
    if (s->type == SEGMENT_LOAD && address - (o->base + s->address) < s->size) return 1;
  }
  return 0;
}

/* A note: sizes of name and content, kind, "GNU", then properties of `u32 kind, u32 size, content`, aligned to 8. */
static int note_has_bti(const u8 *note, u64 size) {
  if (size < 16 || read_u32(note + 8) != NOTE_PROPERTY) return 0;
  for (u64 at = 16; at + 12 <= size; at += 8 + ((read_u32(note + at + 4) + 7ul) & ~7ul))
    if (read_u32(note + at) == FEATURES) return (read_u32(note + at + 8) & FEATURE_BTI) != 0;
  return 0;
}

/* Stops at the object that holds the evaluator. */
static int look_at_object(LoadedObject *o, Size size, void *found) {
  (void)size;
  if (!contains(o, (u64)&_PyEval_EvalFrameDefault)) return 0;
  for (u16 i = 0; i < o->segment_count; i++) {
    const Segment *s = &o->segments[i];
    if (s->type == SEGMENT_PROPERTY && note_has_bti((const u8 *)(o->base + s->address), s->size)) *(int *)found = 1;
  }
  return 1;
}

int branches_are_protected(void) {
  if (!(getauxval(AT_HWCAP2) & HWCAP2_BTI)) return 0;
  const char *asked = environment_variable("ARMATURE_BRANCH_PROTECTION"); /* for tests: as if the interpreter were built so */
  int found = asked && !strcmp(asked, "1");
  if (!found) dl_iterate_phdr(look_at_object, &found);
  return found;
}

#else

int branches_are_protected(void) {
  return 0;
}

#endif
