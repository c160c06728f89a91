/**
 * Which values are live at block borders, and how far away the next instruction is that wants them in a register.
 *
 * A value that only exits mention is live, but at distance FAR: it may wait in a spill slot. Constants are live only for
 * operands, because exits and edges make them again.
 */
import type { ValueId } from '#ir/types.ts';
import { LiveSets } from './live-sets.ts';
import { NO_VALUE, successors, type ExitPoint, type MachineBlock, type MachineEdge, type MachineLoop } from './machine.ts';
import { measurePressure, type Pressure } from './measure-pressure.ts';
import type { MachineFn } from './select-stencils.ts';

/** Distance of values no instruction wants in a register. */
export const FAR = 1 << 29;
/** Added on the way out of a loop and into cold code. */
export const LEAVES_LOOP = 1000;
const ENTERS_COLD = 10_000;
/** An integer value wanted only after a call probably loses its register before. */
export const BEYOND_CALL = 100;

export interface Liveness {
  /** Distances in instructions from the start of the block. */
  readonly liveIn: LiveSets;
  /** Distances in instructions from the end of the block. */
  readonly liveOut: LiveSets;
  /** By value: 1 for a parameter that is live where its block begins. */
  readonly isLiveParameter: Uint8Array;
  /** Values that are live across some call. */
  readonly crossesCall: Uint8Array;
  /** Most values alive at one moment, by innermost loop (loops inside included). */
  readonly pressure: ReadonlyMap<MachineLoop, Pressure>;
}

export function computeLiveRanges(fn: MachineFn): Liveness {
  const ranges = new LiveRanges(fn);
  ranges.solve();
  const { liveIn, liveOut } = ranges;
  return { liveIn, liveOut, isLiveParameter: ranges.liveParameters(), ...measurePressure(fn, liveOut) };
}

class LiveRanges {
  readonly liveIn: LiveSets;
  readonly liveOut: LiveSets;
  /** What a block itself uses and does not define, as if nothing were live at its end. */
  readonly #used: LiveSets;
  readonly #fn: MachineFn;
  /** By block: its calls. */
  readonly #calls: Int32Array;
  /** By value: the block with the instruction that defines it. */
  readonly #definedIn: Int32Array;
  /** By value: the block it is a parameter of. */
  readonly #parameterOf: Int32Array;
  /** By value: the number of the set in the making that has it. */
  readonly #mark: Int32Array;
  /** By value that `mark` says is there: distance, or place in the set. */
  readonly #note: Int32Array;
  readonly #parameterMark: Int32Array;
  readonly #parameterDistance: Int32Array;
  #marks = 0;

  constructor(fn: MachineFn) {
    const { blocks, valueCount, memory } = fn;
    this.#fn = fn;
    this.liveIn = new LiveSets(blocks.length, memory);
    this.liveOut = new LiveSets(blocks.length, memory);
    this.#used = new LiveSets(blocks.length, memory);
    this.#calls = memory.int32(blocks.length);
    this.#definedIn = memory.int32(valueCount, NO_VALUE);
    this.#parameterOf = memory.int32(valueCount, NO_VALUE);
    this.#mark = memory.int32(valueCount);
    this.#note = memory.int32(valueCount);
    this.#parameterMark = memory.int32(valueCount);
    this.#parameterDistance = memory.int32(valueCount);
    for (const block of blocks) this.#summarize(block);
  }

  solve(): void {
    const { blocks, memory } = this.#fn;
    // Blocks whose successors have changed; linear order is nearly topological, so one walk backwards does most of the work.
    const dirty = memory.uint8(blocks.length, 1);
    for (let left = blocks.length; left > 0; ) {
      for (let b = blocks.length - 1; b >= 0; b--) {
        if (!dirty[b]) continue;
        dirty[b] = 0;
        left--;
        const block = blocks[b]!;
        const before = this.liveIn.size(b);
        this.#joinSuccessors(block);
        this.#passThrough(block);
        // Membership decides correctness; distances that still shrink are not worth another round.
        if (this.liveIn.size(b) === before) continue;
        for (const { block: predecessor } of block.predecessors) {
          if (dirty[predecessor.index]) continue;
          dirty[predecessor.index] = 1;
          left++;
        }
      }
    }
  }

