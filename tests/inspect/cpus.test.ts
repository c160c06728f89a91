/** The table of processors against clang's. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import type { Extension } from '#check/binary/instructions/scan.ts';
import { cpus } from '#check/binary/instructions/cpus.ts';
import { findCommand } from '../../tools/pythons/targets.ts';

const features: Readonly<Record<string, Extension>> = {
  FEAT_LSE: 'lse', FEAT_LRCPC: 'rcpc', FEAT_CRC32: 'crc32', FEAT_RDM: 'rdm', FEAT_FP16: 'fp16', FEAT_DotProd: 'dotprod', FEAT_FHM: 'fhm', FEAT_FCMA: 'fcma', FEAT_JSCVT: 'jscvt',
  FEAT_I8MM: 'i8mm', FEAT_BF16: 'bf16', FEAT_AES: 'aes', FEAT_SHA256: 'sha2', FEAT_SHA3: 'sha3', FEAT_SM4: 'sm4', FEAT_SVE: 'sve', FEAT_SVE2: 'sve2', FEAT_SME: 'sme',
};

/** Optional in these cores, so that clang's table and the chip may differ: cryptography. */
const optional: ReadonlySet<Extension> = new Set(['aes', 'sha2', 'sha3', 'sm4']);

for (const cpu of cpus) {
  test(`${cpu.name} has what clang says of ${cpu.core}`, () => {
    const { stdout, stderr } = spawnSync(findCommand('clang-19') ?? '', ['--target=aarch64-linux-gnu', `-mcpu=${cpu.core}`, '--print-enabled-extensions'], { encoding: 'utf8' });
    const told = new Set([...`${stdout}${stderr}`.matchAll(/FEAT_\w+/g)].flatMap(([name]) => features[name] ?? []));
    assert.ok(told.size > 0, stderr);
    const differ = (extension: Extension): boolean => told.has(extension) !== cpu.extensions.has(extension);
    assert.deepEqual(Object.values(features).filter((extension) => differ(extension) && !optional.has(extension)), []);
  });
}

test('names are unique and can be typed', () => {
  assert.equal(new Set(cpus.map(({ name }) => name)).size, cpus.length);
  for (const { name } of cpus) assert.match(name, /^[a-z0-9-]+$/);
});
