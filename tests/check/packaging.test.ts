/** Our rules of versions, markers, names and tags against the library that pip uses, on generated cases. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { evaluateMarker } from '#check/markers/evaluate.ts';
import { parseMarker } from '#check/markers/marker.ts';
import { parseRequirement } from '#check/markers/requirement.ts';
import { allInterpreters } from '#check/tags/interpreter.ts';
import type { Interpreter } from '#check/tags/interpreter.ts';
import { TagRanks, supportedTags } from '#check/tags/tag-order.ts';
import type { Target } from '#check/tags/target.ts';
import { makeTarget, markerEnvironment } from '#check/tags/target.ts';
import { parseSdistName, parseWheelName } from '#check/tags/wheel-name.ts';
import { parseSpecifier, parseSpecifierSet, satisfies, satisfiesClause } from '#check/versions/specifier.ts';
import { compareVersions, formatVersion, isPrerelease, parseVersion } from '#check/versions/version.ts';
import { packagingPath } from '../../tools/pythons/targets.ts';
import { nativePython } from '../cli/harness.ts';
import { Random } from './random.ts';

const random = new Random(20261129);
const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

function makeVersion(): string {
  const number = (): string => random.pick(['0', '1', '2', '3', '10', '00', '2024', '12345678901234567890']);
  const separator = (): string => random.pick(['', '.', '-', '_']);
  return [
    random.maybe(() => 'v', 0.05), random.maybe(() => `${random.below(3)}!`, 0.1),
    times(1 + random.below(4), number).join('.'),
    random.maybe(() => separator() + random.pick(['a', 'b', 'rc', 'c', 'alpha', 'beta', 'pre', 'preview', 'RC']) + separator() + random.maybe(number), 0.35),
    random.maybe(() => random.pick([() => `-${number()}`, () => separator() + random.pick(['post', 'rev', 'r']) + random.maybe(number)])(), 0.25),
    random.maybe(() => `${separator()}dev${random.maybe(number)}`, 0.25),
    random.maybe(() => `+${times(1 + random.below(3), () => random.pick(['cpu', 'cu121', '1', '01', 'abc', '7'])).join(random.pick(['.', '-', '_']))}`, 0.15),
    random.maybe(() => random.pick(['x', '..', ' ', '+', '!']), 0.05),
  ].join('');
}

const versions = times(1500, makeVersion);
const valid = versions.filter((text) => parseVersion(text) !== undefined);
const pairs = times(4000, () => [random.pick(valid), random.pick(valid)] as const);

function makeSpecifier(): string {
  const version = random.pick(valid.filter((text) => text.length < 20));
  return `${random.pick(['==', '!=', '<', '>', '<=', '>=', '~=', '==='])}${random.maybe(() => ' ', 0.2)}${version}${random.maybe(() => '.*', 0.25)}`;
}

/** Candidates near the specifier's own version, or nothing but plain misses would be tried. */
function near(specifier: string): string {
  const version = parseVersion(specifier.replace(/^[=!<>~ ]+|\.\*$/g, ''));
  if (version === undefined || random.next() < 0.2) return random.pick(valid);
  return `${formatVersion(version, random.pick(['all', 'public', 'base']))}${random.pick(['', '', '.0', '.1', 'a1', 'rc1', '.post1', '.dev1', '+local.1'])}`;
}

/** packaging takes the prefix of `~=` from the text: spellings such as `~=v1.2-a` match nothing there. */
function isSound(specifier: string): boolean {
  const written = /^~= *(.*)$/.exec(specifier)?.[1];
  const version = parseVersion(written ?? '');
  return version === undefined || formatVersion(version) === written;
}

const clauses = times(6000, makeSpecifier).filter(isSound).map((specifier) => [specifier, near(specifier)] as const)
  .filter(([, candidate]) => parseVersion(candidate) !== undefined);
const sets = times(1500, () => {
  const parts = times(1 + random.below(3), makeSpecifier).filter((part) => isSound(part) && parseSpecifier(part) !== undefined);
  return [parts.join(','), near(parts[0] ?? '==1')] as const;
}).filter(([, candidate]) => parseVersion(candidate) !== undefined);

const targets: readonly Target[] = [
  makeTarget('glibc', [2, 17]), makeTarget('glibc', [2, 28]), makeTarget('glibc', [2, 41]), makeTarget('musl', [1, 1]), makeTarget('musl', [1, 2]),
  makeTarget('macos', [11, 0]), makeTarget('macos', [13, 0]), makeTarget('macos', [15, 0]), makeTarget('macos', [26, 0]), makeTarget('windows'),
];
const interpreters = allInterpreters();
const combinations = targets.flatMap((target) => interpreters.map((interpreter): [Target, Interpreter] => [target, interpreter]));

