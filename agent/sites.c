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
  if (!analyse_loops(r)) {
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
void site_add_feedback(Site *s, i32 code, i32 offset, const char *reason, const char *observed) {
  u32 count = 0;
  for (Feedback *f = s->feedback; f; f = f->next, count++) {
    if (f->code == code && f->offset == offset && !strcmp(f->reason, reason) && !strcmp(f->observed, observed)) return;
  }
  if (count >= 256) return;
  Feedback *f = calloc(1, sizeof *f);
  if (!f) return;
  f->code = code;
  f->offset = offset;
  copy_text(f->reason, sizeof f->reason, reason);
  copy_text(f->observed, sizeof f->observed, observed);
  f->next = s->feedback;
  s->feedback = f;
}
