/* Memory for machine code: one reserved range per process, near the interpreter's text where that is possible (system.h). */
#include "agent.h"

#define ARENA_SIZE (32u << 20)
#define GRANULE 16u

typedef struct FreeBlock {
  struct FreeBlock *next;
  u32 offset, size;
} FreeBlock;

typedef struct Arena {
  u8 *write_view, *run_view;
  u32 used, live;
  FreeBlock *free_blocks;
  u8 no_reuse; /* a forked child may still run code that we freed */
  u32 stub_count;
  struct {
    u64 target;
    u32 offset;
  } stubs[512];
} Arena;

static Arena arena;

static int take_free_block(u32 size, u32 *offset) {
  for (FreeBlock **link = &arena.free_blocks; *link; link = &(*link)->next) {
    FreeBlock *block = *link;
    if (block->size < size) continue;
    *offset = block->offset;
    block->offset += size;
    block->size -= size;
    if (!block->size) {
      *link = block->next;
      free(block);
    }
    return 1;
  }
  return 0;
}

/*
 * Fresh memory comes first: QEMU before 8.1 goes on running what it has translated from an address, whatever is written
 * there through the other view.
 */
int arena_allocate(u32 size, u32 *offset, u8 **write_view, u8 **run_view) {
  if (agent.no_arena) return 0;
  if (!arena.run_view && !code_reserve(ARENA_SIZE, (u64)PyFloat_FromDouble, &arena.write_view, &arena.run_view)) {
    agent.no_arena = agent.stopped = 1;
    say("no memory for machine code; running plain");
    return 0;
  }
  size = (size + GRANULE - 1) & ~(GRANULE - 1);
  if (size <= ARENA_SIZE - arena.used) {
    *offset = arena.used;
    arena.used += size;
  } else if (!take_free_block(size, offset)) {
    return 0;
  }
  arena.live += size;
  *write_view = arena.write_view + *offset;
  *run_view = arena.run_view + *offset;
  return 1;
}

void arena_release(u32 offset, u32 size) {
  size = (size + GRANULE - 1) & ~(GRANULE - 1);
  arena.live -= size;
  if (arena.no_reuse) return;
  FreeBlock *block = malloc(sizeof *block);
  if (!block) return;
  *block = (FreeBlock){arena.free_blocks, offset, size};
  arena.free_blocks = block;
}

u32 arena_used(void) {
  return arena.live;
}

/* Parent and child share the pages: neither may write where the other may run. */
void arena_forked(int in_child) {
  arena.no_reuse = 1;
  if (in_child) memset(&arena, 0, sizeof arena);
}

int arena_owns(const void *p) {
  return arena.run_view && (u8 *)p >= arena.run_view && (u8 *)p < arena.run_view + ARENA_SIZE;
}

/* A jump to a far target, shared by all units of the process. Called while a unit is written. */
int arena_stub(u64 target, u8 **run_view) {
  for (u32 i = 0; i < arena.stub_count; i++) {
    if (arena.stubs[i].target != target) continue;
    *run_view = arena.run_view + arena.stubs[i].offset;
    return 1;
  }
  u32 offset;
  u8 *w;
  if (arena.stub_count == 512 || !arena_allocate(16, &offset, &w, run_view)) return 0;
#if defined(__aarch64__)
  static const u32 code[2] = {0x58000050, 0xd61f0200}; /* ldr x16, .+8; br x16 */
  memcpy(w, code, 8);
  memcpy(w + 8, &target, 8);
#else
  static const u8 code[8] = {0xff, 0x25, 2, 0, 0, 0, 0xcc, 0xcc}; /* jmp [rip+2] */
  memcpy(w, code, 8);
  memcpy(w + 8, &target, 8);
#endif
  code_synchronise(*run_view, w, 16);
  arena.stubs[arena.stub_count].target = target;
  arena.stubs[arena.stub_count++].offset = offset;
  return 1;
}
