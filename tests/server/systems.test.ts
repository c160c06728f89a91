/** Units for systems whose C `long` has 32 bits are made of other stencils. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Arch, System } from '#protocol/request.ts';
import { readRequest } from '#protocol/read-request.ts';
import { loadCompiler } from '#server/load-compiler.ts';
import { Bailout } from '#support/bailout.ts';
import { projectRoot } from '../../tools/pythons/targets.ts';

const folder = join(projectRoot, 'tests/build/requests');
const { compiler } = loadCompiler({ root: projectRoot, verify: true, disabled: [] });

function unit(name: string, arch: Arch, system?: System): Buffer {
  const layout = name.includes('.311.') ? 311 : 314;
  const request = readRequest(readFileSync(join(folder, name)), { layout, arch, ...(system === undefined ? {} : { system }) });
  const modes = { thresholdZero: true, spillAll: false, failGuard: 0 };
  return Buffer.from(compiler.compile(request, { modes }));
}

test('range iterators are read as the system of the agent has them', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.req')).sort();
  const other = names.filter((name) => {
    const linux = unit(name, 'aarch64', 'linux');
    assert.ok(linux.equals(unit(name, 'aarch64')), name);
    assert.ok(linux.equals(unit(name, 'aarch64', 'macos')), name);
    return !linux.equals(unit(name, 'aarch64', 'windows'));
  });
  assert.ok(other.length > 0 && other.length < names.length, other.join(' '));
});

test('a system without stencils is refused', () => {
  assert.throws(() => unit(readdirSync(folder).find((name) => name.endsWith('.req')) ?? '', 'x86_64', 'windows'),
    (error) => error instanceof Bailout && error.code === 'no-stencils');
});
