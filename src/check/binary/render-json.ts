import type { Image } from './images/image.ts';
import { cpusFor, verdictFor } from './checks/baseline.ts';
import { neededVersions } from './checks/linux.ts';
import { largestPage } from './checks/pages.ts';
import { findingKinds } from './finding.ts';
import type { InspectOptions } from './inspect.ts';
import type { Native } from './native.ts';
import type { SubjectReport } from './report.ts';

/** Raised when a field changes its meaning or goes away. */
export const jsonVersion = 1;

export function renderJson(reports: readonly SubjectReport[], options: Pick<InspectOptions, 'cpus'>): string {
  const subjects = reports.map((report) => ({
    subject: report.subject, kind: report.kind, tag: report.tag ?? null,
    files: report.natives.map((native) => describeNative(native, options)),
    findings: report.findings.map((found) => ({ ...found, path: found.path ?? null, meaning: findingKinds[found.code].meaning, remedy: findingKinds[found.code].remedy })),
  }));
  return `${JSON.stringify({ version: jsonVersion, subjects }, null, 2)}\n`;
}

function describeNative(native: Native, options: Pick<InspectOptions, 'cpus'>): object {
  return {
    path: native.path,
    images: native.images.map(describeImage),
    detection: native.images.flatMap(({ code }) => code.detection),
    jemalloc: native.jemalloc,
    instructions: native.scan === undefined ? null : {
      words: native.scan.words,
      outlinedAtomics: native.scan.outlined,
      uses: native.uses.map(({ extension, count, doubtful, functions, guard, why, places }) => ({
        extension, count, doubtful, functions, guard, why,
        places: places.map((place) => ({ address: `0x${place.address.toString(16)}`, word: `0x${place.word.toString(16).padStart(8, '0')}`, function: place.function ?? null })),
      })),
    },
    cpus: Object.fromEntries(cpusFor(native, options.cpus).map((cpu) => [cpu.name, verdictFor(native.uses, cpu)])),
  };
}

function describeImage(image: Image): object {
  const { format, machine, kind } = image;
  switch (image.format) {
    case 'elf': return {
      format, machine, kind, bits: image.bits, soname: image.soname ?? null, needed: image.needed, interpreter: image.interpreter ?? null,
      versions: Object.fromEntries([...neededVersions(image)].map(([family, version]) => [family, version.join('.')])),
      largestPageKilobytes: image.loads.length === 0 ? null : largestPage(image),
    };
    case 'pe': return { format, machine, kind, imports: image.imports };
    case 'mach-o': return {
      format, machine, kind, platform: image.platform, minimumSystem: image.minimumSystem ?? null, signed: image.signed, authenticated: image.authenticated, libraries: image.libraries,
    };
  }
}
