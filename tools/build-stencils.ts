/**
 * Rebuilds stencils/generated from the C templates: `node --import tsx tools/build-stencils.ts [--check] [target…]`.
 * With --check nothing is written; the exit status says whether the files are up to date.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileTemplateFile, targetFlags, type CompiledFamily, type Toolchain } from '../src/stencils/compile-templates.ts';
import { disassembleFamilies } from '../src/stencils/disassemble.ts';
import { templateFiles } from '../src/stencils/families.ts';
import { readTable, tableFileName } from '../src/stencils/read-table.ts';
import type { StencilTable } from '../src/stencils/table.ts';
import { writeTable } from '../src/stencils/write-table.ts';

const root = join(import.meta.dirname, '..');
const toolchain: Toolchain = {
  clang: process.env['CLANG'] ?? 'clang-19', templates: join(root, 'stencils'), agent: join(root, 'agent'),
};
const disassembler = { objcopy: process.env['OBJCOPY'] ?? 'llvm-objcopy-19', objdump: process.env['OBJDUMP'] ?? 'llvm-objdump-19' };

type Machine = 'x86_64' | 'aarch64';
/** Integer registers that keep their values over a C call: r0–r2 are R13–R15; on AArch64 all are X21–X28. */
const calleeSaved: Readonly<Record<Machine, number>> = { x86_64: 3, aarch64: 8 };
const targets: Readonly<Record<Machine, StencilTable['target']>> = { x86_64: 'x86_64-linux', aarch64: 'aarch64-linux' };

function sourceDigest(machine: Machine): string {
  const hash = createHash('sha256').update(targetFlags[machine].join(' '));
  const files = readdirSync(toolchain.templates).filter((f) => /\.[ch]$/.test(f)).sort().map((f) => join(toolchain.templates, f));
  for (const file of [...files, join(toolchain.agent, 'layout.h')]) hash.update(readFileSync(file));
  return hash.digest('hex');
}

function build(machine: Machine, layout: 311 | 314, scalar: Map<string, CompiledFamily[]>): Map<string, Uint8Array> {
  const families = templateFiles(machine).flatMap((template) => {
    const known = scalar.get(template.file);
    if (known) return known;
    const compiled = compileTemplateFile(toolchain, machine, layout, template);
    if (!template.layoutDependent) scalar.set(template.file, compiled);
    return compiled;
  });
  const target = targets[machine];
  const table = writeTable({ target, layout, calleeSaved: calleeSaved[machine], families, sourceDigest: sourceDigest(machine) });
  const name = tableFileName(target, layout);
  const text = `${target}, CPython ${layout}: one variant of each family\n${disassembleFamilies(disassembler, machine, families)}`;
  return new Map([[name, table], [name.replace(/\.bin$/, '.txt'), Buffer.from(text)]]);
}

/** Tables are compared by their digest: versions of Node compress differently. */
function isSame(name: string, old: Uint8Array, made: Uint8Array): boolean {
  return name.endsWith('.bin') ? readTable(old).digest === readTable(made).digest : Buffer.compare(old, made) === 0;
}

function main(args: readonly string[]): void {
  const check = args.includes('--check');
  const chosen = args.filter((a) => !a.startsWith('--'));
  const folder = join(root, 'stencils', 'generated');
  mkdirSync(folder, { recursive: true });
  for (const machine of ['x86_64', 'aarch64'] as const) {
    if (chosen.length > 0 && !chosen.includes(machine)) continue;
    const scalar = new Map<string, CompiledFamily[]>();
    for (const layout of [311, 314] as const) {
      for (const [name, content] of build(machine, layout, scalar)) {
        const path = join(folder, name);
        const same = existsSync(path) && isSame(name, readFileSync(path), content);
        console.log(`${same ? 'same   ' : check ? 'differs' : 'written'} ${name} (${content.length} bytes)`);
        if (same) continue;
        if (check) process.exitCode = 1;
        else writeFileSync(path, content);
      }
    }
  }
}

main(process.argv.slice(2));
