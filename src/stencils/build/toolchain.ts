/** Finds clang and the LLVM tools, and refuses versions whose code would be different in kind. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { StencilsError } from '../errors.ts';

export interface LlvmTools {
  readonly clang: string;
  readonly version: string;
  readonly objcopy: string;
  readonly objdump: string;
}

/** preserve_none came with 19 on AArch64; 20 and 22 have not been tried, and what lies between two that work is accepted. */
const oldest = 19, newest = 21;

/** The checked-in tables are made with the first that is there. */
const versions = Array.from({ length: newest - oldest + 1 }, (_, i) => oldest + i);

export function findLlvmTools(root: string, environment: NodeJS.ProcessEnv = process.env): LlvmTools {
  // Where `npm test` puts a clang when the machine has none.
  const directories = [...(environment['PATH'] ?? '').split(delimiter), join(root, '.cache', 'tools', 'llvm', 'usr', 'bin')].filter((d) => d !== '');
  const find = (name: string): string | undefined =>
    name.includes('/') ? (existsSync(name) ? name : undefined) : directories.map((d) => join(d, name)).find((path) => existsSync(path));
  const named = environment['CLANG'];
  const candidates = named === undefined || named === '' ? [...versions.map((v) => `clang-${v}`), 'clang'] : [named];
  const found = candidates.flatMap((name) => find(name) ?? []);
  const [clang] = found;
  if (clang === undefined) throw new StencilsError('clang-not-found', { looked: candidates.join(', ') });
  const version = clangVersion(clang);
  const major = Number(/^clang (\d+)\./.exec(version)?.[1] ?? NaN);
  if (!(major >= oldest && major <= newest)) throw new StencilsError('clang-version', { clang, version, oldest: String(oldest), newest: String(newest) });
  // The tools beside a compiler are its own.
  const beside = (name: string): string | undefined => find(join(dirname(clang), name));
  const tool = (name: string, override: string | undefined): string => {
    const path = override !== undefined && override !== '' ? find(override) : beside(`${name}-${major}`) ?? find(`${name}-${major}`) ?? find(name);
    if (path === undefined) throw new StencilsError('llvm-tool-not-found', { tool: override ?? `${name}-${major}` });
    return path;
  };
  return { clang, version, objcopy: tool('llvm-objcopy', environment['OBJCOPY']), objdump: tool('llvm-objdump', environment['OBJDUMP']) };
}

/** `clang 19.1.7`; of another compiler, the first line of what it says about itself. */
function clangVersion(clang: string): string {
  const run = spawnSync(clang, ['--version'], { encoding: 'utf8' });
  if (run.error !== undefined || run.status !== 0) return `not to be run (${run.error?.message ?? `status ${run.status ?? 'unknown'}`})`;
  const line = run.stdout.split('\n')[0] ?? '';
  if (line.startsWith('Apple')) return line.trim();
  const match = /clang version (\d+\.\d+\.\d+)/.exec(line);
  return match === null ? line.trim() : `clang ${match[1] ?? ''}`;
}
