/** What the processes of a test run cost, and how they are ended when one of them hangs. Linux only. */
import { readdirSync, readFileSync } from 'node:fs';

/** Fields of /proc/PID/stat from the third on; the second is a name in parentheses that may hold anything. */
function statusFields(pid: number | 'self'): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** Processor time of this process and of all children that have ended. */
export function cpuSeconds(): number {
  const fields = statusFields('self') ?? [];
  const ticksPerSecond = 100;
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / ticksPerSecond;
}

/** All processes below one, children before grandchildren. */
export function descendants(root: number = process.pid): readonly number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(statusFields(Number(name))?.[1] ?? 0);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found: number[] = [];
  for (let pids = children.get(root) ?? []; pids.length > 0; pids = pids.flatMap((pid) => children.get(pid) ?? [])) found.push(...pids);
  return found;
}

/** Ends every process below this one that is not among those to keep. */
export function killDescendants(keep: ReadonlySet<number>): void {
  for (const pid of descendants()) {
    if (keep.has(pid)) continue;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}
