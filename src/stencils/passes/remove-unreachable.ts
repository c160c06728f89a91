/** Removes instructions no path reaches. */
import { fallsThrough, type StencilInstruction } from '../instructions.ts';
import { removeInstructions, type StencilPass } from './pass.ts';

export const removeUnreachable: StencilPass = (instructions) => {
  const reached = reachable(instructions);
  const removed = new Set(instructions.keys());
  for (const i of reached) removed.delete(i);
  return removeInstructions(instructions, removed);
};

function reachable(instructions: readonly StencilInstruction[]): Set<number> {
  const reached = new Set<number>();
  const work = [0];
  for (let at = work.pop(); at !== undefined; at = work.pop()) {
    const instruction = instructions[at];
    if (instruction === undefined || reached.has(at)) continue;
    reached.add(at);
    if (instruction.kind !== 'plain' && typeof instruction.target === 'number') work.push(instruction.target);
    if (fallsThrough(instruction)) work.push(at + 1);
  }
  return reached;
}
