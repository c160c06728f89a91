/** Markers that mean to speak of Arm and cannot: spellings of the machine that a system never uses. */
import type { Marker, MarkerComparison, MarkerLiteral } from './marker.ts';

export interface MarkerFinding {
  readonly code: 'marker-never-matches' | 'marker-always-matches' | 'marker-misses-system';
  readonly message: string;
  /** Of the literal in the marker. */
  readonly offset: number;
}

type SystemName = 'Linux' | 'macOS' | 'Windows';

interface SystemFacts {
  readonly values: Readonly<Record<string, string>>;
  /** What `platform.machine()` says there; Arm first. */
  readonly machines: readonly string[];
}

const systems: Readonly<Record<SystemName, SystemFacts>> = {
  Linux: {
    values: { sys_platform: 'linux', platform_system: 'Linux', os_name: 'posix' },
    machines: ['aarch64', 'x86_64', 'i386', 'i686', 'armv6l', 'armv7l', 'armv8l', 'ppc64le', 'ppc64', 's390x', 'riscv64', 'loongarch64', 'mips64'],
  },
  macOS: { values: { sys_platform: 'darwin', platform_system: 'Darwin', os_name: 'posix' }, machines: ['arm64', 'x86_64'] },
  Windows: { values: { sys_platform: 'win32', platform_system: 'Windows', os_name: 'nt' }, machines: ['ARM64', 'AMD64', 'x86'] },
};
const systemNames = Object.keys(systems) as SystemName[];
const armSpellings = new Set(['aarch64', 'arm64']);

/** More alternatives than anyone writes; the rest is not looked at. */
const mostBranches = 128;

/** The marker as alternatives of conjunctions. */
function branches(marker: Marker): readonly (readonly MarkerComparison[])[] {
  if (marker.kind === 'comparison') return [[marker]];
  const parts = marker.terms.map(branches);
  if (marker.kind === 'or') return parts.flat().slice(0, mostBranches);
  return parts.reduce((all, part) => all.flatMap((left) => part.map((right) => [...left, ...right])).slice(0, mostBranches), [[]]);
}

interface Plain {
  readonly variable: string;
  readonly operator: string;
  readonly literal: MarkerLiteral;
}

function plain({ left, operator, right }: MarkerComparison): Plain | undefined {
  if (left.kind === 'variable' && right.kind === 'literal') return { variable: left.name, operator, literal: right };
  return left.kind === 'literal' && right.kind === 'variable' && !operator.includes('in') ? { variable: right.name, operator, literal: left } : undefined;
}

/** The systems on which a branch can hold, by what it says about the system. */
function systemsOf(branch: readonly Plain[]): readonly SystemName[] {
  return systemNames.filter((name) => branch.every(({ variable, operator, literal }) => {
    const value = systems[name].values[variable];
    if (value === undefined) return true;
    if (operator === '==') return value === literal.value;
    if (operator === '!=') return value !== literal.value;
    if (operator === 'in') return literal.value.includes(value);
    return operator === 'not in' ? !literal.value.includes(value) : true;
  }));
}

function armNames(names: readonly SystemName[]): string {
  return names.map((name) => `${systems[name].machines[0]} on ${name}`).join(', ');
}

/** Words of a list such as `in "aarch64 arm64"`; one word for an equality. */
function words({ operator, literal }: Plain): readonly string[] {
  return operator.includes('in') ? literal.value.split(/[\s,;|]+/).filter((word) => word !== '') : [literal.value];
}

