/** A jump to an unconditional jump goes to where that one goes. */
import { isExternal, type JumpTarget, type StencilInstruction } from '../instructions.ts';
import type { StencilPass } from './pass.ts';

export const threadJumps: StencilPass = (instructions) => {
  let changed = false;
  const threaded = instructions.map((i) => {
    if (i.kind === 'plain') return i;
    const target = finalTarget(instructions, i.target);
    if (target === i.target) return i;
    changed = true;
    return { ...i, target };
  });
  return changed ? threaded : instructions;
};

function finalTarget(instructions: readonly StencilInstruction[], start: JumpTarget): JumpTarget {
  const seen = new Set<JumpTarget>();
  let target = start;
  while (!isExternal(target) && !seen.has(target)) {
    seen.add(target);
    const next = instructions[target];
    if (next?.kind !== 'jump') break;
    target = next.target;
  }
  return target;
}
