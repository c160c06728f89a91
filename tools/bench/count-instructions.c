/*
 * A plugin of QEMU that counts the instructions a program executes, and how often each piece of it was executed. When the
 * program ends it writes to the file given by out=FILE: `total N`, the map of the memory, then `ADDRESS BYTES INSTRUCTIONS TIMES
 * BORN` for each translated piece, where BORN is how many instructions came before its translation. Threads add to the same counters without locks: a few of a billion get lost.
 *
 * The declarations are those of qemu-plugin.h, version 1; Debian ships no header.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum { INLINE_ADD = 0 };

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *, int operation, void *, uint64_t);
void qemu_plugin_register_atexit_cb(plugin_id, void (*)(plugin_id, void *), void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);

EXPORT int qemu_plugin_version = 1;

struct piece {
  uint64_t times, address, bytes, instructions, born;
  struct piece *next;
};

/* Pushed under QEMU's own lock of the translator. */
static struct piece *pieces;
static uint64_t total;

static void translated(plugin_id id, struct qemu_plugin_tb *block) {
  (void)id;
  struct piece *piece = calloc(1, sizeof *piece);
  if (piece == NULL) abort();
  piece->address = qemu_plugin_tb_vaddr(block);
  piece->instructions = qemu_plugin_tb_n_insns(block);
  for (size_t i = 0; i < piece->instructions; i++) piece->bytes += qemu_plugin_insn_size(qemu_plugin_tb_get_insn(block, i));
  piece->born = total;
  piece->next = pieces;
  pieces = piece;
  qemu_plugin_register_vcpu_tb_exec_inline(block, INLINE_ADD, &piece->times, 1);
  qemu_plugin_register_vcpu_tb_exec_inline(block, INLINE_ADD, &total, piece->instructions);
}

static void ended(plugin_id id, void *path) {
  (void)id;
  FILE *out = fopen(path, "w"), *maps = fopen("/proc/self/maps", "r");
  if (out == NULL || maps == NULL) abort();
  fprintf(out, "total %" PRIu64 "\n", total);
  char line[4096];
  while (fgets(line, sizeof line, maps) != NULL) fputs(line, out);
  for (struct piece *p = pieces; p != NULL; p = p->next) {
    if (p->times == 0) continue;
    fprintf(out, "%" PRIx64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", p->address, p->bytes, p->instructions, p->times, p->born);
  }
  fclose(maps);
  fclose(out);
}

EXPORT int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv) {
  (void)info;
  if (argc != 1) return -1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_atexit_cb(id, ended, argv[0] + sizeof "out=" - 1);
  return 0;
}
