/** File names of wheels: https://packaging.python.org/specifications/binary-distribution-format/#file-name-convention */
import type { Machine } from '../images/image.ts';
import type { Image } from '../images/image.ts';

export interface WheelTags {
  readonly distribution: string;
  readonly version: string;
  readonly pythons: readonly string[];
  readonly abis: readonly string[];
  readonly platforms: readonly PlatformTag[];
}

export interface PlatformTag {
  readonly tag: string;
  /** The format a native file must have; undefined for `any` and for platforms that are not known here. */
  readonly format: Image['format'] | undefined;
  /** All of them must be in a universal file. */
  readonly machines: readonly Machine[];
  readonly libc: { readonly kind: 'glibc' | 'musl'; readonly major: number; readonly minor: number } | undefined;
  readonly macos: { readonly major: number; readonly minor: number } | undefined;
}

export function parseWheelName(file: string): WheelTags | undefined {
  if (!file.endsWith('.whl')) return undefined;
  const parts = file.slice(0, -'.whl'.length).split('-');
  if ((parts.length !== 5 && parts.length !== 6) || parts.includes('')) return undefined;
  const [distribution = '', version = ''] = parts;
  const [pythons = '', abis = '', platforms = ''] = parts.slice(-3);
  return { distribution, version, ...tagsOf(pythons, abis, platforms) };
}

/** `cp312-abi3-win_arm64`, as in the `Tag:` lines of a WHEEL file. */
export function parseTag(tag: string): Pick<WheelTags, 'pythons' | 'abis' | 'platforms'> | undefined {
  const [pythons, abis, platforms, ...rest] = tag.trim().split('-');
  return pythons === undefined || abis === undefined || platforms === undefined || rest.length > 0 ? undefined : tagsOf(pythons, abis, platforms);
}

function tagsOf(pythons: string, abis: string, platforms: string): Pick<WheelTags, 'pythons' | 'abis' | 'platforms'> {
  return { pythons: pythons.split('.'), abis: abis.split('.'), platforms: platforms.split('.').map(platformOf) };
}

const legacy: Readonly<Record<string, readonly [number, number]>> = { manylinux1: [2, 5], manylinux2010: [2, 12], manylinux2014: [2, 17] };
const windows: Readonly<Record<string, Machine>> = { win32: 'i686', win_amd64: 'x86_64', win_arm64: 'aarch64' };
const appleMachines: Readonly<Record<string, readonly Machine[]>> = {
  arm64: ['aarch64'], x86_64: ['x86_64'], universal2: ['x86_64', 'aarch64'], intel: ['x86_64'], i386: ['i686'], fat64: ['x86_64'],
};

function platformOf(tag: string): PlatformTag {
  const nothing = { tag, format: undefined, machines: [], libc: undefined, macos: undefined } as const;
  const linux = /^(?:(manylinux|musllinux)_(\d+)_(\d+)|(manylinux1|manylinux2010|manylinux2014)|linux)_(\w+)$/.exec(tag);
  if (linux !== null) {
    const [, family, major, minor, old, machine = ''] = linux;
    const [oldMajor, oldMinor] = (old === undefined ? undefined : legacy[old]) ?? [0, 0];
    const version = old === undefined ? { major: Number(major), minor: Number(minor) } : { major: oldMajor, minor: oldMinor };
    const libc = family === undefined && old === undefined ? undefined : { kind: family === 'musllinux' ? 'musl' as const : 'glibc' as const, ...version };
    return { ...nothing, format: 'elf', machines: [machineOf(machine)], libc };
  }
  const machine = windows[tag];
  if (machine !== undefined) return { ...nothing, format: 'pe', machines: [machine] };
  const apple = /^macosx_(\d+)_(\d+)_(\w+)$/.exec(tag);
  if (apple === null) return nothing;
  return { ...nothing, format: 'mach-o', machines: appleMachines[apple[3] ?? ''] ?? [], macos: { major: Number(apple[1]), minor: Number(apple[2]) } };
}

function machineOf(name: string): Machine {
  const known: Readonly<Record<string, Machine>> = {
    aarch64: 'aarch64', x86_64: 'x86_64', armv6l: 'armv7l', armv7l: 'armv7l', i686: 'i686', ppc64: 'ppc64', ppc64le: 'ppc64le', s390x: 's390x', riscv64: 'riscv64',
  };
  return known[name] ?? `unknown (${name})`;
}
