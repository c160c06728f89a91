#!/usr/bin/env node
// Kept free of heavy imports: `armature run` must reach the user's program in a few milliseconds.
import { existsSync } from 'node:fs';
import module from 'node:module';

const built = new URL('../dist/main.js', import.meta.url);
if (!existsSync(built)) {
  const { prepare } = await import('../tools/bootstrap.mjs');
  await prepare();
}
// Node 22.1 and later; saves the parse of our own files.
module.enableCompileCache?.();
const { main } = await import(built.href);
await main(process.argv.slice(2));
