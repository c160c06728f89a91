/**
 * Which values are live at block borders, and how far away the next instruction is that wants them in a register.
 *
 * A value that only exits mention is live, but at distance FAR: it may wait in a spill slot. Constants are live only for
 * operands, because exits and edges make them again.
 */
import type { ValueId } from '#ir/types.ts';
import { FIRST_FLOAT, successors, type MachineBlock, type MachineEdge, type MachineLoop, type Selected } from './machine.ts';
import type { MachineFn } from './select-stencils.ts';

/** Distance of values no instruction wants in a register. */
export const FAR = 1 << 29;
/** Added on the way out of a loop and into cold code. */
export const LEAVES_LOOP = 1000;
const ENTERS_COLD = 10_000;
/** An integer value wanted only after a call probably loses its register before. */
export const BEYOND_CALL = 100;

/** Distance by value, in instructions from the start or end of the block. */
export type LiveSet = Map<ValueId, number>;

export interface Pressure {
  integers: number;
  floats: number;
}

export interface Liveness {
  readonly liveIn: readonly LiveSet[];
  readonly liveOut: readonly LiveSet[];
  /** Values that are live across some call. */
  readonly crossesCall: Uint8Array;
  /** Most values alive at one moment, by innermost loop (loops inside included). */
  readonly pressure: ReadonlyMap<MachineLoop, Pressure>;
}

export const isFloatRegister = (register: number): boolean => register >= FIRST_FLOAT;

export function computeLiveRanges(fn: MachineFn): Liveness {
  const liveIn: LiveSet[] = fn.blocks.map(() => new Map());
  const liveOut: LiveSet[] = fn.blocks.map(() => new Map());
  // Blocks whose successors have changed; linear order is nearly topological, so one walk backwards does most of the work.
  const dirty = new Uint8Array(fn.blocks.length).fill(1);
  for (let left = fn.blocks.length; left > 0; ) {
    for (let b = fn.blocks.length - 1; b >= 0; b--) {
      if (!dirty[b]) continue;
      dirty[b] = 0;
      left--;
      const block = fn.blocks[b]!;
      const out = joinSuccessors(fn, block, liveIn);
      const live = scanBlock(fn, block, out);
      // Membership decides correctness; distances that still shrink are not worth another round.
      const hasGrown = live.size !== liveIn[b]!.size;
      liveOut[b] = out;
      liveIn[b] = live;
      if (!hasGrown) continue;
      for (const { block: before } of block.predecessors) {
        if (dirty[before.index]) continue;
        dirty[before.index] = 1;
        left++;
      }
    }
  }
  return { liveIn, liveOut, ...measurePressure(fn, liveOut) };
}

function joinSuccessors(fn: MachineFn, block: MachineBlock, liveIn: readonly LiveSet[]): LiveSet {
  const out: LiveSet = new Map();
  const add = (value: ValueId, distance: number): void => {
    const old = out.get(value);
    if (old === undefined || distance < old) out.set(value, distance);
  };
  for (const edge of successors(block.terminator)) {
    const live = liveIn[edge.to.index]!;
    const penalty = edgePenalty(block, edge);
    edge.to.params.forEach((param, i) => {
      const distance = live.get(param);
      const arg = edge.args[i]!;
      if (distance !== undefined && !fn.constants[arg]) add(arg, Math.min(FAR, distance + penalty));
    });
    const params = new Set(edge.to.params);
    for (const [value, distance] of live) if (!params.has(value)) add(value, Math.min(FAR, distance + penalty));
  }
  return out;
}

function edgePenalty(block: MachineBlock, edge: MachineEdge): number {
  if (edge.to.isCold && !block.isCold) return ENTERS_COLD;
  return (edge.to.loop?.depth ?? 0) < (block.loop?.depth ?? 0) ? LEAVES_LOOP : 0;
}

/** Parameters stay in the result: their distances are wanted by the edges. */
function scanBlock(fn: MachineFn, block: MachineBlock, out: LiveSet): LiveSet {
  const n = block.instructions.length;
  const live: LiveSet = new Map();
  for (const [value, distance] of out) live.set(value, Math.min(FAR, distance + n + 1));
  const t = block.terminator;
  if (t.kind === 'branch') for (const v of t.args) live.set(v, n);
  if (t.kind === 'exit') addExitValues(live, t.exit.values);
  for (let i = n - 1; i >= 0; i--) {
    const instruction = block.instructions[i]!;
    if (instruction.result !== undefined) live.delete(instruction.result);
    if (instruction.family.clobbers) pushBeyondCall(fn, live);
    if (instruction.exit) addExitValues(live, instruction.exit.values);
    for (const v of instruction.args) live.set(v, i);
  }
  return live;
}

function addExitValues(live: LiveSet, values: readonly ValueId[]): void {
  for (const v of values) if (!live.has(v)) live.set(v, FAR);
}

function pushBeyondCall(fn: MachineFn, live: LiveSet): void {
  for (const [value, distance] of live) {
    live.set(value, fn.types(value) === 'float' ? FAR : Math.min(FAR, distance + BEYOND_CALL));
  }
}

function measurePressure(fn: MachineFn, liveOut: readonly LiveSet[]): Pick<Liveness, 'crossesCall' | 'pressure'> {
  const crossesCall = new Uint8Array(fn.valueCount);
  const pressure = new Map<MachineLoop, Pressure>();
  for (const block of fn.blocks) {
    const most = blockPressure(fn, block, liveOut[block.index]!, crossesCall);
    if (block.isCold) continue;
    for (let loop = block.loop; loop; loop = loop.parent) {
      const old = pressure.get(loop) ?? { integers: 0, floats: 0 };
      pressure.set(loop, { integers: Math.max(old.integers, most.integers), floats: Math.max(old.floats, most.floats) });
    }
  }
  return { crossesCall, pressure };
}

function blockPressure(fn: MachineFn, block: MachineBlock, out: LiveSet, crossesCall: Uint8Array): Pressure {
  const live = new Set<ValueId>(out.keys());
  const now: Pressure = { integers: 0, floats: 0 };
  const count = (v: ValueId, by: number): void => {
    if (fn.types(v) === 'float') now.floats += by;
    else now.integers += by;
  };
  for (const v of live) count(v, 1);
  const most = { ...now };
  const use = (v: ValueId): void => {
    if (live.has(v)) return;
    live.add(v);
    count(v, 1);
  };
  const t = block.terminator;
  if (t.kind === 'branch') t.args.forEach(use);
  if (t.kind === 'exit') t.exit.values.forEach(use);
  for (let i = block.instructions.length - 1; i >= 0; i--) {
    const instruction: Selected = block.instructions[i]!;
    const result = instruction.result;
    most.integers = Math.max(most.integers, now.integers);
    most.floats = Math.max(most.floats, now.floats);
    if (result !== undefined && live.delete(result)) count(result, -1);
    if (instruction.family.clobbers) for (const v of live) crossesCall[v] = 1;
    instruction.exit?.values.forEach(use);
    instruction.args.forEach(use);
  }
  most.integers = Math.max(most.integers, now.integers);
  most.floats = Math.max(most.floats, now.floats);
  return most;
}
