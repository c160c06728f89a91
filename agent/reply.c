/*
 * Replies of the server. Nothing in them is trusted: every offset, count and index is checked here, so that exits cannot
 * fail later. A malformed reply is counted and dropped.
 */
#include "agent.h"

#define MAX_SPILLS 4096
#define MAX_EXITS 65536
#define RETRY_PAUSE 500000000ull

static int range_is_inside(u32 offset, u32 count, u32 width, u32 size) {
  return offset <= size && (u64)count * width <= size - offset;
}

static int read_view(UnitView *v, const u8 *p, u32 size) {
  if (size < 64) return 0;
  u32 fields[16];
  memcpy(fields, p, sizeof fields);
  *v = (UnitView){.payload = p, .size = size, .request = fields[0], .flags = fields[1], .offset = fields[2],
                  .spill_count = fields[3], .code_offset = fields[4], .code_size = fields[5], .reloc_offset = fields[6],
                  .reloc_count = fields[7], .exit_offset = fields[8], .exit_count = fields[9], .guard_offset = fields[10],
                  .guard_count = fields[11], .literal_offset = fields[12], .literal_count = fields[13],
                  .text_offset = fields[14], .text_size = fields[15]};
  return v->spill_count <= MAX_SPILLS && v->code_size > 0 && v->exit_count > 0 && v->exit_count <= MAX_EXITS &&
         range_is_inside(v->code_offset, v->code_size, 1, size) && range_is_inside(v->reloc_offset, v->reloc_count, 16, size) &&
         range_is_inside(v->exit_offset, v->exit_count, EXIT_HEAD_SIZE, size) && range_is_inside(v->guard_offset, v->guard_count, 24, size) &&
         range_is_inside(v->literal_offset, v->literal_count, 8, size) && range_is_inside(v->text_offset, v->text_size, 1, size);
}

static const char *read_exits(Unit *u, const UnitView *v, const Request *r) {
  u->exits = calloc(v->exit_count, sizeof(UnitExit));
  if (!u->exits) return "no memory";
  u->exit_count = v->exit_count;
  for (u32 i = 0; i < v->exit_count; i++) {
    const u8 *head = v->payload + v->exit_offset + (u64)EXIT_HEAD_SIZE * i;
    const char *wrong = check_exit(v, r, head, i ? &u->exits[i - 1] : NULL, &u->exits[i]);
    if (wrong) return wrong;
  }
  return NULL;
}

/* Objects are still the request's. */
static int take_tables(Unit *u, const UnitView *v, const Request *r) {
  u->objects = calloc(r->object_count + 1ull, sizeof(Object *));
  u->codes = calloc(r->code_count + 1ull, sizeof(CodeObject *));
  u->literals = malloc(8ull * v->literal_count + 8);
  if (!u->objects || !u->codes || !u->literals) return 0;
  for (u32 i = 0; i < r->object_count; i++) {
    if (r->is_held[i]) u->objects[i] = r->objects[i];
  }
  u->object_count = r->object_count;
  for (u32 i = 0; i < r->code_count; i++) u->codes[i] = (CodeObject *)object_new_reference((Object *)r->codes[i]);
  u->code_count = r->code_count;
  memcpy(u->literals, v->payload + v->literal_offset, 8ull * v->literal_count);
  u->literal_count = v->literal_count;
  return 1;
}

/* Nothing lives longer because of a unit that does not name it. */
static void keep_used_objects(Unit *u, const UnitView *v) {
  for (u32 i = 0; i < u->object_count; i++) {
    if (!v->is_used[i]) u->objects[i] = NULL;
    else object_incref(u->objects[i]);
  }
}

static Unit *build_unit(const UnitView *received, const Request *r, const char **wrong) {
  Unit *u = calloc(1, sizeof *u);
  u8 *copy = malloc(received->size), *is_used = calloc(r->object_count + 1ull, 1);
  *wrong = "no memory";
  if (!u || !copy || !is_used) {
    free(u);
    free(copy);
    free(is_used);
    return NULL;
  }
  memcpy(copy, received->payload, received->size);
  UnitView v = *received;
  v.payload = copy;
  v.is_used = is_used;
  u->payload = copy;
  u->site = r->site;
  u->globals = r->globals;
  u->builtins = r->builtins;
  u->nulls = r->nulls;
  u->spill_count = v.spill_count;
  u->text = (char *)copy + v.text_offset;
  u->text_size = v.text_size;
  if (take_tables(u, &v, r)) {
    *wrong = read_exits(u, &v, r);
    if (!*wrong) *wrong = install_unit(u, &v);
  }
  if (*wrong) u->object_count = 0;
  else keep_used_objects(u, &v);
  free(is_used);
  if (!*wrong) return u;
  unit_destroy(u);
  return NULL;
}

static void publish(Unit *u, Site *s) {
  if (s->unit) unit_retire(s->unit);
  u->next = agent.units;
  agent.units = u;
  s->unit = u;
  u->last_used = now_nanoseconds();
  agent.unit_count++;
  profiler_note(u);
  debugger_note(u);
  if (s->is_entry) entry_install(u);
}

static void note_refusal(Site *s, const char *text, u64 length) {
  if (length >= sizeof s->refusal) length = sizeof s->refusal - 1;
  memcpy(s->refusal, text, length);
  s->refusal[length] = 0;
}

void reply_unit(const u8 *payload, u32 size) {
  UnitView v;
  Request *r = size >= 4 ? request_take(read_u32(payload)) : NULL;
  if (!r) {
    agent.malformed_count++;
    return;
  }
  if (!r->site) return request_free(r);
  Site *s = r->site;
  s->in_flight = 0;
  s->retry_at = 0;
  const char *wrong = "malformed";
  Unit *u = NULL;
  if (read_view(&v, payload, size) && (s->is_entry || v.offset == (u32)s->offset) && (v.flags & 1) == !s->is_entry)
    u = build_unit(&v, r, &wrong);
  if (u) {
    unit_free_retired();
    publish(u, s);
  } else {
    if (agent.verbose) say("unit dropped: %s", wrong);
    note_refusal(s, wrong, strlen(wrong));
    if (wrong[0] == 'a') { /* an assumption: the world moved on, ask again */
      agent.stale_count++;
      s->retry_at = now_nanoseconds() + 5000000;
    } else {
      agent.malformed_count++;
      s->given_up = 1;
    }
  }
  request_free(r);
}

void reply_refuse(const u8 *payload, u32 size) {
  Request *r = size >= 12 ? request_take(read_u32(payload)) : NULL;
  if (!r) {
    agent.malformed_count++;
    return;
  }
  agent.refuse_count++;
  if (!r->site) return request_free(r);
  Site *s = r->site;
  s->in_flight = 0;
  u32 retry = read_u32(payload + 4);
  u32 length = read_u16(payload + 8);
  if (length <= size - 10) note_refusal(s, (const char *)payload + 10, length);
  s->retry_at = retry ? now_nanoseconds() + RETRY_PAUSE : 0;
  if (!retry && !s->unit) s->given_up = 1;
  request_free(r);
}
