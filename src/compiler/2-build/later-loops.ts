/**
 * Loops behind those that an OSR unit begins in. They are often ones that have not run yet, of whose types nothing is known: much
 * code would be made for nothing, and the loop that is hot now would wait for it.
 *
 *   def main():
 *       for x in xs: …      hot now
 *       for y in ys: …      not reached yet
 *
 * So they are translated last, and only where the unit is small. Else compiled code ends before them; they get units of their own.
 */

/** Instructions translated, each as often as it was. */
export const MOST_BEFORE_LATER_LOOPS = 250;

/** The last jump back of the loops around a place; undefined: there is none. `loops`: by header, the last jump back. */
export function loopsEndAt(loops: ReadonlyMap<number, number>, offset: number): number | undefined {
  const ends = [...loops].filter(([header, last]) => header <= offset && offset <= last).map(([, last]) => last);
  return ends.length === 0 ? undefined : Math.max(...ends);
}