function makeComparison(): string {
  const [name, values] = random.pick<[string, readonly string[]]>([
    ['platform_machine', ['aarch64', 'arm64', 'ARM64', 'x86_64', 'AMD64', 'aarch64 arm64']], ['sys_platform', ['linux', 'win32', 'darwin', 'cygwin']],
    ['platform_system', ['Linux', 'Windows', 'Darwin']], ['os_name', ['posix', 'nt']], ['implementation_name', ['cpython', 'pypy']],
    ['python_version', ['3.9', '3.10', '3.13', '3.13.*', '3', '3.9, 3.10']], ['python_full_version', ['3.9', '3.11.3', '3.13.0b1', '3.14.*', 'x']],
    ['platform_python_implementation', ['CPython', 'PyPy']], ['extra', ['dev', 'test-extra', '']], ['implementation_version', ['3.10', 'none']],
  ]);
  const value = random.pick(values);
  const quote = random.pick(["'", '"']);
  const literal = `${quote}${value}${quote}`;
  const operator = name === 'extra' ? random.pick(['==', '!=']) : random.pick(['==', '!=', '<', '>', '<=', '>=', 'in', 'not in']);
  const [left, right] = random.next() < 0.8 ? [name, literal] : [literal, name];
  return `${left}${random.pick(['', ' '])}${/^[a-z]/.test(operator) ? ` ${operator} ` : operator}${right}`;
}

function makeMarker(depth: number): string {
  if (depth === 0 || random.next() < 0.3) return makeComparison();
  const joined = times(2 + random.below(2), () => makeMarker(depth - 1)).join(` ${random.pick(['and', 'or'])} `);
  return random.next() < 0.4 ? `(${joined})` : joined;
}

const markers = times(4000, () => ({ text: makeMarker(2), combination: random.pick(combinations), extra: random.pick(['', 'dev', 'test-extra']) }));
const environmentOf = ({ combination: [target, interpreter], extra }: (typeof markers)[number]) => markerEnvironment(target, interpreter, extra === '' ? [] : [extra]);

const requirements = times(1500, () => [
  random.pick(['numpy', 'A.b_c', 'x', '-bad', 'zope.interface', 'torch ']),
  random.maybe(() => `[${random.pick(['a', 'A_b, c', '', 'b,', '?'])}]`, 0.3),
  random.next() < 0.1 ? ' @ https://example.org/x-1.0.tar.gz#sha256=abc ' : random.pick(['', ' ', '(>=1.0)', ...times(6, () => ` ${makeSpecifier()}`), '>= ,', '==']),
  random.maybe(() => ` ; ${makeMarker(1)}`, 0.4),
].join(''));

function makeWheel(): string {
  const minor = random.pick([8, 9, 10, 11, 12, 13, 14, 15]);
  const python = random.pick([`cp3${minor}`, `cp3${minor}`, 'py3', 'py2.py3', `py3${minor}`, 'pp310', `cp3${minor}.cp39`]);
  const abi = random.pick([`cp3${minor}`, `cp3${minor}`, `cp3${minor}t`, 'abi3', 'abi3t', 'abi3.abi3t', 'none', 'pypy310_pp73']);
  const platform = random.pick([
    'any', 'win_arm64', 'win_amd64', 'manylinux2014_aarch64', 'manylinux_2_17_aarch64.manylinux2014_aarch64', 'manylinux_2_28_aarch64', 'manylinux_2_35_aarch64',
    'manylinux_2_17_x86_64', 'musllinux_1_1_aarch64', 'musllinux_1_2_aarch64', 'linux_aarch64', 'macosx_11_0_arm64', 'macosx_14_0_arm64', 'macosx_10_9_universal2',
    'macosx_10_9_arm64', 'macosx_12_0_universal2', 'MACOSX_11_0_ARM64',
  ]);
  const fields = [random.pick(['numpy', 'a_b', 'A.B']), random.pick(['1.0', '2.0rc1', '1.0+cpu', '1!1.0', 'bad']), ...random.pick([[], [], ['1'], ['2post'], ['x']]), python, abi, platform];
  return `${fields.slice(0, random.next() < 0.05 ? 4 : undefined).join('-')}.whl`;
}

const wheels = times(4000, makeWheel);
const sdists = ['a-1.0.tar.gz', 'a-b-1.0.tar.gz', 'a-1.0.zip', 'a.tar.gz', 'a-x.tar.gz', 'a-1.0rc1.tar.gz', 'a-1.0.tgz'];

interface Answers {
  readonly version: ([string, boolean, string, string] | null)[];
  readonly compare: number[];
  readonly contains: (boolean | null)[];
  readonly set: boolean[];
  readonly marker: boolean[];
  readonly requirement: ([string, string[], string[], string | null, boolean] | null)[];
  readonly supported: string[][];
  readonly wheel: ([string, string, [] | [number, string], string[]] | null)[];
  readonly sdist: ([string, string] | null)[];
}

