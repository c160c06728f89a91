/*
 * Tells gdb about units, through its interface for compiled code (GDB manual, "JIT Compilation Interface"): a list of ELF files
 * in memory, one a unit, and a function that gdb has a breakpoint in. gdb reads the list when it attaches, too, or from a core.
 */
#include "agent.h"

typedef struct CodeEntry {
  struct CodeEntry *next, *previous;
  const void *file;
  u64 file_size;
} CodeEntry;

typedef struct Descriptor {
  u32 version, action;
  CodeEntry *relevant, *first;
} Descriptor;

enum { NO_ACTION, REGISTER, UNREGISTER };

/* gdb finds both by name. Protected: another compiler in the process may have its own. */
#define FOUND_BY_NAME __attribute__((visibility("protected"), used))
FOUND_BY_NAME Descriptor __jit_debug_descriptor = {.version = 1};
FOUND_BY_NAME __attribute__((noinline)) void __jit_debug_register_code(void) {
  __asm__ volatile("" : : : "memory");
}

/* ---- ELF (System V ABI, chapter 4) ------------------------------------------------------------------------------------ */

typedef struct ElfHeader {
  u8 magic[16];
  u16 type, machine;
  u32 version;
  u64 entry, program_headers, section_headers;
  u32 flags;
  u16 header_size, program_header_size, program_header_count, section_header_size, section_count, names_section;
} ElfHeader;

typedef struct ElfSection {
  u32 name, type;
  u64 flags, address, offset, size;
  u32 link, info;
  u64 alignment, entry_size;
} ElfSection;

typedef struct ElfSymbol {
  u32 name;
  u8 info, other;
  u16 section;
  u64 value, size;
} ElfSymbol;

_Static_assert(sizeof(ElfHeader) == 64 && sizeof(ElfSection) == 64 && sizeof(ElfSymbol) == 24, "64-bit ELF");

#if defined(__x86_64__)
#define ELF_MACHINE 62
#else
#define ELF_MACHINE 183
#endif

enum { TEXT = 1, FRAMES, SYMBOLS, NAMES, SECTION_COUNT };
static const char section_names[] = "\0.text\0.eh_frame\0.symtab\0.strtab";
enum { TEXT_NAME = 1, FRAMES_NAME = 7, SYMBOLS_NAME = 17, NAMES_NAME = 25 };

typedef struct DebugObject {
  CodeEntry entry;
  ElfHeader header;
  ElfSection sections[SECTION_COUNT];
  ElfSymbol symbols[2]; /* the first is always empty */
  u8 rest[];            /* the unwind table, then the names */
} DebugObject;

static u64 offset_in_file(const DebugObject *o, const void *part) {
  return (u64)((const u8 *)part - (const u8 *)&o->header);
}

static void fill_sections(DebugObject *o, const Unit *u, u32 frames_size, u32 names_size) {
  ElfSection *s = o->sections;
  s[TEXT] = (ElfSection){.name = TEXT_NAME, .type = 8 /* not in the file */, .flags = 6 /* loaded, executable */,
                         .address = (u64)u->entry, .size = u->code_size, .alignment = 4};
  s[FRAMES] = (ElfSection){.name = FRAMES_NAME, .type = 1, .flags = 2, .address = (u64)o->rest, .offset = offset_in_file(o, o->rest),
                           .size = frames_size, .alignment = 8};
  s[SYMBOLS] = (ElfSection){.name = SYMBOLS_NAME, .type = 2, .offset = offset_in_file(o, o->symbols), .size = sizeof o->symbols,
                            .link = NAMES, .info = 1, .alignment = 8, .entry_size = sizeof(ElfSymbol)};
  s[NAMES] = (ElfSection){.name = NAMES_NAME, .type = 3, .offset = offset_in_file(o, o->rest + frames_size), .size = names_size, .alignment = 1};
}

static DebugObject *describe(const Unit *u) {
  char name[UNIT_NAME_SIZE];
  u32 length = unit_name(u, name), frames_size = unwind_table_size(), names_size = (u32)sizeof section_names + length + 1;
  DebugObject *o = calloc(1, sizeof *o + frames_size + names_size);
  if (!o) return NULL;
  o->header = (ElfHeader){.magic = {0x7f, 'E', 'L', 'F', 2 /* 64 bits */, 1 /* little endian */, 1}, .type = 1 /* relocatable */,
                          .machine = ELF_MACHINE, .version = 1, .section_headers = offset_in_file(o, o->sections),
                          .header_size = sizeof(ElfHeader), .section_header_size = sizeof(ElfSection),
                          .section_count = SECTION_COUNT, .names_section = NAMES};
  fill_sections(o, u, frames_size, names_size);
  o->symbols[1] = (ElfSymbol){.name = sizeof section_names, .info = 1 << 4 | 2 /* global function */, .section = TEXT, .size = u->code_size};
  unwind_table_write(o->rest, (u8 *)u->entry - o->rest, u->code_size);
  memcpy(o->rest + frames_size, section_names, sizeof section_names);
  memcpy(o->rest + frames_size + sizeof section_names, name, length);
  o->entry.file = &o->header;
  o->entry.file_size = offset_in_file(o, o->rest) + frames_size + names_size;
  return o;
}

/* ---- the list --------------------------------------------------------------------------------------------------------- */

static void tell(CodeEntry *e, u32 action) {
  __jit_debug_descriptor.relevant = e;
  __jit_debug_descriptor.action = action;
  __jit_debug_register_code();
  __jit_debug_descriptor.action = NO_ACTION;
}

/* A unit was installed. Always: gdb is called for when a program hangs already. */
void debugger_note(Unit *u) {
  DebugObject *o = u->debug_object = describe(u);
  if (!o) return;
  CodeEntry *first = __jit_debug_descriptor.first;
  o->entry.next = first;
  if (first) first->previous = &o->entry;
  __jit_debug_descriptor.first = &o->entry;
  tell(&o->entry, REGISTER);
}

void debugger_forget(Unit *u) {
  DebugObject *o = u->debug_object;
  if (!o) return;
  CodeEntry *next = o->entry.next, *previous = o->entry.previous;
  if (next) next->previous = previous;
  if (previous) previous->next = next;
  else __jit_debug_descriptor.first = next;
  tell(&o->entry, UNREGISTER);
  free(o);
}
