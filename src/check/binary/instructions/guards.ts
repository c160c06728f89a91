/**
 * Whether instructions beyond Armv8.0 stand behind a test. Nothing in an AArch64 file says so, so this weighs evidence and names it.
 *
 *   no sign of a test in the file            → unguarded
 *   in a function that runs at import        → unguarded
 *   getauxval, but never for AT_HWCAP        → unknown: it may be asked for the size of pages
 *   a test, and few functions use them       → guarded
 *   a test, but they are all over the file   → unknown: pieces may have been compiled for a newer processor by mistake
 *   a handful of words in a file             → unknown: may be data between the functions
 *   only among what are no instructions      → data
 *   only in vector functions for SVE         → guarded: code compiled for SVE calls them, and nothing else (vector function ABI for AArch64)
 */
import type { Code } from '../images/image.ts';
import type { ScanResult, Use } from './scan.ts';
import { auxiliaryFunctions } from './scan.ts';

export type Guard = 'guarded' | 'unguarded' | 'unknown' | 'data';

export interface GuardedUse extends Use {
  readonly guard: Guard;
  readonly why: string;
}

/** Fewer words than this in a whole file may be constants that look like instructions. */
const fewestWords = 3;
/** Kernels that are chosen at run time are a small part of a library; 15 % is more than OpenSSL or OpenBLAS has. */
const largestShare = 0.15;
/** In a library of a few functions a kernel and what chooses it are a large part. */
const [fewFunctions, largestShareOfFew] = [20, 0.5];
const runsAtImport = /^_?(?:PyInit_\w+|_init|_GLOBAL__sub_I_.*)$/;

export function judge(code: Code, scan: ScanResult, standalone: boolean): readonly GuardedUse[] {
  // Every library of MSVC imports it, to ask for something else.
  const named = code.detection.filter((name) => name !== 'IsProcessorFeaturePresent' || scan.asks);
  const detection = [...named, ...(scan.readsIdRegisters ? ['reads of the identification registers'] : [])];
  return scan.uses.map((use) => ({ ...use, ...judgeUse(use, scan, detection, standalone) }));
}

function judgeUse(use: Use, scan: ScanResult, detection: readonly string[], standalone: boolean): { guard: Guard; why: string } {
  if (use.count === 0) return { guard: 'data', why: 'among words that no processor knows' };
  if (use.count < fewestWords) return { guard: 'unknown', why: `only ${use.count}; may be data between functions` };
  const named = use.places.flatMap((place) => place.function ?? []);
  if (named.length > 0 && named.every((name) => name.startsWith('_ZGVs'))) return { guard: 'guarded', why: 'vector functions that only code for SVE calls' };
  const early = use.places.find((place) => place.function !== undefined && runsAtImport.test(place.function));
  if (early !== undefined) return { guard: 'unguarded', why: `${String(early.function)} runs when the file is loaded` };
  if (detection.length === 0) {
    return standalone ? { guard: 'unknown', why: 'a static program: what it asks the system cannot be seen' } : { guard: 'unguarded', why: 'the file never asks which processor it runs on' };
  }
  const evidence = `the file uses ${detection.join(', ')}`;
  if (!scan.asks && detection.every((name) => auxiliaryFunctions.has(name))) return { guard: 'unknown', why: `${evidence}, but that it asks for AT_HWCAP was not seen` };
  const share = scan.functions === 0 ? undefined : use.functions / scan.functions;
  if (share === undefined) return { guard: 'unknown', why: `${evidence}; where functions begin cannot be told` };
  const extent = `${use.functions} of ${scan.functions} functions have them`;
  // Compilers emit atomics anywhere once they may: few of them prove nothing, unless variants are chosen by the linker.
  if (use.extension === 'lse' && !detection.some((name) => name.includes('IFUNC'))) return { guard: 'unknown', why: `${evidence}, but atomics are seldom chosen that way; ${extent}` };
  const isSmall = scan.functions <= fewFunctions && share <= largestShareOfFew;
  return isSmall || share <= largestShare ? { guard: 'guarded', why: `${evidence}; ${extent}` } : { guard: 'unknown', why: `${evidence}, but ${extent}` };
}
