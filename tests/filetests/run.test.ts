import { readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { optimizePasses } from '#compiler/3-optimize/passes.ts';
import { runFileTest } from '../harness/filetest.ts';

const root = dirname(fileURLToPath(import.meta.url));
const passes = new Map(optimizePasses.map((pass) => [pass.name, pass]));

for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()) {
  if (name.endsWith('.uop')) test(relative('.', name), () => runFileTest(join(root, name), passes));
}
