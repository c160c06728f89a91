/**
 * Compiles stencils as objects of another system and compares them with its table, which was compiled as ELF: for macOS, that
 * of Linux.
 * Immediates and literals have no relocations in COFF and Mach-O, so only stencils without them can be compared; those are
 * the ones that the compiler writes alone. The others differ between systems in nothing else: their constants are inline
 * assembly, and their calls are direct.
 */
import { InvariantError, defined } from '#support/invariant.ts';
import { compileInstances, passesOf, type Toolchain } from '../compile-templates.ts';
import { StencilsError } from '../errors.ts';
import { templateFiles, type FamilySpec } from '../families.ts';
import { processors, stencilFromFunction } from '../stencil-from-function.ts';
import type { Stencil, StencilTable } from '../table.ts';
import type { LayoutNumber, StencilTarget, TargetName } from '../targets.ts';

type OtherSystem = Exclude<TargetName, 'x86_64-linux' | 'aarch64-linux'>;

/** x18 belongs to the system; the frame pointer is left alone as on Linux. */
const systemFlags: Readonly<Record<OtherSystem, readonly string[]>> = {
  'aarch64-windows': ['--target=aarch64-pc-windows-msvc', '-march=armv8-a', '-ffixed-x18', '-fno-ms-compatibility'],
  'aarch64-macos': ['--target=arm64-apple-macos11', '-mcpu=generic', '-ffixed-x18', '-Xclang', '-mframe-pointer=none'],
  'x86_64-macos': ['--target=x86_64-apple-macos11', '-march=x86-64', '-mno-red-zone', '-mno-mmx', '-Xclang', '-mframe-pointer=none'],
};

/** Templates with hand-written functions, which hold immediates. */
const notCompared = new Set(['control.c', 'call.c']);

export interface Comparison {
  readonly format: string;
  readonly compared: number;
  /** Families whose code is not that of the table. */
  readonly different: readonly string[];
}

export function compareWithTable(toolchain: Toolchain, target: StencilTarget, layout: LayoutNumber, table: StencilTable): Comparison {
  const flags = systemFlags[target.name as OtherSystem];
  const different: string[] = [];
  let compared = 0, format = '';
  for (const template of templateFiles(target.machine)) {
    const families = template.families.filter((spec) => isComparable(spec, table));
    if (notCompared.has(template.file) || families.length === 0) continue;
    const instances = families.flatMap((spec) => tuplesOf(spec).map((tuple) => ({ spec, tuple })));
    const object = compileInstances(toolchain, flags, layout, template.file, instances);
    format = object.format;
    instances.forEach(({ spec, tuple }, i) => {
      compared++;
      const made = stencilFromFunction(defined(object.functions[i], spec.name), processors[target.machine], object.format, passesOf(target));
      if (!isSame(made, defined(table.family(spec.name), spec.name).variant(tuple))) different.push(`${spec.name} ${tuple.join('')}`);
    });
  }
  return { format, compared, different };
}

/** Two choices of registers of each family. */
const tuplesOf = ({ operands }: FamilySpec): number[][] =>
  operands.length === 0 ? [[]] : [operands.map((_, i) => i + 1), operands.map((_, i) => 7 - i)];

function isComparable(spec: FamilySpec, table: StencilTable): boolean {
  if (spec.form === 'single') return false;
  const family = defined(table.family(spec.name), spec.name);
  return tuplesOf(spec).every((tuple) => family.variant(tuple).holes.every(({ symbol }) => symbol === 'TARGET'));
}

const isSame = (a: Stencil, b: Stencil): boolean => Buffer.compare(a.code, b.code) === 0 && JSON.stringify(a.holes) === JSON.stringify(b.holes);

/** As in a build: what clang refuses is the user's to mend. */
export function requireSame(toolchain: Toolchain, target: StencilTarget, layout: LayoutNumber, table: StencilTable): Comparison {
  try {
    return compareWithTable(toolchain, target, layout, table);
  } catch (error) {
    if (!(error instanceof InvariantError)) throw error;
    throw new StencilsError('template-does-not-compile', { template: 'a template', target: target.name, reason: error.message });
  }
}
