/** Compiles recorded requests for both processors, in every mode. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Emitter } from '#compiler/4-emit/emitter.ts';
import { defaultOptions, type CompileOptions } from '#compiler/options.ts';
import { compileUnit } from '#compiler/pipeline.ts';
import { encodeExits } from '#protocol/exit-words.ts';
import { readRequest } from '#protocol/read-request.ts';
import { readUnit } from '#protocol/read-unit.ts';
import { writeUnit } from '#protocol/write-unit.ts';
import { loadStencilTable } from '#stencils/read-table.ts';
import { tablesFolder } from '../stencils/host.ts';

const folder = new URL('../build/requests/', import.meta.url);
const modes: Partial<CompileOptions>[] = [{}, { spillEverything: true }, { failGuard: 2 }];

for (const name of readdirSync(folder).filter((f) => f.endsWith('.req')).sort()) {
  test(name, () => {
    const layout = name.includes('.311.') ? 311 : 314;
    for (const arch of ['x86_64', 'aarch64'] as const) {
      const emitter = new Emitter(loadStencilTable(tablesFolder, `${arch}-linux`, layout));
      const request = readRequest(readFileSync(new URL(name, folder)), { layout, arch });
      for (const mode of modes) {
        const options = { ...defaultOptions, evenWithoutProfit: true, verify: true, ...mode };
        const { listing: _, guardCount: __, codeLength: ___, islands: ____, exits, ...unit } = compileUnit(request, emitter, options);
        const { exits: records, ...others } = readUnit(writeUnit({ ...unit, exits }));
        assert.deepEqual(others, unit);
        assert.deepEqual(encodeExits(records), exits);
      }
    }
  });
}