function ask(): Answers {
  const path = packagingPath();
  assert.ok(path !== undefined, 'Debian’s python3-packaging is missing: npm run pythons -- packaging');
  const questions = {
    version: versions, compare: pairs, contains: clauses, set: sets, requirement: requirements, wheel: wheels, sdist: sdists,
    marker: markers.map((marker) => [marker.text, { ...environmentOf(marker).values, extra: marker.extra }]),
    supported: combinations.map(([{ system, floor }, { minor, isFreeThreaded }]) => [system, floor, minor, isFreeThreaded]),
  };
  const { status, stdout, stderr } = spawnSync(nativePython(), [join(import.meta.dirname, 'oracle.py')], {
    input: JSON.stringify(questions), encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, PYTHONPATH: path },
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as Answers;
}

/** Compares one by one, so that a difference names its question. */
function agree<Q, A>(questions: readonly Q[], theirs: readonly A[], ours: (question: Q) => A): void {
  const differing = questions.flatMap((question, index) => {
    const answer = ours(question);
    return JSON.stringify(answer) === JSON.stringify(theirs[index]) ? [] : [{ question, ours: answer, theirs: theirs[index] }];
  });
  assert.deepEqual(differing.slice(0, 10), [], `${differing.length} of ${questions.length} differ`);
  assert.equal(questions.length, theirs.length);
}

describe('against packaging', () => {
  let theirs: Answers;
  before(() => { theirs = ask(); });

  test('versions', () => {
    agree(versions, theirs.version, (text) => {
      const version = parseVersion(text);
      return version === undefined ? null : [formatVersion(version), isPrerelease(version), formatVersion(version, 'public'), formatVersion(version, 'base')];
    });
    assert.ok(valid.length > 1000 && valid.length < versions.length);
  });

  test('order of versions', () => {
    agree(pairs, theirs.compare, ([left, right]) => Math.sign(compareVersions(parseVersion(left)!, parseVersion(right)!)));
  });

  test('clauses of specifiers', () => {
    agree(clauses, theirs.contains, ([text, candidate]) => {
      const specifier = parseSpecifier(text);
      return specifier === undefined ? null : satisfiesClause(parseVersion(candidate)!, specifier);
    });
    const held = theirs.contains.filter((answer) => answer === true).length;
    assert.ok(held > 1000, `${held} of ${clauses.length} hold`);
  });

  test('sets of specifiers', () => {
    agree(sets, theirs.set, ([text, candidate]) => satisfies(parseVersion(candidate)!, parseSpecifierSet(text)!));
  });

  test('markers', () => {
    agree(markers, theirs.marker, (marker) => evaluateMarker(parseMarker(marker.text), environmentOf(marker)));
    assert.ok(theirs.marker.filter(Boolean).length > 500);
  });

  test('requirements', () => {
    agree(requirements, theirs.requirement, (text) => {
      try {
        const { name, extras, specifiers, url, marker } = parseRequirement(text);
        const written = [...new Set(specifiers.map((each) => `${each.operator}${each.text}`))].sort();
        return [name, [...new Set(extras)].sort(), written, url ?? null, marker !== undefined];
      } catch {
        return null;
      }
    });
  });

  test('tags that an interpreter supports, in order', () => {
    agree(combinations, theirs.supported, ([target, interpreter]) => [...supportedTags(target, interpreter, 'pip')]);
  });

  test('names of wheels', () => {
    agree(wheels, theirs.wheel, (filename) => {
      const wheel = parseWheelName(filename);
      if (wheel === undefined || wheel.variant !== undefined) return null;
      const tags = wheel.interpreters.flatMap((python) => wheel.abis.flatMap((abi) => wheel.platforms.map((platform) => `${python}-${abi}-${platform}`)));
      return [wheel.name, formatVersion(wheel.version), wheel.build === undefined ? [] : [...wheel.build] as [number, string], [...new Set(tags)].sort()];
    });
  });

  test('the wheel that is taken, for every target and interpreter', () => {
    const parsed = wheels.map(parseWheelName).filter((wheel) => wheel !== undefined);
    let fitting = 0;
    combinations.forEach(([target, interpreter], index) => {
      const order = new Map((theirs.supported[index] ?? []).toReversed().map((tag, position, all) => [tag, all.length - 1 - position]));
      const ranks = new TagRanks(target, interpreter, 'pip');
      for (const wheel of parsed.slice(0, 800)) {
        const tags = wheel.interpreters.flatMap((python) => wheel.abis.flatMap((abi) => wheel.platforms.map((platform) => order.get(`${python}-${abi}-${platform}`) ?? Infinity)));
        const best = Math.min(...tags);
        if (best !== Infinity) fitting += 1;
        assert.equal(ranks.rank(wheel) ?? Infinity, best, `${wheel.filename} on ${target.id}, ${interpreter.id}`);
      }
    });
    assert.ok(fitting > 1000);
  });

  test('names of sdists', () => {
    agree(sdists, theirs.sdist, (filename) => {
      const sdist = parseSdistName(filename, filename.includes('a-b') ? 'a-b' : 'a');
      // packaging takes no .tgz; old files of the index have it, and pip installs them.
      return sdist === undefined || filename.endsWith('.tgz') ? null : [sdist.name, formatVersion(sdist.version)];
    });
  });
});
