import type { MarkerEnvironment } from '../markers/evaluate.ts';
import type { Interpreter } from './interpreter.ts';

/** The kinds of 64-bit Arm systems. */
export type System = 'glibc' | 'musl' | 'windows' | 'macos';

/** Where something is to be installed. */
export interface Target {
  /** The best platform tag of the target: `manylinux_2_28_aarch64`, `win_arm64`… */
  readonly id: string;
  readonly system: System;
  /** Version of the C library or of macOS; [0, 0] for Windows. */
  readonly floor: readonly [major: number, minor: number];
  /** For headings. */
  readonly label: string;
}

/** Those of uv's `--python-platform`: RHEL 8 and Debian 10, Alpine 3.13 and later, macOS 13. */
const defaultFloors: Readonly<Record<System, readonly [number, number]>> = { glibc: [2, 28], musl: [1, 2], macos: [13, 0], windows: [0, 0] };

export function makeTarget(system: System, floor: readonly [number, number] = defaultFloors[system]): Target {
  const [major, minor] = floor;
  switch (system) {
    case 'glibc': return { id: `manylinux_${major}_${minor}_aarch64`, system, floor, label: `Linux, glibc ${major}.${minor}` };
    case 'musl': return { id: `musllinux_${major}_${minor}_aarch64`, system, floor, label: `Linux, musl ${major}.${minor}` };
    case 'macos': return { id: `macosx_${major}_${minor}_arm64`, system, floor, label: `macOS ${major}.${minor}` };
    case 'windows': return { id: 'win_arm64', system, floor, label: 'Windows' };
  }
}

const systemNames: Readonly<Record<string, System>> = {
  linux: 'glibc', manylinux: 'glibc', musllinux: 'musl', alpine: 'musl', windows: 'windows', win_arm64: 'windows', macos: 'macos',
};

/** The C library of images that projects are deployed to (documentation of the distributions and of the manylinux project). */
const distributions: Readonly<Record<string, readonly [number, number]>> = {
  'ubuntu-20.04': [2, 31], 'ubuntu-22.04': [2, 35], 'ubuntu-24.04': [2, 39], 'debian-11': [2, 31], 'debian-12': [2, 36], 'debian-13': [2, 41],
  'rhel-8': [2, 28], 'rhel-9': [2, 34], 'rhel-10': [2, 39], 'amazonlinux-2': [2, 26], 'amazonlinux-2023': [2, 34],
};

export const targetWords: readonly string[] = [...Object.keys(systemNames), ...Object.keys(distributions), 'all'];

function parsePlatformTag(text: string): Target | undefined {
  if (text === 'manylinux2014_aarch64') return makeTarget('glibc', [2, 17]);
  const linux = /^(manylinux|musllinux)_(\d{1,2})_(\d{1,3})_aarch64$/.exec(text);
  if (linux !== null) return makeTarget(linux[1] === 'manylinux' ? 'glibc' : 'musl', [Number(linux[2]), Number(linux[3])]);
  const mac = /^macosx_(\d{2})_(\d{1,2})_arm64$/.exec(text);
  return mac === null || Number(mac[1]) < 11 ? undefined : makeTarget('macos', [Number(mac[1]), Number(mac[2])]);
}

/** A word of `--target`, or a platform tag, whose version is then the floor. */
export function parseTargets(word: string): readonly Target[] | undefined {
  if (word === 'all') return allTargets();
  const system = systemNames[word];
  if (system !== undefined) return [makeTarget(system)];
  const distribution = distributions[word];
  if (distribution !== undefined) return [makeTarget('glibc', distribution)];
  const target = parsePlatformTag(word);
  return target === undefined ? undefined : [target];
}

export function allTargets(): readonly Target[] {
  return (['glibc', 'musl', 'windows', 'macos'] as const).map((system) => makeTarget(system));
}

type PlatformValues = Readonly<Record<'sys_platform' | 'os_name' | 'platform_system' | 'platform_machine', string>>;

const linuxValues: PlatformValues = { sys_platform: 'linux', os_name: 'posix', platform_system: 'Linux', platform_machine: 'aarch64' };

export const platformValues: Readonly<Record<System, PlatformValues>> = {
  glibc: linuxValues,
  musl: linuxValues,
  macos: { sys_platform: 'darwin', os_name: 'posix', platform_system: 'Darwin', platform_machine: 'arm64' },
  windows: { sys_platform: 'win32', os_name: 'nt', platform_system: 'Windows', platform_machine: 'ARM64' },
};

/** Markers about the release of the system see an empty text, as in uv: a target is no one machine. */
export function markerEnvironment(target: Target, interpreter: Interpreter, extras: Iterable<string> = [], groups: Iterable<string> = []): MarkerEnvironment {
  return {
    values: {
      ...platformValues[target.system],
      platform_release: '', platform_version: '',
      python_version: `3.${interpreter.minor}`, python_full_version: interpreter.fullVersion,
      implementation_name: 'cpython', implementation_version: interpreter.fullVersion, platform_python_implementation: 'CPython',
    },
    extras: new Set(extras),
    groups: new Set(groups),
  };
}
