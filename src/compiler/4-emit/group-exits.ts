/**
 * Exits of x86-64 that share the second half of their number, around the code that writes it:
 *
 *   exit.low 1; jump.short L      exit.low 2; jump.short L      exit.low 3; L: exit.high 0; jump to the common part
 */

/** Of four bytes each, within 127 bytes of what follows the first ones: two bytes and a jump. */
const MOST_BEFORE = 32;
const MOST_AFTER = 30;

export interface ExitGroup {
  /** Exits in front of the shared code; the last one falls into it. */
  readonly before: readonly number[];
  /** Exits that jump back to it. */
  readonly after: readonly number[];
  readonly high: number;
  readonly isLast: boolean;
}

/** `exits`: their numbers, ascending. */
export function groupExits(exits: readonly number[]): ExitGroup[] {
  const groups: ExitGroup[] = [];
  for (let start = 0; start < exits.length; ) {
    const high = exits[start]! >> 8;
    let end = start + 1;
    while (end < exits.length && end - start < MOST_BEFORE + MOST_AFTER && exits[end]! >> 8 === high) end++;
    const isLast = end === exits.length;
    // The last group falls through to what is common to all, and so has nothing after its shared code if it can.
    const middle = isLast && end - start <= MOST_BEFORE ? end : Math.max(start + 1, end - MOST_AFTER);
    groups.push({ before: exits.slice(start, middle), after: exits.slice(middle, end), high, isLast });
    start = end;
  }
  return groups;
}
