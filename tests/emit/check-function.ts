/** Compares machine code with the IR interpreter: as it is, with everything spilled, and with each guard failed in turn. */
import assert from 'node:assert/strict';
import { Emitter } from '#compiler/4-emit/emitter.ts';
import { emitUnit, type CompiledUnit, type EmitOptions } from '#compiler/4-emit/emit-unit.ts';
import { instructionWith } from '#ir/builder.ts';
import { interpret, type Outcome } from '#ir/interpret.ts';
import { parse } from '#ir/parse.ts';
import { valueId, type Fn } from '#ir/types.ts';
import { loadStencilTable } from '#stencils/read-table.ts';
import type { StencilTable } from '#stencils/table.ts';
import type { Arch } from '#protocol/request.ts';
import { tablesFolder } from '../stencils/host.ts';
import { exitRecords, type NativeOutcome, type NativeRunner } from './run-units.ts';

const header = { request: 1, kind: 'entry', offset: 0, assumptions: [], keysOf: () => ({ keys: 0n, entries: 0 }) } as const;
const normal: EmitOptions = { spillEverything: false, failGuard: 0, listing: false };

export function stencilTable(arch: Arch): StencilTable {
  return loadStencilTable(tablesFolder, `${arch}-linux`, 311);
}

export const emit = (text: string, table: StencilTable, options: Partial<EmitOptions> = {}): CompiledUnit =>
  emitUnit(parse(text), new Emitter(table), header, { ...normal, ...options });

interface Case {
  readonly name: string;
  readonly text: string;
  readonly unit: CompiledUnit;
  readonly failGuard: number;
}

/** Runs many functions in one process of the host. */
export function checkFunctions(texts: ReadonlyMap<string, string>, table: StencilTable, runner: NativeRunner, failGuards: boolean, options: Partial<EmitOptions> = {}): void {
  const cases: Case[] = [];
  for (const [name, text] of texts) {
    for (const spillEverything of [false, true]) {
      const unit = emit(text, table, { ...options, spillEverything });
      cases.push({ name: `${name}, spill everything: ${spillEverything}`, text, unit, failGuard: 0 });
      for (let failGuard = 1; failGuards && failGuard <= unit.guardCount; failGuard++) {
        cases.push({ name: `${name}, spill everything: ${spillEverything}, guard ${failGuard}`, text, failGuard, unit: emit(text, table, { ...options, spillEverything, failGuard }) });
      }
    }
  }
  const outcomes = runner.run(cases.map((c) => c.unit));
  cases.forEach((c, i) => checkOutcome(c, outcomes[i]!));
}

function checkOutcome({ name, text, unit, failGuard }: Case, got: NativeOutcome): void {
  const offset = got.exit.frames.at(-1)!.offset;
  // Each guard has an offset and so an exit of its own, numbered in the order of the code.
  const failing = exitRecords(unit).filter((e) => e.kind === 'deopt')[failGuard - 1]?.offset;
  // It leaves with the state that the interpreter has when it first gets there.
  const want = interpret(failing === offset ? leavingAt(parse(text), offset) : parse(text));
  assert.deepEqual(describe(got.locals, got.stack, got.reason), describe(want.locals, want.stack, reasonOf(want, got)), name);
}

const describe = (locals: readonly string[], stack: readonly string[], reason: string): object => ({ locals, stack, reason });

/** The guard put in by `leavingAt` is not the one of the function. */
const reasonOf = (want: Outcome, got: NativeOutcome): string => (want.reason === 'guard.true' ? got.reason : want.reason);

function leavingAt(fn: Fn, offset: number): Fn {
  for (const block of fn.blocks.values()) {
    const at = block.instructions.findIndex((i) => i.frameState?.offset === offset);
    if (at < 0) continue;
    const never = valueId(fn.nextValue++);
    fn.types.set(never, 'bool');
    block.instructions.splice(at, 0,
      instructionWith('const.bool', [], never, { immediates: [0] }),
      instructionWith('guard.true', [never], undefined, { frameState: block.instructions[at]!.frameState }));
  }
  return fn;
}
