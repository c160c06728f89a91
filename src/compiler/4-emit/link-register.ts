/**
 * AArch64: a unit saves its return address where it begins, not around each call. Exits that nothing but a failed guard
 * takes are then found by where they return to:
 *
 *     exit 3: movz w8, #3; b common          exit 3: bl number
 *     exit 4: movz w8, #4; b common          exit 4: bl number
 *     common: str w8, …                      number: adr x8, exit 0 + 4; sub w8, w30, w8; lsr w8, w8, #2
 *             …; ret                         common: ldr x30, …; str w8, …; …; ret
 *
 * Exits that code takes when all goes well keep their number in the code: their `ret` pairs with the call of the unit, which
 * is what processors predict it by.
 */

/** Of the numbered exits, in bytes: `adr; sub; lsr`. */
const BYTES_OF_NUMBER = 12;

/**
 * The numbers from the first to the last of those with a stub, when stubs of one instruction for all of them are shorter
 * than stubs of two for those that need one.
 */
export function numberedExits(stubs: readonly number[]): { readonly first: number; readonly last: number } | undefined {
  const first = stubs.reduce((a, b) => Math.min(a, b), Infinity), last = stubs.reduce((a, b) => Math.max(a, b), -1);
  return stubs.length > 0 && (last - first + 1) * 4 + BYTES_OF_NUMBER < stubs.length * 8 ? { first, last } : undefined;
}
