/** Compiles a corpus with each step of the AArch64 code generator off, then on, and measures what comes out. */
import { inflateRawSync } from 'node:zlib';
import { parse } from '#ir/parse.ts';
import type { CompileRequest } from '#protocol/request.ts';
import { registerTuples, templateFiles } from '#stencils/families.ts';
import type { Stencil, StencilTable } from '#stencils/table.ts';
import { HEADER_BYTES } from '#stencils/table-format.ts';
import { writeTable } from '#stencils/write-table.ts';
import { defined } from '#support/invariant.ts';
import { allSteps, noSteps, stencilWithSteps, tableWithSteps, type CodeSteps } from '../4-emit/code-steps.ts';
import { Emitter } from '../4-emit/emitter.ts';
import { emitUnit, type CompiledUnit } from '../4-emit/emit-unit.ts';
import { linkUnits, trampoline, type LinkedArena } from '../4-emit/link-units.ts';
import { emitFn } from '../pipeline.ts';
import { compileRequest, header, NEAR, type Program } from './corpus-programs.ts';
import { ARENA_BASE, countInstructions, stubAddress, type StubRegion } from './count-instructions.ts';
import { kernels } from './kernels.ts';
import { measureFurther, type FurtherMeasurement } from './measure-further.ts';

export interface AblationInput {
  readonly table: StencilTable;
  /** Recorded requests of programs, compiled beside the kernels. */
  readonly requests: readonly CompileRequest[];
  /** Undefined: instructions are not counted. */
  readonly qemu: string | undefined;
  readonly progress: (what: string) => void;
}

export interface AblationRow {
  /** What is off. */
  readonly without: 'nothing' | 'everything' | keyof CodeSteps;
  /** Where the interpreter is: within reach of `bl`, or not. */
  readonly arena: 'near' | 'far';
  readonly tableBytes: number;
  readonly patchKinds: number;
  readonly patches: number;
  readonly calls: number;
  readonly indirectCalls: number;
  readonly trampolineBytes: number;
  readonly codeBytes: number;
  readonly literalBytes: number;
  /** Bytes between units and trampolines. */
  readonly padding: number;
  /** Of the kernels; undefined: there was no emulator. */
  readonly instructions: number | undefined;
}

/** The interpreter's functions: 64 MiB above the arena, or 4 GiB. */
const distances = { near: NEAR, far: 2 ** 32 } as const;

export interface Ablation {
  readonly rows: readonly AblationRow[];
  readonly further: FurtherMeasurement;
}

export function measureAblation(input: AblationInput): Ablation {
  const configurations: readonly (readonly [AblationRow['without'], CodeSteps])[] = [
    ['everything', noSteps],
    ...(Object.keys(allSteps) as (keyof CodeSteps)[]).map((step) => [step, { ...allSteps, [step]: false }] as const),
    ['nothing', allSteps],
  ];
  input.progress('compiling the corpus');
  const programs = input.requests.flatMap(compileRequest);
  const compiled = new Map<string, Corpus>();
  const rows = (['near', 'far'] as const).flatMap((arena) => configurations.map(([without, steps]) => {
    const key = `${String(steps.trampolines)} ${String(steps.noTrailingJump)}`;
    let corpus = compiled.get(key);
    if (!corpus) {
      input.progress(`emitting the corpus without ${without}`);
      compiled.set(key, (corpus = emitCorpus(input.table, programs, steps)));
    }
    input.progress(`running the kernels, ${arena} arena, without ${without}`);
    return measureRow(input, corpus, steps, without, arena);
  }));
  return { rows, further: measureFurther({ ...input, programs }) };
}

interface Corpus {
  readonly kernels: readonly CompiledUnit[];
  readonly units: readonly CompiledUnit[];
  readonly symbols: readonly string[];
  readonly tableBytes: number;
}

