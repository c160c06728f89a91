/** `branch c → L; jump X; L:` becomes `branch not c → X; L:`. */
import type { StencilInstruction } from '../instructions.ts';
import { removeInstructions, type StencilPass } from './pass.ts';

export const invertOverJump: StencilPass = (instructions, processor) => {
  const targets = new Set(instructions.map((i) => (i.kind === 'plain' ? undefined : i.target)));
  const result: StencilInstruction[] = [...instructions];
  const removed = new Set<number>();
  for (let i = 0; i + 1 < instructions.length; i++) {
    const branch = instructions[i], jump = instructions[i + 1];
    if (branch?.kind !== 'branch' || jump?.kind !== 'jump') continue;
    if (branch.target !== i + 2 || targets.has(i + 1)) continue;
    result[i] = { kind: 'branch', condition: processor.invert(branch.condition), target: jump.target };
    removed.add(i + 1);
  }
  return removed.size === 0 ? instructions : removeInstructions(result, removed);
};
