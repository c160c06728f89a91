import type { Finding } from '../finding.ts';
import type { Native } from '../native.ts';
import { checkBaseline } from './baseline.ts';
import type { CheckContext } from './context.ts';
import { checkLinux } from './linux.ts';
import { checkMachine } from './machine.ts';
import { checkMacos } from './macos.ts';
import { checkPages } from './pages.ts';
import { checkSuffix } from './suffix.ts';
import { checkWindows } from './windows.ts';

const foreign: ReadonlySet<string> = new Set(['native-in-any', 'wrong-machine', 'wrong-format']);
const perFile = [checkLinux, checkMacos, checkWindows, checkSuffix, checkPages, checkBaseline];

/** All checks of one file. One that is for another system altogether is not measured against this one. */
export function checkNative(native: Native, context: CheckContext): readonly Finding[] {
  const machine = checkMachine(native, context);
  if (machine.some(({ code }) => foreign.has(code))) return machine;
  return [...machine, ...perFile.flatMap((check) => check(native, context))];
}

/** What libraries are called: by their file names, and by themselves. */
export function libraryNames(paths: Iterable<string>, natives: readonly Native[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const path of paths) names.add((path.split('/').at(-1) ?? path).toLowerCase());
  for (const { images } of natives) {
    for (const image of images) {
      if (image.format === 'elf' && image.soname !== undefined) names.add(image.soname.toLowerCase());
    }
  }
  return names;
}
