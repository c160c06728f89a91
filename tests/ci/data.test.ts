import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { imageAnswer, isAlpine, meantLabel, pypaImage, pythonAvailable, retirementOf, runnerOf } from '#ci/facts.ts';
import { labelsIn, prereleases, pythonsOfImages } from '../../tools/ci-data.ts';

const data = join(import.meta.dirname, '..', '..', 'src', 'ci', 'data');
const tables = readdirSync(data).map((name) => JSON.parse(readFileSync(join(data, name), 'utf8')) as { checked: string; sources: string[] });

test('every table says when it was checked and against what', () => {
  for (const table of tables) {
    assert.match(table.checked, /^20\d\d-\d\d-\d\d$/);
    assert.ok(table.sources.length > 0);
  }
});

test('every image that is not Arm names an Arm runner, and labels that replace others exist', () => {
  const { images, retired, neverExisted } = JSON.parse(readFileSync(join(data, 'runners.json'), 'utf8')) as {
    images: Record<string, { arch: string; armLabel?: string }>; retired: Record<string, { use: string }>; neverExisted: Record<string, string>;
  };
  for (const [name, image] of Object.entries(images)) {
    if (image.arch !== 'arm64') assert.equal(runnerOf(image.armLabel ?? '', '2026-10-01')?.arch, 'arm64', name);
  }
  for (const use of [...Object.values(retired).map((row) => row.use), ...Object.values(neverExisted)]) assert.ok(runnerOf(use, '2026-10-01'), use);
});

test('a moving label is the image of the day', () => {
  assert.equal(runnerOf('ubuntu-latest', '2026-11-18')?.armLabel, 'ubuntu-24.04-arm');
  assert.equal(runnerOf('ubuntu-latest', '2026-11-19')?.armLabel, 'ubuntu-26.04-arm');
  assert.equal(runnerOf('ubuntu-latest-arm', '2026-10-01'), undefined);
  assert.equal(meantLabel('ubuntu-latest-arm'), 'ubuntu-24.04-arm');
  assert.equal(retirementOf('macos-13')?.use, 'macos-15-intel');
});

test('Pythons by runner', () => {
  const on = (label: string, version: string): boolean | undefined => {
    const runner = runnerOf(label, '2026-10-01');
    return runner === undefined ? undefined : pythonAvailable(runner, version);
  };
  assert.equal(on('windows-11-arm', '3.10'), false);
  assert.equal(on('windows-11-arm', '3.11.9'), true);
  assert.equal(on('windows-11-arm', '3.13t'), true);
  assert.equal(on('windows-11-arm', 'pypy3.11'), false);
  assert.equal(on('ubuntu-26.04-arm', '3.9'), false);
  assert.equal(on('ubuntu-24.04-arm', '3.9'), true);
  assert.equal(on('macos-15', '3.9'), true);
  assert.equal(on('macos-15', '3.9.6'), false);
  assert.equal(on('macos-15', '3.x'), undefined);
  assert.equal(on('ubuntu-24.04-arm', '3.15.0-rc.1'), true);
});

test('container images', () => {
  assert.equal(imageAnswer('docker.io/library/python:3.13').kind, 'arm64');
  assert.equal(imageAnswer('mysql:5.7.44').kind, 'amd64-only');
  assert.equal(imageAnswer('mysql:8.4').kind, 'arm64');
  assert.equal(imageAnswer('registry.example.com:5000/thing:1').kind, 'unknown');
  assert.ok(isAlpine('python:3.13-alpine3.20') && isAlpine('alpine:3') && !isAlpine('python:3.13'));
  assert.deepEqual(pypaImage('quay.io/pypa/manylinux_2_28_x86_64:latest'), { family: 'manylinux', arch: 'x86_64' });
});

test('the manifest of actions/python-versions', () => {
  const file = (platform: string, arch: string, version?: string) => ({ platform, arch, ...(version === undefined ? {} : { platform_version: version }) });
  const manifest = [
    { version: '3.15.0-rc.1', stable: false, files: [file('linux', 'arm64', '24.04'), file('win32', 'arm64'), file('win32', 'arm64-freethreaded'), file('win32', 'x64')] },
    { version: '3.9.13', stable: true, files: [file('darwin', 'arm64'), file('linux', 'arm64', '24.04'), file('linux', 'x64', '26.04')] },
    { version: '3.10.1', stable: true, files: [file('linux', 'arm64', '24.04')] },
  ];
  assert.deepEqual(pythonsOfImages(manifest, ['ubuntu-24.04-arm', 'ubuntu-26.04-arm', 'windows-11-arm', 'macos-15']), {
    'ubuntu-24.04-arm': ['3.9', '3.10', '3.15'], 'ubuntu-26.04-arm': [], 'windows-11-arm': ['3.15', '3.15t'], 'macos-15': ['3.9'],
  });
  assert.deepEqual(prereleases(manifest, ['3.9', '3.15', '3.15t']), ['3.15', '3.15t']);
});

test('the labels of runner-images', () => {
  const readme = '## Available Images\n| Ubuntu | `ubuntu-latest` or `ubuntu-24.04-arm` | [x] |\n| macOS | `macos-15` | [y] |\n### Label scheme\n`macos-9`';
  assert.deepEqual(labelsIn(readme), ['macos-15', 'ubuntu-24.04-arm', 'ubuntu-latest']);
});
