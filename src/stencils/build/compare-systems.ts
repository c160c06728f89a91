/**
 * Compiles stencils as objects of another format and compares them with the table: those of macOS and of Windows on Arm, whose
 * tables are compiled as ELF, in the format of the system; those of Windows on x86-64, whose table is not, as ELF.
 * Immediates and literals have no relocations in Mach-O, nor in COFF for Arm, so only stencils without them can be compared
 * there; those are the ones that the compiler writes alone. The others differ between systems in nothing else: their constants
 * are inline assembly, and their calls are direct.
 */
import { InvariantError, defined } from '#support/invariant.ts';
import { compileInstances, machineFlags, passesOf, windowsFlags, type Toolchain } from '../compile-templates.ts';
import { StencilsError } from '../errors.ts';
import { templateFiles, type FamilySpec } from '../families.ts';
import { processors, stencilFromFunction } from '../stencil-from-function.ts';
import type { Stencil, StencilTable } from '../table.ts';
import type { LayoutNumber, StencilTarget, TargetName } from '../targets.ts';

type OtherSystem = Exclude<TargetName, 'x86_64-linux' | 'aarch64-linux'>;

/** x18 belongs to the system; the frame pointer is left alone as on Linux. */
const systemFlags: Readonly<Record<OtherSystem, readonly string[]>> = {
  // Where clang writes unwinding information of Windows it changes the stack in the first instructions only.
  'x86_64-windows': [...windowsFlags('x86_64', 'elf'), ...machineFlags.x86_64, '-mllvm', '-enable-shrink-wrap=false'],
  'aarch64-windows': [...windowsFlags('aarch64', 'coff'), '-march=armv8-a', '-ffixed-x18'],
  'aarch64-macos': ['--target=arm64-apple-macos11', '-mcpu=generic', '-ffixed-x18', '-Xclang', '-mframe-pointer=none'],
  'x86_64-macos': ['--target=x86_64-apple-macos11', '-march=x86-64', '-mno-red-zone', '-mno-mmx', '-Xclang', '-mframe-pointer=none'],
};

/** Templates with hand-written functions, which hold immediates: compared where these have relocations. */
const handWritten = new Set(['control.c', 'call.c']);

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
  for (const template of templateFiles(target)) {
    const families = target.native === undefined ? template.families.filter((spec) => isComparable(spec, table)) : template.families;
    if ((target.native === undefined && handWritten.has(template.file)) || families.length === 0) continue;
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

/** Two choices of registers of each family that has one. */
const tuplesOf = ({ operands, form, fixed }: FamilySpec): number[][] =>
  form === 'single' ? [[...fixed]] : operands.length === 0 ? [[]] : [operands.map((_, i) => i + 1), operands.map((_, i) => 7 - i)];

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
