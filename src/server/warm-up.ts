import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Arch, CompileRequest, Layout } from '#protocol/request.ts';

/** Requests of sample programs, compiled while there is nothing else to do: tables are read, and V8 knows the compiler's code. */
export interface WarmUpParts {
  /** Holds files named `NAME.LAYOUT.req`. */
  readonly folder: string;
  readonly read: (payload: Uint8Array, target: Target) => CompileRequest;
  readonly compile: (request: CompileRequest) => void;
  /** True while a client waits for a unit. */
  readonly isBusy: () => boolean;
  /** Time to spend on it, over all. */
  readonly milliseconds: number;
  /** Called when that time is spent. */
  readonly finished: () => void;
}

export interface Target {
  readonly layout: Layout;
  readonly arch: Arch;
}

interface Sample {
  readonly payload: Uint8Array;
  readonly target: Target;
}

const pauseMilliseconds = 5;

export class WarmUp {
  readonly #parts: WarmUpParts;
  readonly #samples: readonly Sample[];
  /** Next in line, in front of the samples that are compiled again and again. */
  readonly #urgent: Sample[] = [];
  readonly #seen = new Set<string>();
  #next = 0;
  #spent = 0;

  constructor(parts: WarmUpParts, arch: Arch) {
    this.#parts = parts;
    this.#samples = readSamples(parts.folder, arch);
    for (const { target } of this.#samples) this.#seen.add(nameOf(target));
    this.#schedule();
  }

  /** A client of this kind has come: its stencil table will be wanted. */
  prepare(target: Target): void {
    if (this.#seen.has(nameOf(target))) return;
    this.#seen.add(nameOf(target));
    const sample = this.#samples.find((candidate) => candidate.target.layout === target.layout);
    if (sample === undefined) return;
    this.#urgent.push({ ...sample, target });
    this.#schedule();
  }

  /** One sample in each turn of the event loop; a program that has ended is not kept waiting. */
  #schedule(): void {
    if (this.#parts.isBusy()) setTimeout(() => this.#schedule(), pauseMilliseconds).unref();
    else setImmediate(() => this.#compileOne()).unref();
  }

  #compileOne(): void {
    if (this.#parts.isBusy()) {
      this.#schedule();
      return;
    }
    const sample = this.#urgent.shift() ?? this.#samples[this.#next++ % this.#samples.length];
    if (sample === undefined) return;
    const start = performance.now();
    try {
      this.#parts.compile(this.#parts.read(sample.payload, sample.target));
    } catch {
      // Nobody asked for this unit; a request that fails here fails in front of its client too.
    }
    this.#spent += performance.now() - start;
    if (this.#spent < this.#parts.milliseconds || this.#urgent.length > 0) this.#schedule();
    else this.#parts.finished();
  }
}

const nameOf = ({ layout, arch }: Target): string => `${arch} ${layout}`;

/** The smallest first: until V8 knows the code, each holds up the event loop for some time. */
function readSamples(folder: string, arch: Arch): Sample[] {
  try {
    const files = readdirSync(folder).filter((name) => name.endsWith('.req'));
    return files.map((name) => ({
      payload: readFileSync(join(folder, name)), target: { layout: name.endsWith('.314.req') ? 314 : 311, arch } as const,
    })).sort((a, b) => a.payload.length - b.payload.length);
  } catch {
    return [];
  }
}
