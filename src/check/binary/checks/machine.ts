import type { Finding } from '../finding.ts';
import { finding } from '../finding.ts';
import type { Machine } from '../images/image.ts';
import type { Native } from '../native.ts';
import type { CheckContext } from './context.ts';
import { claimsAny, platformsOf, quoted } from './context.ts';

const formatNames = { 'elf': 'ELF (Linux)', 'pe': 'PE (Windows)', 'mach-o': 'Mach-O (macOS)' } as const;

/** A process of the first loads images of the second, too. */
const alsoRuns: Readonly<Record<string, readonly Machine[]>> = { aarch64: ['arm64x'], x86_64: ['arm64ec', 'arm64x'] };

/** Format and processor of each file against the platform tags. */
export function checkMachine({ path, images }: Native, context: CheckContext): readonly Finding[] {
  const [first] = images;
  if (first === undefined) return [];
  const machines = images.map(({ machine }) => machine);
  const what = `${formatNames[first.format]} for ${quoted(machines)}`;
  const notes = machines.filter((machine) => machine === 'arm64ec' || machine === 'arm64x').map((machine) => finding('arm64ec', path, `the file is ${machine.toUpperCase()}`));
  if (claimsAny(context)) return [...notes, finding('native-in-any', path, `${what}, in a wheel tagged \`any\``)];
  const known = platformsOf(context).filter(({ format }) => format !== undefined);
  if (known.length === 0) return notes;
  const sameFormat = known.filter(({ format }) => format === first.format);
  if (sameFormat.length === 0) return [...notes, finding('wrong-format', path, `${what}, in a wheel for ${quoted(known.map(({ tag }) => tag))}`)];
  const wrong = sameFormat.filter((platform) => !platform.machines.some((machine) => runs(machine, machines)));
  if (wrong.length > 0) return [...notes, finding('wrong-machine', path, `${what}, in a wheel for ${quoted(wrong.map(({ tag }) => tag))}`)];
  const partial = sameFormat.filter((platform) => !platform.machines.every((machine) => runs(machine, machines)));
  return [...notes, ...partial.map(({ tag, machines: wanted }) =>
    finding('slice-missing', path, `holds ${quoted(machines)} only; ${tag} promises ${quoted(wanted)}`))];
}

const runs = (process: Machine, machines: readonly Machine[]): boolean =>
  machines.some((machine) => machine === process || alsoRuns[process]?.includes(machine) === true);
