/** What bench-compile runs in a fresh process, bundled as the server is: compiles requests and says what each cost. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Emitter } from '#compiler/4-emit/emitter.ts';
import { compileUnit } from '#compiler/pipeline.ts';
import { defaultOptions } from '#compiler/options.ts';
import { readRequest } from '#protocol/read-request.ts';
import type { Arch } from '#protocol/request.ts';
import { writeUnit } from '#protocol/write-unit.ts';
import { neutralRequest } from '#server/neutral-request.ts';
import { tuneEngine } from '#server/tune-engine.ts';
import { UnitCache } from '#server/unit-cache.ts';
import { bindTemplate, compileTemplate } from '#server/unit-template.ts';
import { loadStencilTable } from '#stencils/read-table.ts';
import { Bailout } from '#support/bailout.ts';

export interface Job {
  readonly root: string;
  readonly files: readonly string[];
  readonly arch: Arch;
  /** Times to compile all of them. */
  readonly rounds: number;
}

export interface Compiled {
  readonly file: string;
  readonly milliseconds: number;
  readonly codeBytes: number;
  /** Of the unit; the reason of a refusal. */
  readonly digest: string;
}

export interface Round {
  /** Processor time of the process, V8's own threads included. */
  readonly cpuMilliseconds: number;
  readonly units: readonly Compiled[];
  readonly steps: Readonly<Record<string, number>>;
}

class Bench {
  readonly #job: Job;
  readonly #emitters = new Map<number, Emitter>();
  readonly #cache = new UnitCache(['bench']);
  readonly #steps = new Map<string, number>();
  #last = 0;

  constructor(job: Job) {
    this.#job = job;
  }

  round(payloads: readonly Uint8Array[]): Round {
    this.#steps.clear();
    const before = process.cpuUsage();
    const units = payloads.map((payload, index) => this.#compile(this.#job.files[index]!, payload));
    const { user, system } = process.cpuUsage(before);
    return { cpuMilliseconds: (user + system) / 1000, units, steps: Object.fromEntries(this.#steps) };
  }

  #compile(file: string, payload: Uint8Array): Compiled {
    const start = this.#last = performance.now();
    let codeBytes = 0, text: Uint8Array | string;
    try {
      [codeBytes, text] = this.#unit(payload, file.endsWith('.314.req') ? 314 : 311);
    } catch (error) {
      if (!(error instanceof Bailout)) throw error;
      text = `${error.code}: ${error.message}`;
    }
    return { file, milliseconds: performance.now() - start, codeBytes, digest: createHash('sha256').update(text).digest('hex').slice(0, 16) };
  }

  #unit(payload: Uint8Array, layout: 311 | 314): [number, Uint8Array] {
    const { arch } = this.#job;
    const request = readRequest(payload, { layout, arch });
    this.#finished('read-request');
    const neutral = neutralRequest(request);
    this.#finished('neutral-request');
    this.#cache.keyOf(neutral);
    this.#finished('cache-key');
    let codeBytes = 0;
    const template = compileTemplate(neutral, (marked) => {
      const unit = compileUnit(marked, this.#emitter(layout), { ...defaultOptions, evenWithoutProfit: true, finished: (step) => this.#finished(step) });
      codeBytes = unit.code.length;
      this.#finished('emit-code');
      const bytes = writeUnit(unit);
      this.#finished('write-unit');
      return bytes;
    });
    const bound = bindTemplate(template, request);
    this.#finished('bind-template');
    return [codeBytes, bound];
  }

  #emitter(layout: 311 | 314): Emitter {
    let emitter = this.#emitters.get(layout);
    if (emitter === undefined) {
      emitter = new Emitter(loadStencilTable(join(this.#job.root, 'stencils', 'generated'), `${this.#job.arch}-linux`, layout));
      this.#emitters.set(layout, emitter);
      this.#finished('read-table');
    }
    return emitter;
  }

  #finished(step: string): void {
    const now = performance.now();
    this.#steps.set(step, (this.#steps.get(step) ?? 0) + now - this.#last);
    this.#last = now;
  }
}

const job = JSON.parse(readFileSync(0, 'utf8')) as Job;
tuneEngine();
const payloads = job.files.map((file) => readFileSync(file));
const bench = new Bench(job);
const rounds: Round[] = [];
for (let round = 0; round < job.rounds; round++) rounds.push(bench.round(payloads));
process.stdout.write(JSON.stringify(rounds));
