/* What is known about each code object that was seen hot, and about each place in it that may be compiled. */
#include "agent.h"

static u32 bucket_of(CodeObject *code) {
  u64 h = (u64)code >> 4;
  return (u32)((h ^ (h >> 10)) & 1023);
}

CodeRecord *record_find(CodeObject *code) {
  CodeRecord *r = agent.records[bucket_of(code)];
  while (r && r->code != code) r = r->next;
  return r;
}

/* The record of a code object, made when there is none; NULL when there is no memory. */
CodeRecord *record_get(CodeObject *code) {
  CodeRecord *r = record_find(code);
  if (r) return r;
  r = calloc(1, sizeof *r);
  if (!r) return NULL;
  object_incref((Object *)code);
  r->code = code;
  r->entry.record = r;
  r->entry.is_entry = 1;
  if (analyse_loops(r)) {
    quicken(r);
  } else {
    r->excluded = 1;
    r->loop_count = 0;
  }
  u32 bucket = bucket_of(code);
  r->next = agent.records[bucket];
  agent.records[bucket] = r;
  return r;
}

static void copy_text(char *to, u64 size, const char *from) {
  u64 i = 0;
  for (; i + 1 < size && from[i]; i++) to[i] = from[i];
  to[i] = 0;
}

/* Remembers that a guard failed, once per place and reason. */
void site_add_feedback(Site *s, CodeObject *code, i32 offset, const char *reason, const char *observed) {
  u32 count = 0;
  for (Feedback *f = s->feedback; f; f = f->next, count++) {
    if (f->code == code && f->offset == offset && !strcmp(f->reason, reason) && !strcmp(f->observed, observed)) return;
  }
  if (count >= 256) return;
  Feedback *f = calloc(1, sizeof *f);
  if (!f) return;
  f->code = (CodeObject *)object_new_reference((Object *)code);
  f->offset = offset;
  copy_text(f->reason, sizeof f->reason, reason);
  copy_text(f->observed, sizeof f->observed, observed);
  f->next = s->feedback;
  s->feedback = f;
}

static void site_release(Site *s) {
  object_xdecref((Object *)s->function);
  for (Feedback *f = s->feedback, *next; f; f = next) {
    next = f->next;
    object_decref((Object *)f->code);
    free(f);
  }
}

static void record_release(CodeRecord *r) {
  for (i32 i = 0; i < r->loop_count; i++) site_release(&r->loops[i]);
  site_release(&r->entry);
  object_decref((Object *)r->code);
  free(r->loops);
  free(r->back_edges);
  free(r);
}

/* At the end of the program, when nobody runs in compiled code and nobody will: every object goes its own way. */
void sites_release(void) {
  for (Unit *u = agent.units; u; u = u->next) u->disabled = 1;
  while (agent.requests) {
    Request *r = agent.requests;
    agent.requests = r->next;
    request_free(r);
  }
  CodeRecord *records = NULL;
  for (u32 i = 0; i < sizeof agent.records / sizeof *agent.records; i++) {
    for (CodeRecord *r = agent.records[i], *next; r; r = next) {
      next = r->next;
      r->next = records;
      records = r;
    }
    agent.records[i] = NULL;
  }
  for (CodeRecord *r = records; r; r = r->next) entry_remove(&r->entry);
  while (agent.units) unit_retire(agent.units);
  unit_free_retired();
  while (records) {
    CodeRecord *r = records;
    records = r->next;
    record_release(r);
  }
}
