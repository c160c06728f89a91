/** The instructions that a file uses against what processors have. */
import type { Finding } from '../finding.ts';
import { finding } from '../finding.ts';
import type { Cpu, System } from '../instructions/cpus.ts';
import { cpus } from '../instructions/cpus.ts';
import type { Extension } from '../instructions/scan.ts';
import type { GuardedUse } from '../instructions/guards.ts';
import type { Native } from '../native.ts';
import type { CheckContext } from './context.ts';
import { quoted } from './context.ts';

export const extensionTitles: Readonly<Record<Extension, string>> = {
  'lse': 'LSE atomics', 'rcpc': 'RCPC loads', 'crc32': 'CRC32', 'rdm': 'RDM', 'fp16': 'FP16', 'dotprod': 'dot product', 'fhm': 'FHM', 'fcma': 'complex numbers', 'jscvt': 'JSCVT',
  'i8mm': 'I8MM', 'bf16': 'BF16', 'aes': 'AES', 'sha2': 'SHA-2', 'sha3': 'SHA-3', 'sm4': 'SM4', 'sve': 'SVE', 'sve2': 'SVE2', 'sme': 'SME',
};

/** `runs`: nothing is lacking, or what looked like it is data. `guarded`: what is lacking stands behind a test. The others say what their names say. */
export type Verdict = 'runs' | 'guarded' | 'unknown' | 'unguarded';

const systems: Readonly<Record<string, System>> = { 'elf': 'linux', 'pe': 'windows', 'mach-o': 'macos' };

/** The processors on which files of this kind are met. */
export function cpusFor({ images, scan }: Native, asked: readonly Cpu[]): readonly Cpu[] {
  const system = systems[images[0]?.format ?? ''];
  if (scan === undefined || system === undefined) return [];
  return (asked.length > 0 ? asked : cpus).filter((cpu) => cpu.systems.includes(system));
}

const worst: readonly Verdict[] = ['unguarded', 'unknown', 'guarded', 'runs'];

export function verdictFor(uses: readonly GuardedUse[], cpu: Cpu): Verdict {
  const lacking = uses.filter(({ extension }) => !cpu.extensions.has(extension)).map(({ guard }) => guard);
  return worst.find((verdict) => verdict === 'runs' || lacking.includes(verdict)) ?? 'runs';
}

export function checkBaseline(native: Native, context: CheckContext): readonly Finding[] {
  const candidates = cpusFor(native, context.cpus);
  return (['unguarded', 'unknown'] as const).flatMap((guard) => {
    const uses = native.uses.filter((use) => use.guard === guard);
    const lacking = candidates.filter((cpu) => uses.some(({ extension }) => !cpu.extensions.has(extension)));
    if (lacking.length === 0) return [];
    const shown = uses.filter(({ extension }) => lacking.some((cpu) => !cpu.extensions.has(extension)));
    const names = quoted(lacking.map(({ name }) => name));
    const what = shown.map(describe).join('; ');
    if (guard === 'unknown') return [finding('unclear-instructions', native.path, `${what}. Without a test it would stop on ${names}`)];
    return [finding('unguarded-instructions', native.path, `${what}. It would stop there (SIGILL) on ${names}`, context.cpus.length > 0 ? 'error' : 'warning')];
  });
}

function describe({ extension, count, functions, places, why }: GuardedUse): string {
  const named = places.flatMap((place) => place.function ?? []).slice(0, 3);
  const where = named.length > 0 ? `in ${quoted(named)}${functions > named.length ? ', …' : ''}` : places.slice(0, 2).map(({ address }) => `at 0x${address.toString(16)}`).join(', ');
  return `${extensionTitles[extension]}: ${count} ${count === 1 ? 'instruction' : 'instructions'} ${where} (${why})`;
}
