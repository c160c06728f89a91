/* Life of units: replaced, disabled, freed when nobody runs in them. */
#include "agent.h"

#define SHORT_RUN 5000 /* nanoseconds: less is not worth the way in and out */
#define SHORT_CALL 200 /* the same for a call, which costs something in any case; the way out is what is added */
#define WINDOW 200
#define CALLS_ALL_MEASURED 1024
#define CALLS_PER_MEASURED 32
#define PATIENCE_OF_TESTS 20000 /* entries before a unit is given up with the threshold at zero */
#define MOST_REMEMBERED 200 /* units of code that was run by `exec`, for the statistics */
#define TIME_TO_BE_USED 500000000ull /* nanoseconds */

static const char *text_of(Object *o) {
  Ssize length;
  const char *text = o ? PyUnicode_AsUTF8AndSize(o, &length) : NULL;
  if (!text) PyErr_Clear();
  return text ? text : "?";
}

/*
 * For people: `armature:outer.<locals>.inner:/home/me/program.py:12`, where line 12 is that of the loop. In one line, whatever is in
 * the name of a file. Returns the length.
 */
u32 unit_name(const Unit *u, char name[UNIT_NAME_SIZE]) {
  const CodeObject *code = u->site->record->code;
  int line = PyCode_Addr2Line(u->site->record->code, u->site->offset * (int)sizeof(CodeUnit));
  int length = snprintf(name, UNIT_NAME_SIZE, "armature:%s:%s:%d", text_of(code->qualname), text_of(code->filename), line);
  if (length < 0) length = 0;
  if (length >= UNIT_NAME_SIZE) length = UNIT_NAME_SIZE - 1;
  for (int i = 0; i < length; i++)
    if ((u8)name[i] < 32) name[i] = '?';
  name[length] = 0;
  return (u32)length;
}

/* All but what the statistics say of it. */
static void release(Unit *u) {
  debugger_forget(u);
  if (u->arena_size && (!u->entry || arena_owns(u->entry))) arena_release(u->arena_offset, u->arena_size);
  for (u32 i = 0; i < u->object_count; i++) object_xdecref(u->objects[i]);
  for (u32 i = 0; i < u->code_count; i++) object_xdecref((Object *)u->codes[i]);
  free(u->objects);
  free(u->codes);
  u->objects = NULL;
  u->codes = NULL;
  u->object_count = u->code_count = 0;
}

void unit_destroy(Unit *u) {
  release(u);
  free(u->exits);
  free(u->literals);
  free(u->payload);
  free(u);
}

/* Its numbers stay for the report; code and objects go as soon as nobody runs in it. */
void unit_retire(Unit *u) {
  u->retired = 1;
  if (u->site->unit == u) u->site->unit = NULL;
  for (Unit **link = &agent.units; *link; link = &(*link)->next) {
    if (*link != u) continue;
    *link = u->next;
    break;
  }
  u->next = agent.graveyard;
  agent.graveyard = u;
}

/* Called where no unit is on its way in: by drivers that end, and before an installation. */
void unit_free_retired(void) {
  Unit *list = agent.graveyard;
  agent.graveyard = NULL;
  while (list) {
    Unit *u = list;
    list = u->next;
    if (u->running) {
      u->next = agent.graveyard;
      agent.graveyard = u;
    } else if (u->is_over && agent.stats_path && agent.over_count < MOST_REMEMBERED) {
      release(u);
      agent.over_count++;
      u->next = agent.over;
      agent.over = u;
    } else {
      unit_destroy(u);
    }
  }
}

/* Should the place get hot again, its unit is asked for again. */
static void begin_anew(Site *s) {
  s->versions = 0;
  s->samples = 0;
  if (s->unit) unit_retire(s->unit);
}

/*
 * The loop had ended when its unit came, or goes on in another unit. Should it get hot again, the unit is asked for again, and the server
 * has it still.
 */
void units_forget_unused(u64 now) {
  for (Unit *u = agent.units, *next; u; u = next) {
    next = u->next;
    Site *s = u->site;
    if (u->entries || u->running || s->is_entry || s->in_flight || s->versions != 1 || now - u->last_used < TIME_TO_BE_USED) continue;
    begin_anew(s);
  }
  if (agent.graveyard) unit_free_retired();
}

/* A module's code has ended, and what it made shall go when it would without units. */
void units_forget(CodeRecord *r) {
  for (i32 i = 0; i < r->loop_count; i++) {
    Site *s = &r->loops[i];
    s->retry_at = 0;
    if (s->unit) s->unit->is_over = 1;
    begin_anew(s);
  }
  requests_abandon(r);
  if (agent.graveyard) unit_free_retired();
}

void unit_disable(Unit *u) {
  u->disabled = 1;
  agent.disabled_count++;
  if (u->site->is_entry) entry_remove(u->site);
}

static int is_short_run(const Unit *u, u64 nanoseconds, u8 exit_kind) {
  if (!u->site->is_entry) return nanoseconds < SHORT_RUN;
  return nanoseconds < SHORT_CALL && (exit_kind == EXIT_UNSUPPORTED || exit_kind == EXIT_DEOPT);
}

/*
 * Reading the clock twice costs as much as a short function: of units that are called often, only some calls are measured, and count
 * for the others.
 */
int unit_is_measured(const Unit *u) {
  return !u->site->is_entry || u->entries < CALLS_ALL_MEASURED || u->entries % CALLS_PER_MEASURED == 0;
}

void unit_account(Unit *u, u64 entered, u64 left, u8 exit_kind) {
  u64 nanoseconds = left - entered;
  u->last_used = exit_kind == EXIT_SAFEPOINT ? left : 0;
  u->entries++;
  u->nanoseconds += u->site->is_entry && u->entries > CALLS_ALL_MEASURED ? CALLS_PER_MEASURED * nanoseconds : nanoseconds;
  u->window_entries++;
  if (is_short_run(u, nanoseconds, exit_kind)) u->window_short++;
  if (u->window_entries < WINDOW) return;
  int is_short = u->window_short * 2 > u->window_entries;
  if (is_short && (!agent.threshold_zero || u->entries > PATIENCE_OF_TESTS)) unit_disable(u);
  u->window_entries = u->window_short = 0;
}
