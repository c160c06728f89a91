/**
 * Which stencils of a table are executed in every choice of registers: all of Linux' tables; of another system's, the families
 * that differ from these in any choice. Of its others some are executed, too: the rest is byte for byte what runs for Linux.
 */
import assert from 'node:assert/strict';
import { templateFiles } from '#stencils/families.ts';
import type { LayoutNumber, StencilTarget } from '#stencils/targets.ts';
import { linuxOf, ownVariants, tuplesOf, variantsOf, type StencilHost } from './host.ts';
import { branchReferences, scalarReferences } from './scalar-reference.ts';

/** Bytes of C's long. */
export const longSizeOf = ({ name }: StencilTarget): 4 | 8 => (name.endsWith('-windows') ? 4 : 8);

/** Families without a reference of their own in scalar-reference.ts that scalar.test.ts executes. */
const moves = [
  'swap.r', 'swap.f', 'spill.r', 'spill.f', 'reload.r', 'reload.f',
  'const.int', 'const.int32', 'const.zero', 'const.small', 'const.inverted', 'const.bool', 'const.float', 'const.float_zero', 'const.obj',
  'const.logical', 'const.wide', 'const.wide_inverted', 'const.wide2', 'const.wide2_inverted', 'const.float_imm',
];

/** They make sense in a whole unit only: tests/emit executes them. */
const partsOfUnits = new Set(['link.save', 'link.restore', 'exit.call', 'exit.number', 'exit.low', 'exit.high', 'jump.short']);

type Table = StencilHost['table'];

/** Executed by scalar.test.ts; the others by objects.test.ts. */
export const scalarFamilies = (table: Table): Set<string> =>
  new Set([...scalarReferences(table).keys(), ...branchReferences(table).keys(), ...moves].filter((name) => table.family(name) !== undefined));

/** Their code is the same for every CPython. */
export const sharedFamilies = (target: StencilTarget): string[] =>
  templateFiles(target).filter(({ layoutDependent }) => !layoutDependent).flatMap(({ families }) => families.map(({ name }) => name));

export class Share {
  readonly isTable: boolean;
  readonly #own: ReadonlySet<string>;

  constructor(target: StencilTarget, layout: LayoutNumber) {
    this.isTable = target.name === linuxOf(target);
    this.#own = new Set(this.isTable ? [] : [...ownVariants(target, layout)].map(({ family }) => family));
  }

  isWhole(family: string): boolean {
    return this.isTable || this.#own.has(family);
  }

  /** By one of the test files: that each did what it should was compared case by case. */
  requireExecuted(host: StencilHost, by: 'scalars' | 'objects'): void {
    const scalars = scalarFamilies(host.table);
    const families = host.table.familyNames.filter((name) => scalars.has(name) === (by === 'scalars') && !partsOfUnits.has(name));
    assert.ok(families.length > 80, `${families.length} families`);
    const wanted = new Set(families);
    const missing: string[] = [];
    for (const { family, name } of variantsOf(host.table)) if (wanted.has(family) && this.isWhole(family) && !host.executed.has(name)) missing.push(name);
    for (const family of families) {
      const executed = tuplesOf(host.table.family(family)!).filter((tuple) => host.executed.has(`${family} ${tuple.join('')}`));
      if (executed.length === 0) missing.push(family);
    }
    assert.deepEqual(missing, []);
  }
}
