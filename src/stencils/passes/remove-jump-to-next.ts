/** Removes jumps to the instruction that follows, the final jump to the next stencil among them. */
import { removeInstructions, type StencilPass } from './pass.ts';

export const removeJumpToNext: StencilPass = (instructions) => {
  const removed = new Set<number>();
  instructions.forEach((i, index) => {
    if (i.kind !== 'plain' && i.target === index + 1) removed.add(index);
  });
  return removeInstructions(instructions, removed);
};
