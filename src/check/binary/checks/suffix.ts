/** Suffixes of extension modules: PEP 3149, `sysconfig.get_config_var('EXT_SUFFIX')`, PEP 803 for abi3t. */
import type { Finding } from '../finding.ts';
import { finding } from '../finding.ts';
import type { Native } from '../native.ts';
import type { CheckContext } from './context.ts';
import { platformsOf, quoted } from './context.ts';

export interface Suffix {
  /** `cp313`, `cp313t`, `abi3`, `abi3t`; undefined for a bare `.so` or `.pyd`. */
  readonly abi: string | undefined;
  /** `aarch64-linux-gnu`, `darwin`, `win_arm64`. */
  readonly platform: string | undefined;
}

export function suffixOf(path: string): Suffix | undefined {
  const file = path.split('/').at(-1) ?? path;
  const posix = /\.cpython-(\d+)([a-z]*)-([\w-]+)\.so$/.exec(file);
  if (posix !== null) return { abi: `cp${posix[1] ?? ''}${posix[2] ?? ''}`, platform: posix[3] };
  const windows = /\.cp(\d+)([a-z]*)-(win\w+)\.pyd$/.exec(file);
  if (windows !== null) return { abi: `cp${windows[1] ?? ''}${windows[2] ?? ''}`, platform: windows[3] };
  const stable = /\.(abi3t?)\.so$/.exec(file);
  return stable === null ? undefined : { abi: stable[1], platform: undefined };
}

export function checkSuffix({ path, images }: Native, context: CheckContext): readonly Finding[] {
  const suffix = suffixOf(path);
  if (suffix === undefined || context.tags === undefined) return [];
  return [...checkAbi(path, suffix, context.tags), ...checkPlatform(path, suffix, context, images.map(({ machine }) => machine))];
}

function checkAbi(path: string, { abi }: Suffix, { pythons, abis }: NonNullable<CheckContext['tags']>): readonly Finding[] {
  if (abi === undefined || abis.includes(abi)) return [];
  const tag = `${pythons.join('.')}-${abis.join('.')}`;
  const specific = abi.startsWith('cp');
  if (!specific) {
    // An interpreter with the GIL imports .abi3.so whatever its version; one without imports .abi3t.so.
    const free = abi === 'abi3t';
    return abis.some((name) => name === 'none' || (name.startsWith('cp') && name.endsWith('t') === free)) ? [] : [finding('suffix-mismatch', path, `has the suffix of ${abi}; the wheel is tagged ${tag}`)];
  }
  if (abis.some((name) => name === 'none' || name.startsWith('abi3'))) return [finding('narrow-suffix', path, `only ${abi} imports it; the wheel is tagged ${tag}`)];
  return [finding('suffix-mismatch', path, `has the suffix of ${abi}; the wheel is tagged ${tag}`)];
}

function checkPlatform(path: string, { platform }: Suffix, context: CheckContext, machines: readonly string[]): readonly Finding[] {
  const platforms = platformsOf(context);
  if (platform === undefined || platforms.length === 0) return [];
  const fits = platforms.some(({ tag, format, libc }) => {
    if (format === 'pe') return platform === tag;
    if (format === 'mach-o') return platform === 'darwin';
    if (format !== 'elf') return true;
    const wantsMusl = libc?.kind === 'musl';
    // Older CPythons on musl called themselves linux-gnu (bpo-43112).
    return machines.some((machine) => platform.startsWith(machine.replace('armv7l', 'arm').replace('i686', 'i386'))) && (wantsMusl || !platform.endsWith('-musl'));
  });
  return fits ? [] : [finding('suffix-mismatch', path, `has the suffix of ${platform}; the wheel is for ${quoted(platforms.map(({ tag }) => tag))}`)];
}
