/*
 * Memory for machine code: one reserved range per process, near the interpreter's text where that is possible. Two views
 * of the same pages, one writable, one executable; no page is ever both through one address.
 */
#include "agent.h"

#define ARENA_SIZE (32u << 20)
#define GRANULE 16u
#if defined(__aarch64__)
#define REACH (110l << 20) /* bl reaches 128 MiB */
#define STEP (2l << 20)
#else
#define REACH (1900l << 20) /* call rel32 reaches 2 GiB */
#define STEP (16l << 20)
#endif
#define PROT_READ 1
#define PROT_WRITE 2
#define PROT_EXEC 4
#define PROT_BTI 16 /* AArch64 */
#define MAP_SHARED 1
#define MAP_FIXED_NOREPLACE 0x100000
#define MFD_CLOEXEC 1u
#define FAILED ((void *)-1)

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

static void *map_near(i64 around, int fd) {
  int protection = PROT_READ | PROT_EXEC | (agent.protects_branches ? PROT_BTI : 0);
  around &= ~0xffffl;
  for (i64 distance = STEP; distance < REACH - (i64)ARENA_SIZE; distance += STEP) {
    for (int side = 0; side < 2; side++) {
      i64 address = side ? around + distance : around - distance - (i64)ARENA_SIZE;
      if (address < (1l << 16)) continue;
      void *p = mmap((void *)address, ARENA_SIZE, protection, MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0);
      if (p == (void *)address) return p;
      if (p != FAILED) munmap(p, ARENA_SIZE); /* an old kernel takes the address as a hint */
    }
  }
  return mmap(NULL, ARENA_SIZE, protection, MAP_SHARED, fd, 0);
}

static int reserve(void) {
  int fd = memfd_create("armature", MFD_CLOEXEC);
  if (fd < 0) return 0;
  int good = ftruncate(fd, ARENA_SIZE) == 0;
  void *run = good ? map_near((i64)PyFloat_FromDouble, fd) : FAILED;
  void *writable = run != FAILED ? mmap(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : FAILED;
  close(fd);
  if (run == FAILED || writable == FAILED) {
    if (run != FAILED) munmap(run, ARENA_SIZE);
    return 0;
  }
  arena.run_view = run;
  arena.write_view = writable;
  unwind_register(arena.run_view, ARENA_SIZE);
  return 1;
}

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
  if (!arena.run_view && !reserve()) {
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

/* Makes the bytes visible to instruction fetch. */
void arena_publish(u8 *run_view, u8 *write_view, u32 size) {
#if defined(__aarch64__)
  u64 type;
  __asm__("mrs %0, ctr_el0" : "=r"(type));
  u64 data_line = 4ul << ((type >> 16) & 15), code_line = 4ul << (type & 15);
  u64 end = (u64)write_view + size;
  for (u64 p = (u64)write_view & ~(data_line - 1); p < end; p += data_line) __asm__ volatile("dc cvau, %0" : : "r"(p) : "memory");
  __asm__ volatile("dsb ish" : : : "memory");
  end = (u64)run_view + size;
  for (u64 p = (u64)run_view & ~(code_line - 1); p < end; p += code_line) __asm__ volatile("ic ivau, %0" : : "r"(p) : "memory");
  __asm__ volatile("dsb ish\n\tisb" : : : "memory");
#else
  (void)run_view;
  (void)write_view;
  (void)size;
  __asm__ volatile("" : : : "memory");
#endif
}

/* A jump to a far target, shared by all units of the process. */
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
  arena_publish(*run_view, w, 16);
  arena.stubs[arena.stub_count].target = target;
  arena.stubs[arena.stub_count++].offset = offset;
  return 1;
}
