/** Units for systems whose C `long` has 32 bits, or which call C functions in another way, are made of other stencils. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Arch, System } from '#protocol/request.ts';
import { readRequest } from '#protocol/read-request.ts';
import type { Compiler } from '#server/compiler.ts';
import { loadCompiler } from '#server/load-compiler.ts';
import { Bailout } from '#support/bailout.ts';
import { projectRoot } from '../../tools/pythons/targets.ts';

const folder = join(projectRoot, 'tests/build/requests');
const { compiler } = loadCompiler({ root: projectRoot, verify: true, disabled: [] });

function unit(name: string, arch: Arch, system?: System, by: Compiler = compiler): Buffer {
  const layout = name.includes('.311.') ? 311 : 314;
  const request = readRequest(readFileSync(join(folder, name)), { layout, arch, ...(system === undefined ? {} : { system }) });
  const modes = { thresholdZero: true, spillAll: false, failGuard: 0 };
  return Buffer.from(by.compile(request, { modes }));
}

test('on Arm, Windows has other range iterators, and saves the link register around each call; macOS has what Linux has', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.req')).sort();
  const other = names.filter((name) => {
    const linux = unit(name, 'aarch64', 'linux');
    assert.ok(linux.equals(unit(name, 'aarch64')), name);
    assert.ok(linux.equals(unit(name, 'aarch64', 'macos')), name);
    return !linux.equals(unit(name, 'aarch64', 'windows'));
  });
  assert.ok(other.length > names.length / 2, other.join(' '));
});

test('on x86-64, Windows has other calls, too', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.req')).sort().filter((_, i) => i % 8 === 0);
  const [linux, macos, windows] = (['linux', 'macos', 'windows'] as const).map((system) => names.map((name) => unit(name, 'x86_64', system).toString('hex')));
  assert.deepEqual(macos, linux);
  assert.ok(names.filter((_, i) => windows?.[i] !== linux?.[i]).length > names.length / 2);
});

test('a server without the table of a system refuses', () => {
  const { compiler: without } = loadCompiler({ root: join(projectRoot, 'tests'), verify: true, disabled: [] });
  const [name = ''] = readdirSync(folder).filter((file) => file.endsWith('.req'));
  assert.throws(() => unit(name, 'x86_64', 'windows', without), (error) => error instanceof Bailout && error.code === 'no-stencils');
});
