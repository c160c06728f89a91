import { spawnSync } from 'node:child_process';
import { commandOf, pythonTargets } from '../../tools/pythons/targets.ts';

/** An interpreter the tests can run. */
export interface TestPython {
  readonly name: string;
  readonly version: string;
  /** 311 or 314. */
  readonly layout: number;
  readonly arch: string;
  /** More than one word when it runs under an emulator. */
  readonly command: readonly string[];
}

const supportedLayouts = [311, 314];
const probe = 'import json, platform, sys; print(json.dumps([platform.python_version(), sys.version_info[0] * 100 + sys.version_info[1],'
  + ' platform.machine(), sys.executable, platform.python_implementation()]))';

/**
 * The Pythons of this machine, one for each version and processor: from PATH, else from what tools/fetch-pythons.ts has
 * fetched. ARMATURE_TEST_COMMANDS names other commands, separated by semicolons; each of them is used, and must work.
 * `suits` tells which of several Pythons of one kind will do.
 */
export function availablePythons(environment: NodeJS.ProcessEnv = process.env, suits: (python: TestPython) => boolean = () => true): readonly TestPython[] {
  const asked = (environment['ARMATURE_TEST_COMMANDS'] ?? '').split(';').map((text) => text.trim()).filter((text) => text !== '');
  if (asked.length > 0) return asked.map((text) => describeAsked(text.split(/\s+/)));
  const installed = ['python3', 'python3.11', 'python3.14'].map((name) => [name]);
  const fetched = pythonTargets.map(commandOf).filter((command) => command !== undefined);
  const found = new Map<string, TestPython>();
  for (const command of [...installed, ...fetched]) {
    const python = describePython(command);
    const kind = `${python?.layout ?? 0} ${python?.arch ?? ''}`;
    if (python !== undefined && !found.has(kind) && suits(python)) found.set(kind, python);
  }
  return [...found.values()].sort((left, right) => left.name.localeCompare(right.name));
}

function describeAsked(command: readonly string[]): TestPython {
  const python = describePython(command);
  if (python === undefined) throw new Error(`${command.join(' ')} does not run, or is not a CPython of a supported version`);
  return python;
}

function describePython(command: readonly string[]): TestPython | undefined {
  const [file = '', ...args] = command;
  const { status, stdout } = spawnSync(file, [...args, '-c', probe], { encoding: 'utf8' });
  if (status !== 0) return undefined;
  const [version, layout, arch, executable, implementation] = JSON.parse(stdout) as [string, number, string, string, string];
  if (implementation !== 'CPython' || !supportedLayouts.includes(layout)) return undefined;
  // The interpreter itself, not a script in front of it; an emulated one keeps its command.
  const words = command.length === 1 ? [executable] : command;
  return { name: `CPython ${version} ${arch}${command.length > 1 ? ' emulated' : ''}`, version, layout, arch, command: words };
}

/** What a full test run uses and this machine has not, in words. */
export function missingPythons(available: readonly TestPython[] = availablePythons()): readonly string[] {
  return pythonTargets
    .filter((target) => !available.some((python) => python.layout === target.layout && python.arch === target.arch))
    .map((target) => `CPython ${target.layout === 311 ? '3.11' : '3.14'} ${target.arch}`);
}
