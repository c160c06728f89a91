/** ELF files against the promises of manylinux and musllinux tags (PEP 600, PEP 656). */
import type { Finding } from '../finding.ts';
import { finding } from '../finding.ts';
import type { ElfFacts } from '../images/elf.ts';
import type { Native } from '../native.ts';
import type { CheckContext } from './context.ts';
import { platformsOf, quoted } from './context.ts';

type Version = readonly number[];

export function compareVersions(a: Version, b: Version): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export type VersionFamily = 'GLIBC' | 'GLIBCXX' | 'CXXABI' | 'GCC';

/** The C library in which a marker without a number appeared (glibc NEWS 2.36, 2.42). */
const markers: Readonly<Record<string, Version>> = { GLIBC_ABI_DT_RELR: [2, 36], GLIBC_ABI_GNU2_TLS: [2, 42], GLIBC_ABI_GNU_TLS: [2, 42] };

/** The newest version of each family that the file cannot do without. */
export function neededVersions(elf: ElfFacts): ReadonlyMap<VersionFamily, Version> {
  const newest = new Map<VersionFamily, Version>();
  for (const { version, weak } of elf.versions) {
    if (weak) continue;
    const match = /^(GLIBC|GLIBCXX|CXXABI|GCC)_(\d+(?:\.\d+)*)$/.exec(version);
    const family = match === null ? 'GLIBC' : match[1] as VersionFamily;
    const number = match === null ? markers[version] : match[2]?.split('.').map(Number);
    const known = newest.get(family);
    if (number !== undefined && (known === undefined || compareVersions(number, known) > 0)) newest.set(family, number);
  }
  return newest;
}

interface CompilerFloor {
  readonly glibc: Version;
  readonly limits: Readonly<Record<'GLIBCXX' | 'CXXABI' | 'GCC', Version>>;
}

/** What the oldest systems of a tag have besides glibc, on AArch64: auditwheel's manylinux-policy.json. */
const compilerFloors: readonly CompilerFloor[] = [
  { glibc: [2, 17], limits: { GLIBCXX: [3, 4, 19], CXXABI: [1, 3, 7], GCC: [4, 7, 0] } },
  { glibc: [2, 24], limits: { GLIBCXX: [3, 4, 22], CXXABI: [1, 3, 10], GCC: [4, 7, 0] } },
  { glibc: [2, 28], limits: { GLIBCXX: [3, 4, 24], CXXABI: [1, 3, 11], GCC: [7, 0, 0] } },
  { glibc: [2, 31], limits: { GLIBCXX: [3, 4, 28], CXXABI: [1, 3, 12], GCC: [7, 0, 0] } },
  { glibc: [2, 34], limits: { GLIBCXX: [3, 4, 29], CXXABI: [1, 3, 13], GCC: [7, 0, 0] } },
  { glibc: [2, 35], limits: { GLIBCXX: [3, 4, 30], CXXABI: [1, 3, 13], GCC: [11, 0] } },
  { glibc: [2, 39], limits: { GLIBCXX: [3, 4, 33], CXXABI: [1, 3, 15], GCC: [14, 0, 0] } },
  { glibc: [2, 43], limits: { GLIBCXX: [3, 4, 34], CXXABI: [1, 3, 15], GCC: [14, 0, 0] } },
];

/** Libraries that every system of a manylinux tag has (PEP 513 and its successors; auditwheel's lib_whitelist). */
const systemLibraries = new Set([
  'libatomic.so.1', 'libgcc_s.so.1', 'libstdc++.so.6', 'libm.so.6', 'libmvec.so.1', 'libanl.so.1', 'libdl.so.2', 'librt.so.1', 'libc.so.6', 'libnsl.so.1', 'libutil.so.1',
  'libpthread.so.0', 'libx11.so.6', 'libxext.so.6', 'libxrender.so.1', 'libice.so.6', 'libsm.so.6', 'libgl.so.1', 'libgobject-2.0.so.0', 'libgthread-2.0.so.0',
  'libglib-2.0.so.0', 'libresolv.so.2', 'libexpat.so.1', 'libz.so.1', 'ld-linux-aarch64.so.1', 'ld-linux-x86-64.so.2', 'ld-linux-armhf.so.3',
]);
const isMusl = (library: string): boolean => library === 'libc.so' || /^(libc\.musl-|ld-musl-)/.test(library);
const isGlibc = (library: string): boolean => library === 'libc.so.6' || /^ld-linux/.test(library);

export function checkLinux({ path, images }: Native, context: CheckContext): readonly Finding[] {
  const [elf] = images;
  if (elf?.format !== 'elf') return [];
  const found = [...checkLibpython(path, elf, context)];
  for (const { tag, libc } of platformsOf(context)) {
    if (libc === undefined) continue;
    const foreign = elf.needed.filter(libc.kind === 'musl' ? isGlibc : isMusl);
    if (foreign.length > 0) {
      found.push(finding('wrong-libc', path, `needs ${quoted(foreign)}, which systems of ${tag} do not have`));
      continue;
    }
    if (libc.kind === 'glibc') found.push(...checkVersions(path, elf, tag, [libc.major, libc.minor]));
    found.push(...checkLibraries(path, elf, context, { tag, kind: libc.kind }));
  }
  // A wheel has several spellings of one tag as a rule; one finding is enough.
  return found.filter(({ code }, index) => found.findIndex((other) => other.code === code) === index);
}

function checkLibpython(path: string, elf: ElfFacts, context: CheckContext): readonly Finding[] {
  if (context.tags === undefined) return [];
  return elf.needed.filter((name) => /^libpython\d/.test(name) && !context.libraries.has(name)).map((name) => finding('links-libpython', path, `needs ${name}`));
}

function checkVersions(path: string, elf: ElfFacts, tag: string, promised: Version): readonly Finding[] {
  const found: Finding[] = [];
  const needed = neededVersions(elf);
  const glibc = needed.get('GLIBC');
  // GLIBC_2.18 is on every AArch64 system of 2.17: the port began between the two (auditwheel's policy has it as well).
  const floor = compareVersions(promised, [2, 17]) === 0 && elf.machine === 'aarch64' ? [2, 18] : promised;
  if (glibc !== undefined && compareVersions(glibc, floor) > 0) found.push(finding('glibc-too-new', path, `needs glibc ${glibc.join('.')}; ${tag} promises ${promised.join('.')}`));
  const limits = compilerFloors.findLast((row) => compareVersions(row.glibc, promised) <= 0)?.limits;
  const families = limits === undefined ? [] : (['GLIBCXX', 'CXXABI', 'GCC'] as const).flatMap((family) => {
    const version = needed.get(family);
    return version === undefined || compareVersions(version, limits[family]) <= 0 ? [] : [`${family}_${version.join('.')} (the tag allows ${limits[family].join('.')})`];
  });
  if (families.length > 0) found.push(finding('libstdcxx-too-new', path, `needs ${quoted(families)}; ${tag}`));
  return found;
}

function checkLibraries(path: string, elf: ElfFacts, context: CheckContext, platform: { tag: string; kind: 'glibc' | 'musl' }): readonly Finding[] {
  const isProvided = (name: string): boolean =>
    context.libraries.has(name.toLowerCase()) || /^libpython\d/.test(name) || (platform.kind === 'musl' ? isMusl(name) : systemLibraries.has(name.toLowerCase()));
  const missing = elf.needed.map((name) => name.split('/').at(-1) ?? name).filter((name) => !isProvided(name));
  return missing.length === 0 ? [] : [finding('missing-library', path, `needs ${quoted(missing)}; not in the wheel, and not on every system of ${platform.tag}`)];
}
