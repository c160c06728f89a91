/** The text beside a table: one variant of each family, disassembled, with its holes. Build time only. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defined } from '#support/invariant.ts';
import type { CompiledFamily } from './compile-templates.ts';
import { registerTuples } from './families.ts';
import type { Hole, Stencil } from './table.ts';

export interface Disassembler {
  readonly objcopy: string;
  readonly objdump: string;
}

interface Sample {
  readonly title: string;
  readonly stencil: Stencil;
}

export function disassembleFamilies(tools: Disassembler, machine: 'x86_64' | 'aarch64', families: readonly CompiledFamily[]): string {
  const samples = families.map(sampleOf);
  const lines = disassemble(tools, machine, samples);
  let at = 0;
  let text = '';
  for (const { title, stencil } of samples) {
    text += `\n${title}\n`;
    const end = at + stencil.code.length;
    for (const [offset, instruction] of lines) {
      if (offset >= at && offset < end) text += `  ${instructionLine(offset - at, instruction, stencil, nextOffset(lines, offset, end) - at)}\n`;
    }
    at = end;
  }
  return text;
}

/** A variant with different registers, where there is a choice. */
function sampleOf(family: CompiledFamily): Sample {
  const tuples = registerTuples(family.spec);
  const distinct = tuples.findIndex((t) => new Set(t).size === t.length && t.every((r, i) => r === t.length - i));
  const index = Math.max(distinct, 0);
  const operands = family.spec.operands.map((bank, i) => `${bank}${tuples[index]?.[i] ?? '?'}`).join(', ');
  return { title: `${family.spec.name} ${operands}`.trimEnd(), stencil: defined(family.variants[index], 'variant') };
}

function instructionLine(offset: number, instruction: string, stencil: Stencil, end: number): string {
  const holes = stencil.holes.filter((h) => h.offset >= offset && h.offset < end);
  const note = holes.map(holeText).join(', ');
  return `${offset.toString(16).padStart(3)}  ${instruction}${note === '' ? '' : `    ; ${note}`}`;
}

const holeText = (h: Hole): string => `${h.symbol}${h.addend === 0 ? '' : h.addend} ${h.kind.slice(h.kind.indexOf('.') + 1)}`;

function nextOffset(lines: ReadonlyMap<number, string>, offset: number, end: number): number {
  for (let next = offset + 1; next < end; next++) if (lines.has(next)) return next;
  return end;
}

/** Instruction text by offset in the concatenation of the samples. */
function disassemble(tools: Disassembler, machine: 'x86_64' | 'aarch64', samples: readonly Sample[]): Map<number, string> {
  const folder = mkdtempSync(join(tmpdir(), 'armature-disassembly-'));
  try {
    const raw = join(folder, 'code.bin'), object = join(folder, 'code.o');
    writeFileSync(raw, Buffer.concat(samples.map((s) => s.stencil.code)));
    const format = machine === 'x86_64' ? 'elf64-x86-64' : 'elf64-littleaarch64';
    execFileSync(tools.objcopy, ['-I', 'binary', '-O', format, '--rename-section', '.data=.text,code', raw, object]);
    const output = execFileSync(tools.objdump, ['-d', '--no-show-raw-insn', object], { encoding: 'utf8', maxBuffer: 1 << 26 });
    const lines = new Map<number, string>();
    for (const line of output.split('\n')) {
      const match = /^\s*([0-9a-f]+):\s+(.*)$/.exec(line);
      if (match) lines.set(parseInt(match[1] ?? '', 16), (match[2] ?? '').replace(/\s*<_binary[^>]*>/, '').replaceAll('\t', ' ').trim());
    }
    return lines;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
