/** Which wheels an interpreter takes, best first. */
import { defined } from '#support/invariant.ts';
import type { Version } from '../versions/version.ts';
import { parseVersion } from '../versions/version.ts';
import type { Interpreter } from './interpreter.ts';
import type { Target } from './target.ts';
import type { WheelName } from './wheel-name.ts';

/** They differ in the order of musl's platforms, and uv takes no `abi3t` wheel yet. */
export type Installer = 'pip' | 'uv';

function descending(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, from - to + 1) }, (_, index) => from - index);
}

/** The oldest C library that Python ran on under AArch64. */
const oldestGlibcMinor = 17;

function manylinuxTags([major, minor]: Target['floor']): readonly string[] {
  return descending(minor, oldestGlibcMinor).flatMap((each) => {
    const tag = `manylinux_${major}_${each}_aarch64`;
    return each === oldestGlibcMinor ? [tag, 'manylinux2014_aarch64'] : [tag];
  });
}

function macosTags([major]: Target['floor']): readonly string[] {
  return [
    ...descending(major, 11).flatMap((each) => [`macosx_${each}_0_arm64`, `macosx_${each}_0_universal2`]),
    // The x86-64 half of a universal2 wheel may be older than the first macOS on Arm.
    ...descending(16, 4).map((each) => `macosx_10_${each}_universal2`),
  ];
}

export function platformTags(target: Target, installer: Installer): readonly string[] {
  switch (target.system) {
    case 'glibc': return [...manylinuxTags(target.floor), 'linux_aarch64'];
    case 'musl': {
      const tags = descending(target.floor[1], 0).map((minor) => `musllinux_${target.floor[0]}_${minor}_aarch64`);
      // uv lists the oldest first.
      return installer === 'pip' ? [...tags, 'linux_aarch64'] : ['linux_aarch64', ...tags.reverse()];
    }
    case 'macos': return macosTags(target.floor);
    case 'windows': return ['win_arm64'];
  }
}

/** `cp313-cp313-win_arm64` and so on, best first (packaging's `cpython_tags` and `compatible_tags`; uv's `Tags::from_env`). */
export function supportedTags(target: Target, { minor, isFreeThreaded }: Interpreter, installer: Installer): readonly string[] {
  const platforms = platformTags(target, installer);
  const interpreter = `cp3${minor}`;
  const stable = isFreeThreaded ? (installer === 'pip' ? ['abi3t'] : []) : ['abi3'];
  const stableTags = (each: number): readonly string[] => stable.flatMap((abi) => platforms.map((platform) => `cp3${each}-${abi}-${platform}`));
  const generic = [`py3${minor}`, 'py3', ...descending(minor - 1, 0).map((each) => `py3${each}`)];
  return [
    ...platforms.map((platform) => `${interpreter}-${interpreter}${isFreeThreaded ? 't' : ''}-${platform}`),
    ...stableTags(minor),
    ...platforms.map((platform) => `${interpreter}-none-${platform}`),
    // Limited APIs are of Python 3.2 and later (PEP 384).
    ...descending(minor - 1, 2).flatMap(stableTags),
    ...generic.flatMap((python) => platforms.map((platform) => `${python}-none-${platform}`)),
    `${interpreter}-none-any`,
    ...generic.map((python) => `${python}-none-any`),
  ];
}

/** The tags of one target and interpreter by rank, built once for all packages. */
export class TagRanks {
  readonly target: Target;
  readonly interpreter: Interpreter;
  readonly installer: Installer;
  readonly platforms: ReadonlySet<string>;
  /** What `requires-python` is compared with. */
  readonly python: Version;
  readonly #ranks: ReadonlyMap<string, number>;

  constructor(target: Target, interpreter: Interpreter, installer: Installer) {
    this.target = target;
    this.interpreter = interpreter;
    this.installer = installer;
    this.python = defined(parseVersion(interpreter.fullVersion), 'version of Python');
    this.platforms = new Set(platformTags(target, installer));
    this.#ranks = new Map(supportedTags(target, interpreter, installer).map((tag, index) => [tag, index]));
  }

  /** 0 is the best; undefined when no tag of the wheel fits. */
  rank(wheel: WheelName): number | undefined {
    let best: number | undefined;
    for (const python of wheel.interpreters) {
      for (const abi of wheel.abis) {
        for (const platform of wheel.platforms) {
          const rank = this.#ranks.get(`${python}-${abi}-${platform}`);
          if (rank !== undefined && (best === undefined || rank < best)) best = rank;
        }
      }
    }
    return best;
  }
}