  liveParameters(): Uint8Array {
    const isLive = this.#fn.memory.uint8(this.#fn.valueCount);
    const { values, starts, ends } = this.liveIn;
    for (let b = 0; b < this.#fn.blocks.length; b++) {
      for (let i = starts[b]!; i < ends[b]!; i++) if (this.#parameterOf[values[i]!] === b) isLive[values[i]!] = 1;
    }
    return isLive;
  }

  /** Backwards over the block. Of several uses the first one counts; a use by an instruction counts more than one by an exit. */
  #summarize({ index, instructions, params, terminator }: MachineBlock): void {
    for (const param of params) this.#parameterOf[param] = index;
    let calls = 0;
    for (const { result, family } of instructions) {
      if (result !== undefined) this.#definedIn[result] = index;
      if (family.clobbers) calls++;
    }
    this.#calls[index] = calls;
    this.#used.begin(index);
    this.#marks++;
    if (terminator.kind === 'branch') for (const v of terminator.args) this.#use(index, v, this.#beyondCalls(v, instructions.length, calls));
    if (terminator.kind === 'exit') this.#useAtExit(index, terminator.exit);
    for (let i = instructions.length - 1; i >= 0; i--) {
      const { args, exit, family } = instructions[i]!;
      if (family.clobbers) calls--;
      if (exit && !exit.isRepeated) this.#useAtExit(index, exit);
      for (const v of args) this.#use(index, v, this.#beyondCalls(v, i, calls));
    }
  }

  #useAtExit(block: number, { start, end }: ExitPoint): void {
    for (let i = start; i < end; i++) this.#use(block, this.#fn.exitValues[i]!, FAR);
  }

  #use(block: number, value: ValueId, distance: number): void {
    if (this.#definedIn[value] === block) return;
    if (this.#mark[value] !== this.#marks) {
      this.#mark[value] = this.#marks;
      this.#note[value] = this.#used.add(block, value, distance);
    } else if (distance < FAR) {
      this.#used.distances[this.#note[value]!] = distance;
    }
  }

  #beyondCalls(value: ValueId, distance: number, calls: number): number {
    if (calls === 0) return Math.min(FAR, distance);
    return this.#fn.isFloat[value] ? FAR : Math.min(FAR, distance + calls * BEYOND_CALL);
  }

  #joinSuccessors(block: MachineBlock): void {
    this.liveOut.begin(block.index);
    const mark = ++this.#marks;
    for (const edge of successors(block.terminator)) this.#joinEdge(block.index, edge, edgePenalty(block, edge), mark);
  }

  #joinEdge(block: number, { to, args }: MachineEdge, penalty: number, mark: number): void {
    const { values, distances, starts, ends } = this.liveIn;
    const start = starts[to.index]!, end = ends[to.index]!;
    const edgeMark = ++this.#marks;
    for (let i = start; i < end && to.params.length > 0; i++) {
      const value = values[i]!;
      if (this.#parameterOf[value] !== to.index) continue;
      this.#parameterMark[value] = edgeMark;
      this.#parameterDistance[value] = distances[i]!;
    }
    for (let i = 0; i < to.params.length; i++) {
      const param = to.params[i]!, arg = args[i]!;
      if (this.#parameterMark[param] !== edgeMark || this.#fn.constants[arg]) continue;
      this.#liveAtEnd(block, arg, this.#parameterDistance[param]! + penalty, mark);
    }
    for (let i = start; i < end; i++) {
      const value = values[i]! as ValueId;
      if (this.#parameterOf[value] !== to.index) this.#liveAtEnd(block, value, distances[i]! + penalty, mark);
    }
  }

  #liveAtEnd(block: number, value: ValueId, distance: number, mark: number): void {
    const shortened = Math.min(FAR, distance);
    if (this.#mark[value] !== mark) {
      this.#mark[value] = mark;
      this.#note[value] = this.liveOut.add(block, value, shortened);
    } else if (shortened < this.liveOut.distances[this.#note[value]!]!) {
      this.liveOut.distances[this.#note[value]!] = shortened;
    }
  }

  /** From the end of the block to its start. Parameters stay in the result: their distances are wanted by the edges. */
  #passThrough({ index, instructions }: MachineBlock): void {
    const { values, distances, starts, ends } = this.liveOut;
    const used = this.#used;
    const isUsed = ++this.#marks, isMet = ++this.#marks;
    for (let i = used.starts[index]!; i < used.ends[index]!; i++) {
      this.#mark[used.values[i]!] = isUsed;
      this.#note[used.values[i]!] = used.distances[i]!;
    }
    this.liveIn.begin(index);
    for (let i = starts[index]!; i < ends[index]!; i++) {
      const value = values[i]! as ValueId;
      if (this.#definedIn[value] === index) continue;
      let distance = FAR;
      if (this.#mark[value] === isUsed) {
        this.#mark[value] = isMet;
        distance = this.#note[value]!;
      }
      if (distance === FAR) distance = this.#beyondCalls(value, distances[i]! + instructions.length + 1, this.#calls[index]!);
      this.liveIn.add(index, value, distance);
    }
    for (let i = used.starts[index]!; i < used.ends[index]!; i++) {
      const value = used.values[i]! as ValueId;
      if (this.#mark[value] === isUsed) this.liveIn.add(index, value, used.distances[i]!);
    }
  }
}

function edgePenalty(block: MachineBlock, edge: MachineEdge): number {
  if (edge.to.isCold && !block.isCold) return ENTERS_COLD;
  return (edge.to.loop?.depth ?? 0) < (block.loop?.depth ?? 0) ? LEAVES_LOOP : 0;
}