function checkWord(word: string, { operator, literal }: Plain, possible: readonly SystemName[]): MarkerFinding | undefined {
  const isNegative = operator === '!=' || operator === 'not in';
  const code = isNegative ? 'marker-always-matches' : 'marker-never-matches';
  const verdict = isNegative ? 'is always true' : 'never matches';
  const machines = new Set(possible.flatMap((name) => systems[name].machines));
  if (machines.has(word)) return undefined;
  const folded = word.toLowerCase().replace('-', '_');
  if (armSpellings.has(folded)) {
    return { code, offset: literal.offset, message: `platform_machine ${operator} '${literal.value}' ${verdict}: 64-bit Arm is spelled ${armNames(possible)}` };
  }
  const isIntel = ['x64', 'amd64', 'x86_64'].includes(folded);
  const meant = [...machines].find((machine) => machine.toLowerCase() === folded || (isIntel && /^(x86_64|AMD64)$/.test(machine)));
  if (meant === undefined) return undefined;
  return { code, offset: literal.offset, message: `platform_machine ${operator} '${literal.value}' ${verdict}: the machine is spelled ${meant}` };
}

/** `platform_machine == "arm64"` alone is macOS only; fine when another branch has the other spellings. */
function checkCoverage(plains: readonly Plain[], branch: readonly Plain[], comparison: Plain, possible: readonly SystemName[]): MarkerFinding | undefined {
  if (comparison.operator !== '==' || !armSpellings.has(comparison.literal.value.toLowerCase()) || possible.length < 2) return undefined;
  const saysSystem = branch.some(({ variable }) => variable in systems.Linux.values);
  const spelled = new Set(plains.filter(({ variable }) => variable === 'platform_machine').flatMap(words));
  const missed = possible.filter((name) => !spelled.has(systems[name].machines[0]!));
  if (saysSystem || missed.length === 0 || missed.length === possible.length) return undefined;
  return {
    code: 'marker-misses-system', offset: comparison.literal.offset,
    message: `platform_machine == '${comparison.literal.value}' leaves out 64-bit Arm on ${missed.join(' and ')}: there it is spelled ${armNames(missed)}`,
  };
}

const systemSpellings: Readonly<Record<string, readonly string[]>> = {
  sys_platform: ['linux', 'darwin', 'win32', 'cygwin', 'linux2', 'emscripten', 'wasi', 'ios', 'android', 'aix'],
  platform_system: ['Linux', 'Darwin', 'Windows', 'Java', 'iOS', 'Android', 'Emscripten'],
};
const confusions: Readonly<Record<string, SystemName>> = {
  linux: 'Linux', darwin: 'macOS', macos: 'macOS', mac: 'macOS', osx: 'macOS', windows: 'Windows', win32: 'Windows', win64: 'Windows', win: 'Windows',
};

function checkSystem({ variable, operator, literal }: Plain): MarkerFinding | undefined {
  const spellings = systemSpellings[variable];
  const meant = confusions[literal.value.toLowerCase()];
  if (spellings === undefined || (operator !== '==' && operator !== '!=') || spellings.includes(literal.value) || meant === undefined) return undefined;
  const isNegative = operator === '!=';
  return {
    code: isNegative ? 'marker-always-matches' : 'marker-never-matches', offset: literal.offset,
    message: `${variable} ${operator} '${literal.value}' ${isNegative ? 'is always true' : 'never matches'}: ${meant} is spelled ${systems[meant].values[variable] ?? ''}`,
  };
}

/** One finding for each place and code. */
export function lintMarker(marker: Marker): readonly MarkerFinding[] {
  const all = branches(marker).map((branch) => branch.map(plain).filter((each) => each !== undefined));
  const plains = all.flat();
  const found = new Map<string, MarkerFinding>();
  const report = (finding: MarkerFinding | undefined): void => {
    if (finding !== undefined && !found.has(`${finding.code} ${finding.offset}`)) found.set(`${finding.code} ${finding.offset}`, finding);
  };
  for (const branch of all) {
    const possible = systemsOf(branch);
    for (const comparison of branch) {
      report(checkSystem(comparison));
      if (comparison.variable !== 'platform_machine' || possible.length === 0) continue;
      const checked = words(comparison);
      // A list may have the spellings of other systems beside the right one.
      const isCovered = comparison.operator.includes('in') && checked.some((word) => possible.some((name) => systems[name].machines.includes(word)));
      if (!isCovered) for (const word of checked) report(checkWord(word, comparison, possible));
      report(checkCoverage(plains, branch, comparison, possible));
    }
  }
  return [...found.values()];
}
