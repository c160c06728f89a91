/** Compiles the C templates of one target and layout, in every choice of registers. Build time only. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defined, invariant } from '#support/invariant.ts';
import type { ObjectFile, ObjectFunction } from './object-file.ts';
import { readObject } from './read-object.ts';
import { cName, registerTuples, type FamilySpec, type TemplateFile } from './families.ts';
import type { StencilPass } from './passes/pass.ts';
import { saveLinkOnce } from './passes/save-link-once.ts';
import { processors, stencilFromFunction } from './stencil-from-function.ts';
import type { Stencil } from './table.ts';
import type { StencilTarget } from './targets.ts';

export interface Toolchain {
  readonly clang: string;
  /** Folder of the C templates. */
  readonly templates: string;
  /** Folder of layout.h. */
  readonly agent: string;
}

export interface CompiledFamily {
  readonly spec: FamilySpec;
  /** In the order of registerTuples. */
  readonly variants: readonly Stencil[];
}

const commonFlags = [
  '-c', '-x', 'c', '-', '-std=c23', '-O2', '-ffreestanding', '-fno-pic', '-fno-stack-protector', '-fno-asynchronous-unwind-tables',
  '-fno-unwind-tables', '-fomit-frame-pointer', '-fno-math-errno', '-ffp-contract=off', '-fno-jump-tables', '-fno-strict-aliasing',
  '-fno-ident', '-Wall', '-Werror', '-Wno-unused-function', '-Wno-uninitialized',
];

export const machineFlags: Readonly<Record<keyof typeof processors, readonly string[]>> = {
  x86_64: ['-march=x86-64', '-mcmodel=small', '-mno-red-zone', '-fcf-protection=none', '-mno-mmx'],
  // The tiny code model makes a 64-bit constant one `ldr` from a literal within ±1 MiB.
  aarch64: ['-march=armv8-a', '-mcmodel=tiny', '-mno-outline-atomics', '-mbranch-protection=none'],
};

export const targetFlags = ({ machine, llp64, native }: StencilTarget): readonly string[] => [
  ...(native === 'coff' ? windowsFlags(machine, native) : [`--target=${machine}-linux-gnu`]),
  ...machineFlags[machine], ...(llp64 === true ? ['-DARMATURE_LLP64'] : []),
];

/** The conventions and structures of Windows, in an object file of either format. */
export const windowsFlags = (machine: StencilTarget['machine'], format: 'coff' | 'elf'): readonly string[] =>
  [`--target=${machine}-pc-windows-msvc${format === 'elf' ? '-elf' : ''}`, '-fno-ms-compatibility'];

/** What is done for the target beside what is done for all. */
export const passesOf = (target: StencilTarget): readonly StencilPass[] => (target.savesLinkOnce === true ? [saveLinkOnce] : []);

export function compileTemplateFile(toolchain: Toolchain, target: StencilTarget, layout: 311 | 314, template: TemplateFile): CompiledFamily[] {
  const { machine } = target;
  const instances = template.families.flatMap((spec) => registerTuples(spec).map((tuple) => ({ spec, tuple })));
  const file = compileInstances(toolchain, targetFlags(target), layout, template.file, instances);
  invariant(file.machine === machine, 'object file of another machine');
  const stencils = file.functions.map((fn) => stencilFromFunction(fn, processors[machine], file.format, passesOf(target)));
  let next = 0;
  return template.families.map((spec) => {
    const first = next;
    next += registerTuples(spec).length;
    return { spec, variants: stencils.slice(first, next) };
  });
}

export interface Instance {
  readonly spec: FamilySpec;
  readonly tuple: readonly number[];
}

/** The functions are in the order of the instances. */
export function compileInstances(
  toolchain: Toolchain, flags: readonly string[], layout: 311 | 314, template: string, instances: readonly Instance[],
): ObjectFile {
  const lines = [`#include "${template}"`, ...instances.filter(({ spec }) => spec.form !== 'single').map(({ spec, tuple }) => instantiation(spec, tuple))];
  const file = readObject(runClang(toolchain, [...flags, `-DARMATURE_LAYOUT=${layout}`], `${lines.join('\n')}\n`));
  const byName = new Map(file.functions.map((fn) => [fn.name, fn]));
  const functions = instances.map(({ spec, tuple }): ObjectFunction => {
    const name = functionName(spec, tuple);
    return defined(byName.get(name), `function ${name} in ${template}`);
  });
  return { ...file, functions };
}

const functionName = (spec: FamilySpec, tuple: readonly number[]): string =>
  spec.form === 'single' ? cName(spec.name) : `${cName(spec.name)}__${tuple.join('')}`;

function instantiation(spec: FamilySpec, tuple: readonly number[]): string {
  const registers = tuple.map((r, i) => `${defined(spec.operands[i], 'bank')}${r}`);
  const result = spec.result === undefined ? undefined : registers.pop();
  const kind = spec.form === 'exchange' ? `EXCHANGE_${defined(spec.operands[0], 'bank').toUpperCase()}` : (spec.result ?? 'v').toUpperCase();
  const operands = [cName(spec.name), tuple.join(''), ...(result === undefined ? [] : [result]), ...registers];
  return `VARIANT_${kind}(${operands.join(', ')})`;
}

function runClang(toolchain: Toolchain, flags: readonly string[], source: string): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'armature-stencils-'));
  try {
    const output = join(folder, 'out.o');
    const args = [...commonFlags, ...flags, `-I${toolchain.templates}`, `-I${toolchain.agent}`, '-o', output];
    const run = spawnSync(toolchain.clang, args, { input: source, encoding: 'utf8', maxBuffer: 1 << 26 });
    invariant(run.status === 0, `clang failed: ${run.error?.message ?? run.stderr.slice(0, 4000)}`);
    return readFileSync(output);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
