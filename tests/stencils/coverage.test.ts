import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ops, type OpName } from '#ir/ops.ts';
import { templateFiles, throughHelper } from '#stencils/families.ts';
import { testTable } from './host.ts';
import { CaseMaker } from './object-cases.ts';
import { subjects } from './object-subjects.ts';
import { Memory } from './memory.ts';
import { Objects } from './objects.ts';
import { branchReferences, scalarReferences } from './scalar-reference.ts';
import { Random } from './values.ts';

for (const machine of ['x86_64', 'aarch64'] as const) {
  for (const layout of [311, 314] as const) {
    const table = testTable(machine, layout);

    test(`every op that needs a stencil has one: ${machine}, ${layout}`, () => {
      const needed = (Object.keys(ops) as OpName[]).filter((name) => ops[name].lowering.kind === 'stencil' && !throughHelper.has(name));
      assert.deepEqual(needed.filter((name) => table.family(name) === undefined), []);
      assert.deepEqual(table.familyNames, templateFiles(machine).flatMap((t) => t.families.map((f) => f.name)));
    });

    test(`every family is executed by a test: ${machine}, ${layout}`, () => {
      const maker = new CaseMaker({ table }, new Objects(new Memory(), layout), new Random(1));
      for (const plan of Object.values(subjects)) plan(maker);
      const elsewhere = [
        'exit.common', 'swap.r', 'swap.f', 'spill.r', 'spill.f', 'reload.r', 'reload.f',
        'const.int', 'const.int32', 'const.zero', 'const.small', 'const.inverted', 'const.bool', 'const.float', 'const.float_zero', 'const.obj',
      ];
      const executed = new Set([...maker.cases.map((c) => c.family), ...scalarReferences(table).keys(), ...branchReferences(table).keys(), ...elsewhere]);
      assert.deepEqual(table.familyNames.filter((name) => !executed.has(name)), []);
    });

    test(`holes are well formed: ${machine}, ${layout}`, () => {
      for (const name of table.familyNames) {
        const family = table.family(name)!;
        const { code, holes } = family.variant(family.operands.map((_, i) => family.fixed[i] ?? i));
        for (const hole of holes) {
          assert.ok(hole.offset >= 0 && hole.offset + (hole.kind.endsWith('8') && !hole.kind.startsWith('aarch64') ? 1 : 4) <= code.length, name);
          assert.notEqual(hole.symbol, 'CONTINUE', name);
          assert.equal(hole.kind.startsWith(machine), true, name);
        }
      }
    });
  }
}
