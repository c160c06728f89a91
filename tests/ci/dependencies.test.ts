import assert from 'node:assert/strict';
import { test } from 'node:test';
import { armature, cleanEnvironment, execute, temporaryDirectory } from '../cli/harness.ts';
import { writeFiles } from '../check/harness.ts';
import { jsonIndex, serve } from '../check/index-server.ts';

const workflow = `name: CI
on: push
jobs:
  test:
    strategy:
      matrix:
        os: [ubuntu-latest]
        python: ['3.12', '3.13']
    runs-on: \${{ matrix.os }}
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-python@v6
        with:
          python-version: \${{ matrix.python }}
      - run: pip install . && pytest
`;

test('port leaves out the leg whose dependencies check finds nothing for', async (t) => {
  const index = await serve(t, jsonIndex({
    // For 3.12 there is a wheel; for 3.13 there is one for another processor only, and no source.
    fastthing: ['fastthing-1.0-cp312-cp312-manylinux_2_28_aarch64.whl', 'fastthing-1.0-cp312-cp312-manylinux_2_28_x86_64.whl',
      'fastthing-1.0-cp313-cp313-manylinux_2_28_x86_64.whl'],
  }));
  const root = writeFiles(t, {
    '.github/workflows/ci.yml': workflow,
    'pyproject.toml': '[project]\nname = "thing"\nversion = "1"\nrequires-python = ">=3.12"\ndependencies = ["fastthing"]\n',
  });
  const env = cleanEnvironment(temporaryDirectory(t), { PIP_INDEX_URL: `${index.url}/simple/`, PIP_CONFIG_FILE: '/dev/null' });
  const port = async (...words: string[]): Promise<string> => (await execute([...armature, 'ci', 'port', '--target', 'linux', ...words, root], { env })).stdout;
  const blind = await port();
  assert.match(blind, /\+.*ubuntu-[\d.]+-arm/);
  assert.equal(index.requests.length, 0);
  const asked = await port('--dependencies');
  assert.notEqual(asked, blind);
  assert.match(asked, /fastthing/);
  assert.ok(index.requests.includes('/simple/fastthing/'), index.requests.join());
});