function emitCorpus(table: StencilTable, programs: readonly Program[], steps: CodeSteps): Corpus {
  const emitter = new Emitter(tableWithSteps(table, steps));
  const fromKernels = [...kernels.values()].map((text) => emitUnit(parse(text), emitter, header, emitOptions));
  const units = [...fromKernels, ...programs.map(({ request, fn }) => emitFn(fn, request, emitter, emitOptions))];
  const symbols = new Set(units.flatMap(({ relocations }) => relocations.flatMap((r) => ('symbol' in r ? [r.symbol] : []))));
  return { kernels: fromKernels, units, symbols: [...symbols].sort(), tableBytes: sizeOfTable(table, steps) };
}

const emitOptions = { spillEverything: false, failGuard: 0, listing: true } as const;

/** Bytes of the table before it is deflated, which versions of Node do differently. */
function sizeOfTable(table: StencilTable, steps: CodeSteps): number {
  const families = templateFiles({ machine: 'aarch64' }).flatMap((template) => template.families).map((spec) => {
    const family = defined(table.family(spec.name), spec.name);
    return { spec, variants: registerTuples(spec).map((tuple) => stencilWithSteps(family.variant(tuple), steps)) };
  });
  const { target, layout, calleeSaved } = table;
  const file = writeTable({ target, layout, calleeSaved, families, sourceDigest: '' });
  return inflateRawSync(file.subarray(HEADER_BYTES)).length;
}

function measureRow(input: AblationInput, corpus: Corpus, steps: CodeSteps, without: AblationRow['without'], arena: AblationRow['arena']): AblationRow {
  const stubs: StubRegion = { base: ARENA_BASE + distances[arena], symbols: corpus.symbols };
  const link = (units: readonly CompiledUnit[]): LinkedArena => linkUnits(units, ARENA_BASE, (symbol) => stubAddress(stubs, symbol), ARENA_BASE, steps);
  const linked = link(corpus.units);
  const placed = corpus.units.flatMap(stencilsOf);
  const filled = corpus.units.flatMap(({ relocations }) => relocations.filter(({ kind }) => kind === 'object' || kind === 'symbol'));
  const kinds = new Set([...placed.flatMap(({ holes }) => holes.map(({ kind }) => String(kind))), ...(filled.length > 0 ? ['address64'] : [])]);
  if (linked.trampolineBytes > 0) for (const kind of steps.literalTrampolines ? ['address64'] : movwKinds) kinds.add(kind);
  const calls = placed.reduce((total, { holes }) => total + holes.filter(({ symbol }) => /^(CALL|FN_)/.test(symbol)).length, 0);
  const sum = (of: (unit: CompiledUnit) => number): number => corpus.units.reduce((total, unit) => total + of(unit), 0);
  const codeBytes = sum((unit) => unit.codeLength);
  return {
    without, arena,
    tableBytes: corpus.tableBytes + (steps.trampolines ? trampoline(0n, steps.literalTrampolines).bytes.length : 0),
    patchKinds: kinds.size,
    patches: placed.reduce((total, { holes }) => total + holes.length, 0) + filled.length + linked.trampolinePatches,
    calls, indirectCalls: steps.trampolines ? linked.indirectCalls : calls,
    trampolineBytes: linked.trampolineBytes, codeBytes, literalBytes: sum((unit) => unit.code.length) - codeBytes, padding: linked.padding,
    instructions: input.qemu === undefined ? undefined : count(input.qemu, link(corpus.kernels), stubs),
  };
}

const movwKinds = ['aarch64.movw_g0', 'aarch64.movw_g1', 'aarch64.movw_g2', 'aarch64.movw_g3'];

const stencilsOf = ({ listing }: CompiledUnit): Stencil[] =>
  listing.flatMap(({ placement }) => (placement === undefined ? [] : [placement.family.variant(placement.registers)]));

const count = (qemu: string, { bytes, starts }: LinkedArena, stubs: StubRegion): number =>
  countInstructions(qemu, bytes, starts.map((start) => ARENA_BASE + start), stubs);
