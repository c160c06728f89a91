import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ops, type OpName } from '#ir/ops.ts';
import { templateFiles, throughHelper } from '#stencils/families.ts';
import { builtTargets, layouts } from '#stencils/targets.ts';
import { testTable } from './host.ts';

for (const builtTarget of builtTargets) {
  const { name: target, machine } = builtTarget;
  for (const layout of layouts) {
    const table = testTable(target, layout);

    test(`every op that needs a stencil has one: ${target}, ${layout}`, () => {
      const needed = (Object.keys(ops) as OpName[]).filter((name) => ops[name].lowering.kind === 'stencil' && !throughHelper.has(name));
      assert.deepEqual(needed.filter((name) => table.family(name) === undefined), []);
      assert.deepEqual(table.familyNames, templateFiles(builtTarget).flatMap((t) => t.families.map((f) => f.name)));
    });

    test(`holes are well formed: ${target}, ${layout}`, () => {
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
