/** Compiles recorded requests for both processors, in every mode. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { defaultOptions, type CompileOptions } from '#compiler/options.ts';
import { compileUnit } from '#compiler/pipeline.ts';
import type { CompiledUnit } from '#compiler/4-emit/emit-unit.ts';
import { readRequest } from '#protocol/read-request.ts';
import { readUnit } from '#protocol/read-unit.ts';
import { writeUnit } from '#protocol/write-unit.ts';
import { loadStencilTable } from '#stencils/read-table.ts';
import { Bailout } from '#support/bailout.ts';

const folder = new URL('../build/requests/', import.meta.url);
const generated = new URL('../../stencils/generated', import.meta.url).pathname;
/** A comprehension is a call of a new function on 3.11. */
const refused: Readonly<Record<string, string>> = { 'comprehension.311.req': 'loop-always-leaves' };
const modes: Partial<CompileOptions>[] = [{}, { spillEverything: true }, { failGuard: 2 }];

for (const name of readdirSync(folder).filter((f) => f.endsWith('.req')).sort()) {
  test(name, () => {
    const layout = name.includes('.311.') ? 311 : 314;
    for (const arch of ['x86_64', 'aarch64'] as const) {
      const table = loadStencilTable(generated, `${arch}-linux`, layout);
      const request = readRequest(readFileSync(new URL(name, folder)), { layout, arch });
      for (const mode of modes) {
        const compile = (): CompiledUnit => compileUnit(request, table, { ...defaultOptions, evenWithoutProfit: true, verify: true, ...mode });
        if (refused[name] !== undefined) {
          assert.throws(compile, (error) => error instanceof Bailout && error.code === refused[name]);
          continue;
        }
        const { listing: _, guardCount: __, ...unit } = compile();
        assert.deepEqual(readUnit(writeUnit(unit)), unit);
      }
    }
  });
}
