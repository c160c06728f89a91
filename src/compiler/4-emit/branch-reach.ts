/**
 * How far the instructions of a processor reach, and where an island is due: a place between stencils for what has to be
 * near the code that refers to it.
 *
 *         b.ne exit 5   ; too far from the end of the unit
 *         …
 *         b after       ; the island
 *     exit 5: movz w8, #5; b common
 *     block9: b block9  ; far away, for a conditional branch that does not reach it
 *         .quad …       ; literals
 *     after:
 */
import type { HoleKind } from '#stencils/table.ts';

/** In bytes, backwards; forwards it is one instruction less. */
export interface BranchReach {
  /** b.cond, cbz, cbnz. */
  readonly conditional: number;
  /** ldr of a literal, adr. */
  readonly literal: number;
}

const MiB = 2 ** 20;
export const architecturalReach: BranchReach = { conditional: MiB, literal: MiB };

/**
 * Infinity: anywhere in the unit, whose size is limited. What tbz reaches, 32 KiB, is of no concern: where one leaves a
 * stencil, it goes over a jump (src/stencils/aarch64.ts).
 */
export function reachOf(kind: HoleKind, reach: BranchReach): number {
  switch (kind) {
    case 'aarch64.branch19': return reach.conditional;
    case 'aarch64.literal19':
    case 'aarch64.adr21': return reach.literal;
    default: return Infinity;
  }
}

/**
 * What an island has to hold, at most, for each byte of code before it: an instruction of 4 bytes may refer to a stub of 8,
 * or to a literal of 8.
 */
const BYTES_OWED_PER_BYTE = 2;

/** The longest stencil, and what an island begins and ends with. */
const SLACK = 1024;

/**
 * When to look again, from what is known here: the first place that may come to be out of reach of its target is `deadline`,
 * and `owed` bytes go before it. The position itself when an island is due now.
 */
export function nextLook(position: number, deadline: number, owed: number, slack = SLACK): number {
  const room = deadline - position - owed - slack;
  return position + Math.max(0, Math.floor(room / (1 + BYTES_OWED_PER_BYTE)));
}
