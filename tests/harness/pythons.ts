import { spawnSync } from 'node:child_process';

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
 * The Pythons of this machine: the commands in ARMATURE_TEST_COMMANDS, separated by semicolons, else what PATH has. Those of
 * an unsupported version are left out, and so is a second name of the same interpreter.
 */
export function availablePythons(environment: NodeJS.ProcessEnv = process.env): readonly TestPython[] {
  const asked = (environment['ARMATURE_TEST_COMMANDS'] ?? '').split(';').map((text) => text.trim()).filter((text) => text !== '');
  const commands = asked.length > 0 ? asked : ['python3.11', 'python3.14', 'python3'];
  const found = new Map<string, TestPython>();
  for (const text of commands) {
    const python = describePython(text.split(/\s+/), asked.length > 0);
    if (python !== undefined) found.set(python.command.join(' '), found.get(python.command.join(' ')) ?? python);
  }
  return [...found.values()];
}

function describePython(command: readonly string[], mustWork: boolean): TestPython | undefined {
  const [file = '', ...args] = command;
  const { status, stdout, stderr } = spawnSync(file, [...args, '-c', probe], { encoding: 'utf8' });
  if (status !== 0) {
    if (mustWork) throw new Error(`${command.join(' ')} does not run: ${stderr ?? ''}`);
    return undefined;
  }
  const [version, layout, arch, executable, implementation] = JSON.parse(stdout) as [string, number, string, string, string];
  if (implementation !== 'CPython' || !supportedLayouts.includes(layout)) return undefined;
  // The interpreter itself, not a script in front of it; an emulated one keeps its command.
  const words = command.length === 1 ? [executable] : command;
  return { name: `CPython ${version} ${arch}${command.length > 1 ? ' emulated' : ''}`, version, layout, arch, command: words };
}
