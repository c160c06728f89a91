import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, test } from 'node:test';
import ts from 'typescript';

const root = join(import.meta.dirname, '..', '..');
const sources = join(root, 'src');

/** Which directory of src/ may import from which others, besides itself. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  support: [],
  ir: ['support'],
  protocol: ['support'],
  stencils: ['support', 'ir'],
  compiler: ['support', 'ir', 'stencils', 'protocol'],
  server: ['support', 'protocol', 'compiler', 'stencils'],
  cli: ['support', 'protocol', 'server'],
};

function sourceFiles(): string[] {
  const entries = readdirSync(sources, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && entry.name.endsWith('.ts')).map((entry) => join(entry.parentPath, entry.name));
}

/** The directory of src/ that a file belongs to. */
function partOf(file: string): string {
  return relative(sources, file).split(sep)[0] ?? '';
}

/** Every specifier a file imports, types and dynamic imports included. */
function importsOf(file: string): readonly string[] {
  return ts.preProcessFile(readFileSync(file, 'utf8'), true, true).importedFiles.map((imported) => imported.fileName);
}

function targetPart(file: string, specifier: string): string | undefined {
  const alias = /^#(\w+)\//.exec(specifier);
  if (alias !== null) return alias[1];
  return specifier.startsWith('.') ? partOf(resolve(dirname(file), specifier)) : undefined;
}

describe('imports between the parts of src/', () => {
  const files = sourceFiles();

  test('every part is in the table', () => {
    assert.deepEqual([...new Set(files.map(partOf))].filter((part) => !(part in arrows)), []);
  });

  for (const part of Object.keys(arrows)) {
    test(`${part} imports only what it may`, () => {
      const wrong: string[] = [];
      for (const file of files.filter((candidate) => partOf(candidate) === part && !candidate.endsWith('.test.ts'))) {
        for (const specifier of importsOf(file)) {
          const target = targetPart(file, specifier);
          if (target !== undefined && target !== part && !arrows[part]?.includes(target)) wrong.push(`${relative(root, file)}: ${specifier}`);
        }
      }
      assert.deepEqual(wrong, []);
    });
  }

  test('nothing but Node and our own files is imported: there are no packages at run time', () => {
    const packages = files.filter((file) => !file.endsWith('.test.ts'))
      .flatMap((file) => importsOf(file).filter((name) => !/^(#|\.|node:)/.test(name)).map((name) => `${relative(root, file)}: ${name}`));
    assert.deepEqual(packages, []);
  });

  test('the command line loads the compiler late', () => {
    const early = files.filter((file) => partOf(file) === 'cli').flatMap((file) => {
      const text = readFileSync(file, 'utf8');
      return /^import \{[^}]*\} from '#server\/(start|jit-server|session|compile-service)\.ts'/m.test(text) ? [relative(root, file)] : [];
    });
    assert.deepEqual(early, []);
  });
});
