/** What a source distribution needs to be built, from the files in it; nothing of it is run. */
import { parse as parseToml } from 'smol-toml';
import { createGunzip } from 'node:zlib';
import { table, text, texts } from '../project/values.ts';
import type { BuildEffort } from './model.ts';

const blockSize = 512;
/** An archive that unpacks to more is not looked at to its end. */
const largestUnpacked = 400 << 20;
const largestManifest = 1 << 20;

interface SourceFiles {
  readonly names: readonly string[];
  readonly pyproject: string | undefined;
}

/** Walks through a compressed tar archive without keeping more than one block and the project's manifest. */
async function readTar(archive: Buffer): Promise<SourceFiles> {
  const gunzip = createGunzip();
  gunzip.end(archive);
  const names: string[] = [];
  let pyproject: Buffer | undefined;
  let wanted: Buffer[] | undefined;
  let [skip, padding, total] = [0, 0, 0];
  let rest = Buffer.alloc(0);
  for await (const chunk of gunzip) {
    total += (chunk as Buffer).length;
    if (total > largestUnpacked) break;
    rest = Buffer.concat([rest, chunk as Buffer]);
    for (;;) {
      const taken = Math.min(skip, rest.length);
      wanted?.push(rest.subarray(0, taken));
      rest = rest.subarray(taken);
      skip -= taken;
      if (skip > 0 || rest.length < padding + blockSize) break;
      if (wanted !== undefined) pyproject = Buffer.concat(wanted);
      wanted = undefined;
      const header = rest.subarray(padding, padding + blockSize);
      rest = rest.subarray(padding + blockSize);
      const { name, size } = readHeader(header);
      if (name !== '') names.push(name);
      if (/^[^/]+\/pyproject\.toml$/.test(name) && size < largestManifest) wanted = [];
      skip = size;
      padding = (blockSize - (size % blockSize)) % blockSize;
    }
  }
  return { names, pyproject: pyproject?.toString('utf8') };
}

/** The fields of POSIX ustar: name, size in octal, prefix. */
function readHeader(header: Buffer): { readonly name: string; readonly size: number } {
  const field = (start: number, length: number): string => header.subarray(start, start + length).toString('latin1').replace(/\0.*$/s, '');
  const size = parseInt(field(124, 12).trim() || '0', 8);
  const prefix = field(257, 5) === 'ustar' ? field(345, 155) : '';
  return { name: prefix === '' ? field(0, 100) : `${prefix}/${field(0, 100)}`, size: Number.isFinite(size) && size > 0 ? size : 0 };
}

const languages: readonly (readonly [pattern: RegExp, need: string])[] = [
  [/\/Cargo\.toml$/, 'Rust'],
  [/\.(f|f90|f95|for)$/i, 'a Fortran compiler'],
  [/\.cu$/, 'the CUDA toolkit'],
  [/\/go\.mod$/, 'Go'],
  [/\.(cpp|cxx|cc)$/, 'a C++ compiler'],
  [/\.(c|pyx)$/, 'a C compiler'],
];

const backends: readonly (readonly [pattern: RegExp, need: string])[] = [
  [/maturin|setuptools-rust/, 'Rust'], [/meson/, 'Meson and Ninja'], [/scikit-build|cmake/, 'CMake'],
];

/** Tests and documentation hold programs that no build compiles. */
const besides = /\/(tests?|docs?|examples?|benchmarks?)\//;

export async function readSourceBuild(archive: Buffer): Promise<BuildEffort> {
  const { names, pyproject } = await readTar(archive);
  const build = table(tableOf(pyproject)['build-system']);
  const requires = texts(build['requires']);
  const backend = text(build['build-backend']) ?? 'setuptools (setup.py)';
  const built = names.filter((name) => !besides.test(name));
  const needs = [...new Set([
    ...languages.filter(([pattern]) => built.some((name) => pattern.test(name))).map(([, need]) => need),
    ...backends.filter(([pattern]) => [...requires, backend].some((each) => pattern.test(each))).map(([, need]) => need),
  ])];
  return { backend, needs, level: levelOf(needs) };
}

function tableOf(pyproject: string | undefined): Readonly<Record<string, unknown>> {
  try {
    return pyproject === undefined ? {} : parseToml(pyproject);
  } catch {
    return {};
  }
}

function levelOf(needs: readonly string[]): BuildEffort['level'] {
  if (needs.length === 0) return 'pure Python';
  if (needs.some((need) => /Fortran|CUDA/.test(need)) || needs.length > 3) return 'hard';
  return needs.every((need) => /C compiler|C\+\+ compiler/.test(need)) ? 'needs a C compiler' : 'needs more than a C compiler';
}
