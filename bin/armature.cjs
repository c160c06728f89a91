#!/usr/bin/env node
// A CommonJS module, as dist/main.cjs is one: the loader of ES modules, with its promises and threads, would hold up the
// start of each program that `armature run` is to run.
const { existsSync } = require('node:fs');
const node = require('node:module');
const { join } = require('node:path');

async function start(words) {
  const built = join(__dirname, '..', 'dist', 'main.cjs');
  if (!existsSync(built)) {
    const { prepare } = await import('../tools/bootstrap.mjs');
    await prepare();
  }
  // Node 22.1 and later; saves the parse of our own files.
  node.enableCompileCache?.();
  await require(built).main(words);
}

// Nothing is waited for any more then. What is left out is that V8 gives back its memory, piece by piece.
process.once('beforeExit', () => process.exit());
void start(process.argv.slice(2));
