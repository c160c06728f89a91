import { Bailout } from '#support/bailout.ts';
import type { CompileRequest } from '#protocol/request.ts';
import type { Compiler, CompileResult } from '#server/compiler.ts';
import { type Log, noLog } from '#server/log.ts';
import { describeResult, summaryOf } from '#server/describe.ts';
import { neutralRequest } from '#server/neutral-request.ts';
import type { Client, CompileRecord, Dump, Observer } from '#server/record.ts';
import type { Modes } from '#server/replies.ts';
import type { CachedResult, UnitCache } from '#server/unit-cache.ts';
import { bindTemplate, compileTemplate } from '#server/unit-template.ts';

export interface ServiceParts {
  readonly compiler: Compiler;
  readonly cache: UnitCache;
  readonly modes: Modes;
  readonly log: Log;
  readonly observer: Observer;
}

/** One request in, one result out. Whatever the compiler throws ends here: a client only ever sees a refusal. */
export class CompileService {
  readonly #parts: ServiceParts;

  constructor(parts: ServiceParts) {
    this.#parts = parts;
  }

  async compile(client: Client, request: CompileRequest): Promise<CompileResult> {
    const start = performance.now();
    const { cache, observer } = this.#parts;
    const dumps: Dump[] = [];
    const neutral = neutralRequest(request);
    const key = cache.keyOf(neutral);
    // Dumps exist only while compiling.
    const found = observer.dump === undefined ? await cache.find(key) : undefined;
    const compiled = found ?? this.#compileContained(neutral, dumps);
    if (found === undefined) cache.add(key, compiled);
    const result: CompileResult = compiled.kind === 'unit' ? { kind: 'unit', unit: bindTemplate(compiled.template, request) } : compiled;
    const milliseconds = performance.now() - start;
    this.#tell(() => describeResult(client, request, result, { dumps, fromCache: found !== undefined, milliseconds }));
    return result;
  }

  /** Nobody who only watches may cost the client its unit. */
  #tell(describe: () => CompileRecord): void {
    const { log, observer } = this.#parts;
    // A description reads the whole unit again.
    if (log === noLog && observer.compiled === undefined) return;
    try {
      const record = describe();
      log(summaryOf(record));
      observer.compiled?.(record);
    } catch (error) {
      log(`not described: ${String(error)}`);
    }
  }

  #compileContained(neutral: CompileRequest, dumps: Dump[]): CachedResult {
    const { compiler, modes, observer, log } = this.#parts;
    const wanted = observer.dump;
    const dump = wanted === undefined ? undefined : (pass: string, text: string): void => {
      if (wanted === 'all' || wanted.split(',').includes(pass)) dumps.push({ pass, text });
    };
    try {
      return { kind: 'unit', template: compileTemplate(neutral, (marked) => compiler.compile(marked, { modes, dump })) };
    } catch (error) {
      if (error instanceof Bailout) return { kind: 'refused', refusal: { code: error.code, detail: error.message, retry: false } };
      log(`internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      return { kind: 'refused', refusal: { code: 'internal-error', detail, retry: false } };
    }
  }
}
