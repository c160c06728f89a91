/* Addresses of the symbols compiled code may name. */
#include "helpers.h"

extern Object *PyUnicode_Concat(Object *, Object *);

typedef struct Symbol {
  const char *libm; /* looked up when first used: the mathematics library may not be there */
  u64 address;
} Symbol;

#define DATA(name) {NULL, (u64)&name},
#define FUNCTION(name) {NULL, (u64)&name},
#define LIBM(name) {#name, 0},
static Symbol symbols[] = {
#include "symbols.h"
};

u32 symbol_count(void) {
  return sizeof symbols / sizeof *symbols;
}

u64 symbol_address(u32 index) {
  Symbol *s = &symbols[index];
  if (s->libm && !s->address) s->address = (u64)mathematics_function(s->libm);
  return s->address;
}
