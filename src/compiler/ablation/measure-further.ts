/** What each step beyond CPython's five is worth, over the same corpus; and what addresses without literals would be. */
import { parse } from '#ir/parse.ts';
import type { StencilTable } from '#stencils/table.ts';
import { allFurtherSteps, allSteps, tableWithFurtherSteps, type FurtherSteps } from '../4-emit/code-steps.ts';
import { Emitter } from '../4-emit/emitter.ts';
import { emitUnit, type CompiledUnit } from '../4-emit/emit-unit.ts';
import { linkUnits } from '../4-emit/link-units.ts';
import { emitFn } from '../pipeline.ts';
import { ARENA_BASE, countInstructions, stubAddress, type StubRegion } from './count-instructions.ts';
import { kernels } from './kernels.ts';
import { header, NEAR, type Program } from './corpus-programs.ts';

export interface FurtherRow {
  readonly without: 'nothing' | 'everything' | keyof FurtherSteps;
  readonly codeBytes: number;
  readonly literalBytes: number;
  /** Of the kernels; undefined: there was no emulator. */
  readonly instructions: number | undefined;
}

/** Literals that are addresses of objects and C symbols. */
export interface AddressUse {
  /** Slots, and how many of them are read at one place only. */
  readonly slots: number;
  readonly usedOnce: number;
  readonly uses: number;
}

export interface FurtherMeasurement {
  readonly rows: readonly FurtherRow[];
  readonly addresses: AddressUse;
}

export interface FurtherInput {
  readonly table: StencilTable;
  readonly programs: readonly Program[];
  readonly qemu: string | undefined;
  readonly progress: (what: string) => void;
}

export function measureFurther(input: FurtherInput): FurtherMeasurement {
  const names = Object.keys(allFurtherSteps) as (keyof FurtherSteps)[];
  const none = Object.fromEntries(names.map((name) => [name, false])) as unknown as FurtherSteps;
  const configurations: readonly (readonly [FurtherRow['without'], FurtherSteps])[] = [
    ['everything', none], ...names.map((name) => [name, { ...allFurtherSteps, [name]: false }] as const), ['nothing', allFurtherSteps],
  ];
  let last: readonly CompiledUnit[] = [];
  const rows = configurations.map(([without, steps]): FurtherRow => {
    input.progress(`emitting and running the corpus without ${without}`);
    const units = emitCorpus(input, steps);
    last = units;
    const sum = (of: (unit: CompiledUnit) => number): number => units.reduce((total, unit) => total + of(unit), 0);
    const codeBytes = sum((unit) => unit.codeLength);
    return { without, codeBytes, literalBytes: sum((unit) => unit.code.length) - codeBytes, instructions: input.qemu === undefined ? undefined : count(input.qemu, units) };
  });
  return { rows, addresses: addressUse(last) };
}

/** The kernels come first. */
function emitCorpus({ table, programs }: FurtherInput, steps: FurtherSteps): CompiledUnit[] {
  const emitter = new Emitter(tableWithFurtherSteps(table, steps));
  const options = { spillEverything: false, failGuard: 0, listing: true, steps } as const;
  return [
    ...[...kernels.values()].map((text) => emitUnit(parse(text), emitter, header, options)),
    ...programs.map(({ request, fn }) => emitFn(fn, request, emitter, options)),
  ];
}

function count(qemu: string, units: readonly CompiledUnit[]): number {
  const own = units.slice(0, kernels.size);
  const symbols = new Set(own.flatMap(({ relocations }) => relocations.flatMap((r) => ('symbol' in r ? [r.symbol] : []))));
  const stubs: StubRegion = { base: ARENA_BASE + NEAR, symbols: [...symbols].sort() };
  const { bytes, starts } = linkUnits(own, ARENA_BASE, (symbol) => stubAddress(stubs, symbol), ARENA_BASE, allSteps);
  return countInstructions(qemu, bytes, starts.map((start) => ARENA_BASE + start), stubs);
}

function addressUse(units: readonly CompiledUnit[]): AddressUse {
  const counts = units.flatMap((unit) => [...usesByAddress(unit).values()]);
  return { slots: counts.length, usedOnce: counts.filter((uses) => uses === 1).length, uses: counts.reduce((sum, uses) => sum + uses, 0) };
}

function usesByAddress({ listing }: CompiledUnit): Map<string, number> {
  const uses = new Map<string, number>();
  for (const { placement } of listing) {
    if (placement === undefined) continue;
    for (const { symbol } of placement.family.variant(placement.registers).holes) {
      const literal = symbol.startsWith('LIT') ? placement.operands.literals[Number(symbol.at(-1))] : undefined;
      const key = literal?.kind === 'object' ? `object ${literal.index}` : literal?.kind === 'symbol' ? literal.name : /^(TYPE|OBJ)_/.test(symbol) ? symbol : undefined;
      if (key !== undefined) uses.set(key, (uses.get(key) ?? 0) + 1);
    }
  }
  return uses;
}
