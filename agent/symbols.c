/* Addresses of the symbols compiled code may name. */
#include "helpers.h"

IMPORTED Object *PyUnicode_Concat(Object *, Object *);

/* Those of the mathematics library are looked up when first used: it may not be there. */
#define DATA(name) NULL,
#define FUNCTION(name) NULL,
#define LIBM(name) #name,
static const char *const mathematics[] = {
#include "symbols.h"
};
#undef DATA
#undef FUNCTION
#undef LIBM

#define COUNT (sizeof mathematics / sizeof *mathematics)

static u64 addresses[COUNT];

/* Not a constant: where a symbol is imported on Windows, its address is known when the agent is loaded. */
static void take_addresses(void) {
  u64 *next = addresses;
#define DATA(name) *next++ = (u64)&name;
#define FUNCTION(name) *next++ = (u64)&name;
#define LIBM(name) next++;
#include "symbols.h"
}

u32 symbol_count(void) {
  return COUNT;
}

u64 symbol_address(u32 index) {
  if (!addresses[0]) take_addresses();
  if (mathematics[index] && !addresses[index]) addresses[index] = (u64)mathematics_function(mathematics[index]);
  return addresses[index];
}
