import type { JumpTarget, Processor, StencilInstruction } from '../instructions.ts';

/** Returns its argument when there is nothing to do. */
export type StencilPass = (instructions: readonly StencilInstruction[], processor: Processor) => readonly StencilInstruction[];

/** The list without some instructions; a jump to a removed one goes to the next that is kept. */
export function removeInstructions(
  instructions: readonly StencilInstruction[], removed: ReadonlySet<number>,
): readonly StencilInstruction[] {
  if (removed.size === 0) return instructions;
  const newIndex: number[] = [];
  let kept = 0;
  for (let i = 0; i <= instructions.length; i++) {
    newIndex.push(kept);
    if (!removed.has(i)) kept++;
  }
  const move = (target: JumpTarget): JumpTarget => (typeof target === 'number' ? newIndex[target] ?? target : target);
  return instructions
    .filter((_, i) => !removed.has(i))
    .map((i) => (i.kind === 'plain' ? i : { ...i, target: move(i.target) }));
}
