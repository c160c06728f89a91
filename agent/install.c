/* Relocating a unit and checking its assumptions, under the GIL. */
#include "agent.h"

static int dict_entry(Object *dict, u64 index, Object **value) {
  if (!type_is(dict, &PyDict_Type)) return 0;
  DictObject *d = (DictObject *)dict;
  if (d->values || index >= (u64)d->keys->entry_count) return 0;
  *value = d->keys->kind == DICT_KEYS_GENERAL ? dict_general_entries(d->keys)[index].value
                                              : dict_unicode_entries(d->keys)[index].value;
  return 1;
}

static int holds(Unit *u, u32 kind, u32 object, u64 a, u64 b) {
  if (object >= u->object_count || !u->objects[object]) return 0;
  Object *o = u->objects[object], *value;
  switch (kind) {
    case 1: return a && (o->type->flags & TYPE_FLAG_TYPE_SUBCLASS) && ((TypeObject *)o)->version_tag == (u32)a;
    case 2: return a && type_is(o, &PyFunction_Type) && ((FunctionObject *)o)->version == (u32)a;
    case 3: return b < u->object_count && u->objects[b] && dict_entry(o, a, &value) && value == u->objects[b];
    case 4: return type_is(o, &PyDict_Type) && (u64)((DictObject *)o)->keys == a;
    default: return 0;
  }
}

static int write_branch26(u8 *at, u64 from, u64 target) {
  i64 distance = (i64)(target - from);
  if (distance < -(128ll << 20) || distance >= (128ll << 20) || (distance & 3)) return 0;
  u32 instruction = (read_u32(at) & 0xfc000000u) | ((u32)(distance >> 2) & 0x03ffffffu);
  memcpy(at, &instruction, 4);
  return 1;
}

static int write_rel32(u8 *at, u64 from, u64 target) {
  i64 distance = (i64)(target - 4 - from);
  if (distance != (i32)distance) return 0;
  i32 value = (i32)distance;
  memcpy(at, &value, 4);
  return 1;
}

static int write_call(int kind, u8 *at, u64 from, u64 target) {
  int (*writer)(u8 *, u64, u64) = kind == 3 ? write_rel32 : write_branch26;
  if (writer(at, from, target)) return 1;
  u8 *stub;
  return arena_stub(target, &stub) && writer(at, from, (u64)stub);
}

static int relocate(Unit *u, const UnitView *v, const u8 *entry, u8 *code, u8 *run) {
  u32 at = read_u32(entry);
  u8 kind = entry[4];
  u64 symbol = read_u64(entry + 8), value;
  u32 width = kind == 3 || kind == 4 ? 4 : 8;
  if (at > v->code_size || v->code_size - at < width) return 0;
  switch (kind) {
    case 1:
      if (symbol >= u->object_count || !u->objects[symbol]) return 0;
      v->is_used[symbol] = 1;
      value = (u64)u->objects[symbol];
      break;
    case 2:
    case 3:
    case 4:
      if (symbol >= symbol_count() || !(value = symbol_address((u32)symbol))) return 0;
      if (kind != 2) return write_call(kind, code + at, (u64)(run + at), value);
      break;
    case 5:
      if (symbol >= v->code_size) return 0;
      value = (u64)(run + symbol);
      break;
    default: return 0;
  }
  memcpy(code + at, &value, 8);
  return 1;
}

#define PAD_SIZE 16 /* the code stays aligned */

static int write_unit(Unit *u, const UnitView *v, u8 *code, u8 *run) {
  memcpy(code, v->payload + v->code_offset, v->code_size);
  for (u32 i = 0; i < v->reloc_count; i++) {
    if (!relocate(u, v, v->payload + v->reloc_offset + 16ull * i, code, run)) return 0;
  }
  return 1;
}

/* The way in, by an indirect call, leads over `bti c`. */
static void add_landing_pad(Unit *u, u8 *code) {
  static const u32 bti_c = 0xd503245f;
  u->entry = (u8 *)u->entry - sizeof bti_c;
  u->code_size += sizeof bti_c;
  memcpy(code - sizeof bti_c, &bti_c, sizeof bti_c);
}

/* Returns why the unit cannot be installed, or NULL. */
const char *install_unit(Unit *u, const UnitView *v) {
  for (u32 i = 0; i < v->guard_count; i++) {
    const u8 *g = v->payload + v->guard_offset + 24ull * i;
    if (!holds(u, read_u32(g), read_u32(g + 4), read_u64(g + 8), read_u64(g + 16))) return "assumption no longer holds";
  }
  u8 *run, pad = agent.protects_branches ? PAD_SIZE : 0;
  u32 size = pad + v->code_size + jitdump_gap();
  if (!arena_allocate(size, &u->arena_offset, &u->write_view, &run)) return "no room for code";
  u->arena_size = size;
  u->entry = run + pad;
  u->code_size = v->code_size;
  code_begin_writing();
  int written = write_unit(u, v, u->write_view + pad, run + pad);
  if (written && pad) add_landing_pad(u, u->write_view + pad);
  code_end_writing();
  if (!written) return "bad relocation";
  code_synchronise(run, u->write_view, size);
  return NULL;
}
