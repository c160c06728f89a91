import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/** One finished run of a command. */
export interface Measured {
  readonly seconds: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | undefined;
  /** Wall-clock time of the start, in seconds since 1970, to compare with the program's own clock. */
  readonly startedAt: number;
  /** Largest resident size of the biggest Python process below the command; 0 when it was not asked for. */
  readonly maxResidentBytes: number;
}

export async function measure(command: readonly string[], watchMemory = false): Promise<Measured> {
  const [file = '', ...args] = command;
  const begin = performance.now();
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => { output.stdout += text; });
  child.stderr.setEncoding('utf8').on('data', (text: string) => { output.stderr += text; });
  let maxResidentBytes = 0;
  const watch = watchMemory && child.pid !== undefined ? watchResident(child.pid, (bytes) => {
    maxResidentBytes = Math.max(maxResidentBytes, bytes);
  }) : undefined;
  // The end of the process counts, not the end of its output streams.
  let seconds = 0;
  child.on('exit', () => { seconds = (performance.now() - begin) / 1000; });
  try {
    const status = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    const startedAt = (performance.timeOrigin + begin) / 1000;
    return { seconds, ...output, status: status ?? undefined, startedAt, maxResidentBytes };
  } finally {
    clearInterval(watch);
  }
}

/** The kernel keeps the high-water mark, so reading it now and then misses only the last moments. */
function watchResident(root: number, report: (bytes: number) => void): NodeJS.Timeout {
  return setInterval(() => {
    for (const pid of withDescendants(root)) {
      const command = read(`/proc/${pid}/cmdline`).split('\0');
      if (command.some((word) => /(^|\/)python[\d.]*$/.test(word)) && !/node$/.test(command[0] ?? '')) {
        report(residentBytes(pid, 'VmHWM'));
      }
    }
  }, 5);
}

export function residentBytes(pid: number, field: 'VmHWM' | 'VmRSS'): number {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(read(`/proc/${pid}/status`));
  return match === null ? 0 : Number(match[1]) * 1024;
}

function withDescendants(root: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = read(`/proc/${name}/stat`);
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found = [root];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
}

/** A process may end between two looks; what it had is then empty. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
