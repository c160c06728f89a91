/** One variant of a stencil family for people: what `armature stencils show` prints. */
import { existsSync, readFileSync } from 'node:fs';
import { defined } from '#support/invariant.ts';
import { readTable, tableFileName } from './read-table.ts';
import { effectsDecoders, registerTexts, stencilRegisters } from './stencil-registers.ts';
import type { Hole, Stencil, StencilFamily } from './table.ts';
import { builtTargets, fileTarget, type LayoutNumber, type StencilTarget, type TargetName } from './targets.ts';

export interface StencilDescription {
  readonly name: string;
  readonly target: TargetName;
  readonly layout: LayoutNumber;
  /** Operands in the registers of the variant shown: arguments, then result. */
  readonly operands: readonly string[];
  /** How many choices of registers there are. */
  readonly variants: number;
  readonly clobbers: boolean;
  readonly bytes: string;
  readonly size: number;
  /** Undefined: the listing beside the table is missing. */
  readonly instructions: readonly string[] | undefined;
  readonly holes: readonly Hole[];
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** Bytes of the same variant elsewhere. */
  readonly elsewhere: readonly { readonly target: TargetName; readonly layout: LayoutNumber; readonly size: number }[];
}

/** The tables of a folder, each read once. */
export class GeneratedTables {
  readonly folder: string;
  readonly #known = new Map<string, ReturnType<typeof readTable>>();

  constructor(folder: string) {
    this.folder = folder;
  }

  get(target: TargetName, layout: LayoutNumber): ReturnType<typeof readTable> {
    const file = tableFileName(target, layout);
    let table = this.#known.get(file);
    if (!table) this.#known.set(file, (table = readTable(readFileSync(`${this.folder}/${file}`))));
    return table;
  }
}

/** Undefined: the target has no such family. */
export function describeStencil(tables: GeneratedTables, name: string, target: StencilTarget, layout: LayoutNumber): StencilDescription | undefined {
  const family = tables.get(target.name, layout).family(name);
  if (family === undefined) return undefined;
  const registers = shownRegisters(family);
  const stencil = family.variant(registers);
  const operands = registers.map((r, i) => `${family.operands[i] ?? '?'}${r}`);
  const used = stencilRegisters(stencil, target.machine);
  return {
    name, target: target.name, layout, operands, clobbers: family.clobbers, holes: stencil.holes,
    variants: family.fixed.some((r) => r !== undefined) ? 1 : 8 ** operands.length,
    bytes: Buffer.from(stencil.code).toString('hex'), size: stencil.code.length,
    instructions: listedInstructions(tables.folder, target.name, layout, name)?.map((line) => withOwnTargets(line, stencil, target)),
    reads: registerTexts(used.reads, target.machine), writes: registerTexts(used.writes, target.machine),
    elsewhere: sizesElsewhere(tables, name, target.name, layout),
  };
}

/** The variant that the listing beside the table shows: registers counted down to 0, or the fixed ones. */
const shownRegisters = ({ operands, fixed }: StencilFamily): number[] => operands.map((_, i) => fixed[i] ?? operands.length - i);

function sizesElsewhere(tables: GeneratedTables, name: string, target: TargetName, layout: LayoutNumber): StencilDescription['elsewhere'] {
  const sizes: { target: TargetName; layout: LayoutNumber; size: number }[] = [];
  for (const other of builtTargets) {
    for (const otherLayout of [311, 314] as const) {
      if (other.name === fileTarget(target) && otherLayout === layout) continue;
      const family = tables.get(other.name, otherLayout).family(name);
      if (family !== undefined) sizes.push({ target: other.name, layout: otherLayout, size: family.variant(shownRegisters(family)).code.length });
    }
  }
  return sizes;
}

/** Lines of the family in the listing: `offset  instruction    ; holes`. */
function listedInstructions(folder: string, target: TargetName, layout: LayoutNumber, name: string): string[] | undefined {
  const path = `${folder}/${tableFileName(target, layout).replace(/\.bin$/, '.txt')}`;
  if (!existsSync(path)) return undefined;
  const paragraph = readFileSync(path, 'utf8').split('\n\n').find((text) => text.split(/[ \n]/)[0] === name);
  return paragraph === undefined ? undefined : paragraph.trimEnd().split('\n').slice(1).map((line) => line.slice(2));
}

/** The listing is of many stencils one after the other; here places are named by their hole or counted from the start of this one. */
function withOwnTargets(line: string, stencil: Stencil, { machine }: StencilTarget): string {
  const [code = '', note] = line.split('    ; ');
  const offset = parseInt(code, 16);
  const found = effectsDecoders[machine](stencil.code, offset);
  const place = found === undefined || 'distance' in found.flow ? found?.flow : undefined;
  const hole = stencil.holes.find((h) => h.offset >= offset && h.offset < offset + (found?.size ?? 0));
  if (hole !== undefined && found?.literal !== undefined) {
    return `${code.replace(/\s*# 0x[0-9a-f]+$/, '').replace(/0x[0-9a-f]+$/, hole.symbol).replace('(%rip)', `${hole.symbol}(%rip)`)}    ; ${note ?? ''}`;
  }
  if (place === undefined || !('distance' in place)) return line;
  const target = hole === undefined ? `0x${(offset + place.distance).toString(16)}` : hole.symbol;
  return `${code.replace(/0x[0-9a-f]+$/, target)}${note === undefined ? '' : `    ; ${note}`}`;
}

const holeText = ({ offset, kind, symbol, addend }: Hole): string =>
  `  ${offset.toString(16).padStart(3)}  ${symbol}${addend === 0 ? '' : ` ${addend < 0 ? '−' : '+'} ${Math.abs(addend)}`}  ${defined(kind.split('.')[1], 'kind')}`;

export function descriptionText(d: StencilDescription): string {
  const list = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.join(', '));
  const choice = d.variants === 1 ? 'the only variant' : `one of ${d.variants} variants`;
  const sizes = d.elsewhere.map(({ target, layout, size }) => `${target} ${layout}: ${size}`).join(', ');
  return [
    `${[d.name, d.operands.join(', ')].join(' ').trimEnd()}   ${d.target}, CPython ${d.layout}: ${choice}`,
    ...(d.instructions ?? ['(no listing beside the table)']).map((line) => `  ${line}`),
    `bytes   ${d.bytes.replace(/(.{8})(?=.)/g, '$1 ')}`,
    ...(d.holes.length === 0 ? ['patches nothing'] : ['patches', ...d.holes.map(holeText)]),
    `reads   ${list(d.reads)}`,
    `writes  ${list(d.writes)}${d.clobbers ? '; a C call, which destroys what the callee does not keep' : ''}`,
    `size    ${d.size} bytes${sizes === '' ? '' : `; ${sizes}`}`,
    '',
  ].join('\n');
}
