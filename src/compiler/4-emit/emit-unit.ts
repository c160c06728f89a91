/** The emitter: a function in low-level form becomes the machine code and the exit records of a unit. */
import type { Fn } from '#ir/types.ts';
import type { Assumption, EncodedUnit } from '#protocol/unit.ts';
import { Bailout } from '#support/bailout.ts';
import { allocateRegisters } from './allocate-registers.ts';
import { assignSpillSlots } from './assign-spill-slots.ts';
import { computeLiveRanges } from './compute-live-ranges.ts';
import { architecturalReach, type BranchReach } from './branch-reach.ts';
import { emitCode, type ByteRange, type ListingLine } from './emit-code.ts';
import type { Emitter } from './emitter.ts';
import { ExitTable } from './exits.ts';
import { allLayoutSteps, type LayoutSteps } from './layout-steps.ts';
import { linearizeBlocks } from './linearize-blocks.ts';
import { resolveEdges } from './resolve-edges.ts';
import { selectStencils } from './select-stencils.ts';
import type { KeysOfDict } from './stencil-operands.ts';

/** What the offsets of AArch64 loads and stores reach, with room to spare. */
const MAX_SPILL_SLOTS = 4000;

export interface EmitOptions {
  /** Every value lives in its spill slot and is reloaded before each use. */
  readonly spillEverything: boolean;
  /** The guard with this number, counted from 1 in the order of the code, always leaves; 0: none. */
  readonly failGuard: number;
  readonly listing: boolean;
  /** Left out of the machine code, to measure what it is worth; everything is done by default. */
  readonly steps?: LayoutSteps | undefined;
  /** Instead of what the processor's instructions reach, to test with small units what large ones need. */
  readonly reach?: BranchReach | undefined;
  /** Called at the end of each step. */
  readonly finished?: ((step: string) => void) | undefined;
}

/** What the unit is for, and what it takes for granted. */
export interface UnitHeader {
  readonly request: number;
  readonly kind: 'entry' | 'osr';
  readonly offset: number;
  readonly assumptions: readonly Assumption[];
  /** Address of the keys that a dict of the object table had. */
  readonly keysOf: KeysOfDict;
}

export interface CompiledUnit extends EncodedUnit {
  readonly listing: readonly ListingLine[];
  /** Bytes of `code` before the literal pool. */
  readonly codeLength: number;
  /** Literals within the code. */
  readonly islands: readonly ByteRange[];
  /** Guards that `failGuard` can name. */
  readonly guardCount: number;
}

export function emitUnit(fn: Fn, emitter: Emitter, { keysOf, ...header }: UnitHeader, options: EmitOptions): CompiledUnit {
  const { finished } = options;
  const { table, common, memory } = emitter;
  memory.reset();
  const machine = selectStencils(fn, linearizeBlocks(fn), emitter, keysOf);
  finished?.('select-stencils');
  const liveness = computeLiveRanges(machine);
  finished?.('compute-live-ranges');
  const allocation = allocateRegisters(machine, liveness, { spillEverything: options.spillEverything, calleeSaved: table.calleeSaved });
  finished?.('allocate-registers');
  const slots = assignSpillSlots(machine, liveness, allocation.needsSlot, allocation.spilled);
  const edges = resolveEdges({ fn: machine, liveness, allocation, slots });
  if (slots.count > MAX_SPILL_SLOTS) throw new Bailout('unit-too-large', `${slots.count} spill slots`);
  finished?.('resolve-edges');
  // Once it is known how many the moves need.
  const linkSlot = table.savesLinkOnce ? slots.count : undefined;
  const exits = new ExitTable(machine, slots, allocation.exitRegisters);
  const code = emitCode({
    fn: machine, allocation, edges, slots, exits, table, common, linkSlot, failGuard: options.failGuard, wantsListing: options.listing,
    steps: options.steps ?? allLayoutSteps, reach: table.target.startsWith('aarch64') ? options.reach ?? architecturalReach : undefined,
  });
  finished?.('emit-code');
  return {
    request: header.request, kind: header.kind, offset: header.offset, assumptions: header.assumptions,
    code: code.code, codeLength: code.codeLength, islands: code.islands, relocations: code.relocations, listing: code.listing, guardCount: code.guardCount,
    spillCount: slots.count + (linkSlot === undefined ? 0 : 1),
    exits: exits.finish(), literals: exits.literals, reasons: exits.reasons,
  };
}
