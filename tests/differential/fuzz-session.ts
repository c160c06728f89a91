/** Runs random programs plain and attached, in packs, and finds the first that differs. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TestPython } from '../harness/pythons.ts';
import type { AttachedServer } from './attached-server.ts';
import { startAttachedServer } from './attached-server.ts';
import { difference } from './compare.ts';
import type { Mode } from './modes.ts';
import type { ProgramResult } from './program-run.ts';
import { runPack } from './program-pack.ts';

export interface Program {
  readonly name: string;
  readonly text: string;
}

export interface Finding {
  readonly program: Program;
  readonly what: string;
}

type Results = ReadonlyMap<string, ProgramResult>;

/** What the server says when the compiler's own checks fail; the line names the program. */
const internal = /\(([^()\s]*\/)?([^/()\s]+\.py):\d+\) at \d+: refused: internal-error \((.*)\)/g;

export class FuzzSession {
  readonly folder: string;
  #units = 0;
  readonly #servers = new Map<string, Promise<AttachedServer>>();

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Units that were compiled so far. */
  async units(): Promise<number> {
    const servers = await Promise.all(this.#servers.values());
    return servers.reduce((sum, server) => sum + unitsIn(server), this.#units);
  }

  async close(): Promise<void> {
    await this.closeExcept([]);
  }

  write(programs: readonly Program[]): void {
    for (const { name, text } of programs) writeFileSync(path.join(this.folder, name), text);
  }

  /** Plain results, for any number of modes of the same scale. */
  async plain(python: TestPython, programs: readonly Program[], scale: number): Promise<Results> {
    return this.#run(python, programs, { FIXTURE_SCALE: String(scale) });
  }

  /** What comes after a program that ended the process runs in another one. */
  async #run(python: TestPython, programs: readonly Program[], environment: Readonly<Record<string, string>>): Promise<Results> {
    const results = new Map<string, ProgramResult>();
    for (let left = programs; left.length > 0; left = left.filter(({ name }) => !results.has(name))) {
      const some = await runPack({ python, folder: this.folder, files: left.map(({ name }) => name), environment });
      for (const [name, result] of some) results.set(name, result);
      if (some.size === 0) break;
    }
    return results;
  }

  /** The programs that differ, or that the compiler's own checks stumbled over. */
  async compare(python: TestPython, mode: Mode, programs: readonly Program[], plain: Results): Promise<readonly Finding[]> {
    const server = await this.#server(python, mode);
    const before = server.log().length;
    const attached = await this.#run(python, programs, { ...mode.environment, ...server.environment, ARMATURE_WAIT: '1', FIXTURE_SCALE: String(scaleOf(python, mode)) });
    return [...differences(programs, plain, attached), ...failures(programs, server.log().slice(before))];
  }

  /** Ends the servers whose modes are not among these. */
  async closeExcept(modes: readonly string[]): Promise<void> {
    for (const [key, server] of this.#servers) {
      if (modes.some((mode) => key.endsWith(`, ${mode}`))) continue;
      this.#servers.delete(key);
      this.#units += unitsIn(await server);
      await (await server).close();
    }
  }

  #server(python: TestPython, mode: Mode): Promise<AttachedServer> {
    const key = `${python.name}, ${mode.name}`;
    const known = this.#servers.get(key) ?? startAttachedServer({ ...mode.environment, ARMATURE_LOG: 'stderr', ...(mode.name === 'eager' ? { ARMATURE_VERIFY: '1' } : {}) });
    this.#servers.set(key, known);
    return known;
  }
}

const unitsIn = (server: AttachedServer): number => server.log().match(/ \d+ bytes/g)?.length ?? 0;

export const isEmulated = (python: TestPython): boolean => python.command.length > 1;

export const scaleOf = (python: TestPython, mode: Mode): number => (isEmulated(python) ? mode.emulatedScale : mode.scale);

function differences(programs: readonly Program[], plain: Results, attached: Results): readonly Finding[] {
  return programs.flatMap((program) => {
    const expected = plain.get(program.name), got = attached.get(program.name);
    if (expected === undefined || expected.timedOut || got === undefined) return [];
    const what = difference(expected, got);
    return what === undefined ? [] : [{ program, what }];
  });
}

function failures(programs: readonly Program[], log: string): readonly Finding[] {
  return [...log.matchAll(internal)].flatMap(([, , name, message]) => {
    const program = programs.find((p) => p.name === name);
    return program === undefined ? [] : [{ program, what: `internal error: ${message}` }];
  });
}
