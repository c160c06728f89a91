/*
 * Unwind tables of compiled code, in the form of an .eh_frame section (Linux Standard Base, 10.6): one rule for a whole range,
 * that of shim-linux.c. The one of the arena goes to libgcc, which backtrace() asks; debugger-linux.c and jitdump-linux.c hand
 * out one for each unit.
 */
#include "agent.h"
#include "posix.h"

#define PLACE_RELATIVE_8 0x1c
#define CIE_FIXED 17

static u8 *put_u32(u8 *to, u32 value) {
  memcpy(to, &value, 4);
  return to + 4;
}

static u8 *put_u64(u8 *to, u64 value) {
  memcpy(to, &value, 8);
  return to + 8;
}

static u32 cie_size(void) {
  return (CIE_FIXED + frame_rules_size + 7) & ~7u;
}

/* Where the description of the range starts, from the beginning of the table. */
u32 unwind_table_entry(void) {
  return cie_size();
}

u32 unwind_table_size(void) {
  return cie_size() + UNWIND_ENTRY_SIZE + 4;
}

/* `code` is the distance from the table to the code it is about. */
void unwind_table_write(u8 *table, i64 code, u64 code_size) {
  u32 cie = cie_size();
  memset(table, 0, unwind_table_size()); /* 0 fills up a description (DW_CFA_nop) and ends the table */
  u8 *p = put_u32(table, cie - 4) + 4;
  static const u8 head[] = {1 /* version */, 'z', 'R', 0, 1 /* code alignment */, 0x78 /* data alignment: -8 */};
  memcpy(p, head, sizeof head);
  p += sizeof head;
  *p++ = frame_return_register;
  *p++ = 1; /* size of the augmentation */
  *p++ = PLACE_RELATIVE_8;
  memcpy(p, frame_rules, frame_rules_size);
  u8 *entry = put_u32(table + cie, UNWIND_ENTRY_SIZE - 4);
  entry = put_u32(entry, cie + 4);
  entry = put_u64(entry, (u64)(code - (entry - table)));
  put_u64(entry, code_size);
}

/*
 * For the life of the process. backtrace() loads libgcc when it is first called; to be seen then, the table has to be there, so
 * the library is loaded now. Without it nobody asks.
 */
void unwind_register(const u8 *code, u64 size) {
  void *library = dlopen("libgcc_s.so.1", RTLD_NOW);
  void (*register_frame)(const void *) = library ? (void (*)(const void *))dlsym(library, "__register_frame") : NULL;
  u8 *table = register_frame ? malloc(unwind_table_size()) : NULL;
  if (!table) return;
  unwind_table_write(table, code - table, size);
  register_frame(table);
}
