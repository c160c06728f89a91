/** Writes a table file. */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { deflateRawSync } from 'node:zlib';
import { defined, invariant } from '#support/invariant.ts';
import { ByteSink } from './byte-stream.ts';
import type { CompiledFamily } from './compile-templates.ts';
import { compressVariants, type CompressedVariants, type VariantGroup } from './compress-variants.ts';
import { registerTuples } from './families.ts';
import { readTable } from './read-table.ts';
import type { HoleKind, HoleSymbol, StencilTable } from './table.ts';
import { FORMAT_VERSION, MAGIC, type FamilyHeader, type TableHeader } from './table-format.ts';

export interface TableSource {
  readonly target: StencilTable['target'];
  readonly layout: StencilTable['layout'];
  readonly calleeSaved: number;
  readonly families: readonly CompiledFamily[];
  /** SHA-256 of everything the table is made from. */
  readonly sourceDigest: string;
}

interface Pool<T> {
  readonly values: T[];
}

export function writeTable(source: TableSource): Uint8Array {
  const body = new ByteSink();
  const kinds: Pool<HoleKind> = { values: [] };
  const symbols: Pool<HoleSymbol> = { values: [] };
  const families = source.families.map((family): FamilyHeader => {
    const offset = body.length;
    writeFamily(body, compressed(family), kinds, symbols);
    const { name, operands, form, fixed, clobbers } = family.spec;
    return { name, operands, fixed: form === 'single' ? fixed : null, clobbers, offset };
  });
  const bytes = body.finish();
  const digest = createHash('sha256').update(source.sourceDigest).update(bytes).update(JSON.stringify([families, kinds.values, symbols.values])).digest('hex');
  const { target, layout, calleeSaved } = source;
  const file = assemble({ target, layout, digest, calleeSaved, kinds: kinds.values, symbols: symbols.values, families }, bytes);
  verify(source, file);
  return file;
}

/** Reads the file as the compiler will: every variant must come back byte for byte. */
function verify(source: TableSource, file: Uint8Array): void {
  const table = readTable(file);
  for (const { spec, variants } of source.families) {
    const family = defined(table.family(spec.name), spec.name);
    registerTuples(spec).forEach((tuple, i) => {
      const wanted = defined(variants[i], 'variant'), read = family.variant(tuple);
      const same = Buffer.compare(wanted.code, read.code) === 0 && isDeepStrictEqual(wanted.holes, read.holes);
      invariant(same, `${spec.name} ${tuple.join('')} does not come back from the table`);
    });
  }
}

function compressed(family: CompiledFamily): CompressedVariants {
  const tuples = family.spec.form === 'single' ? [[]] : registerTuples(family.spec);
  return compressVariants(tuples, family.variants);
}

function writeFamily(body: ByteSink, variants: CompressedVariants, kinds: Pool<HoleKind>, symbols: Pool<HoleSymbol>): void {
  body.u16(variants.groups.length);
  for (const group of variants.groups) writeGroup(body, group, kinds, symbols);
  if (variants.groups.length > 1) variants.groupOf.forEach((g) => body.u16(g));
}

function writeGroup(body: ByteSink, group: VariantGroup, kinds: Pool<HoleKind>, symbols: Pool<HoleSymbol>): void {
  body.u16(group.length);
  body.u8(group.holes.length);
  for (const hole of group.holes) {
    body.u16(hole.offset);
    body.u8(indexIn(kinds, hole.kind));
    body.u8(indexIn(symbols, hole.symbol));
    invariant(hole.addend >= -128 && hole.addend < 128, 'addend out of range');
    body.u8(hole.addend & 255);
  }
  body.bytes(group.base);
  for (const contributions of group.contributions) {
    const positions = [...group.base.keys()].filter((p) => contributions.some((c) => c[p] !== 0));
    body.u16(positions.length);
    for (const p of positions) {
      body.u16(p);
      body.bytes(contributions.map((c) => c[p] ?? 0));
    }
  }
}

function indexIn<T>(pool: Pool<T>, value: T): number {
  const index = pool.values.indexOf(value);
  return index >= 0 ? index : pool.values.push(value) - 1;
}

function assemble(header: TableHeader, body: Uint8Array): Uint8Array {
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  const start = Buffer.alloc(8);
  start.write(MAGIC, 'latin1');
  start.writeUInt32LE(FORMAT_VERSION, 4);
  return Buffer.concat([start, deflateRawSync(Buffer.concat([length, json, body]), { level: 9 })]);
}
