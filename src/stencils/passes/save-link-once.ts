/**
 * AArch64: a unit saves the link register where it begins, so stencils need not save it around their calls.
 *
 *     str x30, [sp, #-16]!
 *     bl  f                       bl f
 *     ldr x30, [sp], #16
 */
import { removeInstructions, type StencilPass } from './pass.ts';

const PUSH_LINK = 0xf81f0ffe, POP_LINK = 0xf84107fe;

/** A stencil that puts something else on the stack, too, is left alone: its pushes go with pops of its own. */
export const saveLinkOnce: StencilPass = (instructions) => {
  const removed = new Set<number>();
  for (const [index, instruction] of instructions.entries()) {
    if (instruction.kind !== 'plain') continue;
    const word = new DataView(instruction.bytes.buffer, instruction.bytes.byteOffset).getUint32(0, true);
    if (word === PUSH_LINK || word === POP_LINK) removed.add(index);
    else if (movesStack(word)) return instructions;
  }
  return removeInstructions(instructions, removed);
};

const SP = 31;

/** Whether the stack pointer is the base of an access, or written. */
const movesStack = (word: number): boolean => {
  const isMemory = (word & 0x0a000000) === 0x08000000, isImmediate = (word & 0x1f800000) === 0x11000000;
  return (isMemory && ((word >>> 5) & 31) === SP) || (isImmediate && (word & 0x20000000) === 0 && (word & 31) === SP);
};
