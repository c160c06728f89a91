/**
 * Compares the tables of another folder with those of stencils/generated, stencil by stencil: what another compiler changes.
 * Usage: compare-stencil-tables FOLDER   (made by `armature stencils build --output FOLDER`)
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTable, tableFileName } from '#stencils/read-table.ts';
import { builtTargets, layouts } from '#stencils/targets.ts';
import { isSameStencil, variantsOf } from '../tests/stencils/host.ts';
import { projectRoot } from './pythons/targets.ts';

type Table = ReturnType<typeof readTable>;

function compare(name: string, ours: Table, theirs: Table): string {
  let variants = 0, different = 0, bytes = 0, otherBytes = 0;
  const families = new Set<string>();
  for (const { family, registers, stencil } of variantsOf(ours)) {
    const other = theirs.family(family)?.variant(registers);
    variants++;
    bytes += stencil.code.length;
    otherBytes += other?.code.length ?? 0;
    if (other !== undefined && isSameStencil(stencil, other)) continue;
    different++;
    families.add(family);
  }
  const sizes = `${bytes} bytes, there ${otherBytes}`;
  return `${name}: ${different} of ${variants} variants differ, in ${families.size} of ${ours.familyNames.length} families; ${sizes}\n  ${[...families].join(' ') || 'none'}`;
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: compare-stencil-tables FOLDER');
const read = (from: string, file: string): Table => readTable(readFileSync(join(from, file)));
for (const { name } of builtTargets) {
  for (const layout of layouts) {
    const file = tableFileName(name, layout);
    console.log(compare(file, read(join(projectRoot, 'stencils', 'generated'), file), read(folder, file)));
  }
}
