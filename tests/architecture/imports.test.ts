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
  check: ['support'],
  ci: ['support', 'check'],
  lab: ['support'],
  cli: ['support', 'protocol', 'compiler', 'server', 'stencils', 'check', 'ci', 'lab'],
};

/** Packages that a part is bundled with, so that nobody has to install them. What runs a Python program has none. */
const packages: Readonly<Record<string, readonly string[]>> = {
  check: ['smol-toml', 'yaml'],
  ci: ['@actions/expressions', '@actions/workflow-parser', 'diff', 'toml-eslint-parser', 'yaml'],
  lab: ['@hono/node-server', 'csv-stringify', 'feed', 'hono', 'lru-cache', 'pg', 'pg-boss', 'rate-limiter-flexible'],
};

/** Packages that a part loads at run time when they are installed: too large for everybody to have. */
const optionalPackages: Readonly<Record<string, readonly string[]>> = {
  lab: ['@electric-sql/pglite'],
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

/** `@scope/name/path` is of the package `@scope/name`. */
function packageOf(specifier: string): string {
  return specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
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

  test('packages are imported only where the table says', () => {
    const wrong = files.filter((file) => !file.endsWith('.test.ts')).flatMap((file) => {
      const allowed = [...packages[partOf(file)] ?? [], ...optionalPackages[partOf(file)] ?? []];
      return importsOf(file).filter((name) => !/^(#|\.|node:)/.test(name) && !allowed.includes(packageOf(name))).map((name) => `${relative(root, file)}: ${name}`);
    });
    assert.deepEqual(wrong, []);
  });

  test('optional packages are those of package.json, and are loaded when they are needed', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { optionalDependencies: object };
    const names = Object.values(optionalPackages).flat();
    assert.deepEqual(Object.keys(manifest.optionalDependencies).sort(), [...names].sort());
    const early = files.filter((file) => names.some((name) => new RegExp(`^import (?!type )[^\n]* from '${name}`, 'm').test(readFileSync(file, 'utf8'))));
    assert.deepEqual(early.map((file) => relative(root, file)), []);
  });

  /** Loaded when it is asked for. */
  const withOwnBundle = join('commands', 'stencils.ts');

  test('the command line loads the compiler late', () => {
    const early = files.filter((file) => partOf(file) === 'cli').flatMap((file) => {
      const text = readFileSync(file, 'utf8');
      return /^import \{[^}]*\} from '#(server\/(start|jit-server|session|compile-service)|compiler\/.*)\.ts'/m.test(text) && !file.endsWith(withOwnBundle) ? [relative(root, file)] : [];
    });
    assert.deepEqual(early, []);
  });
});
