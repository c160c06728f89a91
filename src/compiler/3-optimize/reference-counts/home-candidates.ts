/** Which values can ever be in the home of a local: for all others, whoever tracks homes has nothing to do. */
import type { Block, Fn, Instruction, ValueId } from '#ir/types.ts';
import { edgesOf } from '#ir/visit.ts';

export const UNBOXING: ReadonlySet<string> = new Set(['unbox.int', 'unbox.float', 'unbox.bool', 'unbox.float_known']);
const BOXING: ReadonlySet<string> = new Set(['box.int', 'box.float', 'box.bool']);
const HOME_OPS: ReadonlySet<string> = new Set(['home.load', 'home.store', 'home.clear', 'home.append']);

export interface HomeCandidates {
  /** The number in each box. */
  readonly boxed: ReadonlyMap<ValueId, ValueId>;
  /** By value: 0 when it is in no home at any point. */
  readonly mayBeHeld: Uint8Array;
  /** The instructions of a block that can change what homes hold. */
  stepsOf(block: Block): readonly Instruction[];
}

export function findBoxes(fn: Fn): ReadonlyMap<ValueId, ValueId> {
  const boxed = new Map<ValueId, ValueId>();
  for (const block of fn.blocks.values()) {
    for (const { op, args, result } of block.instructions) {
      if (result !== undefined && BOXING.has(op)) boxed.set(result, args[0]!);
    }
  }
  return boxed;
}

export function findHomeCandidates(fn: Fn): HomeCandidates {
  const boxed = findBoxes(fn);
  const mayBeHeld = new Uint8Array(fn.nextValue);
  for (const block of fn.blocks.values()) {
    for (const { op, args, result } of block.instructions) {
      if (op === 'home.load' || UNBOXING.has(op)) mayBeHeld[result!] = 1;
      else if (op === 'home.store') {
        mayBeHeld[args[0]!] = 1;
        const number = boxed.get(args[0]!);
        if (number !== undefined) mayBeHeld[number] = 1;
      }
    }
  }
  while (markParams(fn, mayBeHeld));
  const steps = new Map<Block, Instruction[]>();
  const matters = ({ op, result }: Instruction): boolean => HOME_OPS.has(op) || (result !== undefined && mayBeHeld[result] !== 0);
  return {
    boxed, mayBeHeld,
    stepsOf: (block) => {
      let known = steps.get(block);
      if (known === undefined) steps.set(block, known = block.instructions.filter(matters));
      return known;
    },
  };
}

/** A parameter is in a home when what it is given is; true when that was news. */
function markParams(fn: Fn, mayBeHeld: Uint8Array): boolean {
  let marked = false;
  for (const block of fn.blocks.values()) {
    for (const edge of edgesOf(block.terminator)) {
      const { params } = fn.blocks.get(edge.block)!;
      for (let n = 0; n < params.length; n++) {
        if (mayBeHeld[params[n]!] !== 0 || mayBeHeld[edge.args[n]!] === 0) continue;
        mayBeHeld[params[n]!] = 1;
        marked = true;
      }
    }
  }
  return marked;
}
