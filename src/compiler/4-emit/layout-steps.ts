/** What the emitter does beyond putting stencils one after the other; each can be left out, to measure what it is worth. */
export interface LayoutSteps {
  /** `paired-accesses.ts` */
  readonly pairs: boolean;
  /** `rotate-loops.ts` */
  readonly rotatedLoops: boolean;
  /** Equal literals share a slot. */
  readonly sharedLiterals: boolean;
}

export const allLayoutSteps: LayoutSteps = { pairs: true, rotatedLoops: true, sharedLiterals: true };
