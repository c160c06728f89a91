import type { Finding } from '../finding.ts';
import { finding } from '../finding.ts';
import type { MachFacts } from '../images/mach-o.ts';
import type { Native } from '../native.ts';
import type { CheckContext } from './context.ts';
import { platformsOf, quoted } from './context.ts';
import { compareVersions } from './linux.ts';

export function checkMacos({ path, images }: Native, context: CheckContext): readonly Finding[] {
  const machos = images.filter((image) => image.format === 'mach-o');
  return machos.flatMap((image) => [
    ...checkSignature(path, image), ...checkAlignment(path, image), ...checkMinimum(path, image, context), ...checkLibraries(path, image, context),
  ]).filter(({ message }, index, all) => all.findIndex((other) => other.message === message) === index);
}

function checkSignature(path: string, image: MachFacts): readonly Finding[] {
  return image.machine === 'aarch64' && !image.signed && image.kind !== 'object' ? [finding('unsigned', path, 'the arm64 image has no code signature')] : [];
}

/** Pages of macOS on Arm, for which every segment must begin at one. */
const page = 16 * 1024;

function checkAlignment(path: string, image: MachFacts): readonly Finding[] {
  if (image.machine !== 'aarch64' || image.kind === 'object') return [];
  const wrong = image.segments.filter(({ address, offset, size }) => size > 0 && (address % page !== 0 || offset % page !== 0)).map(({ name }) => name);
  return wrong.length === 0 ? [] : [finding('page-alignment', path, `the segments ${quoted(wrong)} of the arm64 image do not begin at a page of 16 KB`)];
}

function checkMinimum(path: string, image: MachFacts, context: CheckContext): readonly Finding[] {
  const promised = platformsOf(context).flatMap(({ macos }) => (macos === undefined ? [] : [[macos.major, macos.minor]])).sort(compareVersions)[0];
  if (promised === undefined || image.minimumSystem === undefined) return [];
  // Arm begins with macOS 11, whatever a universal2 tag says for the other image.
  const floor = image.machine === 'aarch64' && compareVersions(promised, [11, 0]) < 0 ? [11, 0] : promised;
  if (compareVersions(image.minimumSystem.split('.').map(Number), floor) <= 0) return [];
  return [finding('macos-too-new', path, `the ${image.machine} image needs macOS ${image.minimumSystem}; the tag promises ${promised.join('.')}`)];
}

function checkLibraries(path: string, image: MachFacts, context: CheckContext): readonly Finding[] {
  if (context.tags === undefined) return [];
  const isSystem = (name: string): boolean => name.startsWith('/usr/lib/') || name.startsWith('/System/Library/');
  const outside = image.libraries.filter((name) => !isSystem(name) && !context.libraries.has((name.split('/').at(-1) ?? name).toLowerCase()));
  const absolute = outside.filter((name) => name.startsWith('/'));
  const relative = outside.filter((name) => !name.startsWith('/'));
  return [
    ...(absolute.length > 0 ? [finding('missing-library', path, `needs ${quoted(absolute)}; not in the wheel, and not part of macOS`)] : []),
    ...(relative.length > 0 ? [finding('unknown-library', path, `needs ${quoted(relative)}; not in the wheel`)] : []),
  ];
}
