import type { TagRanks } from './tag-order.ts';
import type { System } from './target.ts';
import type { WheelName } from './wheel-name.ts';

function describePlatform(platform: string): string {
  const glibc = /^manylinux_(\d+)_(\d+)_aarch64$/.exec(platform);
  if (glibc !== null) return `needs glibc ${glibc[1]}.${glibc[2]} or later`;
  const musl = /^musllinux_(\d+)_(\d+)_aarch64$/.exec(platform);
  if (musl !== null) return `needs musl ${musl[1]}.${musl[2]} or later`;
  const mac = /^macosx_(\d+)_(\d+)_(arm64|universal2)$/.exec(platform);
  if (mac !== null) return `needs macOS ${mac[1]}.${mac[2]} or later`;
  return `is for ${platform}`;
}

/** Tags of the same kind of system, whatever their version. */
const kindPatterns: Readonly<Record<System, RegExp>> = {
  glibc: /^(many)?linux.*_aarch64$/, musl: /^(musl)?linux_?.*_aarch64$/, macos: /^macosx_.*_(arm64|universal2)$/, windows: /^win_arm64$/,
};

function platformReason(wheel: WheelName, ranks: TagRanks): string {
  const { system } = ranks.target;
  const sameKind = wheel.platforms.filter((platform) => kindPatterns[system].test(platform));
  const nearest = sameKind[0];
  if (nearest !== undefined) {
    if (/^macosx_10_\d+_arm64$/.test(nearest)) return `${nearest} matches no system: macOS on Arm begins with 11`;
    return describePlatform(nearest);
  }
  if (system === 'glibc' && wheel.platforms.some((platform) => /^musllinux.*aarch64$/.test(platform))) return 'is for musl, not glibc';
  if (system === 'musl' && wheel.platforms.some((platform) => /^manylinux.*aarch64$/.test(platform))) return 'is for glibc, not musl';
  return `is for ${wheel.platforms.join(', ')}`;
}

function stableAbiReason(wheel: WheelName, { interpreter, installer }: TagRanks): string | undefined {
  const minors = wheel.interpreters.map((python) => /^cp3(\d+)$/.exec(python)?.[1]).filter((minor) => minor !== undefined).map(Number);
  const isStable = wheel.abis.some((abi) => abi === 'abi3' || abi === 'abi3t');
  if (!isStable) return undefined;
  const wanted = interpreter.isFreeThreaded ? 'abi3t' : 'abi3';
  if (!wheel.abis.includes(wanted)) {
    return interpreter.isFreeThreaded
      ? 'abi3 is the stable ABI of builds with the GIL; a free-threaded build takes abi3t (PEP 803)'
      : 'abi3t alone is for free-threaded builds; a build with the GIL takes abi3';
  }
  if (installer === 'uv' && wanted === 'abi3t') return 'uv does not choose abi3t wheels yet';
  const oldest = Math.min(...minors);
  return minors.length > 0 && oldest > interpreter.minor ? `uses the stable ABI of Python 3.${oldest} and later` : undefined;
}

function abiReason(wheel: WheelName, ranks: TagRanks): string {
  const stable = stableAbiReason(wheel, ranks);
  if (stable !== undefined) return stable;
  const { minor, isFreeThreaded } = ranks.interpreter;
  if (!wheel.interpreters.some((python) => python === `cp3${minor}` || python === `py3${minor}` || python === 'py3')) {
    return `is for ${wheel.interpreters.join(', ')}`;
  }
  if (isFreeThreaded && wheel.abis.includes(`cp3${minor}`)) return 'is for the build with the GIL';
  if (!isFreeThreaded && wheel.abis.includes(`cp3${minor}t`)) return 'is for the free-threaded build';
  return `has the ABI ${wheel.abis.join(', ')}`;
}

/** Why no tag of the wheel fits, in words that follow the name of the file. Call it only when none does. */
export function rejectionReason(wheel: WheelName, ranks: TagRanks): string {
  if (wheel.variant !== undefined) return `is a variant (${wheel.variant}, PEP 825), which installers do not choose yet`;
  const fitsPlatform = wheel.platforms.some((platform) => platform === 'any' || ranks.platforms.has(platform));
  return fitsPlatform ? abiReason(wheel, ranks) : platformReason(wheel, ranks);
}

/** How good a wheel's miss is: files that are nearly right are worth showing first. */
export function missDistance(wheel: WheelName, ranks: TagRanks): number {
  const fitsPlatform = wheel.platforms.some((platform) => platform === 'any' || ranks.platforms.has(platform));
  const isArm = wheel.platforms.some((platform) => kindPatterns[ranks.target.system].test(platform));
  const fitsPython = wheel.interpreters.includes(`cp3${ranks.interpreter.minor}`);
  return (fitsPlatform ? 0 : isArm ? 1 : 4) + (fitsPython ? 0 : 2);
}

/** What the stable ABI means for the wheel that was chosen, for people who look for their version in its name. */
export function stableAbiNote(wheel: WheelName, { interpreter }: TagRanks): string | undefined {
  const abi = interpreter.isFreeThreaded ? 'abi3t' : 'abi3';
  const oldest = wheel.interpreters.map((python) => /^cp3(\d+)$/.exec(python)?.[1]).find((minor) => minor !== undefined);
  if (!wheel.abis.includes(abi) || oldest === undefined) return undefined;
  const builds = interpreter.isFreeThreaded ? 'free-threaded builds' : 'builds with the GIL';
  return `${abi}: one wheel for ${builds} of Python 3.${oldest} and every later 3.x, this one included`;
}
